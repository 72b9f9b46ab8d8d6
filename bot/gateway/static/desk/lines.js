// The lines of a conversation: what people wrote stands there as text and nothing else.

import { element, renderText } from "../js/text.js";
import { fileOf } from "./file.js";
import { clock, say, told, words } from "./words.js";

function day(iso) {
  return String(iso ?? "").split("-").reverse().join("/");
}

function sources(rows) {
  const made = element("p", "small", say("source", { title: rows[0].title, day: day(rows[0].checked_on) }));
  return made;
}

function fromCitizen(line) {
  const bubble = element("article", "line citizen");
  bubble.append(element("span", "hidden-words", words.citizen));
  if (line.event) bubble.append(element("p", "small", say("event", { name: words.events[line.event] ?? line.event })));
  if (line.text) {
    const text = element("p", "said", line.text);
    text.dir = "auto";
    bubble.append(text);
  }
  bubble.append(...(line.files ?? []).map((file) => fileOf(file, words.file)));
  if (line.tapped) bubble.append(element("p", "small", words.tapped));
  return bubble;
}

function toCitizen(line) {
  const bubble = element("article", `line ${line.from}`);
  bubble.append(element("span", "hidden-words", line.from === "person" ? "" : words.assistant), renderText(line.text, words));
  if (line.sources.length) bubble.append(sources(line.sources));
  if (line.buttons.length) bubble.append(element("p", "small", line.buttons.map((title) => `[${title}]`).join(" ")));
  if (line.failed !== undefined) bubble.append(element("p", "undelivered", say("failed", { reason: line.failed })));
  if (line.on_its_way) bubble.append(element("p", "small", words.on_its_way));
  return bubble;
}

function reasonOf(key) {
  return told.close_reasons[key] ?? told.system_reasons[key] ?? key;
}

function fromDesk(line) {
  if (line.from === "note") {
    const made = element("article", "line note");
    made.append(element("p", "small", say("note", { name: line.name })), element("p", "said", line.text));
    return made;
  }
  const facts = { name: line.name, to: line.text, reason: line.from === "closed" ? reasonOf(line.text) : "" };
  return element("p", "happened small", say(line.from, facts));
}

function renderLine(line) {
  const made = line.from === "citizen" ? fromCitizen(line)
    : line.from === "assistant" || line.from === "person" ? toCitizen(line) : fromDesk(line);
  made.append(element("time", "", clock(line.at)));
  made.dataset.id = line.id;
  return made;
}

// Lines that are there already stay as they are: what is unfolded or being read does not jump.
export function renderLines(log, lines) {
  const known = new Map([...log.children].map((child) => [child.dataset.id, child]));
  const rows = lines.map((line) => {
    const mark = JSON.stringify(line);
    const before = known.get(line.id);
    if (before?.dataset.mark === mark) return before;
    const made = renderLine(line);
    made.dataset.mark = mark;
    return made;
  });
  const same = rows.length === log.children.length && rows.every((row, n) => row === log.children[n]);
  if (!same) log.replaceChildren(...rows);
  return !same;
}
