// What if: CIs taken out or doubled, promises changed; every SLA concerned before and after.

import { address, keepInAddress, momentAsked, serviceAddress } from "./addresses.js";
import { ask, pathPart } from "./asking.js";
import { el, fill, named, say, scrolled } from "./dom.js";
import { picker } from "./picker.js";
import { empty, filled } from "./states.js";
import { count, minutesText, percent, verdict } from "./words.js";

export const title = "What if";

const KINDS = {
  down: "is gone for good",
  double: "is doubled, one of two is enough",
  own: "has another availability of its own",
};

export async function show(root, { query, signal }) {
  const view = new WhatIf(root, query, signal);
  await view.load();
  return view;
}

const spelled = (one) => [one.kind, one.id, one.value ?? ""].map(encodeURIComponent).join("~");
const read = (text) => {
  const [kind, id, value] = text.split("~").map(decodeURIComponent);
  return { kind, id, value: value === "" || value === undefined ? null : Number(value) };
};

class WhatIf {
  constructor(root, query, signal) {
    Object.assign(this, { signal, names: new Map(), service: query.get("service") ?? "", cis: new Map() });
    this.changes = query.getAll("change").map(read).filter((one) => one.id && (KINDS[one.kind] || one.kind === "agreement"));
    this.list = el("div", {});
    this.promises = el("div", {});
    this.result = el("div", {});
    fill(root, el("h1", { tabindex: "-1" }, "What if"),
      el("section", { class: "panel", "aria-label": "Changes" }, this.list,
        el("div", { class: "columns" },
          picker({ label: "Change a CI", signal, onPick: (ci) => {
            this.names.set(ci.ci_id, ci.name || ci.native_id);
            this.add({ kind: "double", id: ci.ci_id, value: null });
          } }), this.promises)),
      this.result);
  }

  async load() {
    this.drawChanges();
    const agreements = ask("/v1/agreements", { query: { at: momentAsked() }, signal: this.signal }).then((answer) => this.drawPromises(answer.agreements.filter((one) => one.in_force && ["OLA", "UPC"].includes(one.agreement.kind) && one.agreement.target_availability !== null)));
    this.compute(); // takes its time on large estates, and says so
    await agreements;
  }

  refresh(what) {
    return what?.type === "revision.published" ? this.compute(true) : null;
  }

  add(change) {
    this.changes = [...this.changes.filter((one) => one.id !== change.id), change];
    this.changed();
  }

  changed() {
    keepInAddress({ change: this.changes.map(spelled) });
    this.drawChanges();
    this.compute();
  }

  drawPromises(agreements) {
    this.agreements = new Map(agreements.map((one) => [one.agreement.agreement_id, one.agreement]));
    if (!agreements.length) return;
    const choice = el("select", { id: "promise", onchange: () => {
      const one = this.agreements.get(choice.value);
      if (one) this.add({ kind: "agreement", id: one.agreement_id, value: one.target_availability });
      choice.value = "";
    } }, el("option", { value: "" }, "choose …"), agreements.map(({ agreement: one }) => el("option", { value: one.agreement_id }, `${one.name || one.agreement_id} (${percent(one.target_availability)})`)));
    fill(this.promises, el("label", { for: "promise", class: "promise" }, el("span", { class: "label" }, "Change what an OLA or UPC promises"), choice));
    this.drawChanges();
  }

  drawChanges() {
    if (!this.changes.length) return fill(this.list, el("p", { class: "muted" }, "No change yet. Choose a CI, an OLA or an underpinning contract."));
    fill(this.list, el("ul", { class: "plain" }, this.changes.map((one) => {
      const label = this.names.get(one.id) ?? this.agreements?.get(one.id)?.name ?? one.id;
      const number = el("input", { type: "number", step: "any", min: 0, max: 100, value: one.value === null ? "" : String(Number((one.value * 100).toPrecision(12))), "aria-label": `Availability of ${label} in percent`, onchange: (event) => {
        const value = Number(event.target.value) / 100;
        if (event.target.value === "" || !(value >= 0 && value <= 1)) return;
        one.value = value;
        this.changed();
      } });
      const kind = one.kind === "agreement" ? el("span", {}, "promises ") : el("select", { "aria-label": `What becomes of ${label}`, onchange: (event) => {
        one.kind = event.target.value;
        one.value = one.kind === "own" ? (one.value ?? 0.999) : null;
        this.changed();
      } }, Object.entries(KINDS).map(([key, words]) => el("option", { value: key, selected: key === one.kind }, words)));
      return el("li", { class: "supposed" }, el("strong", {}, named(label)), " ", kind, " ", ["own", "agreement"].includes(one.kind) ? [number, " % "] : "",
        el("button", { type: "button", "aria-label": `Take out ${label}`, onclick: () => {
          this.changes = this.changes.filter((other) => other !== one);
          this.changed();
        } }, "✕"));
    })));
  }

  async compute(quiet = false) {
    if (!this.changes.length) return fill(this.result);
    const round = (this.round = (this.round ?? 0) + 1);
    await filled(this.result, "the difference", async () => {
      const services = await this.concerned();
      const query = { at: momentAsked() };
      const before = await ask("/v1/slas", { query: { ...query, service: services }, signal: this.signal });
      const own = this.ownThen(before.slas);
      if (!Object.keys(own).length) return { before: before.slas, after: before.slas };
      const after = await ask("/v1/slas/what-if", { method: "POST", query, body: { services, own_availability: own }, signal: this.signal });
      return { before: before.slas, after: after.slas };
    }, (answer) => (round === this.round ? this.difference(answer) : this.result.firstChild), { quiet });
  }

  // The services that can change: those above the CIs that do.
  async concerned() {
    const found = new Set();
    for (const one of this.changes) {
      if (one.kind === "agreement") return this.service ? [this.service] : [];
      if (!this.cis.has(one.id)) this.cis.set(one.id, await ask(`/v1/cis/${pathPart(one.id)}`, { query: { at: momentAsked() }, signal: this.signal }));
      const ci = this.cis.get(one.id);
      this.names.set(one.id, ci.ci.name || ci.ci.native_id);
      for (const service of ci.services) found.add(service.ci_id);
      if (ci.is_service) found.add(one.id);
    }
    this.drawChanges();
    return [...found];
  }

  // The own availability of each CI that changes, computed from what it is today.
  ownThen(slas) {
    const own = {};
    const inputs = new Map(slas.flatMap((sla) => sla.inputs.map((one) => [one.ci_id, one])));
    for (const one of this.changes) {
      if (one.kind === "agreement") {
        for (const sla of slas) {
          const behind = new Set(sla.contributions.filter((row) => row.kind === "ci" && row.agreement === one.id).map((row) => row.id));
          for (const input of sla.inputs) if (input.basis === "agreement" && behind.has(input.native_id)) own[input.ci_id] = one.value;
        }
        continue;
      }
      const today = inputs.get(one.id)?.unavailability;
      if (one.kind === "down") own[one.id] = 0;
      else if (one.kind === "own") own[one.id] = one.value;
      else if (today !== null && today !== undefined) own[one.id] = 1 - today * today;
    }
    return own;
  }

  difference({ before, after }) {
    if (!before.length) return empty("No SLA rests on that.");
    const pairs = before.map((one) => [one, after.find((other) => other.agreement === one.agreement && other.service === one.service)]).filter(([, other]) => other);
    const least = (one) => (typeof one.independent === "number" ? one.independent : one.independent.lower);
    const minutes = ([one, other]) => (least(other) - least(one)) * one.agreed_minutes;
    pairs.sort((a, b) => Math.abs(minutes(b)) - Math.abs(minutes(a)));
    const moved = pairs.filter((pair) => Math.abs(minutes(pair)) > 1e-6);
    const turned = pairs.filter(([one, other]) => one.verdict !== other.verdict);
    const words = turned.length ? `${count(turned.length, "verdict")} ${turned.length === 1 ? "changes" : "change"}` : "No verdict changes";
    say(words);
    return el("section", { class: "panel", "aria-labelledby": "h-then" }, el("h2", { id: "h-then" }, "Before and after"),
      el("p", { class: "big" }, `${words}; ${moved.length} of ${count(pairs.length, "SLA")} ${moved.length === 1 ? "moves" : "move"}.`),
      scrolled("Before and after", el("table", {},
        el("thead", {}, el("tr", {}, ["SLA", "Target", "Derived today", "Derived then", "Difference in a window"].map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, pairs.map((pair) => {
          const [one, other] = pair, gain = minutes(pair);
          return el("tr", { class: one.verdict !== other.verdict ? "chosen" : "" },
            el("th", { scope: "row" }, el("a", { href: serviceAddress(one.service) }, named(one.agreement_name || one.agreement)), el("div", { class: "muted small" }, named(one.name))),
            el("td", {}, percent(one.target)),
            el("td", {}, percent(least(one), 4), el("div", { class: "small" }, verdict(one.verdict))),
            el("td", {}, percent(least(other), 4), el("div", { class: "small" }, verdict(other.verdict))),
            el("td", {}, Math.abs(gain) < 1e-6 ? el("span", { class: "muted" }, "none") : el("strong", { class: gain < 0 ? "bad" : "good" }, `${gain < 0 ? "−" : "+"}${minutesText(Math.abs(gain))} ${gain < 0 ? "lost" : "won"}`)));
        })))),
      el("p", { class: "muted small" }, "Derived availability: CIs fail independently of each other; long-run means. The answer is not stored. ",
        this.changes.some((one) => one.kind === "down") ? el("a", { href: address("incident", [], { down: this.changes.filter((one) => one.kind === "down").map((one) => one.id) }) }, "See the same as an incident.") : ""));
  }
}


