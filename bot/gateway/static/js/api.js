// What is sent to the assistant. Gives {replies} or {error: words, again: whether sending again makes sense}.

const WITHIN = 90_000;

export function send(body, words) {
  return post("/api/v1/messages", { "Content-Type": "application/json" }, JSON.stringify(body), words);
}

// A picture (a Blob) for one's own feedback.
export function sendPicture(session, feedback, picture, words) {
  const where = new URLSearchParams({ session, feedback });
  return post(`/api/v1/pictures?${where}`, { "Content-Type": "application/octet-stream" }, picture, words);
}

async function post(path, headers, body, words) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), WITHIN);
  try {
    const response = await fetch(path, { method: "POST", headers, body, signal: control.signal });
    const answer = await response.json().catch(() => null);
    if (response.ok && Array.isArray(answer?.replies)) return { replies: answer.replies };
    const told = answer?.error?.message;
    return { error: told ?? words.broken, again: !told || response.status >= 500 || [408, 429].includes(response.status) };
  } catch {
    return { error: control.signal.aborted ? words.timeout : words.offline, again: true };
  } finally {
    clearTimeout(timer);
  }
}
