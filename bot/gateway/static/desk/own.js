// The citizen's own case: what a procedure asks before one knows which papers somebody needs.

import { element } from "../js/text.js";
import { get } from "./call.js";

const query = (answers) => {
  const made = new URLSearchParams(answers).toString();
  return made && `?${made}`;
};

// The checklist for these answers: its questions, and where it can be opened, each with its QR code.
export const checklistOf = (id, answers) => get(`/desk/api/checklists/${encodeURIComponent(id)}${query(answers)}`);

// unknown: the words for a question that stays open.
export function ownCase(place, unknown) {
  let entry = null;
  let answers = {};

  function question({ id, question: asked, choices }) {
    const label = element("label", "", asked);
    const select = element("select");
    for (const choice of [{ id: "", label: unknown }, ...choices]) {
      const option = element("option", "", choice.label);
      option.value = choice.id;
      option.selected = choice.id === (answers[id] ?? "");
      select.append(option);
    }
    select.addEventListener("change", () => {
      if (select.value) answers[id] = select.value;
      else delete answers[id];
      show();
    });
    label.append(select);
    return label;
  }

  async function show() {
    const mine = entry;
    const { data } = await checklistOf(entry.id, answers);
    if (!data || mine !== entry) return;
    answers = data.answers;
    // One open question at a time: what it is may follow from the one before.
    const told = entry.cases.filter(({ id }) => id in answers || id === data.open[0]);
    place.replaceChildren(...told.map(question));
  }

  return {
    get answers() {
      return { ...answers };
    },
    async start(id) {
      entry = null;
      answers = {};
      place.replaceChildren();
      if (!id) return;
      const wanted = { id, cases: [] };
      entry = wanted;
      const { data } = await get(`/api/v1/procedures/${encodeURIComponent(id)}`);
      if (entry !== wanted || !data?.cases?.length) return;
      entry.cases = data.cases;
      show();
    },
  };
}
