// Keeps the counter's page and its files, so that it opens without a connection: the newest first, else
// what was kept. Answers of the server about people are never kept.

const NAME = "quay";
const OURS = /^\/(quay|static\/.*)$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin || !OURS.test(address.pathname)) return;
  event.respondWith(newestOrKept(event.request));
});

async function newestOrKept(request) {
  const kept = await caches.open(NAME);
  try {
    const answer = await fetch(request);
    // A log-in page is not the counter.
    if (answer.ok && !answer.redirected) await kept.put(request, answer.clone());
    return answer;
  } catch {
    return (await kept.match(request, { ignoreVary: true })) ?? Response.error();
  }
}
