// Documents read at the bus stop. A reader's keystrokes, or typing, name a person of the list, who is ticked; a number that nobody on the list has
// is said so and can be named as somebody who was not on it. Only what the page shows is looked through, and it shows nothing before the count.
"use strict";
(() => {
  const WEDGE = 50, plain = (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, "");

  // Who reads a document before the heads are counted writes no number into the count: more than three keys at a reader's pace are no count.
  const count = document.querySelector(".count input");
  let last = 0, n = 0;
  count?.addEventListener("keydown", (event) => {
    const gap = event.timeStamp - last;
    n = gap >= 0 && gap < WEDGE ? n + 1 : 1;
    last = event.timeStamp;
    if (n < 4) return;
    event.preventDefault();
    count.value = "";
    document.querySelector("[data-count-first]").hidden = false;
  });

  const finder = document.querySelector("form[data-finder]");
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
  const numberOf = (text) => {
    const line = text.replace(/\s/g, "").toUpperCase().match(/([A-Z0-9<]{9})[0-9<][A-Z<]{3}[0-9<]{7}[MFX<][0-9<]{7}[A-Z0-9<]{16}$/);
    return line ? plain(line[1]) : plain(text);
  };
  const find = (text) => {
    const id = /people\/([0-9a-f-]{36})/.exec(text)?.[1], number = numberOf(text);
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
  extra.addEventListener("click", () => {
    const numbers = extras.value.split(/\s+/).filter(Boolean);
    if (!numbers.includes(extra.value)) extras.value = [...numbers, extra.value].join("\n");
    extras.dispatchEvent(new Event("change", { bubbles: true }));
    extras.closest("details").open = true;
    tell(`${words.named} ${extra.value}`, "remark");
    field.focus();
  });
  finder.querySelector("[data-untick]").addEventListener("click", () => { for (const person of people) tick(person, marked.has(person.dataset.id)); });
  if (extras.value) extras.closest("details").open = true;
  mark();
})();
