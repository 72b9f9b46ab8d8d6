// The draft: a procedure (search as you type), its aspects, and the catalogue's answer comes back.

import { element } from "../js/text.js";
import { get, post } from "./call.js";
import { told, words } from "./words.js";

const at = (id) => document.getElementById(id);
const [dialog, find, found, chosen, aspects, make, complaint] = [
  "draft", "find", "found", "chosen", "aspects", "make", "draft-told",
].map(at);
const PAUSE = 200;

let procedure = null;
let take = () => {};
let timer;
let latest = 0;

const bare = (name) => name.replace(/^Thủ tục\s+/, "").replace(/^./, (first) => first.toUpperCase());

function tell(text) {
  complaint.textContent = text ?? "";
  complaint.hidden = !text;
}

function choose(entry) {
  procedure = entry;
  chosen.textContent = entry ? bare(entry.name) : "";
  chosen.hidden = !entry;
  found.replaceChildren();
  find.value = "";
}

function result(entry) {
  const item = element("li");
  const button = element("button", "row-button");
  button.type = "button";
  button.append(element("strong", "", bare(entry.name)), element("span", "small", entry.also_called.slice(0, 2).join(", ")));
  button.addEventListener("click", () => choose(entry));
  item.append(button);
  return item;
}

async function search() {
  const query = find.value.trim();
  const mine = ++latest;
  if (query.length < 2) {
    found.replaceChildren();
    return;
  }
  const { data } = await get(`/api/v1/procedures?limit=6&q=${encodeURIComponent(query)}`);
  if (mine !== latest || !data) return;
  found.replaceChildren(...(data.procedures.length ? data.procedures.map(result) : [element("li", "small pad", words.no_procedures)]));
}

for (const [key, title] of Object.entries(told.aspects)) {
  const label = element("label", "chip");
  const box = element("input");
  box.type = "checkbox";
  box.value = key;
  label.append(box, element("span", "", title));
  aspects.append(label);
}

find.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, PAUSE);
});
find.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    found.querySelector("button")?.click();
  }
});

make.addEventListener("click", async () => {
  const wanted = [...aspects.querySelectorAll("input:checked")].map((box) => box.value);
  if (!procedure) {
    find.focus();
    return;
  }
  if (!wanted.length) {
    tell(words.pick_aspect);
    return;
  }
  make.disabled = true;
  const label = make.textContent;
  make.textContent = words.drafting;
  const { data, error } = await post("/desk/api/draft", { procedure: procedure.id, aspects: wanted }, told.csrf);
  make.disabled = false;
  make.textContent = label;
  tell(error?.message);
  if (data) {
    dialog.close();
    take({ ...data, name: bare(data.name) });
  }
});

export async function openDraft(id, wanted, onDraft) {
  take = onDraft;
  tell();
  for (const box of aspects.querySelectorAll("input")) box.checked = wanted.includes(box.value);
  choose(null);
  dialog.showModal();
  if (!id) {
    find.focus();
    return;
  }
  const { data } = await get(`/api/v1/procedures/${encodeURIComponent(id)}`);
  if (data && !procedure) choose(data);
}
