// Calls to the desk's API. Each gives {data} or {error: {code, message}, status}; status 0: no network.

const WITHIN = 20_000;

async function call(path, options) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), WITHIN);
  try {
    const response = await fetch(path, { ...options, signal: control.signal, redirect: "error" });
    if (response.status === 304) return { same: true };
    const data = await response.json().catch(() => null);
    if (response.ok && data) return { data, tag: response.headers.get("ETag") };
    const error = data?.error ?? { code: "broken", message: `Máy chủ trả lời lỗi (${response.status}).` };
    return { error, status: response.status };
  } catch {
    return { error: { code: "offline", message: "Đang mất kết nối mạng." }, status: 0 };
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
