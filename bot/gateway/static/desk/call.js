// Calls to the desk's API. Each gives {data} or {error: {code, message}, status}; status 0: no network.

const WITHIN = 20_000;

async function call(path, options) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), WITHIN);
  try {
    const response = await fetch(path, { ...options, signal: control.signal, redirect: "error" });
    const date = response.headers.get("Date");
    if (response.status === 304) return { same: true, date };
    const data = await response.json().catch(() => null);
    if (response.ok && data) return { data, tag: response.headers.get("ETag"), date };
    const error = data?.error ?? { code: "broken", message: document.body.dataset.broken };
    return { error, status: response.status, date };
  } catch {
    return { error: { code: "offline", message: document.body.dataset.offline }, status: 0 };
  } finally {
    clearTimeout(timer);
  }
}

export function get(path, tag) {
  return call(path, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
}

export function post(path, body, csrf) {
  const headers = { "Content-Type": "application/json", "X-Csrf-Token": csrf };
  return call(path, { method: "POST", headers, body: JSON.stringify(body) });
}
