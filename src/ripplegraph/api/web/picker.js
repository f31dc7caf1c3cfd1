// A field that finds CIs while one types, by keyboard or pointer.

import { ask } from "./asking.js";
import { debounced, el, fill, named, say } from "./dom.js";
import { kindWord } from "./words.js";

let made = 0;

export function picker({ label, placeholder = "Name or id of a CI", onPick, signal }) {
  const id = `pick-${(made += 1)}`;
  const list = el("ul", { id: `${id}-list`, role: "listbox", class: "options", hidden: true, "aria-label": "CIs that fit" });
  const field = el("input", { id, type: "search", role: "combobox", autocomplete: "off", spellcheck: "false", placeholder, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list` });
  let found = [], place = -1;

  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    place = -1;
  };
  const mark = (next) => {
    place = (next + found.length) % found.length;
    [...list.children].forEach((one, at) => one.setAttribute("aria-selected", String(at === place)));
    field.setAttribute("aria-activedescendant", `${id}-${place}`);
    list.children[place].scrollIntoView({ block: "nearest" });
  };
  const pick = (ci) => {
    field.value = "";
    close();
    onPick(ci);
    field.focus();
  };
  const draw = (answer, text) => {
    found = answer.cis;
    fill(list, found.map((ci, at) => el("li", { id: `${id}-${at}`, role: "option", "aria-selected": "false", onmousedown: (event) => {
      event.preventDefault();
      pick(ci);
    } }, named(ci.name || ci.native_id), el("span", { class: "muted small" }, ` ${kindWord(ci.kind)}`, ci.owner_team ? [", ", named(ci.owner_team)] : ""))),
    found.length ? (answer.after ? el("li", { class: "muted small", role: "presentation" }, "… and more; type on") : null) : el("li", { class: "muted", role: "presentation" }, `No CI fits “${text}”.`));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    say(`${found.length} CIs fit`);
    if (found.length) mark(0);
  };
  const look = debounced(async () => {
    const text = field.value.trim();
    if (!text) return close();
    try {
      const answer = await ask("/v1/cis", { query: { search: text, limit: 12 }, signal });
      if (field.value.trim() === text) draw(answer, text);
    } catch (error) {
      if (error.name === "AbortError") return;
      fill(list, el("li", { class: "bad", role: "presentation" }, error.message));
      list.hidden = false;
    }
  }, 120);
  field.addEventListener("input", look);
  field.addEventListener("blur", () => setTimeout(() => {
    if (document.activeElement !== field) close();
  }, 100));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (list.hidden || !found.length) return;
    if (event.key === "ArrowDown") mark(place + 1);
    else if (event.key === "ArrowUp") mark(place - 1);
    else if (event.key === "Enter") pick(found[Math.max(0, place)]);
    else return;
    event.preventDefault();
  });
  return el("div", { class: "picker" }, el("label", { for: id }, el("span", { class: "label" }, label), field), list);
}
