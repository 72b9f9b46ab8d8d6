// POST /api/v1/messages. Gives {replies} or {error: words, again: whether sending again makes sense}.

const WITHIN = 90_000;

export async function send(body, words) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), WITHIN);
  try {
    const response = await fetch("/api/v1/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: control.signal,
    });
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
