// What if: CIs taken out or doubled, promises changed; every SLA concerned before and after.

import { keepInAddress, momentAsked, serviceAddress } from "./addresses.js";
import { ask, pathPart } from "./asking.js";
import { el, fill, named, say, scrolled } from "./dom.js";
import { picker } from "./picker.js";
import { filled } from "./states.js";
import { badge, count, minutesText, percent, verdict } from "./words.js";

export const title = "What if";

const MINUTES_OF_A_YEAR = 525_600;
const MOST = 200;
const KINDS = {
  down: "is gone for good",
  double: "is doubled, one of two is enough",
  own: "has another availability of its own",
  needs: "needs also",
  frees: "no longer needs",
};
const RELATIONS = ["needs", "frees"]; // their value is the other CI
const RESHAPING = ["double", ...RELATIONS]; // what they change can change states

export async function show(root, { query, signal }) {
  const view = new WhatIf(root, query, signal);
  await view.load();
  return view;
}

const spelled = (one) => [one.kind, one.id, one.value ?? ""].map(encodeURIComponent).join("~");
const read = (text) => {
  const [kind, id, value] = text.split("~").map(decodeURIComponent);
  if (RELATIONS.includes(kind)) return { kind, id, value: value || null };
  return { kind, id, value: value === "" || value === undefined ? null : Number(value) };
};

class WhatIf {
  constructor(root, query, signal) {
    Object.assign(this, { signal, names: new Map(), service: query.get("service") ?? "", cis: new Map(), pickers: new Map() });
    this.changes = query.getAll("change").map(read).filter((one) => one.id && (KINDS[one.kind] || one.kind === "agreement"));
    this.list = el("div", {});
    this.promises = el("div", {});
    this.result = el("div", {});
    this.only = el("p", { class: "only" });
    fill(root, el("h1", { tabindex: "-1" }, "What if"),
      el("section", { class: "panel", "aria-label": "Changes" }, this.list,
        el("div", { class: "columns" },
          picker({ label: "Change a CI", signal, onPick: (ci) => {
            this.names.set(ci.ci_id, ci.name || ci.native_id);
            this.add({ kind: "double", id: ci.ci_id, value: null });
          } }), this.promises), this.only),
      this.result);
  }

  async load() {
    this.drawChanges();
    const agreements = ask("/v1/agreements", { query: { at: momentAsked() }, signal: this.signal }).then((answer) => this.drawPromises(answer.agreements.filter((one) => one.in_force && ["OLA", "UPC", "SLA"].includes(one.agreement.kind) && one.agreement.target_availability !== null)));
    this.compute(); // takes its time on large estates, and says so
    await agreements;
  }

  refresh(what) {
    return what?.type === "revision.published" ? this.compute(!this.result.hasAttribute("aria-busy")) : null;
  }

  add(change) {
    this.changes = [...this.changes.filter((one) => one.id !== change.id || RELATIONS.includes(one.kind)), change];
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
    fill(this.promises, el("label", { for: "promise", class: "promise" }, el("span", { class: "label" }, "Change what an agreement promises"), choice));
    this.drawChanges();
  }

  // The field that one types in stays the same, and keeps its focus.
  drawChanges() {
    const focused = document.activeElement;
    this.fillChanges();
    if (focused !== document.activeElement && this.list.contains(focused)) focused.focus();
  }

  fillChanges() {
    if (!this.changes.length) return fill(this.list, el("p", { class: "muted" }, "No change yet. Choose a CI or an agreement."));
    fill(this.list, el("ul", { class: "plain" }, this.changes.map((one) => {
      const label = this.names.get(one.id) || this.agreements?.get(one.id)?.name || one.id;
      const number = el("input", { type: "number", step: "any", min: 0, max: 100, value: one.value === null ? "" : String(Number((one.value * 100).toPrecision(12))), "aria-label": `Availability of ${label} in percent`, onchange: (event) => {
        const value = Number(event.target.value) / 100;
        if (event.target.value === "" || !(value >= 0 && value <= 1)) return;
        one.value = value;
        this.changed();
      } });
      const kind = one.kind === "agreement" ? el("span", {}, "promises ") : el("select", { "aria-label": `What becomes of ${label}`, onchange: (event) => {
        one.kind = event.target.value;
        one.value = one.kind === "own" ? 0.999 : null;
        this.changed();
      } }, Object.entries(KINDS).map(([key, words]) => el("option", { value: key, selected: key === one.kind }, words)));
      return el("li", { class: "supposed" }, el("strong", {}, named(label)), " ", kind, " ", ["own", "agreement"].includes(one.kind) ? [number, " % "] : "", RELATIONS.includes(one.kind) ? this.other(one, label) : "",
        el("button", { type: "button", "aria-label": `Take out ${label}`, onclick: () => {
          this.changes = this.changes.filter((other) => other !== one);
          this.changed();
        } }, "✕"));
    })));
  }

  // The CI at the other end of a relation: one of those that are needed, or any.
  other(one, label) {
    const pick = (id) => {
      one.value = id || null;
      this.changed();
    };
    if (one.kind === "needs") {
      if (one.value) return [el("strong", {}, named(this.names.get(one.value) || one.value)), " "];
      if (!this.pickers.has(one)) {
        this.pickers.set(one, picker({ label: `What ${label} would need`, signal: this.signal, onPick: (ci) => {
          this.names.set(ci.ci_id, ci.name || ci.native_id);
          pick(ci.ci_id);
        } }));
      }
      return this.pickers.get(one);
    }
    const needed = new Map((this.cis.get(one.id)?.dependencies ?? []).map(({ dependency: ci }) => [ci.ci_id, ci.name || ci.native_id]));
    if (one.value && !needed.has(one.value)) needed.set(one.value, this.names.get(one.value) || one.value);
    return [el("select", { "aria-label": `What ${label} no longer needs`, onchange: (event) => pick(event.target.value) },
      el("option", { value: "" }, needed.size ? "choose …" : "it needs nothing"), [...needed].map(([id, name]) => el("option", { value: id, selected: id === one.value }, name))), " "];
  }

  complete() {
    return this.changes.filter((one) => one.value !== null || !RELATIONS.includes(one.kind));
  }

  // A change while an earlier question waits ends that one: its answer is of no use any more.
  async compute(quiet = false) {
    this.earlier?.abort();
    if (!this.complete().length) {
      fill(this.result);
      return this.know();
    }
    this.earlier = new AbortController();
    const signal = AbortSignal.any([this.signal, this.earlier.signal]);
    await filled(this.result, "the difference", async () => {
      await this.know();
      signal.throwIfAborted();
      return ask("/v1/what-if", { method: "POST", body: this.question(), signal });
    }, (answer) => this.difference(answer), { quiet });
  }

  question() {
    const of = (kind) => this.complete().filter((one) => one.kind === kind);
    const relations = (kind) => of(kind).map((one) => ({ dependent: one.id, dependency: one.value }));
    const own = [...of("own").map((one) => [one.id, one.value]), ...of("down").map((one) => [one.id, 0])];
    return {
      services: this.service ? [this.service] : [], at: momentAsked() ?? undefined,
      down: of("down").map((one) => one.id),
      own_availability: Object.fromEntries(own),
      twins: Object.fromEntries(of("double").map((one) => [one.id, 1])),
      targets: Object.fromEntries(of("agreement").map((one) => [one.id, one.value])),
      add_relations: relations("needs"), remove_relations: relations("frees"),
    };
  }

  // Names, and what each CI needs. Drawn anew only if something was learned: who types meanwhile goes on typing.
  async know() {
    const ids = this.changes.filter((one) => one.kind !== "agreement").map((one) => one.id);
    if (this.service) ids.push(this.service);
    const unknown = ids.filter((id) => !this.cis.has(id));
    await Promise.all(unknown.map(async (id) => {
      const ci = await ask(`/v1/cis/${pathPart(id)}`, { query: { at: momentAsked() }, signal: this.signal });
      this.cis.set(id, ci);
      this.names.set(id, ci.ci.name || ci.ci.native_id);
    }));
    const unnamed = this.changes.filter((one) => one.kind === "needs" && one.value && !this.names.has(one.value));
    await Promise.all(unnamed.map(async (one) => {
      const { ci } = await ask(`/v1/cis/${pathPart(one.value)}`, { query: { at: momentAsked() }, signal: this.signal });
      this.names.set(one.value, ci.name || ci.native_id);
    }));
    if (unknown.length || unnamed.length) this.drawChanges();
    this.drawOnly();
  }

  // Who comes from the page of a service compares that one, and is told so.
  drawOnly() {
    fill(this.only, this.service ? [el("span", { class: "muted" }, "Availability and SLAs are compared for ", named(this.names.get(this.service) || this.service), " only. "),
      el("button", { type: "button", class: "link", onclick: () => {
        this.service = "";
        keepInAddress({ service: "" });
        this.drawOnly();
        this.compute();
      } }, "Compare all services")] : null);
  }

  difference({ services, slas, statuses }) {
    const gain = (one) => (one.before.lower - one.after.lower) * MINUTES_OF_A_YEAR;
    const moved = [...services].sort((one, other) => Math.abs(gain(other)) - Math.abs(gain(one)));
    const judged = slas.length ? `${count(slas.length, "verdict or target", "verdicts or targets")} of SLAs ${slas.length === 1 ? "changes" : "change"}` : "No verdict on an SLA changes";
    const words = `${judged}; the availability of ${moved.length ? count(moved.length, "service") : "no service"} changes.`;
    say(words);
    const link = (id, name) => el("a", { href: serviceAddress(id) }, named(name));
    const hasOthers = this.complete().some((one) => RESHAPING.includes(one.kind)); // else both states are the same
    const fallen = statuses.filter((one) => one.after !== "up" || one.unchanged !== "up");
    return [
      el("section", { class: "panel", "aria-labelledby": "h-then" }, el("h2", { id: "h-then" }, "Before and after"), el("p", { class: "big" }, words),
        slas.length ? scrolled("SLAs", el("table", {}, head("SLA", "Target", "Today", "Then"), el("tbody", {}, slas.map((one) => el("tr", {},
          el("th", { scope: "row" }, link(one.service, one.agreement_name || one.agreement_id)),
          el("td", {}, percent(one.target_before), one.target_after === one.target_before ? "" : ` → ${percent(one.target_after)}`),
          el("td", {}, verdict(one.verdict_before)), el("td", {}, verdict(one.verdict_after))))))) : null,
        moved.length ? scrolled("Availability", el("table", {}, head("Service", "Derived today", "Derived then", "Downtime a year"), el("tbody", {}, moved.slice(0, MOST).map((one) => {
          const minutes = gain(one);
          return el("tr", {}, el("th", { scope: "row" }, link(one.ci_id, one.name)), el("td", {}, side(one.before)), el("td", {}, side(one.after)),
            el("td", {}, el("strong", { class: minutes < 0 ? "bad" : "good" }, `${minutesText(Math.abs(minutes))} ${minutes < 0 ? "more" : "less"}`)));
        })))) : null,
        moved.length > MOST ? el("p", { class: "muted" }, `The ${MOST} that move most of ${moved.length.toLocaleString("en")}.`) : null,
        el("p", { class: "muted small" }, "CIs fail independently of each other; long-run means. Where numbers are missing, the minutes are those of what is known. Nothing is stored.")),
      fallen.length ? el("section", { class: "panel", "aria-labelledby": "h-fall" }, el("h2", { id: "h-fall" }, "While that is gone"),
        scrolled("States", el("table", {}, hasOthers ? head("Service", "Only that gone", "With the other changes") : head("Service", "Status"), el("tbody", {}, fallen.map((one) => el("tr", {},
          el("th", { scope: "row" }, link(one.ci_id, one.name)), hasOthers ? el("td", {}, badge(one.unchanged)) : null, el("td", {}, badge(one.after)))))))) : null,
    ];
  }
}

const head = (...words) => el("thead", {}, el("tr", {}, words.map((text) => el("th", { scope: "col" }, text))));

// A number, or the two that it surely lies between.
function side(one) {
  const text = one.lower === one.upper ? percent(1 - one.lower, 4) : one.upper === 1 ? `at most ${percent(1 - one.lower, 4)}` : `${percent(1 - one.upper, 4)} to ${percent(1 - one.lower, 4)}`;
  return [text, " ", el("span", { class: `label-pill ${one.label}` }, one.label)];
}
