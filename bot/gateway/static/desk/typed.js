// What was typed and not sent yet, by case: kept through reloads and lost connections.

const memory = new Map();
const PREFIX = "desk.typed.";

export const typed = {
  get(name) {
    try {
      return JSON.parse(localStorage.getItem(PREFIX + name)) ?? memory.get(name) ?? null;
    } catch {
      return memory.get(name) ?? null;
    }
  },
  set(name, value) {
    memory.set(name, value);
    try {
      localStorage.setItem(PREFIX + name, JSON.stringify(value));
    } catch {
      // Private window or full: this page's own memory has it.
    }
  },
  remove(name) {
    memory.delete(name);
    try {
      localStorage.removeItem(PREFIX + name);
    } catch {
      // As above.
    }
  },
};

// What one person typed is not for the next one who signs in on this phone.
export function forgetAll(owner) {
  try {
    if (owner !== null && localStorage.getItem("desk.owner") === owner) return;
    for (const key of Object.keys(localStorage)) if (key.startsWith("desk.")) localStorage.removeItem(key);
    if (owner !== null) localStorage.setItem("desk.owner", owner);
  } catch {
    // Nothing was kept then.
  }
}
