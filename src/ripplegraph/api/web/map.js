// The picture of a service or of an outage as the server draws it, taken in as drawing elements only. What it does is the
// same as in the saved file: picture.js.

import { asked, pathPart } from "./asking.js";
import { keepInAddress, momentAsked, parsed } from "./addresses.js";
import { el, fill } from "./dom.js";
import { aboutCi, aboutPool, dataOf, factsOf } from "./mapfacts.js";
import { isPool, keyOf, momentsOf, pictureOf } from "./picture.js";
import { clockText, STATES } from "./words.js";

const ELEMENTS = new Set(["svg", "g", "defs", "marker", "path", "rect", "circle", "line", "polyline", "polygon", "text", "tspan", "title", "desc", "use", "clippath"]);
const VIEWS = { path: "Impact path", folded: "Pools folded", all: "All CIs" };
const REFUSED = /^(on|style$|xlink:)/i;
const READABLE = 0.8; // a name smaller than that is hard to read

// Copies drawing elements and plain attributes; whatever else stands in the answer stays out.
function copied(node) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
  if (node.nodeType !== Node.ELEMENT_NODE || !ELEMENTS.has(node.localName.toLowerCase())) return null;
  const copy = document.createElementNS("http://www.w3.org/2000/svg", node.localName);
  for (const { name, value } of node.attributes) {
    if (REFUSED.test(name) || (name === "href" && !value.startsWith("#"))) continue;
    copy.setAttribute(name, value);
  }
  copy.append(...[...node.childNodes].map(copied).filter(Boolean));
  return copy;
}

// Without a service: all that falls.
export async function mapOf(service, { withOutages = false, down = [], maintenance = [], degraded = [], zone = null, signal } = {}) {
  const query = { at: momentAsked(), down, maintenance, degraded, with_open_outages: withOutages ? "true" : "" };
  const path = service === null ? "/v1/view" : `/v1/services/${pathPart(service)}/view`;
  const answer = await asked(path, { query, signal, accept: "text/html" });
  return new ServiceMap(service, await answer.text(), zone, () => download(path, query)).node;
}

class ServiceMap {
  constructor(service, text, zone, save) {
    const held = dataOf(text);
    // the pictures alone: styles of the page would be refused by the policy of this one
    const begin = text.search(/<svg id="parts"|<figure/);
    const page = new DOMParser().parseFromString(text.slice(begin, text.lastIndexOf("</figure>")), "text/html");
    const parts = page.querySelector("svg#parts");
    Object.assign(this, { service, zone, cis: factsOf(text, held.others), shown: 0, chosen: null });
    this.pictures = [...page.querySelectorAll("figure")].map((figure) => {
      const svg = copied(figure.querySelector("svg"));
      return { key: figure.dataset.view, caption: figure.querySelector("figcaption").textContent, ...pictureOf(svg, { cis: this.cis, states: STATES, types: held.types }) };
    });
    this.stage = el("div", { class: "map-stage", role: "region", tabindex: "0", "aria-label": "Map, can be scrolled" });
    this.caption = el("p", { class: "muted small" });
    this.beneath = el("div", { "aria-live": "polite" });
    this.buttons = this.pictures.map(({ key }, place) => el("button", { type: "button", onclick: () => {
      keepInAddress({ level: key });
      this.show(place);
    } }, VIEWS[key] ?? key));
    this.node = el("div", { class: "map" }, parts ? copied(parts) : null,
      el("div", { class: "views" }, this.buttons.length > 1 ? this.buttons : null, el("button", { type: "button", class: "link", onclick: save }, "Save as a file")),
      this.stage, held.moments ? this.time(momentsOf(held), titleOf(text)) : null, this.caption, this.beneath);
    for (const { svg } of this.pictures) this.prepare(svg);
    const { query } = parsed(location.hash);
    this.show(Math.max(0, this.pictures.findIndex(({ key }) => key === query.get("level"))));
    requestAnimationFrame(() => this.centre());
  }

  prepare(svg) {
    const width = Number(svg.getAttribute("viewBox").split(" ")[2]);
    svg.setAttribute("width", String(width));
    svg.style.minWidth = `${Math.round(width * READABLE)}px`;
    svg.addEventListener("keydown", (event) => this.key(event));
    svg.addEventListener("click", ({ target }) => {
      const member = target.closest(".member"), box = target.closest(".box");
      if (member) return this.choose(member.dataset.ci);
      if (!box) return this.choose(null);
      if (target.closest(".fold")) this.choose(keyOf(box));
      this.picture.focusOn(box);
      this.pick(box);
    });
  }

  get picture() {
    return this.pictures[this.shown];
  }

  // The address tells what was chosen, in this picture or before the page was drawn anew.
  show(place) {
    this.shown = place;
    fill(this.stage, this.picture.svg);
    fill(this.caption, this.picture.caption);
    this.buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === place)));
    const wanted = parsed(location.hash).query.get("ci");
    const number = wanted && [...this.cis.keys()].find((one) => this.cis.get(one).id === wanted);
    const box = number ? this.picture.boxOf(number) : null;
    this.choose(box ? keyOf(box) : null, { isKept: true });
    this.centre();
  }

  // A picture wider than the screen begins with the service, which stands first.
  centre() {
    const { stage } = this, top = this.picture.boxes[0]?.getBoundingClientRect(), frame = stage.getBoundingClientRect();
    if (top && stage.scrollWidth > stage.clientWidth) stage.scrollLeft += top.left + top.width / 2 - frame.left - frame.width / 2;
  }

  key(event) {
    const member = event.target.closest(".member"), box = event.target.closest(".box") ?? (member && this.picture.boxOf(member.dataset.ci));
    if (!box) return;
    if (event.key === "Enter" || event.key === " ") {
      if (member) this.choose(member.dataset.ci);
      else this.pick(box);
    } else if (event.key === "Escape") this.choose(null);
    else if (event.key.startsWith("Arrow") || event.key === "Home") {
      const next = this.picture.step(box, event.key);
      if (next) this.picture.focusOn(next);
      next?.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else return;
    event.preventDefault();
  }

  // What is chosen already unfolds, if it is a pool.
  pick(box) {
    if (isPool(box) && this.chosen === keyOf(box)) this.picture.toggle(box);
    this.choose(keyOf(box));
  }

  choose(key, { isKept = false } = {}) {
    this.chosen = key;
    this.picture.mark(key);
    const box = key === null ? null : this.picture.held(key);
    if (!isKept) keepInAddress({ ci: box ? this.cis.get(key.replace("p", ""))?.id : "" });
    if (!box) return fill(this.beneath);
    const close = () => {
      this.choose(null);
      box.focus();
    };
    fill(this.beneath, key.startsWith("p")
      ? aboutPool(box, this.cis, { isOpen: this.picture.isOpen(box), toggle: () => {
        this.pick(box);
        this.beneath.querySelector(".actions button").focus();
      }, close })
      : aboutCi(this.cis.get(key), this.service, close));
  }

  // The slider over the outages: statuses were computed on the server, this only repaints.
  time(moments, title) {
    const said = el("output", { for: "map-time", "aria-live": "polite" });
    const slider = el("input", { id: "map-time", type: "range", min: 0, max: moments.length - 1, step: 1, oninput: () => go(0) });
    const go = (by) => {
      slider.value = String(Number(slider.value) + by);
      const now = moments[Number(slider.value)];
      const words = inZone([now.when, now.what].filter(Boolean).join(": "), this.zone);
      fill(said, words);
      slider.setAttribute("aria-valuetext", words);
      for (const [number, ci] of this.cis) ci.state = now.states ? now.states.get(number) ?? 0 : ci.last;
      for (const one of this.pictures) one.paint(now.of(one.key), words);
      keepInAddress({ then: now.when });
      if (this.stage.hasChildNodes()) this.choose(this.chosen, { isKept: true });
    };
    // a link shows the same moment again, while the slider still reaches it
    const wanted = parsed(location.hash).query.get("then");
    const place = moments.findIndex(({ when }) => when === wanted);
    slider.value = String(wanted && place >= 0 ? place : moments.length - 1);
    go(0);
    return el("div", { class: "map-time" }, el("label", { for: "map-time" }, title),
      el("button", { type: "button", "aria-label": "One change back", onclick: () => go(-1) }, "◀"), slider,
      el("button", { type: "button", "aria-label": "One change on", onclick: () => go(1) }, "▶"), said);
  }
}

const titleOf = (text) => text.match(/<label for="time">([^<]*)</)?.[1] ?? "Time";

// Times as on all of this page: in the zone of the agreements, or of the reader.
const inZone = (words, zone) => words.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC/, (_, day, time) => clockText(`${day}T${time}:00Z`, new Date(), zone));

async function download(path, query) {
  const answer = await asked(path, { query, accept: "text/html" });
  const link = el("a", { href: URL.createObjectURL(await answer.blob()), download: path === "/v1/view" ? "outage.html" : "service.html" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
