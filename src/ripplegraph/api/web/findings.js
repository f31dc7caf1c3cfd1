// What was read, and what is wrong in the data.

import { keepInAddress, momentAsked } from "./addresses.js";
import { ask } from "./asking.js";
import { el, fill, named, scrolled } from "./dom.js";
import { emptyWithin } from "./reach.js";
import { empty, filled } from "./states.js";
import { count } from "./words.js";

export const title = "Findings";

const SEVERITIES = { error: ["✕", "error", "down"], warning: ["!", "warning", "at_risk"], info: ["i", "note", "neutral"] };
const MOST = 300;

export async function show(root, { query, signal }) {
  const view = new Findings(root, query, signal);
  await view.load();
  return view;
}

class Findings {
  constructor(root, query, signal) {
    Object.assign(this, { signal, q: query.get("q") ?? "", severity: query.get("severity") ?? "" });
    this.body = el("div", {});
    fill(root, el("h1", { tabindex: "-1" }, "Findings in the data"), this.body);
  }

  load(quiet = false) {
    return filled(this.body, "findings", () => ask("/v1/findings", { query: { at: momentAsked() }, signal: this.signal }), (answer) => this.draw(answer), { quiet });
  }

  refresh(what) {
    return what?.type === "tick" ? null : this.load(true);
  }

  draw(answer) {
    this.answer = answer;
    const counts = answer.findings_by_severity;
    this.list = el("div", {});
    this.field = el("input", { id: "find", type: "search", autocomplete: "off", value: this.q, placeholder: "Code, file or words", oninput: (event) => {
      this.q = event.target.value;
      keepInAddress({ q: this.q });
      this.apply();
    } });
    const buttons = el("div", { class: "views", role: "group", "aria-label": "Severity" }, Object.entries(SEVERITIES).map(([key, [icon, word]]) =>
      el("button", { type: "button", "aria-pressed": String(this.severity === key), onclick: (event) => {
        this.severity = this.severity === key ? "" : key;
        keepInAddress({ severity: this.severity });
        for (const one of buttons.children) one.setAttribute("aria-pressed", String(one === event.target && this.severity === key));
        this.apply();
      } }, `${icon} ${count(counts[key] ?? 0, word)}`)));
    const { files, graph, totals } = answer; // a key with tags is told of no file
    this.apply();
    return [
      el("p", {}, files.length ? `${count(totals.rows_read, "row")} read, ${totals.rows_used.toLocaleString("en")} used, ${totals.rows_reported.toLocaleString("en")} reported. ` : "",
        el("span", { class: "muted" }, `${count(graph.cis, "CI")}, ${count(graph.dependencies, "dependency", "dependencies")}, ${count(graph.services, "service or offering", "services and offerings")}, ${count(graph.agreements, "agreement")}.`)),
      el("div", { class: "bar" }, el("label", { for: "find", class: "grow" }, el("span", { class: "label" }, "Find"), this.field), buttons),
      this.list,
      files.length ? el("details", {}, el("summary", {}, `Rows by file (${files.length})`), scrolled("Rows by file", el("table", {},
        el("thead", {}, el("tr", {}, ["File", "Read", "Used", "Reported"].map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, files.map((one) => el("tr", {}, el("th", { scope: "row" }, named(one.file)), [one.rows_read, one.rows_used, one.rows_reported].map((number) => el("td", {}, number.toLocaleString("en"))))))))) : null,
    ];
  }

  nothing() {
    const limited = this.answer.graph.cis ? "nothing is wrong in their data, as far as can be told" : "none is there";
    return emptyWithin(this.signal, limited, () => empty("Nothing is wrong in the data, as far as can be told."));
  }

  apply() {
    const words = this.q.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const fits = (one) => (!this.severity || one.severity === this.severity) && words.every((word) => `${one.code} ${one.file} ${one.message}`.toLocaleLowerCase().includes(word));
    const found = this.answer.findings.filter(fits);
    if (!found.length) return fill(this.list, this.answer.findings.length ? empty("No finding fits.") : this.nothing());
    fill(this.list, scrolled("Findings", el("table", {},
      el("thead", {}, el("tr", {}, ["Severity", "What", "Where"].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, found.slice(0, MOST).map((one) => {
        const [icon, word, tone] = SEVERITIES[one.severity] ?? ["•", one.severity, "neutral"];
        return el("tr", {}, el("td", {}, el("span", { class: `verdict ${tone}` }, el("span", { "aria-hidden": "true" }, icon), ` ${word}`)),
          el("th", { scope: "row" }, named(one.message), el("div", { class: "muted small" }, one.code, one.count > 1 ? `, ${one.count.toLocaleString("en")} times` : "")),
          el("td", { class: "muted" }, one.file ? named(`${one.file}${one.row ? `:${one.row}` : ""}`) : ""));
      })))), found.length > MOST ? el("p", { class: "muted" }, `The first ${MOST} of ${found.length.toLocaleString("en")}. Narrow them down above.`) : null);
  }
}
