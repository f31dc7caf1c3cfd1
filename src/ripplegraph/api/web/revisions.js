// The revisions of a store, and what differs between two.

import { keepInAddress } from "./addresses.js";
import { ask } from "./asking.js";
import { el, fill, named, scrolled } from "./dom.js";
import { empty, filled } from "./states.js";
import { count, moment } from "./words.js";

export const title = "Revisions";
const MOST = 300;

export async function show(root, { query, signal }) {
  const view = new Revisions(root, query, signal);
  await view.load();
  return view;
}

class Revisions {
  constructor(root, query, signal) {
    Object.assign(this, { signal, old: query.get("old") ?? "", new: query.get("new") ?? "" });
    this.body = el("div", {});
    fill(root, el("h1", { tabindex: "-1" }, "Revisions"), this.body);
  }

  load(quiet = false) {
    return filled(this.body, "revisions", () => ask("/v1/revisions", { signal: this.signal }), (answer) => this.draw(answer), { quiet });
  }

  refresh(what) {
    return what?.type === "revision.published" ? this.load(true) : null;
  }

  draw({ revisions }) {
    if (!revisions.length) return empty("This server serves an export, which has no revisions. Keep it in a store to have them: ripplegraph load EXPORT --into estate.db");
    const newest = [...revisions].reverse();
    this.difference = el("div", {});
    const choice = (key, words) => el("label", { for: `rev-${key}` }, el("span", { class: "label" }, words), el("select", { id: `rev-${key}`, onchange: (event) => {
      this[key] = event.target.value;
      keepInAddress({ old: this.old, new: this.new });
      this.compare();
    } }, newest.map((one) => el("option", { value: one.revision, selected: String(one.revision) === this[key] }, `${one.revision}`))));
    if (newest.length > 1) {
      this.new ||= String(newest[0].revision);
      this.old ||= String(newest[1].revision);
    }
    const kinds = [...new Set(newest.flatMap((one) => Object.keys(one.counts)))].slice(0, 4);
    const made = [
      scrolled("Revisions", el("table", {},
        el("thead", {}, el("tr", {}, ["Revision", "Published", "By", "Why", ...kinds.map((kind) => kind.replaceAll("_", " "))].map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, newest.slice(0, MOST).map((one) => el("tr", {},
          el("th", { scope: "row" }, String(one.revision)), el("td", {}, moment(one.at)), el("td", {}, one.author ? named(one.author) : "–"),
          el("td", {}, one.reason ? named(one.reason) : el("span", { class: "muted" }, named(one.source))), kinds.map((kind) => el("td", {}, (one.counts[kind] ?? 0).toLocaleString("en")))))))),
      newest.length > 1 ? el("section", { class: "panel", "aria-labelledby": "h-diff" }, el("h2", { id: "h-diff" }, "What differs"),
        el("div", { class: "bar" }, choice("old", "from"), choice("new", "to")), this.difference) : null,
    ];
    if (newest.length > 1) this.compare();
    return made;
  }

  compare() {
    return filled(this.difference, "the difference", () => ask("/v1/revisions/differences", { query: { old: this.old, new: this.new }, signal: this.signal }), ({ differences }) => {
      if (!differences.length) return empty("Nothing differs.");
      const icons = { added: "+", changed: "~", removed: "−" };
      return [el("p", {}, ["added", "changed", "removed"].map((change) => `${icons[change]} ${differences.filter((one) => one.change === change).length} ${change}`).join(", ")),
        scrolled("Differences", el("table", {}, el("thead", {}, el("tr", {}, ["Change", "Kind", "Record", "Fields"].map((text) => el("th", { scope: "col" }, text)))),
          el("tbody", {}, differences.slice(0, MOST).map((one) => el("tr", {}, el("td", {}, `${icons[one.change]} ${one.change}`), el("td", {}, one.kind.replaceAll("_", " ")), el("th", { scope: "row" }, named(one.record)), el("td", { class: "muted" }, one.fields.join(", "))))))),
        differences.length > MOST ? el("p", { class: "muted" }, `The first ${MOST} of ${count(differences.length, "difference")}.`) : null];
    });
  }
}
