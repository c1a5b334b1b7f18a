// Keeps the pages of receiving that were opened with a network, and opens them again without one. A page that can be fetched is
// always fetched; nothing but what GET showed is kept, and only as long as it is of use: an offer that has ended is dropped, as the server
// says, whatever is older than a day is too, and everything when the server asks to sign in. What was signed waits elsewhere.
"use strict";
const CACHE = "receive", DAY = 24 * 60 * 60 * 1000, PAGES = "/receive";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// Drops the pages of which it is so, by their path and when they were fetched.
const drop = async (cache, isOver) => {
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith(PAGES)) continue;
    const kept = await cache.match(request);
    if (isOver(pathname, Date.parse(kept?.headers.get("Date")) || 0)) await cache.delete(request);
  }
};
const isOld = (_, at) => Date.now() - at > DAY;
const isOutside = (answer) => answer.type === "opaqueredirect" || answer.redirected && new URL(answer.url).pathname === "/sign-in";

const fetched = async (cache, request) => {
  const answer = await fetch(request);
  if (!new URL(request.url).pathname.startsWith(PAGES)) {
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  }
  if (isOutside(answer)) { await drop(cache, () => true); return answer; }
  const over = (answer.headers.get("Jiezhuan-Over") || "").split(" ").filter(Boolean);
  if (answer.ok && !answer.redirected) await cache.put(request, answer.clone());
  await drop(cache, (path, at) => isOld(path, at) || over.includes(path.split("/")[2]));
  return answer;
};

self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  const isKept = url.pathname.startsWith(PAGES) || url.pathname.startsWith("/assets/");
  if (request.method !== "GET" || url.origin !== location.origin || !isKept) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    try {
      return await fetched(cache, request);
    } catch (fault) {
      await drop(cache, isOld);
      const kept = await cache.match(request);
      if (kept) return kept;
      throw fault;
    }
  })());
});
