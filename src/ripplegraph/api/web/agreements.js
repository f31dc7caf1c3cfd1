// Agreements: what they promise, until when, and whether their reviews are held.

import { keepInAddress, momentAsked } from "./addresses.js";
import { ask } from "./asking.js";
import { el, fill, named, scrolled } from "./dom.js";
import { emptyWithin } from "./reach.js";
import { empty, filled } from "./states.js";
import { count, day, percent, recordedDay, zoneOfRecord } from "./words.js";

export const title = "Agreements";

// What ends at midnight held up to the day before, as `ripplegraph agreements` says it too.
const lastMoment = (end) => new Date(Date.parse(end) - 1000).toISOString();

// The year of the start is left out only where that of the end tells it, or both are this year's.
function validity({ valid_from: from, valid_to: to }, now, zone) {
  const last = to && lastMoment(to);
  return [from ? recordedDay(from, last ?? now, zone) : "…", " – ", last ? day(last, now, zoneOfRecord(to, zone)) : "open"];
}

const FILTERS = {
  overdue: ["review overdue", (one) => one.review_overdue],
  ending: ["ends within 90 days", (one) => one.days_to_end !== null && one.days_to_end >= 0 && one.days_to_end < 90],
  idle: ["not in force", (one) => !one.in_force],
};

export async function show(root, { query, signal }) {
  const view = new Agreements(root, query, signal);
  await view.load();
  return view;
}

class Agreements {
  constructor(root, query, signal) {
    Object.assign(this, { signal, q: query.get("q") ?? "", kind: query.get("kind") ?? "", only: query.get("only") ?? "" });
    this.body = el("div", {});
    fill(root, el("h1", { tabindex: "-1" }, "Agreements"), this.body);
  }

  load(quiet = false) {
    return filled(this.body, "agreements", () => ask("/v1/agreements", { query: { at: momentAsked() }, signal: this.signal }), (answer) => this.draw(answer), { quiet });
  }

  refresh(what) {
    return what?.type === "revision.published" ? this.load(true) : null;
  }

  draw(answer) {
    this.answer = answer;
    if (!answer.agreements.length) {
      return emptyWithin(this.signal, "no agreement is there", () => empty("The source holds no agreement: no SLA, OLA or underpinning contract."));
    }
    const kinds = [...new Set(answer.agreements.map((one) => one.agreement.kind))].sort();
    this.list = el("div", {});
    const field = el("input", { id: "find", type: "search", autocomplete: "off", value: this.q, placeholder: "Name, customer, provider, owner", oninput: (event) => {
      this.q = event.target.value;
      keepInAddress({ q: this.q });
      this.apply();
    } });
    const group = (label, key, options) => {
      const buttons = el("div", { class: "views", role: "group", "aria-label": label }, options.map(([value, words]) =>
        el("button", { type: "button", "data-value": value, "aria-pressed": String(this[key] === value), onclick: () => {
          this[key] = this[key] === value ? "" : value;
          keepInAddress({ [key]: this[key] });
          for (const one of buttons.children) one.setAttribute("aria-pressed", String(one.dataset.value === this[key]));
          this.apply();
        } }, words)));
      return buttons;
    };
    const number = (fits) => answer.agreements.filter(fits).length;
    this.apply();
    return [
      el("ul", { class: "metrics" }, answer.metrics.filter((one) => one.value !== null && one.of !== 0).slice(0, 6).map((one) => el("li", { title: one.definition },
        el("strong", {}, one.value.toLocaleString("en", { maximumFractionDigits: 1 }), one.of === null ? "" : ` of ${one.of}`), " ", el("span", { class: "muted" }, one.unit === "services" ? one.label.replace("services", "services and offerings") : one.label)))),
      el("div", { class: "bar" }, el("label", { for: "find", class: "grow" }, el("span", { class: "label" }, "Find"), field),
        group("Kind", "kind", kinds.map((kind) => [kind, `${kind} (${number((one) => one.agreement.kind === kind)})`])),
        group("Only", "only", Object.entries(FILTERS).map(([key, [words, fits]]) => [key, `${words} (${number(fits)})`]))),
      this.list,
    ];
  }

  apply() {
    const words = this.q.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const text = ({ agreement: one }) => [one.agreement_id, one.name, one.customer, one.provider, one.owner].join(" ").toLocaleLowerCase();
    const exact = this.answer.agreements.filter((one) => one.agreement.agreement_id === this.q);
    const found = (exact.length ? exact : this.answer.agreements.filter((one) => words.every((word) => text(one).includes(word))))
      .filter((one) => (!this.kind || one.agreement.kind === this.kind) && (!this.only || FILTERS[this.only]?.[1](one)));
    if (!found.length) return fill(this.list, empty("No agreement fits."));
    fill(this.list, el("p", { class: "muted", role: "status" }, count(found.length, "agreement")), scrolled("Agreements", el("table", {},
      el("thead", {}, el("tr", {}, ["Agreement", "Between", "Promises", "Valid", "Review", "State"].map((one) => el("th", { scope: "col" }, one)))),
      el("tbody", {}, found.map((life) => this.row(life))))));
  }

  row(life) {
    const one = life.agreement, now = this.answer.at, zone = one.time_zone;
    const ending = life.days_to_end !== null && life.days_to_end < 90;
    return el("tr", {},
      el("th", { scope: "row" }, el("span", { class: `kind ${one.kind.toLowerCase()}` }, one.kind), " ", named(one.name || one.agreement_id), one.owner ? el("div", { class: "muted small" }, "owner ", named(one.owner)) : null),
      el("td", {}, one.provider ? named(one.provider) : "–", one.customer ? [el("span", { class: "muted" }, " for "), named(one.customer)] : ""),
      el("td", {}, one.target_availability === null ? el("span", { class: "muted" }, "no availability") : percent(one.target_availability), el("div", { class: "muted small" }, `${one.window}, ${one.calendar || "24x7"}`)),
      el("td", {}, validity(one, now, zone), ending ? el("div", { class: "bad small" }, life.days_to_end < 0 ? "over" : `ends in ${Math.ceil(life.days_to_end)} d`) : null),
      el("td", {}, life.review_due ? [life.review_overdue ? el("strong", { class: "bad" }, "! overdue since ") : "due ", recordedDay(life.review_due, now, zone)] : el("span", { class: "muted" }, "none planned"), life.last_review ? el("div", { class: "muted small" }, "last ", recordedDay(life.last_review, now, zone)) : null),
      el("td", {}, life.in_force ? el("span", { class: "verdict up" }, "✓ in force") : el("span", { class: "verdict neutral" }, life.state.replaceAll("_", " ")), life.signed_by ? el("div", { class: "muted small" }, "signed by ", named(life.signed_by)) : null));
  }
}
