// An incident: what is out, what falls, whom to call, how long the SLAs last.

import { address, keepInAddress, momentAsked, serviceAddress } from "./addresses.js";
import { ask } from "./asking.js";
import { budgetTone, budgetWords } from "./charts.js";
import { el, fill, listOfNames, named, say, scrolled } from "./dom.js";
import { callList } from "./impact.js";
import { mapOf } from "./map.js";
import { closeButton, openForm, outageDesk } from "./outages.js";
import { picker } from "./picker.js";
import { empty, filled } from "./states.js";
import { badge, clockText, count, duration, moment, statusWord } from "./words.js";

export const title = "Incident";

const STATES = { down: "down", degraded: "degraded", maintenance: "planned work" };
const OUTAGE_WORDS = { unplanned: "down", degradation: "degraded", planned: "planned work" };

const MOST_ROWS = 12; // more open outages than that are folded, so that what falls stays in sight
const LONGEST_ADDRESS = 6000; // servers between refuse long ones, often above 8 kB

const isPlanned = ({ causes }) => causes.length > 0 && causes.every((cause) => cause.kind === "planned");

export async function show(root, { query, signal }) {
  const view = new IncidentView(root, query, signal);
  await view.load();
  return view;
}

class IncidentView {
  constructor(root, query, signal) {
    Object.assign(this, { root, signal, supposed: new Map(), names: new Map() });
    for (const state of Object.keys(STATES)) for (const id of query.getAll(state)) this.supposed.set(id, state);
    this.out = el("div", { class: "out" });
    this.result = el("div", {});
    this.report = el("div", {});
    this.map = el("div", {});
    fill(root, el("h1", { tabindex: "-1" }, "Incident"),
      el("section", { class: "panel", "aria-label": "What is out" }, this.out,
        picker({ label: "Suppose that this fails too", signal, onPick: (ci) => {
          this.names.set(ci.ci_id, ci.name || ci.native_id);
          this.suppose(ci.ci_id, "down");
        } }), this.report),
      this.result);
  }

  async load(quiet = false) {
    await Promise.all([this.loadAnswer(quiet), momentAsked() ? null : this.loadDesk()]);
    await this.pictured;
    this.drawOut();
  }

  async loadDesk() {
    const had = this.desk;
    this.desk = await outageDesk({ signal: this.signal });
    if (!had) fill(this.report, openForm({ desk: this.desk, signal: this.signal, onDone: () => {
      this.desk = null;
      this.load(true);
    } }));
  }

  loadAnswer(quiet) {
    const body = { down: [], degraded: [], maintenance: [], at: momentAsked() ?? undefined };
    for (const [id, state] of this.supposed) body[state].push(id);
    return filled(this.result, "what falls", () => ask("/v1/incident", { method: "POST", body, signal: this.signal }), (answer) => {
      this.answer = answer;
      this.now = answer.moment;
      for (const ci of answer.cis) this.names.set(ci.ci_id, ci.name || ci.native_id);
      this.drawOut();
      this.pictured = answer.impact.impacted.length ? this.loadMap(answer.impact.scenario) : null;
      return this.drawResult();
    }, { quiet });
  }

  // Of what the answer says is out: an outage that closes meanwhile must not make picture and answer differ.
  // So many that their ids fit into no address are those that are open, and what is supposed.
  loadMap({ down, maintenance, degraded }) {
    const ids = [...down, ...maintenance, ...degraded].map(encodeURIComponent).join();
    const out = ids.length <= LONGEST_ADDRESS ? { down, maintenance, degraded }
      : { withOutages: true, ...Object.fromEntries(Object.keys(STATES).map((word) => [word, this.supposedTo(word)])) };
    return filled(this.map, "the picture", () => mapOf(null, { ...out, signal: this.signal }), (map) => map, { quiet: Boolean(this.map.childElementCount) });
  }

  supposedTo(word) {
    return [...this.supposed].filter(([, one]) => one === word).map(([id]) => id);
  }

  refresh() {
    return this.load(true);
  }

  suppose(id, state) {
    if (state) this.supposed.set(id, state);
    else this.supposed.delete(id);
    keepInAddress(Object.fromEntries(Object.keys(STATES).map((word) => [word, this.supposedTo(word)])));
    this.drawOut();
    this.load(Boolean(this.answer));
  }

  drawOut() {
    const open = this.answer?.open_outages ?? [];
    const rows = open.map((one) => el("li", { class: "outage" },
      el("strong", {}, named(this.names.get(one.ci_id) ?? one.ci_id)), " ", OUTAGE_WORDS[one.kind] ?? one.kind, " since ", moment(one.start, this.now),
      ` (${duration((Date.parse(this.now) - Date.parse(one.start)) / 1000)})`, one.cause ? [": ", named(one.cause)] : "",
      one.external_id ? el("span", { class: "muted small" }, ` ${one.source} ${one.external_id}`) : "", " ",
      closeButton(one, this.desk, { onDone: () => this.load(true) })));
    const chips = [...this.supposed].map(([id, state]) => el("li", { class: "supposed" },
      el("strong", {}, named(this.names.get(id) ?? id)), " ",
      el("select", { "aria-label": `What is supposed of ${this.names.get(id) ?? id}`, onchange: (event) => this.suppose(id, event.target.value) },
        Object.entries(STATES).map(([word, text]) => el("option", { value: word, selected: word === state }, text))), " ",
      el("button", { type: "button", "aria-label": `Take out ${this.names.get(id) ?? id}`, onclick: () => this.suppose(id, "") }, "✕")));
    fill(this.out, this.answer ? el("h2", {}, `Open now: ${open.length || "nothing"}`) : null, this.outages(rows),
      chips.length ? [el("h2", {}, "Supposed besides"), el("ul", { class: "plain chips" }, chips),
        el("button", { type: "button", class: "link", onclick: () => {
          this.supposed.clear();
          this.suppose("", "");
        } }, "Take all out")] : null);
  }

  outages(rows) {
    if (rows.length <= MOST_ROWS) return rows.length ? el("ul", { class: "plain" }, rows) : null;
    const rest = el("details", { open: this.isUnfolded, ontoggle: () => {
      this.isUnfolded = rest.open;
    } }, el("summary", {}, `${rows.length - MOST_ROWS} more`), el("ul", { class: "plain" }, rows.slice(MOST_ROWS)));
    return [el("ul", { class: "plain" }, rows.slice(0, MOST_ROWS)), rest];
  }

  drawResult() {
    const { impact, state, moment: now, is_needed: isNeeded } = this.answer;
    const offered = new Set(impact.impacted.flatMap((one) => one.offerings));
    const services = impact.impacted.filter((one) => !offered.has(one.ci_id));
    const down = services.filter((one) => one.status === "down").length;
    const slas = state.slas;
    const over = slas.filter((one) => one.is_breached), soon = slas.filter((one) => !one.is_breached && one.breach_at);
    if (!services.length) {
      say("No service falls");
      const reason = isNeeded ? "what still works is enough" : "none depends on what is out";
      return empty(this.supposed.size || this.answer.open_outages.length ? `No service is impacted: ${reason}.` : "Nothing is out. Choose a CI above to see what would fall with it.");
    }
    const next = soon[0];
    const hurt = services.length - down;
    const words = [down && `${count(down, "service")} down`, hurt && `${down ? `${hurt} more` : count(hurt, "service")} degraded or at risk`].filter(Boolean).join(", ");
    say(words);
    const cost = new Map();
    for (const one of state.incidents) for (const [currency, amount] of Object.entries(one.cost_per_minute)) cost.set(currency, (cost.get(currency) ?? 0) + Number(amount));
    return [
      el("section", { class: `panel verdict-head ${down ? "down" : "hurt"}`, "aria-label": "In short" },
        el("p", { class: "big" }, words, "."),
        el("p", {}, over.length ? el("strong", { class: "bad" }, `${count(over.length, "SLA")} already over budget. `) : "",
          next ? [el("strong", { class: "bad" }, `First breach in ${duration(next.seconds_to_breach)}, at ${clockText(next.breach_at, now, next.time_zone)}: `), named(next.agreement_name || next.agreement), next.customer ? [" for ", named(next.customer)] : "", "."]
            : "No SLA runs out if it stays like this.",
          [...cost].map(([currency, amount]) => el("span", { class: "muted" }, ` Costs ${amount.toLocaleString("en", { maximumFractionDigits: 0 })} ${currency} a minute.`)))),
      el("div", { class: "columns even" },
        el("section", { class: "panel", "aria-label": "Whom to call" }, callList(services, "h2", state.incidents), this.customers(services)),
        el("section", { class: "panel", "aria-labelledby": "h-first" }, el("h2", { id: "h-first" }, "Fix first"), this.fixFirst(state.incidents))),
      el("div", { class: "columns" },
        el("section", { class: "panel", "aria-labelledby": "h-falls" }, el("h2", { id: "h-falls" }, "What falls"), this.servicesTable(services),
          impact.notes.length ? el("p", { class: "muted small" }, impact.notes.join(" ")) : null),
        el("section", { class: "panel", "aria-labelledby": "h-clock" }, el("h2", { id: "h-clock" }, "SLAs by time to breach"), this.clock(slas))),
      el("section", { class: "panel", "aria-labelledby": "h-picture" }, el("h2", { id: "h-picture" }, "Picture of what falls"), this.map),
    ];
  }

  servicesTable(services) {
    const name = (id) => named(this.names.get(id) ?? id);
    return scrolled("What falls", el("table", { class: "falls" },
      el("thead", {}, el("tr", {}, ["Status", "Service", "Because"].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, services.map((one) => el("tr", {},
        el("td", {}, badge(one.status, { planned: one.in_maintenance })),
        el("th", { scope: "row" }, el("a", { href: serviceAddress(one.ci_id) }, named(one.name)), one.owner_team ? el("div", { class: "muted small" }, named(one.owner_team)) : null),
        el("td", {}, one.because.slice(1).map((id, place) => [place ? el("span", { class: "muted" }, " ← ") : "", name(id)]),
          one.root_cis.length > 1 ? el("div", { class: "muted small" }, "also ", listOfNames(one.root_cis.filter((id) => id !== one.because.at(-1)).map((id) => this.names.get(id) ?? id), 3)) : null,
          one.status !== "down" && one.more_failures ? el("div", { class: "small" }, `${statusWord(one.status)}: ${one.more_failures.is_exact ? "" : "at least "}${count(one.more_failures.count, "more failure")} would bring it down`, one.more_failures.example.length ? [" (", listOfNames(one.more_failures.example.map((id) => this.names.get(id) ?? id), 3), ")"] : "") : null))))));
  }

  customers(services) {
    const customers = [...new Set(services.flatMap((one) => one.customers))];
    return customers.length ? [el("h3", {}, "Tell"), el("p", {}, listOfNames(customers, 12))] : null;
  }

  fixFirst(incidents) {
    if (!incidents.length) return el("p", { class: "muted" }, "Nothing to fix.");
    return el("ol", { class: "fix" }, incidents.slice(0, 6).map((one) => el("li", {},
      el("strong", {}, named(one.name)), ` ${isPlanned(one) ? STATES.maintenance : statusWord(one.status)}: `,
      [one.services_down.length && `holds ${count(one.services_down.length, "service or offering", "services and offerings")} down`, one.services_impaired.length && `impairs ${one.services_impaired.length}`].filter(Boolean).join(", ") || "nothing falls with it",
      Object.entries(one.cost_per_minute).map(([currency, amount]) => `, ${Number(amount).toLocaleString("en")} ${currency} a minute`),
      el("div", { class: "muted small" }, one.owner_team ? ["team ", named(one.owner_team)] : "no owner recorded", one.supplier ? [", supplier ", named(one.supplier)] : "", one.causes[0]?.cause ? [", ", named(one.causes[0].cause)] : ""))));
  }

  clock(slas) {
    if (!slas.length) return el("p", { class: "muted" }, "No SLA is concerned.");
    return scrolled("SLAs by time to breach", el("table", {},
      el("thead", {}, el("tr", {}, ["SLA", "Budget left", "Breach"].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, slas.map((one) => el("tr", {},
        el("th", { scope: "row" }, el("a", { href: address("agreements", [], { q: one.agreement }) }, named(one.agreement_name || one.agreement)), one.customer ? el("div", { class: "muted small" }, named(one.customer)) : null),
        el("td", {}, el("span", { class: `left ${budgetTone(one.budget_left_seconds, one.budget_seconds)}` }, budgetWords(one.budget_left_seconds, one.budget_seconds))),
        el("td", {}, one.is_breached ? el("strong", { class: "bad" }, "✕ breached") : one.breach_at ? [el("strong", { class: "bad" }, `in ${duration(one.seconds_to_breach)}`), " ", moment(one.breach_at, this.now, one.time_zone)] : el("span", { class: "muted" }, "not if it stays so")))))));
  }
}


