// Keeps the pages of receiving that were opened with a network, and opens them again without one. A page that can be fetched is
// always fetched; nothing but what GET showed is kept, and signing out empties it.
"use strict";
const CACHE = "receive";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  const isKept = url.pathname.startsWith("/receive") || url.pathname.startsWith("/assets/");
  if (request.method !== "GET" || url.origin !== location.origin || !isKept) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    try {
      const answer = await fetch(request);
      if (answer.ok && !answer.redirected) await cache.put(request, answer.clone());
      return answer;
    } catch (fault) {
      const kept = await cache.match(request);
      if (kept) return kept;
      throw fault;
    }
  })());
});
