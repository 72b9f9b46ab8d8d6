// Choosing a procedure (search as you type) and its aspects, in any sheet that has the fields for it.

import { element } from "../js/text.js";
import { get } from "./call.js";

const PAUSE = 200;

export const bare = (name) => name.replace(/^Thủ tục\s+/, "").replace(/^./, (first) => first.toUpperCase());

export function rowButton(title, detail, onTap) {
  const item = element("li");
  const button = element("button", "row-button");
  button.type = "button";
  button.append(element("strong", "", title), element("span", "small", detail));
  button.addEventListener("click", onTap);
  item.append(button);
  return item;
}

// none: the words where nothing was found; names: the aspects in their order.
// onChoose: told of every procedure that is chosen, and of none.
export function picker({ find, found, chosen, aspects, none, names, onChoose }) {
  let procedure = null;
  let timer;
  let latest = 0;

  // What is still on its way, of a search or of the procedure to begin with, comes too late from here on.
  function choose(entry) {
    clearTimeout(timer);
    latest += 1;
    procedure = entry;
    chosen.textContent = entry ? bare(entry.name) : "";
    chosen.hidden = !entry;
    found.replaceChildren();
    find.value = "";
    onChoose?.(entry);
  }

  const result = (entry) => rowButton(bare(entry.name), entry.also_called.slice(0, 2).join(", "), () => choose(entry));

  async function search() {
    const query = find.value.trim();
    const mine = ++latest;
    if (query.length < 2) {
      found.replaceChildren();
      return;
    }
    const { data } = await get(`/api/v1/procedures?limit=6&typing=1&q=${encodeURIComponent(query)}`);
    if (mine !== latest || !data) return;
    found.replaceChildren(...(data.procedures.length ? data.procedures.map(result) : [element("li", "small pad", none)]));
  }

  for (const [key, title] of Object.entries(names)) {
    const label = element("label", "chip");
    const box = element("input");
    box.type = "checkbox";
    box.value = key;
    label.append(box, element("span", "", title));
    aspects.append(label);
  }
  find.addEventListener("input", () => {
    clearTimeout(timer);
    latest += 1;
    timer = setTimeout(search, PAUSE);
  });
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      found.querySelector("button")?.click();
    }
  });
  return {
    get procedure() {
      return procedure;
    },
    get aspects() {
      return [...aspects.querySelectorAll("input:checked")].map((box) => box.value);
    },
    async start(id, wanted) {
      for (const box of aspects.querySelectorAll("input")) box.checked = wanted.includes(box.value);
      choose(null);
      if (!id) return;
      const mine = latest;
      const { data } = await get(`/api/v1/procedures/${encodeURIComponent(id)}`);
      // Whoever has begun to type in the meantime wants another one, and keeps what they typed.
      if (data && mine === latest) choose(data);
    },
  };
}
