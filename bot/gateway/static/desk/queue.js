// The queue: one's own conversations, those who wait, and (for leads) those that others have.

import { element } from "../js/text.js";
import { clock, now, say, span, told, words } from "./words.js";

function promise(row) {
  if (!row.promised_at || row.answered) return null;
  const late = row.promised_at < now();
  return element("span", late ? "badge late" : "badge", say(late ? "late" : "promised", { clock: clock(row.promised_at) }));
}

function card(row, kind, onClaim) {
  const item = element("li", `card case-card ${kind}${row.unread ? " unread" : ""}`);
  const way = element("a", "way");
  way.href = `#${row.id}`;
  const head = element("span", "head");
  head.append(element("span", `channel ${row.channel}`, told.channels[row.channel] ?? row.channel), element("span", "small", `#${row.id}`));
  if (row.owner && kind === "other") head.append(element("span", "small", row.owner));
  if (row.unread) head.append(element("span", "badge new", words.unread));
  const text = element("span", "text", row.text);
  text.dir = "auto";
  const foot = element("span", "foot");
  if (kind === "waits") foot.append(element("span", "badge", say("waits", { time: span(now() - row.opened_at) })));
  const due = promise(row);
  if (due) foot.append(due);
  if (row.reason !== "asked") foot.append(element("span", row.reason === "distress" ? "badge late" : "small", told.reasons[row.reason] ?? row.reason));
  way.append(head, text, foot);
  item.append(way);
  if (kind === "waits") {
    const button = element("button", "", words.claim);
    button.type = "button";
    button.addEventListener("click", () => onClaim(row.id, button));
    item.append(button);
  }
  return item;
}

function part(title, rows, kind, count, onClaim) {
  const made = element("section");
  made.append(element("h2", "", count ? `${title} (${count})` : title));
  const list = element("ul", "rows");
  list.append(...rows.map((row) => card(row, kind, onClaim)));
  made.append(list);
  return made;
}

export function renderQueue(place, queue, onClaim) {
  const { waiting, mine, ended, others, total } = queue;
  const parts = [];
  if (mine.length) parts.push(part(words.mine, mine, "mine", total.mine, onClaim));
  const waits = part(words.waiting, waiting, "waits", total.waiting, onClaim);
  if (!waiting.length) waits.append(element("p", "empty", words.nobody));
  if (total.waiting > waiting.length) waits.append(element("p", "small", say("more_waiting", { n: total.waiting - waiting.length })));
  parts.push(waits);
  if (ended.length) parts.push(part(words.ended, ended, "ended", ended.length, onClaim));
  if (others.length) parts.push(part(words.others, others, "other", total.others, onClaim));
  else if (total.others) parts.push(element("p", "small", `${words.others}: ${total.others}`));
  // A tap must not land on what moved under the finger: the focus stays where it was.
  const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  place.replaceChildren(...parts);
  if (focused) place.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}
