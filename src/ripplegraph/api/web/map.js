// The picture of a service as the server draws it, taken in as drawing elements only.

import { asked, pathPart } from "./asking.js";
import { keepInAddress, momentAsked, parsed } from "./addresses.js";
import { el, fill } from "./dom.js";
import { about, factsOf } from "./mapfacts.js";

const ELEMENTS = new Set(["svg", "g", "defs", "marker", "path", "rect", "circle", "line", "polyline", "polygon", "text", "tspan", "title", "desc", "use", "clippath"]);
const VIEWS = { path: "Impact path", folded: "Pools folded", all: "All CIs" };
const REFUSED = /^(on|style$|xlink:)/i;

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

export async function mapOf(service, { withOutages = false, down = [], maintenance = [], degraded = [], signal } = {}) {
  const query = { at: momentAsked(), down, maintenance, degraded, with_open_outages: withOutages ? "true" : "" };
  const answer = await asked(`/v1/services/${pathPart(service)}/view`, { query, signal, accept: "text/html" });
  const text = await answer.text();
  // the pictures alone: styles of the page would be refused by the policy of this one
  const begin = text.search(/<svg id="parts"|<figure/);
  const page = new DOMParser().parseFromString(text.slice(begin, text.lastIndexOf("</figure>")), "text/html");
  const parts = page.querySelector("svg#parts");
  const node = el("div", { class: "map" }, parts ? copied(parts) : null);
  const pictures = [...page.querySelectorAll("figure")].map((figure) => ({
    key: figure.dataset.view,
    picture: copied(figure.querySelector("svg")),
  }));
  const stage = el("div", { class: "map-stage", role: "region", tabindex: "0", "aria-label": "Map, can be scrolled" });
  const beneath = el("div", { "aria-live": "polite" });
  const facts = factsOf(text);
  const explain = (box) => {
    keepInAddress({ ci: box ? facts.get(box.dataset.box)?.id : "" });
    about(beneath, box, facts, { service, close: () => {
      const was = stage.querySelector(".chosen");
      press(was);
      was?.focus();
    } });
  };
  const choose = (place) => {
    fill(stage, pictures[place].picture);
    fill(beneath);
    // the address tells what was chosen, in this picture or before the page was drawn anew
    const wanted = parsed(location.hash).query.get("ci");
    const box = wanted && [...stage.querySelectorAll("[data-box]")].find((one) => facts.get(one.dataset.box)?.id === wanted);
    if (box?.classList.contains("chosen")) explain(box);
    else if (box) press(box);
    centred(stage);
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === place)));
  };
  const buttons = pictures.map(({ key }, place) => el("button", { type: "button", onclick: () => {
    keepInAddress({ level: key });
    choose(place);
  } }, VIEWS[key] ?? key));
  const full = el("button", { type: "button", class: "link", onclick: () => download(service, { ...query }) }, "Save as a file, with the time slider");
  node.append(el("div", { class: "views" }, buttons.length > 1 ? buttons : null, full), stage, beneath);
  for (const { picture } of pictures) {
    const [, , width] = picture.getAttribute("viewBox").split(" ").map(Number);
    picture.setAttribute("width", String(width));
    picture.style.minWidth = `${Math.round(width * 0.62)}px`; // a name smaller than that is not read
    walkable(picture, explain);
  }
  const level = parsed(location.hash).query.get("level");
  choose(Math.max(0, pictures.findIndex(({ key }) => key === level)));
  requestAnimationFrame(() => centred(stage));
  return node;
}

const press = (box) => box?.dispatchEvent(new MouseEvent("click", { bubbles: true }));

// A picture wider than the screen begins with the service, which stands first.
function centred(stage) {
  const top = stage.querySelector("[data-box]")?.getBoundingClientRect(), frame = stage.getBoundingClientRect();
  if (top && stage.scrollWidth > stage.clientWidth) stage.scrollLeft += top.left + top.width / 2 - frame.left - frame.width / 2;
}

// Name, status, detail and what is hidden: a box has them in this order, but for the mark of a fold.
const textsOf = (box) => [...box.querySelectorAll("text:not(.fold)")].map((one) => one.textContent);

// One stop of the tab key; arrows go along the dependencies, as in the file.
function walkable(picture, explain) {
  const boxes = [...picture.querySelectorAll("[data-box]")];
  const lines = [...picture.querySelectorAll("[data-a]")];
  boxes.forEach((box, place) => {
    const said = textsOf(box);
    box.setAttribute("role", "button");
    box.setAttribute("aria-label", box.dataset.label || said.filter(Boolean).join(", "));
    box.setAttribute("tabindex", place ? "-1" : "0");
    if (box.dataset.members) box.setAttribute("aria-expanded", "false");
  });
  const pick = (box) => {
    const chosen = trace(picture, box, boxes, lines);
    for (const one of boxes) {
      if (!one.dataset.members) continue;
      one.setAttribute("aria-expanded", String(one === chosen));
      one.querySelector(".fold").textContent = one === chosen ? "−" : "+";
    }
    explain(chosen);
  };
  picture.addEventListener("keydown", (event) => {
    const box = event.target.closest("[data-box]");
    if (!box) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return pick(box);
    }
    const number = box.dataset.box;
    const next = { ArrowDown: () => lines.find((line) => line.dataset.a === number)?.dataset.b, ArrowUp: () => lines.find((line) => line.dataset.b === number)?.dataset.a }[event.key]?.();
    const place = boxes.indexOf(box) + ({ ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0);
    const target = next !== undefined ? boxes.find((one) => one.dataset.box === next) : boxes[place];
    if (!target || target === box) return;
    event.preventDefault();
    box.setAttribute("tabindex", "-1");
    target.setAttribute("tabindex", "0");
    target.focus();
    pick(target);
  });
  picture.addEventListener("click", (event) => pick(event.target.closest("[data-box]")));
}

// Fades what has nothing to do with the chosen box, and returns it; null if it was chosen already.
function trace(picture, box, boxes, lines) {
  const was = picture.querySelector(".chosen");
  was?.classList.remove("chosen");
  const chosen = box && box !== was ? box : null;
  const kept = new Set();
  if (chosen) {
    chosen.classList.add("chosen");
    for (const [from, to] of [["a", "b"], ["b", "a"]]) {
      const open = [chosen.dataset.box];
      while (open.length) {
        const number = open.pop();
        kept.add(number);
        for (const line of lines) if (line.dataset[from] === number && !kept.has(line.dataset[to])) open.push(line.dataset[to]);
      }
      kept.delete(chosen.dataset.box);
    }
    kept.add(chosen.dataset.box);
  }
  for (const one of boxes) one.classList.toggle("faded", Boolean(chosen) && !kept.has(one.dataset.box));
  for (const one of lines) one.classList.toggle("faded", Boolean(chosen) && !(kept.has(one.dataset.a) && kept.has(one.dataset.b)));
  return chosen;
}

async function download(service, query) {
  const answer = await asked(`/v1/services/${pathPart(service)}/view`, { query, accept: "text/html" });
  const link = el("a", { href: URL.createObjectURL(await answer.blob()), download: "service.html" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
