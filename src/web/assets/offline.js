// Receipts and refusals that outlive the network. What was signed without a line waits on this phone, by ids and the numbers of whoever was not on the list, and is
// delivered when the line is back, once: it waits until the server has taken it, or has kept it and said why it does not count. The pages themselves are kept by the
// worker beside this file.
// The phone signs under a key of its own (Ed25519), made here for whoever has signed in, never leaving the browser; one that cannot says so.
"use strict";
(() => {
  const KEY = "outbox", TOLD = "told", line = document.querySelector("#line-state"), words = document.querySelector("[data-outbox]")?.dataset;
  const waiting = () => JSON.parse(localStorage.getItem(KEY) || "[]");
  const keep = (items) => localStorage.setItem(KEY, JSON.stringify(items));
  navigator.serviceWorker?.register("/assets/worker.js", { scope: "/receive" }).catch(() => {});

  // What is said already is not said again, and a link in it stays where somebody is about to press it.
  const show = (text, path = "") => {
    if (!line || line.dataset.shown === text) return;
    line.dataset.shown = text;
    line.textContent = text;
    line.hidden = !text;
    if (!path) return;
    const link = document.createElement("a");
    [link.href, link.textContent] = [path, words.signInDo];
    line.append(" ", link);
  };
  const refusal = async (answer) => {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("main [role=alert]")?.textContent || words.conflict;
  };
  // What the server refused is told on the page that follows, and no longer; of several receipts, of each.
  const told = sessionStorage.getItem(TOLD) || "";
  sessionStorage.removeItem(TOLD);
  const remember = (text) => {
    const kept = sessionStorage.getItem(TOLD) || "";
    if (!kept.includes(text)) sessionStorage.setItem(TOLD, `${kept} ${text}`.trim());
  };
  let notTaken = "";
  const tell = () => show([told, notTaken, sessionStorage.getItem(TOLD), waiting().length ? `${words.outbox} ${waiting().length}` : ""].filter(Boolean).join(" "));
  const reader = words?.reader || "";
  const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const asked = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); });
  const keys = async (mode) => {
    const opening = indexedDB.open("jiezhuan", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    return (await asked(opening)).transaction("keys", mode).objectStore("keys");
  };
  // The key of whoever reads; none where the browser has no Ed25519, or no safe place for it.
  const ownKey = async () => {
    if (!reader || !globalThis.crypto?.subtle) return null;
    try {
      const known = await asked((await keys("readonly")).get(reader));
      if (known) return known;
      const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
      const key = { pair, text: hex(await crypto.subtle.exportKey("raw", pair.publicKey)) };
      await asked((await keys("readwrite")).put(key, reader));
      return key;
    } catch { return null; }
  };
  // Once in each session, which ends when the key is taken back. A key that was taken back signs nothing any more: another is made in its place, once.
  // Whether the server has the key, or there is none to have.
  const enrolled = `enrolled:${reader}`;
  const enrolNow = async (isAnother) => {
    const key = await ownKey();
    if (!key) { for (const line of document.querySelectorAll("[data-unsigned]")) line.hidden = false; return true; }
    const mark = `${key.text} ${words.session}`;
    if (localStorage.getItem(enrolled) === mark) return true;
    const answer = await fetch("/receive/key", { method: "POST", body: new URLSearchParams({ key: key.text }) }).catch(() => null);
    if (answer?.status === 204) localStorage.setItem(enrolled, mark);
    if (answer?.status === 410) await forgetPages();
    if (answer?.status === 410 && !isAnother) {
      await asked((await keys("readwrite")).delete(reader));
      return enrolNow(true);
    }
    return answer !== null && answer.status < 500;
  };
  let enrolling = null;
  const enrol = () => (enrolling ||= enrolNow(false).finally(() => { enrolling = null; }));
  const sign = async (said) => {
    const key = await ownKey();
    if (!key) return null;
    const bytes = new TextEncoder().encode(`jiezhuan receipt\0${said}`);
    return { said, key: key.text, signature: hex(await crypto.subtle.sign("Ed25519", key.pair.privateKey, bytes)) };
  };
  const isSignIn = (answer) => answer.redirected && new URL(answer.url).pathname === "/sign-in";
  // What was signed and the server would not keep is tried again once, under a key that it knows, and then on the next page.
  const tries = new Map(), TRIES = 2;
  const send = (item) => fetch(item.action, { method: "POST", body: new URLSearchParams(item.signed || item.body), headers: { Accept: "text/html" } });

  // Nothing leaves the phone before the server has said what becomes of it, and it is known who signed: a key that it does not have yet is no answer.
  const deliverNow = async () => {
    if (!(await enrol())) return;
    for (const item of waiting()) {
      // What somebody else signed here waits for them.
      if (item.reader && item.reader !== reader) { remember(words.others); continue; }
      if (tries.get(item.id) >= TRIES) continue;
      const answer = await send(item).catch(() => null);
      if (!answer || answer.status === 429 || answer.status >= 500) break;
      if (isSignIn(answer)) { await forgetPages(); show(words.signIn, `/sign-in?next=${encodeURIComponent(location.pathname)}`); return; }
      if (answer.status >= 400) {
        const because = await refusal(answer);
        if (item.signed && !answer.headers.has("Jiezhuan-Kept")) {
          tries.set(item.id, (tries.get(item.id) || 0) + 1);
          localStorage.removeItem(enrolled);
          notTaken = `${words.notTaken} ${because}`;
          continue;
        }
        remember(because);
      }
      keep(waiting().filter((other) => other.id !== item.id));
      // Its key was taken back: the next receipt is signed under another.
      if (answer.status === 410) { localStorage.removeItem(enrolled); await enrol(); }
      if (item.page === location.pathname) { location.replace(item.page); return; }
    }
    tell();
  };
  let isSending = false;
  const deliver = async () => {
    if (isSending || !waiting().length) return;
    isSending = true;
    await deliverNow().finally(() => { isSending = false; });
  };

  // What waits for this page is said beside its form, and nothing else is signed meanwhile.
  const pending = () => {
    const here = waiting().filter((item) => item.page === location.pathname);
    for (const form of document.querySelectorAll("form[data-queue]")) {
      const isIt = here.some((item) => item.action === form.action);
      form.querySelector("[data-unsent]")?.toggleAttribute("hidden", !isIt);
      if (isIt) form.closest("details")?.setAttribute("open", "");
      if (here.length) for (const button of form.querySelectorAll("button")) button.disabled = true;
    }
  };
  for (const form of document.querySelectorAll("form[data-queue]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      const body = [...new FormData(form)].concat([["happened_at", new Date().toISOString()]]);
      for (const button of form.querySelectorAll("button")) button.disabled = true;
      const signed = await sign(new URLSearchParams(body).toString()).catch(() => null);
      const item = { id: hex(crypto.getRandomValues(new Uint8Array(16))), action: form.action, page: location.pathname, reader, body, signed };
      // First it is safe on the phone, then it is sent.
      keep([...waiting(), item]);
      await deliver();
      pending();
      tell();
    });
  }
  pending();
  // A phone that is lost keeps its pages no longer than until it reaches the server: with its key, and with its session, they are gone. What was signed stays.
  let isKnown = false;
  const look = async () => {
    if (isKnown || !reader) return;
    const answer = await fetch("/api/v1/session", { cache: "no-store" }).catch(() => null);
    if (answer?.status === 401) await forgetPages();
    isKnown = answer !== null && answer.status < 500;
  };
  addEventListener("online", () => { isKnown = false; look(); deliver(); });
  setInterval(() => { look(); deliver(); }, 3000);
  look();
  enrol();
  deliver();
  tell();
})();
