// The web chat's line to the people of the centre: fetches what they write while one waits or talks.

const EVERY = 3000;
const HIDDEN_EVERY = 15000;
const WAITS = "motcua.person";
const LAST = "motcua.letters";

function keep(area, key, value) {
  try {
    if (value === null) area().removeItem(key);
    else area().setItem(key, value);
  } catch {
    // A private window: it holds as long as this page.
  }
}

function kept(area, key) {
  try {
    return area().getItem(key);
  } catch {
    return null;
  }
}

// session: () => its name; show(replies), tell(words) put things on the page.
export function listen({ session, show, tell }) {
  let timer = null;
  let last = 0;
  let asking = false;

  function restore() {
    const [name, number] = (kept(() => sessionStorage, LAST) ?? "").split(" ");
    last = name === session() ? Number(number) || 0 : 0;
  }

  async function look() {
    timer = null;
    if (asking) return;
    asking = true;
    const name = session();
    const response = await fetch(`/api/v1/letters?session=${name}&after=${last}`, { cache: "no-store" }).catch(() => null);
    const found = response?.ok ? await response.json().catch(() => null) : null;
    asking = false;
    if (name !== session()) return;
    if (found && found.last > last) {
      last = found.last;
      keep(() => sessionStorage, LAST, `${name} ${last}`);
      show(found.letters.map((letter) => letter.reply));
    }
    if (found) tell(found.told);
    if (found && !["waiting", "claimed"].includes(found.state)) {
      keep(() => localStorage, WAITS, null);
      return;
    }
    timer = setTimeout(look, document.hidden ? HIDDEN_EVERY : EVERY);
  }

  // Somebody was asked for: look until the conversation with them is over.
  function begin() {
    keep(() => localStorage, WAITS, session());
    restore();
    if (timer === null && !asking) timer = setTimeout(look, 0);
  }

  function stop() {
    clearTimeout(timer);
    timer = null;
    keep(() => localStorage, WAITS, null);
    tell("");
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden || timer === null) return;
    clearTimeout(timer);
    look();
  });
  if (kept(() => localStorage, WAITS) === session()) begin();
  return { begin, stop };
}
