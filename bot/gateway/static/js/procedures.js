// Search as you type on the catalogue's page; without it the form searches on the server.

import { element } from "./text.js";

const input = document.getElementById("tim");
const results = document.getElementById("ket-qua");
const told = results.querySelector(".found"); // read out when it changes; the list is not
const list = results.querySelector(".list");
const PAUSE = 250;
const PATIENCE = 8000;
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
    show("", []);
    return;
  }
  const address = `/api/v1/procedures?typing=1&limit=8&q=${encodeURIComponent(query)}`;
  const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  const answer = response?.ok ? await response.json().catch(() => null) : null;
  if (mine !== latest) return; // an older answer
  const { failed, found, none } = results.dataset;
  const procedures = answer?.procedures ?? [];
  const words = procedures.length ? found.replace("{n}", procedures.length) : answer ? none : failed;
  show(words.replace("{q}", () => query), procedures);
}

function show(words, procedures) {
  told.textContent = words;
  list.replaceChildren(...procedures.map(row));
}

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, PAUSE);
});
