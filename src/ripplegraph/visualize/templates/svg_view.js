// The picture stands in the page already; this searches, explains, moves and saves it.
// Names are only ever text: nodes are cloned or made of text, never parsed as markup.
import { all, drawn, isPool, keyOf, membersOf, momentsOf, numbersOf, pictureOf, placeOf, put } from "./picture.js";
const root = document.documentElement;
const byId = (id) => document.getElementById(id);
const on = (one, event, react, options) => one.addEventListener(event, react, options);
const data = JSON.parse(byId("data").textContent);
const figures = all("figure");
const facts = byId("facts");
const intro = [...facts.childNodes];
const search = byId("search");
const heads = all("thead th").map((one) => one.textContent);
const STATES = all(".legend .badge").map((one) => ({
  word: one.classList[2], icon: one.firstElementChild.textContent, text: one.lastChild.textContent.trim(),
}));
let shown = figures[0];
let chosen = null;

// --- what is known of each CI: from its row, or from the list of those without one --------------
const cis = new Map();
for (const row of all("tr[data-row]")) {
  const last = STATES.findIndex((one) => row.cells[1].classList.contains(one.word));
  const text = [0, 6, 7, 8].map((at) => row.cells[at].textContent).join(" ") + " " + row.parentElement.rows[0].textContent;
  cis.set(row.dataset.row, { name: row.cells[0].textContent, last, row, text: text.toLowerCase() });
}
for (const [number, name, last, kind, id] of data.others) {
  cis.set(String(number), { name, last, kind, id, text: (name + " " + kind + " " + id).toLowerCase() });
}
for (const ci of cis.values()) ci.state = ci.last;
const pictures = new Map(figures.map((figure) => [figure, pictureOf(figure.querySelector("svg"), { cis, states: STATES, types: data.types })]));
const svgOf = (figure) => pictures.get(figure).svg;
const boxOf = (figure, id) => pictures.get(figure).boxOf(id);
const held = (key) => pictures.get(shown).held(key);

function element(name, text, attributes = {}) {
  const one = document.createElement(name);
  one.textContent = text;
  for (const key of Object.keys(attributes)) put(one, key, attributes[key]);
  return one;
}
function badge(state) {
  const one = element("span", "", { class: "badge small " + STATES[state].word });
  one.append(element("span", STATES[state].icon, { "aria-hidden": "true" }), " " + STATES[state].text);
  return one;
}
function entry(id, note) {
  const ci = cis.get(id);
  const button = element("button", "", { type: "button" });
  button.append(element("span", STATES[ci.state].icon, { "aria-hidden": "true" }), element("bdi", ci.name), element("span", note || STATES[ci.state].text, { class: "word" }));
  on(button, "click", () => goTo(id));
  const item = document.createElement("li");
  item.append(button);
  return item;
}

// --- views ----------------------------------------------------------------------------------
function show(key) {
  for (const figure of figures) figure.hidden = figure.dataset.view !== key;
  for (const button of all("button[data-view]")) put(button, "aria-pressed", String(button.dataset.view === key));
  shown = figures.find((figure) => figure.dataset.view === key);
  if (svgOf(shown).getAttribute("viewBox") === wholeOf(shown)) open(shown);
  choose(chosen !== null && held(chosen) ? chosen : null);
}
for (const button of all("button[data-view]")) button.addEventListener("click", () => show(button.dataset.view));

// --- what is chosen ---------------------------------------------------------------------------
const fits = (id, wanted) => cis.has(id) && cis.get(id).text.includes(wanted);
function mark() {
  const wanted = search.value.trim().toLowerCase();
  pictures.get(shown).mark(chosen, (id) => !wanted || fits(id, wanted));
}
function choose(key) {
  chosen = key;
  if (key === null) facts.replaceChildren(...intro);
  else facts.replaceChildren(...(key.startsWith("p") ? aboutPool(held(key)) : aboutCi(key)));
  mark();
}
function aboutCi(id) {
  const ci = cis.get(id);
  const title = document.createElement("h2");
  const list = document.createElement("dl");
  if (!ci.row) {
    title.append(element("bdi", ci.name));
    const words = boxOf(shown, id) ? "In a folded pool; only its name is in this page." : "Hidden in every picture of this page.";
    list.append(element("dt", "Kind"), element("dd", ci.kind), element("dt", "Identifier"), element("dd", ci.id));
    return [title, badge(ci.state), element("p", words, { class: "muted" }), list];
  }
  const cells = [...ci.row.cells];
  title.append(...[...cells[0].childNodes].map((one) => one.cloneNode(true)));
  cells.slice(2).forEach((cell, at) => {
    if (!cell.textContent.trim() || (at === 0 && ci.state !== ci.last)) return;
    let detail = document.createElement("dd");
    if (!cell.querySelector("i")) list.append(element("dt", heads[at + 2]), detail);
    for (const one of cell.childNodes) {
      if (one.nodeName === "I") {
        detail = document.createElement("dd");
        list.append(element("dt", one.textContent.replace(":", "")), detail);
      } else detail.append(one.nodeType === 3 ? one.data.replace(/; $/, "") : one.cloneNode(true));
    }
  });
  list.prepend(element("dt", "Kind"), element("dd", ci.row.parentElement.dataset.kind));
  const parts = [title, badge(ci.state), list];
  if (ci.state !== ci.last) parts.splice(2, 0, element("p", "Status at the moment of the slider.", { class: "muted" }));
  return parts;
}
function aboutPool(box) {
  const ids = membersOf(box);
  const title = document.createElement("h2");
  title.append(element("bdi", box.querySelector(".name").textContent));
  const words = [...box.querySelectorAll(".status, .detail")].map((one) => one.textContent).join(": ");
  const button = element("button", pictures.get(shown).isOpen(box) ? "Fold" : "Unfold in the picture", { type: "button" });
  on(button, "click", () => { pictures.get(shown).toggle(box); choose(keyOf(box)); });
  const list = element("ul", "", { class: "list" });
  list.append(...ids.filter((id) => cis.has(id)).map((id) => entry(id)));
  return [title, badge(pictures.get(shown).stateOf(box)), element("p", words), button, list];
}
for (const button of all("[data-ci]", facts)) button.addEventListener("click", () => goTo(button.dataset.ci));
function goTo(id) {
  byId("found").replaceChildren();
  const order = [shown, ...figures.filter((figure) => figure !== shown).reverse()];
  const figure = order.find((one) => boxOf(one, id));
  if (figure && figure !== shown) show(figure.dataset.view);
  choose(id);
  if (figure) bringIn(boxOf(figure, id));
}

// --- keyboard and pointer -------------------------------------------------------------------------
function focusOn(box) {
  if (!box) return;
  pictures.get(shown).focusOn(box);
  bringIn(box);
}
function pick(box) {
  if (isPool(box) && chosen === keyOf(box)) pictures.get(shown).toggle(box);
  choose(keyOf(box));
}
for (const figure of figures) {
  const svg = svgOf(figure);
  on(svg, "keydown", (event) => {
    const member = event.target.closest(".member");
    const box = event.target.closest(".box") || (member && boxOf(figure, member.dataset.ci));
    if (!box) return;
    if (event.key === "Enter" || event.key === " ") {
      if (member) choose(member.dataset.ci);
      else pick(box);
    } else if (event.key === "Escape") choose(null);
    else if (event.key.startsWith("Arrow") || event.key === "Home") focusOn(pictures.get(shown).step(box, event.key));
    else return;
    event.preventDefault();
  });
  on(svg, "click", (event) => {
    if (moved) return;
    const member = event.target.closest(".member");
    if (member) return choose(member.dataset.ci);
    const box = event.target.closest(".box");
    if (!box) return choose(null);
    if (event.target.closest(".fold")) choose(keyOf(box));
    pick(box);
    focusOn(box);
  });
}

// --- closer, farther, moved by hand ----------------------------------------------------------------
let moved = false;
const wholeOf = (figure) => pictures.get(figure).whole();
const viewOf = (svg) => numbersOf(svg.getAttribute("viewBox"));
function zoom(svg, factor, at) {
  const [x, y, width, height] = viewOf(svg);
  const [px, py] = at || [x + width / 2, y + height / 2];
  put(svg, "viewBox", [px - (px - x) * factor, py - (py - y) * factor, width * factor, height * factor].join(" "));
}
function pointOf(svg, event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return [point.x, point.y];
}
function bringIn(box) {
  const svg = box.ownerSVGElement;
  const frame = svg.getBoundingClientRect();
  const place = box.getBoundingClientRect();
  if (place.left >= frame.left && place.right <= frame.right && place.top >= frame.top && place.bottom <= frame.bottom) return;
  const [left, top, width, height] = viewOf(svg);
  const [x, y] = placeOf(box);
  put(svg, "viewBox", [x + 130 - width / 2, y + 33 - height / 2, width, height].join(" "));
}
for (const figure of figures) {
  const svg = svgOf(figure);
  on(svg, "wheel", (event) => {
    event.preventDefault();
    zoom(svg, event.deltaY > 0 ? 1.15 : 1 / 1.15, pointOf(svg, event));
  }, { passive: false });
  let from = null;
  on(svg, "pointerdown", (event) => { from = pointOf(svg, event); moved = false; });
  on(svg, "pointermove", (event) => {
    if (!from || !event.buttons) return;
    const [x, y] = pointOf(svg, event);
    if (!moved && Math.hypot(x - from[0], y - from[1]) < 4) return;
    moved = true;
    const [left, top, width, height] = viewOf(svg);
    put(svg, "viewBox", [left - (x - from[0]), top - (y - from[1]), width, height].join(" "));
  });
  on(svg, "pointerup", () => { from = null; });
}
// a large picture opens where it can be read, at its service; "Fit" shows the whole of it
const READABLE = 0.62;
function open(figure) {
  const svg = svgOf(figure);
  const frame = svg.getBoundingClientRect();
  const [, , wide, high] = numbersOf(wholeOf(figure));
  if (!frame.width || Math.min(frame.width / wide, frame.height / high) >= READABLE) return;
  const [x] = placeOf(pictures.get(figure).boxes[0]);
  const width = Math.min(wide, frame.width / READABLE);
  const left = Math.max(0, Math.min(wide - width, x + 134 - width / 2));
  put(svg, "viewBox", [left, 0, width, (width * frame.height) / frame.width].join(" "));
}
on(byId("fit"), "click", () => put(svgOf(shown), "viewBox", wholeOf(shown)));
on(byId("closer"), "click", () => zoom(svgOf(shown), 1 / 1.3));
on(byId("farther"), "click", () => zoom(svgOf(shown), 1.3));

// --- search: every CI of the service, drawn or not ---------------------------------------------------
const MOST = 30;
function found() {
  const wanted = search.value.trim().toLowerCase();
  const inName = (id) => Number(!cis.get(id).name.toLowerCase().includes(wanted));
  const ids = wanted ? [...cis.keys()].filter((id) => fits(id, wanted)) : [];
  return ids.sort((one, other) => inName(one) - inName(other));
}
function whereIs(id) {
  const box = boxOf(shown, id);
  if (box) return isPool(box) ? "in a pool" : "";
  return figures.some((figure) => boxOf(figure, id)) ? "in another view" : "hidden";
}
on(search, "input", () => {
  choose(null);
  const ids = found();
  const left = data.unnamed ? "; " + data.unnamed + " hidden CIs cannot be searched" : "";
  byId("matches").textContent = search.value.trim() ? ids.length + " of " + cis.size + " CIs fit" + left : "";
  byId("found").replaceChildren(...ids.slice(0, MOST).map((id) => entry(id, whereIs(id))));
});
on(search, "keydown", (event) => {
  const [first] = found();
  if (event.key === "Escape") { search.value = ""; search.dispatchEvent(new Event("input")); }
  if (event.key !== "Enter" || first === undefined) return;
  goTo(first);
  if (boxOf(shown, first)) focusOn(boxOf(shown, first));
});

// --- time: statuses were computed before, this only repaints ---------------------------------------
const slider = byId("time");
const moments = slider ? momentsOf(data) : [];
function moment() {
  const now = moments[Number(slider.value)];
  byId("moment").textContent = now.when ? now.when + ": " + now.what : now.what;
  put(slider, "aria-valuetext", byId("moment").textContent);
  for (const [id, ci] of cis) ci.state = now.states ? now.states.get(id) || 0 : ci.last;
  for (const [figure, picture] of pictures) picture.paint(now.of(figure.dataset.view), byId("moment").textContent);
  choose(chosen);
}
if (slider) {
  const move = (by) => { slider.value = Number(slider.value) + by; moment(); };
  on(slider, "input", moment);
  on(byId("earlier"), "click", () => move(-1));
  on(byId("later"), "click", () => move(1));
}

// --- saving: a copy that carries its own styles, in the light theme --------------------------------------
function drawing() {
  const copy = svgOf(shown).cloneNode(true);
  put(copy, "viewBox", wholeOf(shown));
  const [, , width, height] = viewOf(copy);
  put(copy, "width", width);
  put(copy, "height", height);
  // texts stand where the style of the page moves them; programs that know no such style read x and y
  const texts = all(".box > text", svgOf(shown)).map((one) => new DOMMatrix(getComputedStyle(one).transform));
  all(".box > text", copy).forEach((one, at) => {
    put(one, "x", texts[at].e);
    put(one, "y", texts[at].f);
  });
  for (const one of all(".faded, .chosen", copy)) one.classList.remove("faded", "chosen");
  const theme = root.dataset.theme;
  root.dataset.theme = "light";
  const css = document.querySelector("style").textContent;
  const computed = getComputedStyle(root);
  const names = new Set([...css.matchAll(/--([\w-]+):/g)].map((one) => one[1]));
  const colours = [...names].map((name) => ["--" + name, computed.getPropertyValue("--" + name)]).filter((one) => one[1]).map((one) => one.join(":"));
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  const rules = css.split("\n").filter((line) => /^\.(bands|line|tip|box|face|strip|behind|member|foot|part|lines)/.test(line)).join("");
  copy.prepend(drawn("style", {}, "svg{" + colours.join(";") + ";background:var(--page);font-family:sans-serif}"
    + rules), byId("parts").firstElementChild.cloneNode(true));
  // a name may hold characters that no XML can hold: the saved picture shows that one was there
  const text = new XMLSerializer().serializeToString(copy).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
  return { text, width, height };
}
function save(name, blob) {
  const link = document.createElement("a");
  link.download = name;
  link.href = URL.createObjectURL(blob);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
on(byId("save-svg"), "click", () => save("ripplegraph.svg", new Blob([drawing().text], { type: "image/svg+xml" })));
on(byId("save-png"), "click", async () => {
  const { text, width, height } = drawing();
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
  await image.decode();
  const canvas = document.createElement("canvas");
  const scale = Math.min(2, 8000 / Math.max(width, height));
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => save("ripplegraph.png", blob));
});

// --- theme ------------------------------------------------------------------------------------------------
on(byId("theme"), "click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

document.body.classList.add("scripted");
// on paper a large picture comes whole first, then in parts that can be read; open pools make the last ones longer
addEventListener("beforeprint", () => {
  for (const figure of figures) put(svgOf(figure), "viewBox", wholeOf(figure));
  const page = new DOMParser().parseFromString(byId("sheets").textContent, "text/html");
  const parts = all(".sheets", page).filter((one) => one.dataset.of === shown.dataset.view);
  const views = all("svg", parts[0] || page).map((one) => [one, ...viewOf(one)]);
  const end = Math.max(...views.map(([, , top, , high]) => top + high));
  const more = Math.max(0, viewOf(svgOf(shown))[3] - end);
  for (const [one, left, top, wide, high] of views) {
    if (top + high === end) put(one, "viewBox", [left, top, wide, high + more].join(" "));
  }
  byId("sheets").after(...parts);
});
addEventListener("afterprint", () => { for (const one of all(".sheets")) one.remove(); });
show(figures[0].dataset.view);
if (slider) moment();
document.body.dataset.ready = "true";
