// What the picture's own page knows of its boxes: shown beneath the map when one is chosen.

import { address, incidentAddress, serviceAddress } from "./addresses.js";
import { el, named } from "./dom.js";
import { membersOf } from "./picture.js";
import { badge, STATES, STATUSES } from "./words.js";

const between = (text, begin, end) => {
  const from = text.lastIndexOf(begin);
  return from < 0 ? "" : text.slice(from, text.indexOf(end, from));
};

// What the page holds for its script: moments, words of lines, and CIs without a row.
export function dataOf(text) {
  const held = between(text, 'id="data">', "</script>").slice('id="data">'.length);
  return held ? JSON.parse(held) : { others: [], types: [] };
}

// The facts of each CI by its number in the picture.
export function factsOf(text, others) {
  const page = new DOMParser().parseFromString(between(text, '<section id="table"', "</section>"), "text/html");
  const facts = new Map();
  for (const row of page.querySelectorAll("tr[data-row]")) {
    const [name, , why, rule, needs, neededBy, className, team, more] = [...row.cells].map((cell) => cell.textContent.trim());
    const last = STATUSES.indexOf(row.cells[1].className);
    const id = [...row.cells[8].querySelectorAll("i")].find((one) => one.textContent === "Identifier:") ?? null;
    const said = id ? id.nextSibling.textContent.trim() || id.nextElementSibling?.textContent || "" : "";
    facts.set(row.dataset.row, { name, last, state: last, kind: row.parentElement.dataset.kind, why, rule, needs, neededBy, className, team, more, id: said.replace(/;$/, "") });
  }
  for (const [number, name, last, kind, id] of others) facts.set(String(number), { name, last, state: last, kind, id });
  return facts;
}

const head = (name, close, ...more) => el("h3", {}, named(name), " ", more, " ", el("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: close }, "✕"));

// A folded pool: its rule, and its CIs, each with a link to what falls with it.
export function aboutPool(box, facts, { isOpen, toggle, close }) {
  const line = (ci) => el("li", {}, state(ci), " ", link(ci), ci.why && ci.state === ci.last ? el("span", { class: "muted" }, ` ${ci.why}`) : "");
  return el("div", { class: "map-facts" }, head(box.querySelector(".name").textContent, close),
    el("p", { class: "muted" }, [...box.querySelectorAll(".status, .detail")].map((one) => one.textContent).filter(Boolean).join(": ")),
    el("p", { class: "actions" }, el("button", { type: "button", onclick: toggle }, isOpen ? "Fold" : "Unfold in the picture")),
    el("ul", { class: "plain", "aria-label": "CIs of this pool" }, membersOf(box).map((number) => facts.get(number)).filter(Boolean).map(line)));
}

const state = (ci) => el("span", { class: `state-word ${STATES[ci.state].word}` }, STATES[ci.state].icon, " ", STATES[ci.state].text);
const link = (ci) => (ci.id ? el("a", { href: incidentAddress([ci.id]), title: "What falls if it fails?" }, named(ci.name)) : named(ci.name));

export function aboutCi(ci, service, close) {
  if (!ci) return null;
  const isThen = ci.state !== ci.last; // the reason is that of the state asked about
  const rows = [["Kind", ci.kind], ["Why", isThen ? "" : ci.why], ["Redundancy", ci.rule], ["Needs", ci.needs], ["Is needed by", ci.neededBy], ["Class", ci.className], ["Owner team", ci.team], ["Further facts", ci.more]].filter(([, text]) => text);
  return el("div", { class: "map-facts" }, head(ci.name, close, badge(STATES[ci.state].word)),
    isThen ? el("p", { class: "muted" }, "Status at the moment of the slider.") : null,
    el("dl", {}, rows.map(([word, text]) => [el("dt", {}, word), el("dd", {}, named(text))])),
    ci.id ? el("p", { class: "actions" }, el("a", { class: "button", href: incidentAddress([ci.id]) }, "What falls with it"), " ",
      service === null ? null : el("a", { class: "button", href: address("what-if", [], { service, change: ["double", ci.id, ""].map(encodeURIComponent).join("~") }) }, "What if it were doubled"), " ",
      /^(business )?service$/.test(ci.kind) && ci.id !== service ? el("a", { class: "button", href: serviceAddress(ci.id) }, "Its page") : null) : null);
}
