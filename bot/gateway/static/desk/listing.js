// A page that lists things by their state: a tab for each, the first one open.

import { element } from "../js/text.js";
import { get, post } from "./call.js";
import { told, words } from "./words.js";

const complaint = document.getElementById("told");
const tabs = [...document.querySelectorAll(".tabs button")];

function tell(text) {
  complaint.textContent = text ?? "";
  complaint.hidden = !text;
}

// path: what is asked with ?state=…; rowsOf(data) → rows; card(row, state) → its element; seen(data, tabs).
export function listing({ path, place, rowsOf, card, seen = () => {} }) {
  let { state } = tabs[0].dataset;

  async function show() {
    for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.state === state));
    const { data, error, status } = await get(`${path}?state=${state}`);
    if (status === 401) location.href = `/desk/vao?toi=${location.pathname}`;
    if (error) tell(error.message);
    if (!data) return;
    seen(data, tabs);
    const rows = rowsOf(data);
    place.replaceChildren(...(rows.length ? rows.map((row) => card(row, state)) : [element("li", "empty", words.empty)]));
  }

  // Whether it could be done; the list is as it is now then.
  async function change(what, body) {
    const { error } = await post(`${path}/${what}`, body, told.csrf);
    tell(error?.message);
    await show();
    return !error;
  }

  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      state = tab.dataset.state;
      tell();
      show();
    });
  }
  show();
  return { change };
}
