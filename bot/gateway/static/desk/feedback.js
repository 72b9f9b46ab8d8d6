// Complaints, praise, proposals: what they are about, and a lead's answer.

import { element } from "../js/text.js";
import { fileOf } from "./file.js";
import { listing } from "./listing.js";
import { say, told, words } from "./words.js";

const WHEN = new Intl.DateTimeFormat("vi-VN", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Ho_Chi_Minh" });

function answering(row) {
  const form = element("form", "fields");
  const name = `answer-${row.id}`;
  const label = element("label", "", row.reachable ? words.answer : words.unreachable);
  const box = element("textarea");
  box.id = label.htmlFor = name;
  box.rows = 3;
  box.maxLength = 4000;
  box.hidden = !row.reachable;
  const send = element("button", "", row.reachable ? words.send : words.settle);
  form.append(label, box, send);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (row.reachable && !box.value.trim()) box.focus();
    else change(`${row.id}/answer`, { text: box.value });
  });
  if (row.reachable) {
    const settle = element("button", "quiet", words.settle);
    settle.type = "button";
    settle.addEventListener("click", () => change(`${row.id}/answer`, { text: "" }));
    form.append(settle);
  }
  return form;
}

function card(row, state) {
  const item = element("li", "card");
  const head = element("p", "head");
  head.append(
    element("span", "channel", told.kinds[row.kind] ?? row.kind),
    element("span", "small", say("head", { number: row.id, when: WHEN.format(row.at * 1000), way: told.channels[row.channel] ?? row.channel })),
  );
  const text = element("p", "said asked", row.text);
  text.dir = "auto";
  item.append(head, text);
  if (row.place) {
    const place = element("p", "said small", say("place", { place: row.place }));
    place.dir = "auto";
    item.append(place);
  }
  item.append(...row.files.map((file, n) => fileOf(file, say("file", { n: n + 1 }))));
  if (state === "new") {
    const select = element("select");
    select.setAttribute("aria-label", words.category);
    select.append(new Option(words.category, ""), ...Object.entries(told.categories).map(([key, title]) => new Option(title, key)));
    select.value = row.category ?? "";
    select.addEventListener("change", () => select.value && change(`${row.id}/sort`, { category: select.value }));
    item.append(select, answering(row));
  } else {
    const by = say("answered", { name: row.answered_by, when: WHEN.format(row.answered_at * 1000) });
    item.append(element("p", "small", [told.categories[row.category], by].filter(Boolean).join(" · ")));
  }
  return item;
}

const { change } = listing({
  path: "/desk/api/feedback", place: document.getElementById("rows"), rowsOf: (data) => data.rows, card,
});
