// The web chat.

import { listen } from "../desk/visitor.js";
import { send, sendPicture } from "./api.js";
import { choosePicture, feedbackOf } from "./picture.js";
import { renderMine, renderReply } from "./reply.js";
import { draft, newSession, remember, said, session } from "./store.js";
import { element } from "./text.js";

const main = document.querySelector("main");
const words = JSON.parse(main.dataset.words);
const [scroll, log, hello, waiting, person, form, input, left, fresh, network] = [
  "scroll", "log", "hello", "waiting", "person", "composer", "cau-hoi", "left", "fresh", "network",
].map((id) => document.getElementById(id));

let queue = Promise.resolve();
let inFlight = 0;

function toEnd() {
  scroll.scrollTop = scroll.scrollHeight;
}

function showStart(bubble) {
  const room = scroll.clientHeight - 24;
  if (log.lastElementChild.offsetTop + log.lastElementChild.offsetHeight - bubble.offsetTop > room) {
    scroll.scrollTop = bubble.offsetTop - scroll.offsetTop - 12;
  } else {
    toEnd();
  }
}

function showReplies(replies) {
  const rows = replies.length ? replies : [{ kind: "notice", text: words.nothing, links: [], sources: [], buttons: [] }];
  const bubbles = rows.map((reply) => renderReply(reply, words, tap));
  log.append(...bubbles);
  return bubbles;
}

function setWaiting(change) {
  inFlight += change;
  waiting.textContent = inFlight ? words.waiting : "";
  waiting.classList.toggle("on", inFlight > 0);
  if (inFlight) toEnd();
}

// message: {text?, go: () => its answer}.
function fail(bubble, message, failure) {
  bubble.classList.add("unsent");
  const told = element("p", "failed", `${failure.error} `);
  told.setAttribute("role", "alert");
  bubble.append(told);
  if (failure.again) {
    const button = element("button", "", words.resend);
    button.type = "button";
    button.addEventListener("click", () => {
      told.remove();
      button.remove();
      bubble.classList.remove("unsent");
      log.append(bubble);
      input.focus();
      deliver(bubble, message);
    });
    bubble.append(button);
  } else if (message.text && !input.value) {
    input.value = message.text;
    grow();
  }
  toEnd();
}

function deliver(bubble, message) {
  setWaiting(1);
  queue = queue.then(async () => {
    const answer = await message.go();
    setWaiting(-1);
    if (!bubble.isConnected) return; // a new conversation was begun meanwhile
    if (answer.error) {
      fail(bubble, message, answer);
      return;
    }
    remember({ me: bubble.dataset.text });
    answer.replies.forEach((reply) => remember({ reply }));
    showStart(showReplies(answer.replies)[0]);
    if (answer.replies.some((reply) => reply.kind === "handover")) people.begin();
  });
}

function say(text, body) {
  const bubble = renderMine(text, words);
  bubble.dataset.text = text;
  log.append(bubble);
  toEnd();
  deliver(bubble, { text: body.text, go: () => send({ session: session(), ...body }, words) });
}

function tap(title, payload) {
  const feedback = feedbackOf(payload);
  if (feedback) choosePicture(words, (chosen) => showPicture(feedback, chosen));
  else say(title, { payload });
}

function showPicture(feedback, { picture, shown, error }) {
  const bubble = renderMine(words.picture, words);
  bubble.dataset.text = words.picture;
  if (shown) bubble.append(shown);
  log.append(bubble);
  toEnd();
  if (error) fail(bubble, {}, { error });
  else deliver(bubble, { go: () => sendPicture(session(), feedback, picture, words) });
}

function grow() {
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight + 3}px`;
  const room = input.maxLength - input.value.length;
  left.textContent = room < 100 ? words.left.replace("{left}", room) : "";
  draft.set(input.value);
}

function submit() {
  const text = input.value.trim();
  if (!text) {
    input.focus();
    return;
  }
  input.value = "";
  grow();
  say(text, { text });
}

function startAfresh() {
  people.stop();
  newSession();
  log.replaceChildren(hello, element("p", "notice-line", words.started));
  scroll.scrollTop = 0;
  input.focus();
}

function restore() {
  log.setAttribute("aria-live", "off");
  for (const row of said()) {
    if (row.reply) log.append(renderReply(row.reply, words, tap));
    else log.append(renderMine(row.me, words));
  }
  if (log.children.length > 1) toEnd();
  requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
}

// /?thu-tuc=<id>: the conversation begins at that procedure or its checklist, once.
function openAt(wanted) {
  history.replaceState(null, "", "/");
  if (wanted.payload) say(wanted.name, { payload: wanted.payload });
  else showReplies([{ kind: "notice", text: words.unknown_link, links: [], sources: [], buttons: [] }]);
}

// What people of the centre write comes by itself.
function showLetters(replies) {
  if (!replies.length) return;
  replies.forEach((reply) => remember({ reply }));
  showStart(showReplies(replies)[0]);
}

function showNetwork() {
  network.textContent = navigator.onLine ? "" : words.no_network;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
input.addEventListener("input", grow);
input.addEventListener("keydown", (event) => {
  // Enter while an input method composes a letter belongs to the letter.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
});
fresh.addEventListener("click", startAfresh);
for (const button of document.querySelectorAll("#suggestions button")) {
  button.addEventListener("click", () => tap(button.textContent, button.dataset.payload));
}
addEventListener("online", showNetwork);
addEventListener("offline", showNetwork);

// Where one's request stands: below the last bubble, and in sight of whoever reads that.
function tellOfPeople(told) {
  if (person.textContent === told) return;
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
  person.textContent = told;
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
}

document.getElementById("no-script").remove();
form.hidden = false;
fresh.hidden = false;
document.getElementById("suggestions").hidden = false;
input.value = draft.get();
restore();
const people = listen({ session, show: showLetters, tell: tellOfPeople });
grow();
showNetwork();
if (main.dataset.open) openAt(JSON.parse(main.dataset.open));
if (matchMedia("(pointer: fine)").matches) input.focus();
