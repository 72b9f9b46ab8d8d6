// The counter. What is open and what was typed is kept in this browser, and stays through a lost connection.

import { element } from "../js/text.js";
import { get, post } from "./call.js";
import { drawQr } from "./qr.js";
import { forgetAll } from "./typed.js";

const { me, csrf, words } = JSON.parse(document.querySelector("main").dataset.desk);
const at = (id) => document.getElementById(id);
const [network, find, found, recent, list, actions, phone] = [
  "network", "find", "found", "recent", "list", "actions", "phone",
].map(at);
const PAUSE = 180;
const MOST_RECENT = 6;
const MOST_KEPT = 40;

let timer;
let latest = 0;
let links = [];

// --- What this browser keeps -----------------------------------------------------------------------------

function kept(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`desk.quay.${name}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(`desk.quay.${name}`, JSON.stringify(value));
  } catch {
    // Private window or full: the page itself still has it.
  }
}

forgetAll(String(me));
const state = { id: null, answers: {}, ticked: [], typed: "", code: "", ...kept("state", {}) };
const save = () => keep("state", state);
const nameOf = (id, answers) => `${id}?${new URLSearchParams(Object.entries(answers).sort())}`;

function remember(key, made) {
  const lists = kept("lists", []).filter(([name]) => name !== key);
  keep("lists", [...lists, [key, made]].slice(-MOST_KEPT));
}

// --- Finding ---------------------------------------------------------------------------------------------

const bare = (name) => name.replace(/^Thủ tục\s+/, "").replace(/^./, (first) => first.toUpperCase());

function strip(text) {
  network.textContent = text ?? "";
  network.hidden = !text;
}

function result(entry) {
  const item = element("li");
  const button = element("button", "row-button");
  button.type = "button";
  button.append(element("strong", "", bare(entry.name)), element("span", "small", entry.also_called.slice(0, 2).join(", ")));
  button.addEventListener("click", () => choose(entry.id));
  item.append(button);
  return item;
}

async function search() {
  const query = find.value.trim();
  const mine = ++latest;
  state.typed = find.value;
  save();
  if (query.length < 2) {
    found.replaceChildren();
    return;
  }
  const { data, error } = await get(`/api/v1/procedures?limit=8&typing=1&q=${encodeURIComponent(query)}`);
  if (mine !== latest) return;
  strip(error?.message);
  if (data) found.replaceChildren(...(data.procedures.length ? data.procedures.map(result) : [element("li", "small pad", words.none)]));
}

function showRecent() {
  recent.replaceChildren(...kept("recent", []).map(({ id, name }) => {
    const item = element("li");
    const button = element("button", "", bare(name));
    button.type = "button";
    button.addEventListener("click", () => choose(id));
    item.append(button);
    return item;
  }));
}

function choose(id) {
  Object.assign(state, { id, answers: {}, ticked: [], typed: "" });
  find.value = "";
  found.replaceChildren();
  load();
}

// --- The list --------------------------------------------------------------------------------------------

function show(made) {
  state.answers = made.answers;
  links = made.links;
  // Our own template, escaped by the server; a policy without inline scripts stands behind it.
  list.innerHTML = made.html;
  list.hidden = actions.hidden = false;
  for (const [n, box] of [...list.querySelectorAll(".papers input")].entries()) {
    box.checked = state.ticked.includes(n);
    box.addEventListener("change", () => {
      state.ticked = [...list.querySelectorAll(".papers input")].flatMap((one, index) => (one.checked ? [index] : []));
      save();
    });
  }
  for (const radio of list.querySelectorAll(".case input")) {
    radio.addEventListener("change", () => {
      state.answers = { ...state.answers, [radio.name]: radio.value };
      state.ticked = [];
      load(radio);
    });
  }
  save();
}

async function load(from) {
  const { id } = state;
  const key = nameOf(id, state.answers);
  const before = kept("lists", []).find(([name]) => name === key)?.[1];
  if (before) show(before);
  save();
  const { data, error, status } = await get(`/desk/api/checklists/${encodeURIComponent(id)}?${key.split("?")[1]}`);
  if (id !== state.id || (!data && status === 401 && (location.href = "/desk/vao?toi=/quay"))) return;
  if (data) {
    remember(key, data);
    remember(nameOf(data.id, data.answers), data);
    const others = kept("recent", []).filter((row) => row.id !== data.id);
    keep("recent", [{ id: data.id, name: data.name }, ...others].slice(0, MOST_RECENT));
    if (JSON.stringify(before) !== JSON.stringify(data)) show(data);
    strip();
    showRecent();
    if (from) list.querySelector(`.case input[name="${CSS.escape(from.name)}"]:checked`)?.focus();
  } else {
    strip(before ? error.message : `${error.message} ${status ? "" : words.needs_network}`);
  }
}

function afresh() {
  Object.assign(state, { id: null, answers: {}, ticked: [], typed: "", code: "" });
  save();
  forgetDossier();
  at("dossier-part").open = false;
  list.hidden = actions.hidden = true;
  list.replaceChildren();
  find.value = "";
  found.replaceChildren();
  find.focus();
  scrollTo(0, 0);
}

// --- A dossier: what is found stays on this page only, and the proof not even there ------------------------

function forgetDossier() {
  at("code").value = state.code;
  at("proof").value = "";
  at("dossier").replaceChildren();
}

at("dossier-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const asked = { code: at("code").value.trim(), proof: at("proof").value.trim() };
  const { data, error, status } = await post("/desk/api/dossiers", asked, csrf);
  if (status === 401) location.href = "/desk/vao?toi=/quay";
  strip(error?.message);
  if (!data) return; // what was typed stays, to be sent again
  at("proof").value = "";
  at("dossier").innerHTML = data.html; // our own template, as above
});
at("code").addEventListener("input", () => {
  state.code = at("code").value;
  save();
});

// --- On the citizen's phone ------------------------------------------------------------------------------

function showWay(row, button) {
  for (const one of at("ways").children) one.setAttribute("aria-pressed", String(one === button));
  at("qr").replaceChildren(drawQr(row.qr, row.title));
  at("hint").textContent = row.hint;
  at("address").textContent = row.url;
}

at("send").addEventListener("click", () => {
  const buttons = links.map((row) => {
    const button = element("button", "", row.title);
    button.type = "button";
    button.addEventListener("click", () => showWay(row, button));
    return button;
  });
  at("ways").replaceChildren(...buttons);
  showWay(links[0], buttons[0]);
  phone.showModal();
});
at("print").addEventListener("click", () => {
  at("printed").textContent = words.printed.replace("{day}", new Date().toLocaleDateString("vi-VN"));
  print();
});
at("afresh").addEventListener("click", afresh);
phone.querySelector("[data-close]").addEventListener("click", () => phone.close());

find.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, PAUSE);
});
find.addEventListener("keydown", (event) => {
  if (event.key === "Enter") found.querySelector("button")?.click();
});
addEventListener("online", () => {
  strip();
  if (state.id) load();
  else search();
});
addEventListener("offline", () => strip(document.body.dataset.offline));

navigator.serviceWorker?.register("/quay/worker.js", { scope: "/quay" }).catch(() => {});
find.value = state.typed;
forgetDossier();
at("dossier-part").open = Boolean(state.code);
showRecent();
if (state.id) load();
if (state.typed) search();
if (!state.id) find.focus();
