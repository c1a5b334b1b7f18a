// Keeps a page that says [data-live] as new as the log of events: whatever happens, the page is asked for again and its main part
// replaced; a phone trembles when somebody new is to be received. The stream goes on after the last event it has seen; while there is none, the page says so and turns grey.
"use strict";
(() => {
  const state = document.querySelector("[data-live]");
  if (!state) return;
  const { on, off } = state.dataset;
  // The page says up to which event it was made, so that nothing is missed between its making and the first look at the stream.
  let last = state.dataset.from, timer = 0, quiet = 0;
  const say = (isOn) => {
    document.body.classList.toggle("stale", !isOn);
    const said = document.querySelector("[data-live]");
    if (said) said.textContent = isOn ? on : off;
  };
  const refresh = async () => {
    timer = 0;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    const main = document.querySelector("main");
    if (!fresh || main.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) return;
    const before = new Map([...main.querySelectorAll("[data-n]")].map((cell) => [cell.dataset.n, cell.textContent]));
    const n = main.querySelectorAll(".offer").length, cursor = main.contains(document.activeElement) && document.activeElement.getAttribute("href");
    main.innerHTML = fresh.innerHTML;
    // The cursor stays where it was, on the same link.
    if (cursor) [...main.querySelectorAll("a")].find((link) => link.getAttribute("href") === cursor)?.focus();
    if (main.querySelectorAll(".offer").length > n) navigator.vibrate?.([200, 100, 200]);
    for (const cell of main.querySelectorAll("[data-n]")) if (before.get(cell.dataset.n) !== cell.textContent) cell.classList.add("fresh");
    say(true);
  };
  const soon = () => { timer ||= setTimeout(refresh, 400); };
  const take = (block) => {
    const id = /^id: (\d+)$/m.exec(block);
    if (id) { last = id[1]; soon(); }
  };
  const follow = async () => {
    try {
      const answer = await fetch("/api/v1/events", { headers: { "Last-Event-ID": last }, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      clearTimeout(quiet);
      quiet = 0;
      say(true);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; ;) {
        const { done, value } = await reader.read();
        if (done) break;
        text += value;
        const blocks = text.split("\n\n");
        text = blocks.pop();
        blocks.forEach(take);
      }
    } catch { /* The line is down or the server is: both end, and it is tried again. */ }
    quiet ||= setTimeout(() => say(false), 3000);
    setTimeout(follow, 2000);
  };
  follow();
  setInterval(refresh, 60000);
})();
