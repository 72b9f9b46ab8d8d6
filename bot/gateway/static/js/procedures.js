// Search as you type on the catalogue's page; without it the form searches on the server.

import { element } from "./text.js";

const input = document.getElementById("tim");
const results = document.getElementById("ket-qua");
const PAUSE = 250;
let timer;
let latest = 0;

function row(procedure) {
  const item = element("li");
  const made = element("a");
  made.href = `/thu-tuc/${encodeURIComponent(procedure.id)}`;
  const name = procedure.name.replace(/^Thủ tục\s+/, "");
  made.append(element("span", "name", name.charAt(0).toUpperCase() + name.slice(1)));
  if (procedure.also_called.length) made.append(element("span", "also", procedure.also_called.slice(0, 2).join(", ")));
  item.append(made);
  return item;
}

async function search() {
  const query = input.value.trim();
  const mine = ++latest;
  if (query.length < 2) {
    results.replaceChildren();
    return;
  }
  const response = await fetch(`/api/v1/procedures?limit=8&q=${encodeURIComponent(query)}`).catch(() => null);
  const answer = response?.ok ? await response.json().catch(() => null) : null;
  if (mine !== latest || !answer) return; // an older answer, or none: what is shown stays
  const { procedures } = answer;
  const words = procedures.length ? results.dataset.found : results.dataset.none;
  const list = element("ul", "list");
  list.append(...procedures.map(row));
  results.replaceChildren(element("p", "found", words.replace("{n}", procedures.length).replace("{q}", query)), list);
}

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, PAUSE);
});
