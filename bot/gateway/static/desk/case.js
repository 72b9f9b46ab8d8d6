// One conversation: reading it, answering, and moving it on.

import { element } from "../js/text.js";
import { get, post } from "./call.js";
import { openDraft } from "./draft.js";
import { renderLines } from "./lines.js";
import { checklistOf } from "./own.js";
import { rowButton } from "./pick.js";
import { drawQr } from "./qr.js";
import { offerTeaching, stopTeaching } from "./teach.js";
import { typed } from "./typed.js";
import { clock, now, say, told, words } from "./words.js";

const at = (id) => document.getElementById(id);
const [name, state, claimButton, more, scroll, facts, log, composer, answer, sendButton, complaint] = [
  "case-name", "case-state", "claim", "more", "scroll", "facts", "log", "composer", "answer", "send", "told",
].map(at);

let shown = null;
let draft = null;

function tell(words_) {
  complaint.textContent = words_ ?? "";
  complaint.hidden = !words_;
}

const path = (act = "") => `/desk/api/cases/${shown.id}${act && `/${act}`}`;

// --- Showing -------------------------------------------------------------------------------------------

function stateOf(row) {
  if (row.state === "closed") return say("closed_itself", { reason: told.close_reasons[row.close_reason] ?? told.system_reasons[row.close_reason] ?? "" });
  if (row.state === "claimed" && row.owner !== told.me.name) return say("taken_by", { name: row.owner });
  if (row.promised_at && !row.answered_at) return say("promised", { clock: clock(row.promised_at) });
  return told.reasons[row.reason] ?? "";
}

function understood(row) {
  const best = row.understood?.procedures?.[0];
  if (!best) return [];
  const card = element("div", "card understood");
  const aspects = (row.understood.aspects ?? []).map((key) => told.aspects[key]).filter(Boolean).join(", ");
  const label = element("p", "", say("understood", { name: aspects ? `${best.name ?? best.id} · ${aspects}` : best.name ?? best.id }));
  label.append(" ", element("span", "small", say("sure", { percent: Math.round(best.score * 100) })));
  card.append(label);
  if (row.mine) {
    const button = element("button", "quiet", words.use);
    button.type = "button";
    button.addEventListener("click", () => openDraft(best.id, row.understood.aspects ?? [], takeDraft));
    card.append(button);
  }
  return [card];
}

// Zalo takes messages for so long after the person's last one.
function windowOf(row) {
  if (!row.window || row.state === "closed" || now() < row.window.free_until) return null;
  return now() < row.window.until ? say("window_paid", { clock: clock(row.window.until) }) : words.window_closed;
}

export function showCase(row) {
  const fresh = shown?.id !== row.id;
  shown = row;
  name.textContent = `${told.channels[row.channel] ?? row.channel} · #${row.id}`;
  state.textContent = stateOf(row);
  claimButton.textContent = words.claim;
  claimButton.hidden = row.state !== "waiting";
  more.hidden = composer.hidden = !row.mine;
  const lines = [...understood(row)];
  if (row.contact) lines.push(element("p", "card", say("contact", { number: row.contact })));
  if (!row.reachable) lines.push(element("p", "card", words.unreachable), element("p", "card said", row.request));
  const closing = windowOf(row);
  if (closing) lines.push(element("p", "card", closing));
  if (row.stars) lines.push(element("p", "card", say("stars", { n: row.stars })));
  const mark = JSON.stringify([row.understood, row.contact, row.reachable, row.stars, row.mine, closing]);
  if (facts.dataset.mark !== mark) {
    facts.dataset.mark = mark;
    facts.replaceChildren(...lines);
  }
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  if (fresh) log.replaceChildren();
  if (renderLines(log, row.lines) && (atEnd || fresh)) scroll.scrollTop = scroll.scrollHeight;
  if (fresh) {
    tell();
    stopTeaching();
    restore();
  }
}

export function leaveCase() {
  shown = null;
}

// --- Answering -----------------------------------------------------------------------------------------

function grow() {
  answer.style.height = "auto";
  answer.style.height = `${answer.scrollHeight + 3}px`;
}

function keep() {
  if (!answer.value && !draft) typed.remove(shown.id);
  else typed.set(shown.id, { text: answer.value, draft, key: typed.get(shown.id)?.key });
}

function restore() {
  const before = typed.get(shown.id);
  answer.value = before?.text ?? "";
  draft = before?.draft ?? null;
  showDraft();
  grow();
}

const hasCase = (made) => Object.keys(made.answers ?? {}).length > 0;

async function showCode() {
  const { data, error } = await checklistOf(draft.procedure, draft.answers ?? {});
  const way = data?.links[0];
  at("code-title").textContent = draft.name;
  at("code-qr").replaceChildren(...(way ? [drawQr(way.qr, words.code_of)] : []));
  at("code-address").textContent = way?.url ?? "";
  at("code-told").textContent = error?.message ?? "";
  at("code-told").hidden = !error;
  at("code").showModal();
}

function showDraft() {
  at("resting").hidden = !draft;
  if (!draft) return;
  const source = draft.sources[0];
  const day = String(source?.checked_on ?? "").split("-").reverse().join("/");
  at("resting-on").textContent = source ? say("source", { title: `${draft.name} – ${source.title}`, day }) : draft.name;
  at("with-page").checked = draft.page;
  at("with-page-what").textContent = hasCase(draft) ? words.with_checklist : words.with_page;
}

function takeDraft(made) {
  draft = { ...made, page: true };
  answer.value = answer.value.trim() ? `${answer.value.trim()}\n\n${made.text}` : made.text;
  showDraft();
  grow();
  keep();
  answer.focus();
  answer.setSelectionRange(0, 0);
  answer.scrollTop = 0;
}

async function send() {
  const text = answer.value.trim();
  if (!text || sendButton.disabled) return;
  const id = shown.id;
  const before = typed.get(id);
  // The same words under the same key arrive once, however often they are sent.
  const key = before?.sending === text ? before.key : crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  typed.set(id, { text, draft, key, sending: text });
  sendButton.disabled = true;
  const resting = draft && { procedure: draft.procedure, aspects: draft.aspects, page: draft.page, answers: draft.answers, text: draft.text };
  const { error } = await post(path("say"), { key, text, draft: resting }, told.csrf);
  sendButton.disabled = false;
  if (shown?.id !== id) return;
  if (error) {
    tell(say("send_failed", { reason: error.message }));
    return;
  }
  tell();
  offerTeaching(shown, draft);
  typed.remove(id);
  answer.value = "";
  draft = null;
  showDraft();
  grow();
  await refresh();
  scroll.scrollTop = scroll.scrollHeight;
}

export async function refresh() {
  const { data } = await get(path());
  if (data && shown?.id === data.id) showCase(data);
}

async function act(name_, body, where) {
  const { error } = await post(path(name_), body, told.csrf);
  if (error && where) {
    where.textContent = error.message;
    where.hidden = false;
    return false;
  }
  if (error) tell(error.message);
  return !error;
}

// --- Wiring --------------------------------------------------------------------------------------------

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
answer.addEventListener("input", () => {
  grow();
  keep();
});
answer.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
});
at("unrest").addEventListener("click", () => {
  draft = null;
  showDraft();
  keep();
});
at("show-code").addEventListener("click", showCode);
at("with-page").addEventListener("change", (event) => {
  draft.page = event.target.checked;
  keep();
});
at("open-draft").addEventListener("click", () => {
  const best = shown.understood?.procedures?.[0];
  openDraft(draft?.procedure ?? best?.id ?? null, shown.understood?.aspects ?? [], takeDraft);
});

const [phrases, note, moves] = ["phrases", "note", "moves"].map(at);
phrases.querySelector("ul").append(...told.phrases.map((phrase) => rowButton(phrase.title, phrase.text, () => {
  answer.value = answer.value.trim() ? `${answer.value.trim()} ${phrase.text}` : phrase.text;
  phrases.close();
  grow();
  keep();
  answer.focus();
})));
at("open-phrases").addEventListener("click", () => phrases.showModal());
at("open-note").addEventListener("click", () => note.showModal());
at("keep-note").addEventListener("click", async () => {
  const text = at("note-text");
  if (!text.value.trim() || !(await act("note", { text: text.value }))) return;
  text.value = "";
  note.close();
  refresh();
});

async function move(name_, body) {
  const where = at("moves-told");
  if (!(await act(name_, body, where))) return;
  moves.close();
  if (name_ === "close") typed.remove(shown.id);
  location.hash = "";
}

more.addEventListener("click", async () => {
  at("moves-told").hidden = true;
  at("reasons").replaceChildren(
    ...Object.entries(told.close_reasons).map(([key, title]) => rowButton(title, "", () => move("close", { reason: key }))),
  );
  at("colleagues").replaceChildren();
  moves.showModal();
  const { data } = await get("/desk/api/colleagues");
  const people = data?.people ?? [];
  at("colleagues").replaceChildren(
    ...(people.length ? people.map((p) => rowButton(p.name, p.here ? words.here : words.away, () => move("pass", { to: p.id })))
      : [element("li", "small pad", words.nobody_else)]),
  );
});
at("release").addEventListener("click", () => move("pass", { to: null }));
for (const button of document.querySelectorAll("dialog [data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
