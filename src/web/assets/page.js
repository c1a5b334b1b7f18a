// What every page does beyond itself when there is script: keys, drafts that outlive a reload, one submit for a double Enter,
// and a word when the line is down. Nothing here is needed for a page to work.
"use strict";
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  document.documentElement.classList.add("scripted");

  // Keys: an element with data-key is pressed by that key; data-key-twice by the same key twice, however long somebody takes for the
  // second; g and a letter leads to a section.
  const PAIR = 1200, WEDGE = 50, none = () => ({ strokes: [], timer: 0 });
  let last = { key: "", at: -PAIR }, burst = none();
  const isTyping = (target) => target.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select");
  const press = (element) => {
    if (element.matches("input, select, textarea")) { element.focus(); element.select?.(); }
    else if (element.matches("form")) element.requestSubmit();
    else element.click();
  };
  // What the first of two keys has made ready says so, and any other key takes it back.
  const ready = () => $("[data-ready]");
  const readies = (element, is) => {
    const word = $("[data-again]", element);
    element.toggleAttribute("data-ready", is);
    word.textContent = is ? word.dataset.again : "";
  };
  const act = (key, pair) => {
    const section = pair[0] === "g" && all(".sections a").find((link) => link.dataset.go === pair[1]);
    const twice = !section && $(`[data-key-twice="${CSS.escape(key)}"]`), was = ready();
    if (was) readies(was, false);
    if (twice) { if (was === twice) press(twice); else readies(twice, true); return; }
    if (key === "?") {
      const keys = $("#keys");
      if (keys) { keys.open = !keys.open; if (keys.open) { keys.scrollIntoView({ block: "end" }); $("summary", keys).focus(); } }
      return;
    }
    const target = section || $(`[data-key="${CSS.escape(key)}"]`);
    if (target) press(target);
  };
  const settle = () => {
    const { strokes, timer } = burst;
    clearTimeout(timer);
    burst = none();
    if (!isOff()) for (const { key, pair } of strokes) act(key, pair);
  };
  // Who speaks to the machine, or types by accident, turns single keys off (WCAG 2.1.4).
  const areOn = $("#keys-on"), isOff = () => localStorage.getItem("keys") === "off";
  if (areOn) {
    areOn.checked = !isOff();
    areOn.addEventListener("change", () => localStorage.setItem("keys", areOn.checked ? "on" : "off"));
  }
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "k" && $(".seek input")) { event.preventDefault(); press($(".seek input")); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      if (ready()) { readies(ready(), false); return; }
      if (isTyping(event.target) && event.target.value) return;
      const back = $("[data-back]");
      if (back) { event.preventDefault(); back.click(); } else document.activeElement?.blur();
      return;
    }
    const scan = $("[data-scan]");
    if (isTyping(event.target) || event.key.length > 1 || event.key === " " || isOff() && !scan) return;
    event.preventDefault();
    if (event.repeat) return;
    const gap = event.timeStamp - last.at, key = event.key.toLowerCase(), pair = gap < PAIR ? last.key + key : "";
    last = { key, at: event.timeStamp };
    if (!scan) { act(key, pair); return; }
    // A reader types a character every 7 to 16 ms: three that come that fast are no keys but a passport, and go where passports go. The
    // time is that of the keystroke, which a busy page hears of late.
    if (gap >= WEDGE) settle();
    clearTimeout(burst.timer);
    burst.strokes.push({ typed: event.key, key, pair });
    if (burst.strokes.length > 2) { scan.focus(); scan.value = burst.strokes.map(({ typed }) => typed).join(""); burst = none(); return; }
    burst.timer = setTimeout(settle, WEDGE + 10);
  });

  // Drafts live as long as the tab: a reload or a new sign-in brings back what was typed; what was sent is forgotten when the next page says so.
  const store = (key) => `draft:${key}`;
  for (const done of all("[data-draft-done]")) for (const key of done.dataset.draftDone.split(" ")) sessionStorage.removeItem(store(key));
  for (const form of all("form[data-draft]")) {
    const key = store(form.dataset.draft);
    const fields = () => [...form.elements].filter((field) => field.name && !["hidden", "password", "submit", "file"].includes(field.type));
    const kept = JSON.parse(sessionStorage.getItem(key) || "{}");
    for (const field of fields()) {
      const id = field.type === "radio" || field.type === "checkbox" ? `${field.name}=${field.value}` : field.id || field.name;
      if (!(id in kept)) continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = kept[id];
      else if (!field.value || field.matches("select")) field.value = kept[id];
    }
    const keep = () => {
      const now = {};
      for (const field of fields()) {
        if (field.type === "radio" || field.type === "checkbox") now[`${field.name}=${field.value}`] = field.checked;
        else if (field.value) now[field.id || field.name] = field.value;
      }
      sessionStorage.setItem(key, JSON.stringify(now));
    };
    form.addEventListener("input", keep);
    form.addEventListener("change", keep);
  }

  // One submit for a double Enter; without a line nothing is sent and nothing is lost.
  addEventListener("submit", (event) => {
    const form = event.target;
    if (!navigator.onLine && form.method === "post" && !form.hasAttribute("data-offline")) { event.preventDefault(); show(); return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { for (const button of all("button", form)) if (!button.name) button.disabled = true; });
  });
  addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) { delete form.dataset.sent; for (const button of all("button", form)) button.disabled = false; } });
  const show = () => { const line = $("#line-state"); if (line && !$("[data-outbox]")) line.hidden = navigator.onLine; };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();

  // Files dropped anywhere on a page that takes one.
  const drop = $(".drop input[type=file]");
  if (drop) {
    const area = drop.closest(".drop");
    addEventListener("dragover", (event) => { event.preventDefault(); area.classList.add("over"); });
    addEventListener("dragleave", (event) => { if (!event.relatedTarget) area.classList.remove("over"); });
    addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      drop.files = event.dataTransfer.files;
      drop.form.requestSubmit();
    });
  }

  // A party is dragged onto the trip that it is to ride on: what the form below does by keys, in one movement.
  const moves = $("form.moves");
  if (moves && moves.elements.to) {
    for (const party of all("input[name=party]", moves)) {
      const row = party.closest("tr");
      row.draggable = true;
      row.addEventListener("dragstart", (event) => { party.checked = true; event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", party.value); });
    }
    for (const trip of all("[data-trip]", moves)) {
      trip.addEventListener("dragover", (event) => { event.preventDefault(); trip.classList.add("over"); });
      trip.addEventListener("dragleave", (event) => { if (!trip.contains(event.relatedTarget)) trip.classList.remove("over"); });
      trip.addEventListener("drop", (event) => { event.preventDefault(); trip.classList.remove("over"); moves.elements.to.value = trip.dataset.trip; moves.requestSubmit(); });
    }
  }

  // The number pad of a count.
  for (const button of all(".pad button")) {
    button.addEventListener("click", () => {
      const field = $(".count input");
      const digit = button.value;
      field.value = digit === "back" ? field.value.slice(0, -1) : (field.value + digit).slice(0, 3);
    });
  }
  for (const button of all("[data-tick]")) {
    button.addEventListener("click", () => { for (const box of all(".ticks input[type=checkbox]")) box.checked = button.dataset.tick === "all"; });
  }
  for (const button of all("[data-print]")) button.addEventListener("click", () => print());
  // Whoever is asked to sign in, or leaves, finds none of the pages of receiving that a phone keeps; what was signed and waits is no page.
  // One by one: what the worker puts in meanwhile would be lost with the whole.
  globalThis.forgetPages = async () => {
    const cache = await globalThis.caches?.open("receive");
    for (const kept of await cache?.keys() ?? []) if (new URL(kept.url).pathname.startsWith("/receive")) await cache.delete(kept);
  };
  if (location.pathname === "/sign-in") forgetPages();
  $('form[action="/sign-out"]')?.addEventListener("submit", forgetPages);
  // What goes on elsewhere is looked at again, unless somebody is typing.
  if ($("[data-look-again]")) setInterval(() => { if (!document.hidden && !isTyping(document.activeElement)) location.reload(); }, 1500);
  if (document.body.querySelector("[data-print-now]")) print();
})();
