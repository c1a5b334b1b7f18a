// Documents read at the bus stop, by those who receive and by their guests. A reader's keystrokes, or typing, name a person of the list, who is ticked; a number that
// nobody on the list has is said so and can be named as somebody who was not on it. Only what the page shows is looked through, and it shows nothing before the count.
"use strict";
(() => {
  const WEDGE = 50, plain = (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, ""), finder = document.querySelector("form[data-finder]");

  // A reader writes wherever the cursor is, and ends with Enter, which would sign. More than three keys at its pace are no count, no name and no reason: they go where
  // documents go, or nowhere before the heads are counted, and the field is as it was. What no reader types, such as Chinese or what a phone's own keyboard writes, is somebody's hand.
  for (const input of document.querySelectorAll("main input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([data-scan])")) {
    let last = 0, keys = [], before = "";
    input.addEventListener("keydown", (event) => {
      const gap = event.timeStamp - last;
      last = event.timeStamp;
      const isByHand = event.repeat || event.isComposing || !/^([ -~]|Shift|Enter|Tab)$/.test(event.key);
      if (isByHand || !(gap >= 0 && gap < WEDGE)) { keys = []; before = input.value; }
      keys.push(event.key.length === 1 ? event.key : "");
      if (keys.length < 4) return;
      event.preventDefault();
      input.value = before;
      if (!finder) { document.querySelector("[data-count-first]").hidden = false; return; }
      finder.elements.said.value = keys.join("");
      finder.elements.said.focus();
      keys = [];
    });
  }

  if (!finder) return;
  const field = finder.elements.said, said = finder.querySelector("[data-said]"), extra = finder.querySelector("[data-extra]"), words = finder.dataset;
  const people = [...document.querySelectorAll(".ticks li")], extras = document.querySelector("#extras"), kept = `draft:${words.kept}`;
  const marked = new Set(JSON.parse(sessionStorage.getItem(kept) || "[]"));
  const mark = () => {
    for (const person of people) person.classList.toggle("scanned", marked.has(person.dataset.id));
    finder.querySelector("[data-n]").textContent = people.filter((person) => marked.has(person.dataset.id)).length;
    sessionStorage.setItem(kept, JSON.stringify([...marked]));
  };
  const tick = (person, isHere) => {
    const box = person.querySelector("input[type=checkbox]");
    box.checked = isHere;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const tell = (text, style, unknown = "") => {
    said.textContent = text;
    said.className = style;
    extra.hidden = !unknown;
    extra.value = unknown;
  };
  // The second line of a passport's zone begins with its number, filled up with <; a resident's number and a permit's are read as they are.
  const zone = (text) => text.replace(/\s/g, "").toUpperCase().match(/([A-Z0-9<]{9})[0-9<][A-Z<]{3}[0-9<]{7}[MFX<][0-9<]{7}[A-Z0-9<]{16}$/);
  const find = (text) => {
    const id = /people\/([0-9a-f-]{36})/.exec(text)?.[1], number = plain(zone(text)?.[1] ?? text);
    const person = people.find((one) => (id ? one.dataset.id === id : plain(one.dataset.document) === number));
    if (!person) { tell(`${words.unknown} ${id ? "" : number}`, "refusal", id ? "" : number); navigator.vibrate?.([200, 100, 200]); return; }
    const name = person.querySelector(".who-is b").textContent, isAgain = marked.has(person.dataset.id);
    marked.add(person.dataset.id);
    tick(person, true);
    mark();
    tell(`${isAgain ? words.again : words.found} ${name}`, isAgain ? "remark" : "done");
    navigator.vibrate?.(60);
  };
  finder.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const text = field.value.trim();
    field.value = "";
    // The first line of a passport's zone has no number; the second follows it.
    if (text && !/^P[A-Z<][A-Z<]{3}[A-Z<]{39}$/i.test(text)) find(text);
  });

  // Names a document beside the list: a line of the one field, or a row of its own with the kind that the number has; whether there was room.
  const isResident = (number) => /^\d{17}[\dX]$/.test(number);
  const name = (number) => {
    if (extras.matches("textarea")) {
      const numbers = extras.value.split(/\s+/).filter(Boolean);
      if (!numbers.includes(number)) extras.value = [...numbers, number].join("\n");
      return true;
    }
    const rows = [...extras.querySelectorAll("[name=extra-number]")];
    if (rows.some((row) => plain(row.value) === number)) return true;
    const row = rows.find((one) => !one.value.trim());
    if (!row) return false;
    row.value = number;
    row.closest(".fields").querySelector("select").value = isResident(number) ? "resident_id" : "passport";
    return true;
  };
  extra.addEventListener("click", () => {
    const number = extra.value, isNamed = name(number);
    extras.dispatchEvent(new Event("change", { bubbles: true }));
    extras.closest("details").open = true;
    if (isNamed) tell(`${words.named} ${number}`, "remark"); else tell(words.full, "refusal");
    field.focus();
  });
  finder.querySelector("[data-untick]").addEventListener("click", () => { for (const person of people) tick(person, marked.has(person.dataset.id)); });
  if (extras.value) extras.closest("details").open = true;
  mark();
})();
