// Questions that were not understood: what they mean, a lead's approval, undoing it.

import { element } from "../js/text.js";
import { listing } from "./listing.js";
import { bare, picker, rowButton } from "./pick.js";
import { say, told, words } from "./words.js";

const at = (id) => document.getElementById(id);
const sheet = at("label");
const pick = picker({
  find: at("find"), found: at("found"), chosen: at("chosen"), aspects: at("aspects"), none: words.none, names: told.aspects,
});
let open = null;

function meaning(group) {
  if (group.verdict !== "procedure") return told.verdicts[group.verdict] ?? "";
  const aspects = group.aspects.map((key) => told.aspects[key]).join(", ");
  return aspects ? `${bare(group.name)} · ${aspects}` : bare(group.name);
}

function button(title, className, onTap) {
  const made = element("button", className, title);
  made.type = "button";
  made.addEventListener("click", onTap);
  return made;
}

function card(group, state) {
  const item = element("li", "card");
  const text = element("p", "said asked", group.text);
  text.dir = "auto";
  item.append(text);
  for (const other of group.others) item.append(element("p", "said small", other));
  const why = Object.entries(group.why).map(([key, n]) => `${told.whys[key] ?? key}${n > 1 ? ` ×${n}` : ""}`).join(", ");
  const ways = group.channels.map((key) => told.channels[key] ?? key).join(", ");
  item.append(element("p", "small", say("about", { n: group.count, why, ways })));
  if (state === "waiting" && group.seen) item.append(element("p", "small", say("seen", { name: bare(group.seen) })));
  if (state !== "waiting") {
    item.append(element("p", "meaning", meaning(group)));
    const by = group.approved_by ? "approved_by" : "labelled_by";
    item.append(element("p", "small", say(by, { name: group[by] })));
  }
  const row = element("div", "inline");
  if (state === "waiting") row.append(button(words.label, "", () => openSheet(group)));
  if (state === "labelled" && told.lead) row.append(button(words.approve, "", () => change("approve", { ids: group.ids })));
  if (state !== "waiting" && told.lead) row.append(button(words.undo, "quiet", () => change("undo", { ids: group.ids })));
  item.append(row);
  return item;
}

function count(data, tabs) {
  for (const tab of tabs) {
    tab.dataset.title ??= tab.textContent;
    const some = data.counts[tab.dataset.state] ?? 0;
    tab.textContent = some ? `${tab.dataset.title} (${some})` : tab.dataset.title;
  }
}

function openSheet(group) {
  open = group;
  at("asked").textContent = group.text;
  pick.start(null, []);
  sheet.showModal();
}

async function label(verdict, more = {}) {
  if (await change("label", { ids: open.ids, verdict, ...more })) sheet.close();
}

at("means").addEventListener("click", () => {
  if (pick.procedure) label("procedure", { procedure: pick.procedure.id, aspects: pick.aspects });
  else at("find").focus();
});
for (const [key, title] of Object.entries(told.verdicts)) {
  if (key !== "procedure") at("verdicts").append(rowButton(title, words[key], () => label(key)));
}
sheet.querySelector("[data-close]").addEventListener("click", () => sheet.close());
const { change } = listing({
  path: "/desk/api/questions", place: at("groups"), rowsOf: (data) => data.groups, card, seen: count,
});
