// One service: what it promises, what it does, why, and what it rests on.

import { address, incidentAddress, keepInAddress, momentAsked } from "./addresses.js";
import { ask, pathPart } from "./asking.js";
import { bars, budgetBar, budgetTone, budgetWords, burnDown, strip } from "./charts.js";
import { el, fill, listOfNames, named, scrolled } from "./dom.js";
import { estate } from "./estate.js";
import { chainOf, callList } from "./impact.js";
import { mapOf } from "./map.js";
import { empty, filled } from "./states.js";
import { badge, clockText, count, day, duration, kindWord, minutesText, moment, percent, recordedDay, sharedZone, STATUSES, verdict } from "./words.js";

export const title = "Service";

const SHARES = { agreements: ["OLA", "UPC", "none"], teams: ["team"], suppliers: ["supplier"], CIs: ["ci"], classes: ["class"] };

export async function show(root, { parts, query, signal }) {
  const view = new ServiceView(root, parts[0] ?? "", query, signal);
  await view.load();
  return view;
}

class ServiceView {
  constructor(root, id, query, signal) {
    Object.assign(this, { root, id, signal, sla: query.get("sla") ?? "", by: query.get("by") ?? "agreements" });
  }

  ask(path, options = {}) {
    return ask(path, { ...options, query: { at: momentAsked(), ...options.query }, signal: this.signal });
  }

  async load() {
    this.ci = await this.ask(`/v1/cis/${pathPart(this.id)}`);
    this.id = this.ci.ci.ci_id;
    document.title = `${this.ci.ci.name || this.id} · ripplegraph`;
    this.part = Object.fromEntries(["head", "now", "levels", "map", "shares", "cuts", "past", "behind"].map((name) => [name, el("div", {})]));
    const section = (name, words, ...more) => el("section", { "aria-labelledby": `h-${name}`, class: `panel p-${name}` }, el("h2", { id: `h-${name}` }, words), more, this.part[name]);
    fill(this.root, this.part.head, this.part.now,
      el("div", { class: "columns" },
        section("levels", "Service levels"),
        section("shares", "Where the expected downtime comes from", this.byButtons())),
      section("map", "What it rests on"),
      el("div", { class: "columns" },
        section("cuts", "What brings it down"),
        section("past", "Outages in this window")),
      section("behind", "Agreements behind it"));
    await this.drawHead();
    await Promise.all([this.drawNow(), this.drawLevels(), this.drawMap(), this.drawCuts()]);
  }

  async refresh(what) {
    const before = this.row;
    await this.drawHead();
    const changed = what?.type !== "tick" || before?.status !== this.row?.status || before?.since !== this.row?.since;
    await Promise.all([changed && this.drawNow(true), this.drawReports(true), changed && this.drawMap(true)]);
  }

  async drawHead() {
    const answer = await estate({ signal: this.signal });
    this.now = answer.moment;
    this.row = answer.rows.find((row) => row.service === this.id);
    this.zone = sharedZone((this.row?.slas ?? []).map((one) => one.zone));
    const { ci, owner_team: team, supplier, criticality, state } = this.ci;
    const facts = [kindWord(ci.kind), team && ["owner ", named(team)], supplier && ["supplier ", named(supplier)], criticality, state !== "live" && state].filter(Boolean);
    fill(this.part.head, el("div", { class: "service-head" },
      el("p", { class: "crumb" }, el("a", { href: address("") }, "Services"), " /"),
      el("h1", { tabindex: "-1" }, named(ci.name || ci.ci_id)),
      this.row ? badge(this.row.word, { planned: this.row.planned && this.row.status > 0 }) : null,
      this.row?.since ? el("span", { class: "since" }, "since ", moment(this.row.since, this.now, this.zone), ` (${duration((Date.parse(this.now) - Date.parse(this.row.since)) / 1000)})`) : null,
      el("p", { class: "muted facts" }, facts.flatMap((fact, place) => (place ? [" · ", fact] : [fact]))),
      el("p", { class: "actions" },
        el("a", { class: "button", href: incidentAddress([this.id]) }, "What falls with it"), " ",
        el("a", { class: "button", href: address("what-if", [], { service: this.id }) }, "What if …")),
      this.row ? el("div", { class: "head-strip" }, strip(this.row.strip, answer.days), el("span", { class: "muted small" }, `last ${answer.days.length} days`)) : null));
  }

  async drawNow(quiet = false) {
    if (!this.row?.status) return fill(this.part.now);
    const body = { at: momentAsked() ?? undefined };
    await filled(this.part.now, "the cause", () => ask("/v1/incident", { method: "POST", body, signal: this.signal }), ({ impact, cis }) => {
      const ids = new Set([this.id, ...this.ci.dependents.map((one) => one.dependent.ci_id)]);
      const found = impact.impacted.find((one) => one.ci_id === this.id) ?? impact.impacted.find((one) => ids.has(one.ci_id));
      if (!found) return null;
      const names = new Map(cis.map((ci) => [ci.ci_id, ci.name || ci.native_id]));
      return el("section", { class: `panel cause ${found.status}`, "aria-label": "Cause" },
        el("h2", {}, "Why it is ", el("span", {}, STATUSES.includes(found.status) ? found.status.replace("_", " ") : found.status), " now"),
        chainOf(found, (id) => names.get(id)),
        callList([found]));
    }, { quiet });
  }

  nameOf(id) {
    return this.names?.get(id) ?? (id === this.id ? this.ci.ci.name : "");
  }

  async drawLevels() {
    await this.drawReports();
    await this.drawDesign();
  }

  async drawReports(quiet = false) {
    await filled(this.part.past, "outages", () => this.ask("/v1/reports", { query: { service: this.id, trend: 6 } }), (answer) => {
      this.reports = answer.reports.map((report, place) => ({ ...report, ...answer.details[place] }));
      return this.pastOf(this.reports);
    }, { quiet });
    this.fillLevels();
  }

  async drawDesign() {
    await filled(this.part.shares, "the derived availability", () => this.ask("/v1/slas", { query: { service: this.id } }), (answer) => {
      this.design = answer.slas;
      return this.sharesOf();
    });
    this.fillLevels();
    this.fillBehind();
  }

  chosen() {
    const reports = this.reports ?? [];
    const share = (one) => (one.budget_left_seconds ?? 1e15) / (one.budget_seconds || 1);
    return reports.find((one) => one.agreement === this.sla) ?? [...reports].sort((a, b) => share(a) - share(b) || b.target - a.target)[0];
  }

  fillLevels() {
    const reports = this.reports;
    if (!reports) return;
    if (!reports.length) {
      fill(this.part.levels, empty("No SLA with a target is in force on this service or its offerings."), this.plain());
      return;
    }
    const chosen = this.chosen();
    const table = scrolled("Service levels", el("table", {},
      el("thead", {}, el("tr", {}, ["SLA", "Target", "Derived from the graph", "Measured so far", "Budget left"].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, reports.map((report) => {
        const design = this.design?.find((one) => one.agreement === report.agreement && one.service === report.service);
        const pick = el("button", { type: "button", class: "link", "aria-pressed": String(report === chosen), onclick: () => this.pick(report.agreement) }, named(report.agreement_name || report.agreement));
        return el("tr", { class: report === chosen ? "chosen" : "" },
          el("th", { scope: "row" }, pick, report.customer ? el("div", { class: "muted small" }, named(report.customer)) : null),
          el("td", {}, percent(report.target)),
          el("td", {}, design ? derived(design) : el("span", { class: "muted" }, "…")),
          el("td", {}, el("span", { class: report.availability !== null && report.target !== null && report.availability < report.target ? "bad" : "" }, percent(report.availability)), el("div", { class: "small" }, verdict(report.verdict))),
          el("td", {}, report.budget_seconds === null ? "–" : [el("span", { class: `left ${budgetTone(report.budget_left_seconds, report.budget_seconds)}` }, budgetWords(report.budget_left_seconds, report.budget_seconds)), budgetBar(report.budget_left_seconds, report.budget_seconds), el("div", { class: "muted small" }, `of ${duration(report.budget_seconds)}, until `, day(report.window_end, this.now, report.time_zone))]));
      }))));
    const running = this.row?.slas.find((one) => one.agreement === chosen.agreement && one.breachAt && one.left >= 0);
    fill(this.part.levels, table,
      running ? el("p", { class: "bad" }, `If this goes on, ${chosen.agreement_name || chosen.agreement} is breached at ${clockText(running.breachAt, this.now, running.zone)}, in ${duration((Date.parse(running.breachAt) - Date.parse(this.now)) / 1000)}.`) : null,
      chosen.breached_at ? el("p", { class: "bad" }, "Breached at ", moment(chosen.breached_at, this.now, chosen.time_zone), ".") : null,
      chosen.budget_seconds === null ? null : el("figure", {},
        el("figcaption", {}, "Downtime budget of ", named(chosen.agreement_name || chosen.agreement), el("span", { class: "muted" }, "; dashed: spent evenly")),
        burnDown({ start: chosen.window_start, end: chosen.window_end, now: this.now, zone: chosen.time_zone, budget: chosen.budget_seconds, left: chosen.budget_left_seconds, outages: chosen.outages })),
      chosen.notes?.length ? el("details", { class: "muted small" }, el("summary", {}, count(chosen.notes.length, "note")), el("ul", {}, chosen.notes.map((note) => el("li", {}, note)))) : null);
  }

  plain() {
    const node = el("div", {});
    filled(node, "the derived availability", () => this.ask("/v1/availability", { query: { service: this.id } }), (answer) => {
      const one = answer.services[0];
      return one ? el("p", {}, "Derived from the graph: ", el("strong", {}, one.label === "exact" ? percent(one.availability, 4) : `${percent(1 - one.upper, 4)} to ${percent(1 - one.lower, 4)}`), " ", label(one.label, one.missing.length)) : null;
    });
    return node;
  }

  pick(agreement) {
    this.sla = agreement;
    keepInAddress({ sla: agreement });
    this.fillLevels();
    if (this.design) fill(this.part.shares, this.sharesOf());
    this.part.levels.querySelector('[aria-pressed="true"]')?.focus();
  }

  byButtons() {
    this.buttons = el("div", { class: "views", role: "group", "aria-label": "By" }, Object.keys(SHARES).map((key) =>
      el("button", { type: "button", "aria-pressed": String(key === this.by), onclick: (event) => {
        this.by = key;
        keepInAddress({ by: key === "agreements" ? "" : key });
        for (const one of this.buttons.children) one.setAttribute("aria-pressed", String(one === event.target));
        if (this.design) fill(this.part.shares, this.sharesOf());
      } }, key)));
    return this.buttons;
  }

  sharesOf() {
    const chosen = this.chosen();
    const design = this.design.find((one) => one.agreement === chosen?.agreement) ?? this.design[0];
    if (!design) return empty("Without an SLA there is no window to count minutes in. See the importance of CIs beneath.");
    const kinds = SHARES[this.by] ?? SHARES.agreements;
    const rows = design.contributions.filter((row) => kinds.includes(row.kind)).sort((a, b) => b.minutes - a.minutes);
    if (!rows.length) return empty("No numbers: the availability of the CIs beneath is not known.");
    return [bars(rows.map((row) => ({
      value: row.minutes, tone: row.kind.toLowerCase(),
      label: [["OLA", "UPC"].includes(row.kind) ? el("span", { class: "kind" }, row.kind) : null, " ", named(row.name || row.id, row.kind === "none" ? "without an agreement" : "(none)"), this.by === "CIs" && row.agreement ? el("span", { class: "muted" }, ` (${row.agreement})`) : null],
    })), { unit: minutesText }),
    el("p", { class: "muted small" }, "Expected minutes of one ", design.window, " under ", named(design.agreement_name || design.agreement), `; budget ${minutesText(design.budget_minutes)}. `, label(design.label, design.missing.length)),
    design.proposals.length ? el("details", {}, el("summary", {}, "What would help most"), el("ul", {}, design.proposals.slice(0, 5).map((one) => el("li", {},
      listOfNames(one.changes.map((change) => change.name || change.id)), one.changes[0]?.kind === "ci" ? " doubled" : one.changes[0]?.target_then ? ` at ${percent(one.changes[0].target_then)}` : "", `: ${percent(one.independent)}, saves ${minutesText(one.saved_minutes)} `, verdict(one.verdict))))) : null];
  }

  pastOf(reports) {
    const rows = reports.flatMap((report) => report.outages.map((outage) => ({ ...outage, sla: report.agreement_name || report.agreement })));
    const once = [...new Map(rows.map((row) => [`${row.start} ${row.end}`, row])).values()].sort((a, b) => b.start.localeCompare(a.start));
    const trend = reports[0]?.trend ?? [];
    const zone = sharedZone(reports.map((report) => report.time_zone));
    return [
      once.length ? scrolled("Outages", el("table", {}, el("thead", {}, el("tr", {}, ["Began", "Lasted", "Counts", "Because"].map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, once.map((row) => el("tr", {},
          el("th", { scope: "row" }, moment(row.start, this.now, zone)),
          el("td", {}, row.end ? duration((Date.parse(row.end) - Date.parse(row.start)) / 1000) : "still open"),
          el("td", {}, row.class === "counted" ? duration(row.seconds) : row.class.replaceAll("_", " ")),
          el("td", {}, row.causes.length ? row.causes.map((cause, place) => [place ? "; " : "", named(this.nameOf(cause.ci_id) || lastPart(cause.ci_id)), cause.cause ? [": ", named(cause.cause)] : "", cause.external_id ? el("span", { class: "muted" }, ` (${cause.external_id})`) : ""]) : listOfNames(row.root_cis.map((id) => this.nameOf(id) || lastPart(id))))))))) : el("p", { class: "muted" }, "None that made it go down."),
      trend.length ? el("details", {}, el("summary", {}, "Windows before"), el("table", {}, el("tbody", {}, [...trend].reverse().map((point) => el("tr", {}, el("th", { scope: "row" }, day(point.window_start, this.now, reports[0].time_zone)), el("td", {}, percent(point.availability)), el("td", {}, `${duration(point.used_seconds)} of ${point.budget_seconds === null ? "no budget" : duration(point.budget_seconds)}`)))))) : null];
  }

  async drawMap(quiet = false) {
    await filled(this.part.map, "the map", () => mapOf(this.id, { withOutages: Boolean(this.row?.status), zone: this.zone, signal: this.signal }), (map) => map, { quiet });
  }

  async drawCuts() {
    await filled(this.part.cuts, "cut sets", async () => {
      const [cuts, explained] = await Promise.all([
        this.ask(`/v1/services/${pathPart(this.id)}/cutsets`),
        this.ask(`/v1/services/${pathPart(this.id)}/explain`).catch((error) => {
          if (error.name === "AbortError") throw error;
          return { inputs: [] };
        }),
      ]);
      this.names = new Map(explained.inputs.map((one) => [one.ci_id, one.name || one.native_id]));
      if (this.reports) fill(this.part.past, this.pastOf(this.reports));
      return cuts;
    }, (cuts) => {
      const name = (id) => this.names.get(id) ?? lastPart(id);
      if (!cuts.cut_sets.length) return empty("Nothing beneath can bring it down, as far as the data tells.");
      const single = cuts.single_points_of_failure.length;
      return [el("p", {}, single ? el("strong", { class: "bad" }, `${count(single, "CI")} alone ${single === 1 ? "brings" : "bring"} it down.`) : el("strong", {}, "No single CI brings it down."),
        " ", cuts.count === null ? "More combinations than can be counted." : `${count(cuts.count, "smallest combination")} in all${cuts.is_complete ? "" : ", not all listed"}.`),
      el("ol", { class: "cuts" }, cuts.cut_sets.slice(0, 12).map((one) => el("li", {},
        el("span", { class: "what" }, one.cis.map((id, place) => [place ? el("span", { class: "muted" }, " and ") : "", el("a", { href: incidentAddress([id]) }, named(name(id)))])),
        el("span", { class: "amount" }, one.downtime_minutes_per_year === null ? "" : `${minutesText(one.downtime_minutes_per_year)} a year`)))),
      cuts.cut_sets.length > 12 ? el("p", { class: "muted small" }, `The 12 likeliest of ${cuts.cut_sets.length.toLocaleString("en")} listed.`) : null];
    });
  }

  fillBehind() {
    const design = this.design?.[0];
    const own = this.ci.agreements;
    const shares = (design?.contributions ?? []).filter((row) => ["OLA", "UPC"].includes(row.kind));
    const offerings = (this.reports ?? []).filter((one) => !own.some((agreement) => agreement.agreement_id === one.agreement));
    if (!own.length && !shares.length && !offerings.length) return fill(this.part.behind, empty("No agreement covers it or what it rests on."));
    const link = (id, words) => el("a", { href: address("agreements", [], { q: id }) }, named(words || id));
    fill(this.part.behind, el("ul", { class: "plain" },
      own.map((one) => el("li", {}, el("span", { class: "kind" }, one.kind), " ", link(one.agreement_id, one.name), one.target_availability === null ? "" : ` ${percent(one.target_availability)}`, one.next_review ? [", review ", recordedDay(one.next_review, this.now, one.time_zone)] : "")),
      offerings.map((one) => el("li", {}, el("span", { class: "kind" }, "SLA"), " ", link(one.agreement, one.agreement_name), one.target === null ? "" : ` ${percent(one.target)}`, " on an offering")),
      shares.map((row) => el("li", {}, el("span", { class: `kind ${row.kind.toLowerCase()}` }, row.kind), " ", link(row.id, row.name), `, ${minutesText(row.minutes)} of the expected downtime`))));
  }
}

function derived(design) {
  const bounds = (one) => (typeof one === "number" ? percent(one) : `${percent(one.lower)} to ${percent(one.upper)}`);
  const least = typeof design.independent === "number" ? design.independent : design.independent.lower;
  return [el("span", { class: least < design.target ? "bad" : "" }, bounds(design.independent)), " ", label(design.label, design.missing.length), el("div", { class: "small" }, verdict(design.verdict))];
}

function label(word, missing) {
  const meaning = { exact: "computed exactly", bounded: "surely between the two", incomplete: "some CIs have no number" }[word] ?? "";
  return el("span", { class: `label-pill ${word}`, title: missing ? `${meaning}; ${count(missing, "CI")} of unknown availability` : meaning }, word, missing ? `, ${missing} unknown` : "");
}

export const lastPart = (id) => id.split(":").slice(2).join(":") || id;
