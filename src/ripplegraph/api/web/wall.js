// The wall: every service, worst first. Only the rows in sight are in the page.

import { address, incidentAddress, keepInAddress, serviceAddress } from "./addresses.js";
import { ask } from "./asking.js";
import { budgetBar, budgetTone, budgetWords, strip } from "./charts.js";
import { debounced, el, fill, listOfNames, named, say } from "./dom.js";
import { estate } from "./estate.js";
import { emptyWithin } from "./reach.js";
import { empty, filled } from "./states.js";
import { badge, count, duration, kindWord, moment, percent, STATUSES, statusWord, clockText } from "./words.js";

const ORDERS = {
  worst: ["worst first", null],
  budget: ["least budget left", (a, b) => share(a) - share(b) || a.place - b.place],
  name: ["name", (a, b) => a.name.localeCompare(b.name) || a.place - b.place],
};

function share(row) {
  const sla = row.slas[0];
  return sla ? (sla.budget ? sla.left / sla.budget : sla.left < 0 ? -1 : 0) : Infinity;
}

export const title = "Services";

export async function show(root, { query, signal }) {
  const view = new Wall(root, query, signal);
  await view.load();
  return view;
}

class Wall {
  constructor(root, query, signal) {
    Object.assign(this, { root, signal, q: query.get("q") ?? "", order: query.get("order") ?? "worst", chosen: new Set(query.getAll("status")) });
    this.body = el("div", {});
    fill(root, el("h1", { class: "unseen", tabindex: "-1" }, "Services, worst first"), this.body);
  }

  async load() {
    await filled(this.body, "services", () => estate({ signal: this.signal }), (answer) => this.draw(answer));
    this.window?.place();
  }

  async refresh() {
    if (!this.window) return this.load();
    const answer = await estate({ signal: this.signal });
    if (answer === this.answer) return;
    this.answer = answer;
    fill(this.counts, this.tiles());
    this.apply();
  }

  leave() {
    this.window?.leave();
  }

  draw(answer) {
    this.answer = answer;
    if (!answer.rows.length) {
      return emptyWithin(this.signal, "no service is there", () => empty("No CI of this source counts as a service. The mapping file says which classes do.",
        el("p", {}, el("a", { href: address("findings") }, "What is wrong in the data"))));
    }
    this.counts = el("div", { class: "tiles", role: "group", "aria-label": "Filter by status" }, this.tiles());
    this.field = el("input", { id: "search", type: "search", autocomplete: "off", spellcheck: "false", value: this.q, placeholder: "Service, team, customer, SLA, cause or CI", oninput: () => this.search() });
    const orders = el("select", { id: "order", onchange: (event) => this.sort(event.target.value) },
      Object.entries(ORDERS).map(([key, [words]]) => el("option", { value: key, selected: key === this.order }, words)));
    this.found = el("p", { class: "muted found", role: "status" });
    this.cis = el("div", { class: "ci-hits" });
    this.window = new Rows(answer.days);
    this.apply();
    if (this.q) this.searchCis();
    return [this.counts,
      el("div", { class: "bar" }, el("label", { for: "search", class: "grow" }, el("span", { class: "label" }, "Find"), this.field),
        el("label", { for: "order" }, el("span", { class: "label" }, "Order"), orders), this.found),
      this.cis, this.window.node];
  }

  tiles() {
    const rows = this.answer.rows;
    const made = [...STATUSES].reverse().map((word) => {
      const number = rows.filter((row) => row.word === word).length;
      return el("button", { type: "button", class: `tile ${word}${number ? "" : " none"}`, "aria-pressed": String(this.chosen.has(word)), onclick: () => this.filter(word) },
        el("strong", {}, number.toLocaleString("en")), " ", badge(word));
    });
    const slas = rows.flatMap((row) => row.slas.map((sla) => [row, sla]));
    const over = slas.filter(([, sla]) => sla.left < 0).length;
    const soon = slas.filter(([, sla]) => sla.left >= 0 && sla.breachAt).sort((a, b) => a[1].breachAt.localeCompare(b[1].breachAt));
    const next = soon[0];
    const words = slas.length
      ? [over ? el("span", { class: "bad" }, `${over} of ${count(slas.length, "SLA")} over budget. `) : `None of ${count(slas.length, "SLA")} is over budget. `,
        next ? el("span", { class: "bad" }, "Next breach if nothing changes: ", el("a", { href: serviceAddress(next[0].service) }, named(next[0].name)), " at ", moment(next[1].breachAt, this.answer.moment, next[1].zone), ` (in ${duration((Date.parse(next[1].breachAt) - Date.parse(this.answer.moment)) / 1000)})`) : "No SLA is running out now."]
      : ["No SLA with a target is in force."];
    return [...made, el("p", { class: "headline" }, words)];
  }

  filter(word) {
    if (!this.chosen.delete(word)) this.chosen.add(word);
    keepInAddress({ status: [...this.chosen] });
    fill(this.counts, this.tiles());
    this.counts.querySelector(`.tile.${word}`)?.focus();
    this.apply();
  }

  sort(key) {
    this.order = key;
    keepInAddress({ order: key === "worst" ? "" : key });
    this.apply();
  }

  search() {
    this.q = this.field.value;
    this.apply();
    this.keep();
    this.searchCis();
  }

  keep = debounced(() => keepInAddress({ q: this.q }), 200);

  searchCis = debounced(async () => {
    const text = this.q.trim();
    if (text.length < 2) return fill(this.cis);
    try {
      const found = await ask("/v1/cis", { query: { search: text, limit: 8 }, signal: this.signal });
      if (text !== this.q.trim()) return;
      const services = new Set(this.answer.rows.map((row) => row.service));
      const cis = found.cis.filter((ci) => !services.has(ci.ci_id));
      fill(this.cis, cis.length ? [el("span", { class: "muted" }, found.after ? "CIs (the first): " : "CIs: "),
        cis.map((ci) => [el("a", { class: "chip", href: incidentAddress([ci.ci_id]), title: "What falls if it fails?" }, named(ci.name), el("span", { class: "muted" }, ` ${kindWord(ci.kind)}`)), " "])] : null);
    } catch (error) {
      if (error.name !== "AbortError") fill(this.cis, el("span", { class: "muted" }, `CIs cannot be searched: ${error.message}`));
    }
  }, 150);

  apply() {
    const wanted = this.q.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let rows = this.answer.rows.filter((row) => (!this.chosen.size || this.chosen.has(row.word)) && wanted.every((word) => row.text.includes(word)));
    const [, compare] = ORDERS[this.order] ?? ORDERS.worst;
    if (compare) rows = [...rows].sort(compare);
    const all = this.answer.rows.length;
    const offerings = this.answer.rows.reduce((sum, row) => sum + row.offerings, 0);
    const whole = offerings ? `${count(all, "service")}, ${count(offerings, "offering")} counted with them` : count(all, "service");
    const words = rows.length === all ? whole : `${rows.length.toLocaleString("en")} of ${count(all, "service")}`;
    this.found.textContent = words;
    this.window.show(rows, this.answer.moment);
    say(words);
  }
}

// A table of any length: rows have one height, those outside of the window are not there.
class Rows {
  constructor(days) {
    this.days = days;
    this.drawn = new Map();
    this.rows = [];
    this.list = el("div", { class: "rows", role: "rowgroup" });
    this.none = el("p", { class: "state empty", hidden: true }, "No service fits. Take out a word or a status.");
    this.node = el("div", { class: "wall" },
      el("div", { role: "table", "aria-label": "Services" },
        el("div", { role: "rowgroup", class: "head" }, el("div", { role: "row", class: "row" },
          ["Status", "Service", `Last ${days.length} days`, "Target", "Measured", "Downtime budget"].map((text) => el("span", { role: "columnheader" }, text)))),
        this.list), this.none);
    this.table = this.node.firstChild;
    this.onScroll = () => this.place();
    addEventListener("scroll", this.onScroll, { passive: true });
    addEventListener("resize", this.onScroll, { passive: true });
    this.list.addEventListener("keydown", (event) => this.walk(event));
  }

  leave() {
    removeEventListener("scroll", this.onScroll);
    removeEventListener("resize", this.onScroll);
  }

  show(rows, now) {
    this.rows = rows;
    this.now = now;
    this.drawn.clear();
    this.none.hidden = rows.length > 0;
    this.table.setAttribute("aria-rowcount", String(rows.length + 1));
    this.place(true);
  }

  height() {
    return matchMedia("(max-width: 760px)").matches ? 188 : matchMedia("(max-width: 1100px)").matches ? 92 : 68;
  }

  place(anew = false) {
    const height = this.height();
    if (height !== this.was) anew = true;
    this.was = height;
    this.list.style.height = `${this.rows.length * height}px`;
    const top = this.list.isConnected ? this.list.getBoundingClientRect().top : 300;
    const first = Math.max(0, Math.floor(-top / height) - 4);
    const last = Math.min(this.rows.length, Math.ceil((innerHeight - top) / height) + 4);
    if (!anew && first === this.first && last === this.last) return;
    Object.assign(this, { first, last });
    const focused = document.activeElement?.closest?.("[data-place]")?.dataset.service;
    const nodes = [];
    for (let place = first; place < last; place += 1) {
      const row = this.rows[place];
      let node = this.drawn.get(row.service);
      if (!node) this.drawn.set(row.service, (node = this.row(row)));
      node.dataset.place = String(place);
      node.setAttribute("aria-rowindex", String(place + 2));
      node.style.transform = `translateY(${place * height}px)`;
      nodes.push(node);
    }
    this.list.replaceChildren(...nodes);
    if (this.drawn.size > 400) for (const [service, node] of this.drawn) if (!node.isConnected) this.drawn.delete(service);
    if (focused) this.drawn.get(focused)?.querySelector("a")?.focus({ preventScroll: true });
  }

  walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const place = Number(event.target.closest("[data-place]")?.dataset.place ?? NaN) + (step ?? NaN);
    if (!step || !(place >= 0 && place < this.rows.length)) return;
    event.preventDefault();
    const height = this.height(), top = this.list.getBoundingClientRect().top + place * height;
    const head = document.getElementById("top").offsetHeight;
    if (top < head + 40) scrollBy(0, top - head - 40);
    else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight + 8);
    this.place();
    this.drawn.get(this.rows[place].service)?.querySelector("a")?.focus({ preventScroll: true });
  }

  row(row) {
    const sla = row.slas[0];
    const cell = (css, ...content) => el("span", { role: "cell", class: css }, content);
    const since = row.since ? ` for ${duration((Date.parse(this.now) - Date.parse(row.since)) / 1000)}` : "";
    const why = row.status
      ? el("span", { class: "why" }, row.planned ? "planned work" : statusWord(row.word), since, row.roots.length ? [", because ", listOfNames(row.roots, 2)] : "")
      : el("span", { class: "why muted" }, row.team ? named(row.team) : kindWord(row.kind), row.slas.length > 1 ? `, ${row.slas.length} SLAs` : "");
    const node = el("div", { role: "row", class: `row ${row.word}`, "data-service": row.service },
      cell("c-status", badge(row.word, { planned: row.planned && row.status > 0 })),
      cell("c-name", el("a", { href: serviceAddress(row.service) }, named(row.name)), why),
      cell("c-strip", strip(row.strip, this.days)),
      cell("c-target", el("span", { class: "label narrow" }, "Target "), sla ? percent(sla.target) : el("span", { class: "muted" }, "no SLA")),
      cell("c-measured", sla ? [el("span", { class: "label narrow" }, "Measured "), el("span", { class: sla.measured !== null && sla.measured < sla.target ? "bad" : "" }, percent(sla.measured))] : ""),
      cell("c-budget", sla ? this.budget(sla) : ""));
    return node;
  }

  budget(sla) {
    const running = sla.left >= 0 && sla.breachAt;
    return [
      el("span", { class: `left ${budgetTone(sla.left, sla.budget)}` }, budgetWords(sla.left, sla.budget), el("span", { class: "muted" }, ` of ${duration(sla.budget)}`)),
      budgetBar(sla.left, sla.budget),
      running
        ? el("span", { class: "bad small" }, `breach in ${duration((Date.parse(sla.breachAt) - Date.parse(this.now)) / 1000)}, at ${clockText(sla.breachAt, this.now, sla.zone)}`)
        : el("span", { class: "muted small" }, el("span", {}, named(sla.agreement))),
    ];
  }
}
