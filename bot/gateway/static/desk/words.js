// What the page was given by the server, and how times are said.

export const told = JSON.parse(document.querySelector("main").dataset.desk);
export const words = told.words;

export function say(key, facts = {}) {
  return words[key].replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

// The server's clock: phones are often minutes off.
let ahead = 0;

export function setClock(header) {
  const at = Date.parse(header ?? "");
  if (!Number.isNaN(at)) ahead = at / 1000 - Date.now() / 1000;
}

export const now = () => Date.now() / 1000 + ahead;

export function span(seconds) {
  if (seconds < 60) return words.seconds;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return say("minutes", { n: minutes });
  if (minutes < 48 * 60) return say("hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
  return say("days", { n: Math.floor(minutes / 1440) });
}

const CLOCK = new Intl.DateTimeFormat("vi-VN", { hour: "numeric", minute: "2-digit", hour12: false, timeZone: "Asia/Ho_Chi_Minh" });
const DAY = new Intl.DateTimeFormat("vi-VN", { day: "numeric", month: "numeric", timeZone: "Asia/Ho_Chi_Minh" });

export function clock(seconds) {
  const at = new Date(seconds * 1000);
  const today = DAY.format(new Date(now() * 1000));
  const day = DAY.format(at);
  return day === today ? CLOCK.format(at) : `${CLOCK.format(at)} ${day}`;
}
