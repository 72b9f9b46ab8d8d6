// After an answer about something else than the assistant had understood: one tap, and it can learn from it.

import { post } from "./call.js";
import { say, told, words } from "./words.js";

const at = (id) => document.getElementById(id);
const [strip, what, yes, no] = ["teach", "teach-what", "teach-yes", "teach-no"].map(at);
const LONGEST = 80;
let send = null;

yes.textContent = words.teach_yes;
no.textContent = words.teach_no;

export function stopTeaching() {
  strip.hidden = true;
  send = null;
}

// row: the case; draft: what was answered from the catalogue.
export function offerTeaching(row, draft) {
  stopTeaching();
  if (!draft || !row.asked || row.understood?.procedures?.[0]?.id === draft.procedure) return;
  const text = row.asked.length > LONGEST ? `${row.asked.slice(0, LONGEST)}…` : row.asked;
  what.textContent = say("teach", { text, name: draft.name });
  strip.hidden = yes.hidden = no.hidden = false;
  send = () => post(`/desk/api/cases/${row.id}/teach`, { procedure: draft.procedure, aspects: draft.aspects }, told.csrf);
}

no.addEventListener("click", stopTeaching);
yes.addEventListener("click", async () => {
  yes.disabled = true;
  const { error } = await send();
  yes.disabled = false;
  what.textContent = error?.message ?? words.taught;
  yes.hidden = no.hidden = !error;
});
