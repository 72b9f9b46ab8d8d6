// What this browser remembers: the session's name, what was said in this tab, what is half typed.

const memory = new Map();

function of(area) {
  return {
    get(key) {
      try {
        return area().getItem(key) ?? memory.get(key) ?? null;
      } catch {
        return memory.get(key) ?? null;
      }
    },
    set(key, value) {
      memory.set(key, value);
      try {
        area().setItem(key, value);
      } catch {
        // Private window or full: the page's own memory has it.
      }
    },
    remove(key) {
      memory.delete(key);
      try {
        area().removeItem(key);
      } catch {
        // As above.
      }
    },
  };
}

const lasting = of(() => localStorage);
const tab = of(() => sessionStorage);
const MOST = 60;

function fresh() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function session() {
  let name = lasting.get("motcua.session");
  if (!name) lasting.set("motcua.session", (name = fresh()));
  return name;
}

export function newSession() {
  lasting.set("motcua.session", fresh());
  tab.remove("motcua.said");
}

export function said() {
  try {
    const rows = JSON.parse(tab.get("motcua.said") ?? "[]");
    return Array.isArray(rows) ? rows : [];
  } catch {
    return [];
  }
}

export function remember(row) {
  tab.set("motcua.said", JSON.stringify([...said(), row].slice(-MOST)));
}

export const draft = {
  get: () => tab.get("motcua.draft") ?? "",
  set: (text) => tab.set("motcua.draft", text),
};
