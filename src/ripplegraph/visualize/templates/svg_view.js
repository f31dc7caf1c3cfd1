// The picture stands in the page already; this walks, searches, explains and saves it.
// Names are only ever text: nodes are cloned or made of text, never parsed as markup.
const root = document.documentElement;
const figures = [...document.querySelectorAll("figure")];
const facts = document.getElementById("facts");
const intro = [...facts.childNodes];
const search = document.getElementById("search");
const matches = document.getElementById("matches");
const rows = new Map([...document.querySelectorAll("tr[data-row]")].map((row) => [row.dataset.row, row]));
const heads = [...document.querySelectorAll("thead th")].map((one) => one.textContent);
let shown = figures[0];
let chosen = null;

const svgOf = (figure) => figure.querySelector("svg");
const boxesOf = (figure) => [...figure.querySelectorAll(".box")];
const boxOf = (figure, id) => figure.querySelector('.box[data-box="' + id + '"]');
const linesOf = (figure) => [...figure.querySelectorAll(".lines > .line")];

// --- views ----------------------------------------------------------------------------------
function show(key) {
  for (const figure of figures) figure.hidden = figure.dataset.view !== key;
  for (const button of document.querySelectorAll("button[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === key));
  }
  shown = figures.find((figure) => figure.dataset.view === key);
  if (chosen !== null && !boxOf(shown, chosen)) choose(null);
  mark();
}
for (const button of document.querySelectorAll("button[data-view]")) {
  button.addEventListener("click", () => show(button.dataset.view));
}

// --- what is chosen ---------------------------------------------------------------------------
function reach(figure, id) {
  const near = new Set([id]);
  for (const [from, to] of [["a", "b"], ["b", "a"]]) {
    const waiting = [id];
    const seen = new Set(waiting);
    while (waiting.length) {
      const one = waiting.pop();
      for (const line of linesOf(figure)) {
        if (line.dataset[from] === one && !seen.has(line.dataset[to])) {
          seen.add(line.dataset[to]);
          waiting.push(line.dataset[to]);
        }
      }
    }
    for (const one of seen) near.add(one);
  }
  return near;
}
function mark() {
  const wanted = search.value.trim().toLowerCase();
  const near = chosen === null ? null : reach(shown, chosen);
  const fits = (box) => !wanted || rows.get(box.dataset.box).textContent.toLowerCase().includes(wanted);
  let count = 0;
  for (const box of boxesOf(shown)) {
    const is = fits(box) && (near === null || near.has(box.dataset.box));
    if (fits(box)) count += 1;
    box.classList.toggle("faded", !is);
    box.classList.toggle("chosen", box.dataset.box === chosen);
  }
  for (const line of linesOf(shown)) {
    line.classList.toggle("faded", near !== null && !(near.has(line.dataset.a) && near.has(line.dataset.b)));
  }
  const all = boxesOf(shown).length;
  matches.textContent = wanted ? count + " of " + all + " CIs drawn fit" : "";
}
function element(name, text) {
  const one = document.createElement(name);
  one.textContent = text;
  return one;
}
function choose(id) {
  chosen = id;
  if (id === null) facts.replaceChildren(...intro);
  else {
    const cells = [...rows.get(id).cells];
    const list = document.createElement("dl");
    cells.slice(2).forEach((cell, at) => {
      if (!cell.textContent.trim()) return;
      const detail = document.createElement("dd");
      detail.append(...[...cell.childNodes].map((one) => one.cloneNode(true)));
      list.append(element("dt", heads[at + 2]), detail);
    });
    const title = element("h2", "");
    title.append(...[...cells[0].childNodes].map((one) => one.cloneNode(true)));
    facts.replaceChildren(title, cells[1].firstElementChild.cloneNode(true), list);
  }
  mark();
}

// --- keyboard: along the dependencies, and along the row -----------------------------------------
function focusOn(box) {
  if (!box) return;
  for (const one of boxesOf(shown)) one.tabIndex = one === box ? 0 : -1;
  box.focus();
}
const placeOf = (box) => box.getAttribute("transform").match(/[\d.-]+/g).map(Number);
function step(box, key) {
  const id = box.dataset.box;
  const [x, y] = placeOf(box);
  if (key === "ArrowDown" || key === "ArrowUp") {
    const [from, to] = key === "ArrowDown" ? ["a", "b"] : ["b", "a"];
    const worst = (line) => Number(line.classList.contains("path")) * 2 + Number(line.classList.contains("passed"));
    const lines = linesOf(shown).filter((line) => line.dataset[from] === id);
    lines.sort((one, other) => worst(other) - worst(one));
    return lines.length ? boxOf(shown, lines[0].dataset[to]) : null;
  }
  const side = key === "ArrowRight" ? 1 : -1;
  const same = boxesOf(shown).filter((one) => placeOf(one)[1] === y && (placeOf(one)[0] - x) * side > 0);
  same.sort((one, other) => (placeOf(one)[0] - placeOf(other)[0]) * side);
  return same[0];
}
for (const figure of figures) {
  const svg = svgOf(figure);
  svg.addEventListener("keydown", (event) => {
    const box = event.target.closest(".box");
    if (!box) return;
    if (event.key === "Enter" || event.key === " ") choose(box.dataset.box);
    else if (event.key === "Escape") choose(null);
    else if (event.key.startsWith("Arrow")) focusOn(step(box, event.key));
    else return;
    event.preventDefault();
  });
  svg.addEventListener("click", (event) => {
    if (moved) return;
    const box = event.target.closest(".box");
    choose(box ? box.dataset.box : null);
    focusOn(box);
  });
}

// --- closer, farther, moved by hand ----------------------------------------------------------------
let moved = false;
const whole = new Map(figures.map((figure) => [figure, svgOf(figure).getAttribute("viewBox")]));
const viewOf = (svg) => svg.getAttribute("viewBox").split(" ").map(Number);
function zoom(svg, factor, at) {
  const [x, y, width, height] = viewOf(svg);
  const [px, py] = at || [x + width / 2, y + height / 2];
  svg.setAttribute("viewBox", [px - (px - x) * factor, py - (py - y) * factor, width * factor, height * factor].join(" "));
}
function pointOf(svg, event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return [point.x, point.y];
}
for (const figure of figures) {
  const svg = svgOf(figure);
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(svg, event.deltaY > 0 ? 1.15 : 1 / 1.15, pointOf(svg, event));
  }, { passive: false });
  let from = null;
  svg.addEventListener("pointerdown", (event) => { from = pointOf(svg, event); moved = false; });
  svg.addEventListener("pointermove", (event) => {
    if (!from || !event.buttons) return;
    const [x, y] = pointOf(svg, event);
    if (Math.hypot(x - from[0], y - from[1]) < 4) return;
    moved = true;
    const [left, top, width, height] = viewOf(svg);
    svg.setAttribute("viewBox", [left - (x - from[0]), top - (y - from[1]), width, height].join(" "));
  });
  svg.addEventListener("pointerup", () => { from = null; });
}
document.getElementById("fit").addEventListener("click", () => svgOf(shown).setAttribute("viewBox", whole.get(shown)));
document.getElementById("closer").addEventListener("click", () => zoom(svgOf(shown), 1 / 1.3));
document.getElementById("farther").addEventListener("click", () => zoom(svgOf(shown), 1.3));

// --- search -------------------------------------------------------------------------------------------
search.addEventListener("input", () => { chosen = null; choose(null); });
search.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const first = boxesOf(shown).find((box) => !box.classList.contains("faded"));
  if (first) { choose(first.dataset.box); focusOn(first); }
});

// --- saving: a copy that carries its own styles ---------------------------------------------------------
function drawing() {
  const copy = svgOf(shown).cloneNode(true);
  copy.setAttribute("viewBox", whole.get(shown));
  const [, , width, height] = viewOf(copy);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  for (const one of copy.querySelectorAll(".faded")) one.classList.remove("faded");
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
  const computed = getComputedStyle(root);
  const names = [...document.querySelector("style").textContent.matchAll(/--([\w-]+):/g)].map((one) => one[1]);
  const colours = [...new Set(names)].map((name) => "--" + name + ":" + computed.getPropertyValue("--" + name));
  style.textContent = "svg{" + colours.join(";") + ";background:var(--page);font-family:sans-serif}"
    + document.querySelector("style").textContent.split("\n").filter((line) => /^\.(bands|line|tip|box|face|strip)/.test(line)).join("");
  copy.prepend(style);
  return { text: new XMLSerializer().serializeToString(copy), width, height };
}
function save(name, blob) {
  const link = document.createElement("a");
  link.download = name;
  link.href = URL.createObjectURL(blob);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
document.getElementById("save-svg").addEventListener("click", () => {
  save("ripplegraph.svg", new Blob([drawing().text], { type: "image/svg+xml" }));
});
document.getElementById("save-png").addEventListener("click", async () => {
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
document.getElementById("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

document.body.classList.add("scripted");
show(figures[0].dataset.view);
document.body.dataset.ready = "true";
