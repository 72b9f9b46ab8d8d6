// The draft: a procedure and its aspects, and the catalogue's answer comes back.

import { post } from "./call.js";
import { ownCase } from "./own.js";
import { bare, picker } from "./pick.js";
import { told, words } from "./words.js";

const at = (id) => document.getElementById(id);
const [dialog, find, make, complaint] = ["draft", "find", "make", "draft-told"].map(at);
const own = ownCase(at("own"), words.case_unknown);
const pick = picker({
  find, found: at("found"), chosen: at("chosen"), aspects: at("aspects"), none: words.no_procedures, names: told.aspects,
  onChoose: (entry) => own.start(entry?.id),
});
let take = () => {};

function tell(text) {
  complaint.textContent = text ?? "";
  complaint.hidden = !text;
}

make.addEventListener("click", async () => {
  if (!pick.procedure) {
    find.focus();
    return;
  }
  if (!pick.aspects.length) {
    tell(words.pick_aspect);
    return;
  }
  make.disabled = true;
  const label = make.textContent;
  make.textContent = words.drafting;
  const wanted = { procedure: pick.procedure.id, aspects: pick.aspects, answers: own.answers };
  const { data, error } = await post("/desk/api/draft", wanted, told.csrf);
  make.disabled = false;
  make.textContent = label;
  tell(error?.message);
  if (data) {
    dialog.close();
    take({ ...data, name: bare(data.name) });
  }
});

export function openDraft(id, wanted, onDraft) {
  take = onDraft;
  tell();
  dialog.showModal();
  pick.start(id, wanted);
  if (!id) find.focus();
}
