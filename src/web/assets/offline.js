// Receipts that outlive the network. What was signed without a line waits on this phone, by ids only, and is delivered when the line
// is back, once: whatever the server then answers ends the waiting. The pages themselves are kept by the worker beside this file.
"use strict";
(() => {
  const KEY = "outbox", TOLD = "told", line = document.querySelector("#line-state"), words = document.querySelector("[data-outbox]")?.dataset;
  const waiting = () => JSON.parse(localStorage.getItem(KEY) || "[]");
  const keep = (items) => localStorage.setItem(KEY, JSON.stringify(items));
  navigator.serviceWorker?.register("/assets/worker.js", { scope: "/receive" }).catch(() => {});

  const show = (text) => { if (line) { line.textContent = text; line.hidden = !text; } };
  const refusal = async (answer) => {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("main [role=alert]")?.textContent || words.conflict;
  };
  const tell = () => show(waiting().length ? `${words.outbox} ${waiting().length}` : sessionStorage.getItem(TOLD) || "");
  const isSignIn = (answer) => answer.redirected && new URL(answer.url).pathname === "/sign-in";
  const send = (item) => fetch(item.action, { method: "POST", body: new URLSearchParams(item.body), headers: { Accept: "text/html" } });

  // What the server refused is told on the page that follows, and no longer.
  const told = sessionStorage.getItem(TOLD);
  let isSending = false;
  const deliver = async () => {
    if (isSending || !waiting().length) return;
    isSending = true;
    for (const item of waiting()) {
      const answer = await send(item).catch(() => null);
      if (!answer || answer.status >= 500) break;
      if (isSignIn(answer)) { show(words.signIn); isSending = false; return; }
      keep(waiting().filter((other) => other.id !== item.id));
      if (answer.status >= 400) sessionStorage.setItem(TOLD, await refusal(answer));
      if (item.page === location.pathname) { location.replace(item.page); return; }
    }
    isSending = false;
    tell();
  };

  for (const form of document.querySelectorAll("form[data-queue]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      const body = [...new FormData(form)].concat([["happened_at", new Date().toISOString()]]);
      const item = { id: crypto.randomUUID(), action: form.action, page: location.pathname, body };
      // First it is safe on the phone, then it is sent.
      keep([...waiting(), item]);
      for (const button of form.querySelectorAll("button")) button.disabled = true;
      await deliver();
      tell();
    });
    if (waiting().some((item) => item.action === form.action)) for (const button of form.querySelectorAll("button")) button.disabled = true;
  }
  // Whoever leaves takes nothing along: not the pages that were kept here.
  document.querySelector('form[action="/sign-out"]')?.addEventListener("submit", () => caches.delete("receive"));
  addEventListener("pagehide", () => { if (told) sessionStorage.removeItem(TOLD); });
  addEventListener("online", deliver);
  setInterval(deliver, 3000);
  deliver();
  tell();
})();
