// The desk: #<number> shows a conversation, else the queue. Asks the server every few seconds.

import { get, post } from "./call.js";
import { leaveCase, showCase } from "./case.js";
import { renderQueue } from "./queue.js";
import { forgetAll } from "./typed.js";
import { setClock, told } from "./words.js";

const at = (id) => document.getElementById(id);
const [queuePlace, casePlace, network, claimButton] = ["queue", "case", "network", "claim"].map(at);
const TITLE = document.title;
const QUEUE_EVERY = 3000;
const CASE_EVERY = 2000;
const HIDDEN_EVERY = 15000;

let queue = null;
let queueTag = null;
let caseTag = null;
let failures = 0;

const opened = () => (/^#\d+$/.test(location.hash) ? Number(location.hash.slice(1)) : null);

function strip(text) {
  network.textContent = text ?? "";
  network.hidden = !text;
}

function heard({ error, status, date }) {
  setClock(date);
  if (status === 401) location.href = "/desk/vao?toi=/desk";
  failures = error && status !== 404 && status !== 403 ? failures + 1 : 0;
  strip(failures > 1 ? error.message : "");
}

function showTitle() {
  const count = queue ? queue.total.waiting + queue.mine.filter((row) => row.unread).length : 0;
  document.title = count ? `(${count}) ${TITLE}` : TITLE;
}

async function lookAtQueue() {
  const answer = await get("/desk/api/queue", queueTag);
  heard(answer);
  if (answer.data) {
    queue = answer.data;
    queueTag = answer.tag;
  }
  if (queue && opened() === null) renderQueue(queuePlace, queue, claim);
  showTitle();
}

async function lookAtCase() {
  const id = opened();
  const answer = await get(`/desk/api/cases/${id}`, caseTag);
  heard(answer);
  if (opened() !== id) return;
  if (answer.data) {
    caseTag = answer.tag;
    showCase(answer.data);
  } else if (answer.status === 404 || answer.status === 403) {
    location.hash = "";
    strip(answer.error.message);
  }
}

async function claim(id, button) {
  button.disabled = true;
  const { error } = await post(`/desk/api/cases/${id}/claim`, {}, told.csrf);
  button.disabled = false;
  if (error) {
    await lookAtQueue();
    strip(error.message);
    return;
  }
  caseTag = null;
  if (opened() === id) lookAtCase();
  else location.hash = `#${id}`;
}

function show() {
  const id = opened();
  caseTag = null;
  queuePlace.hidden = id !== null;
  casePlace.hidden = id === null;
  document.body.classList.toggle("in-case", id !== null);
  if (id === null) {
    leaveCase();
    lookAtQueue();
  } else {
    strip();
    lookAtCase();
  }
}

async function forEver(look, every) {
  for (;;) {
    await new Promise((done) => {
      const timer = setTimeout(done, document.hidden ? HIDDEN_EVERY : every() * Math.min(1 + failures, 5));
      addEventListener("visibilitychange", () => {
        clearTimeout(timer);
        done();
      }, { once: true });
    });
    await look();
  }
}

forgetAll(String(told.me.id));
claimButton.addEventListener("click", () => claim(opened(), claimButton));
addEventListener("hashchange", show);
addEventListener("online", show);
show();
forEver(lookAtQueue, () => (opened() === null ? QUEUE_EVERY : QUEUE_EVERY * 2));
forEver(() => (opened() === null ? null : lookAtCase()), () => CASE_EVERY);
