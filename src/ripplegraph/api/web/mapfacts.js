// What the picture's own page knows of its boxes: shown beneath the map when one is chosen; a pool unfolds there.

import { address, incidentAddress, serviceAddress } from "./addresses.js";
import { el, fill, named } from "./dom.js";

const between = (text, begin, end) => {
  const from = text.lastIndexOf(begin);
  return from < 0 ? "" : text.slice(from, text.indexOf(end, from));
};

// The facts of each CI by its number in the picture.
export function factsOf(text) {
  const page = new DOMParser().parseFromString(between(text, '<section id="table"', "</section>"), "text/html");
  const facts = new Map();
  for (const row of page.querySelectorAll("tr[data-row]")) {
    const [name, status, why, rule, needs, neededBy, more] = [...row.cells].map((cell) => cell.textContent.trim());
    const word = row.cells[1].classList[1] ?? "";
    const id = [...row.cells[6].querySelectorAll("i")].find((one) => one.textContent === "Identifier:")?? null;
    const said = id ? id.nextSibling.textContent.trim() || id.nextElementSibling?.textContent || "" : "";
    facts.set(row.dataset.row, { name, status, word, why, rule, needs, neededBy, more, id: said.replace(/;$/, "") });
  }
  const held = between(text, 'id="data">', "</script>").slice('id="data">'.length);
  for (const [number, name, , kind, id] of held ? JSON.parse(held).others : []) {
    facts.set(String(number), { name, status: "", word: "", more: kind, id });
  }
  return facts;
}

// Fills the part beneath the map with what is known of a box; null empties it.
export function about(node, box, facts, { service, close }) {
  if (!box) return fill(node);
  const shut = el("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: close }, "✕");
  const members = box.dataset.members?.split(" ");
  if (!members) return fill(node, one(facts.get(box.dataset.box), service, shut));
  const line = (number) => {
    const ci = facts.get(number);
    return ci ? el("li", {}, el("span", { class: `state-word ${ci.word}` }, ci.status), " ", link(ci), ci.why ? el("span", { class: "muted" }, ` ${ci.why}`) : "") : null;
  };
  return fill(node, el("div", { class: "map-facts" }, el("h3", {}, named(box.querySelector("text").textContent), " ", shut),
    el("p", { class: "muted" }, [...box.querySelectorAll("text:not(.fold, .hidden)")].slice(1).map((text) => text.textContent).filter(Boolean).join(": ")),
    el("ul", { class: "plain", "aria-label": "CIs of this pool" }, members.map(line))));
}

const link = (ci) => (ci.id ? el("a", { href: incidentAddress([ci.id]), title: "What falls if it fails?" }, named(ci.name)) : named(ci.name));

function one(ci, service, shut) {
  if (!ci) return null;
  const rows = [["Why", ci.why], ["Redundancy", ci.rule], ["Needs", ci.needs], ["Is needed by", ci.neededBy], ["Further facts", ci.more]].filter(([, text]) => text);
  return el("div", { class: "map-facts" }, el("h3", {}, named(ci.name), " ", el("span", { class: `state-word ${ci.word}` }, ci.status), " ", shut),
    el("dl", {}, rows.map(([word, text]) => [el("dt", {}, word), el("dd", {}, named(text))])),
    ci.id ? el("p", { class: "actions" }, el("a", { class: "button", href: incidentAddress([ci.id]) }, "What falls with it"), " ",
      el("a", { class: "button", href: address("what-if", [], { service, change: ["double", ci.id, ""].map(encodeURIComponent).join("~") }) }, "What if it were doubled"), " ",
      / service$|^service/.test(ci.more.match(/^Kind: ([^;]*)/)?.[1] ?? "") && ci.id !== service ? el("a", { class: "button", href: serviceAddress(ci.id) }, "Its page") : null) : null);
}
