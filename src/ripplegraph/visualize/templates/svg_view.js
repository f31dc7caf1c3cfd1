// The picture stands in the page already; this walks, searches, explains, unfolds, repaints and saves it.
// Names are only ever text: nodes are cloned or made of text, never parsed as markup.
const root = document.documentElement;
const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const data = JSON.parse(byId("data").textContent);
const figures = all("figure");
const facts = byId("facts");
const intro = [...facts.childNodes];
const search = byId("search");
const heads = all("thead th").map((one) => one.textContent);
const STATES = all(".legend .badge").map((one) => ({
  word: one.classList[2], icon: one.firstElementChild.textContent, text: one.lastChild.textContent.trim(),
}));
const stateOf = (element) => STATES.findIndex((one) => element.classList.contains(one.word));
let shown = figures[0];
let chosen = null;

// --- what is known of each CI: from its row, or from the list of those without one --------------
const cis = new Map();
for (const row of all("tr[data-row]")) {
  const last = stateOf(row.cells[1]);
  const text = [0, row.cells.length - 1].map((at) => row.cells[at].textContent).join(" ") + " " + row.parentElement.rows[0].textContent;
  cis.set(row.dataset.row, { name: row.cells[0].textContent, last, row, text: text.toLowerCase() });
}
for (const [number, name, last, kind, id] of data.others) {
  cis.set(String(number), { name, last, kind, id, text: (name + " " + kind + " " + id).toLowerCase() });
}
for (const ci of cis.values()) ci.state = ci.last;

const svgOf = (figure) => figure.querySelector("svg");
const boxesOf = (figure) => all(".box", figure);
const linesOf = (figure) => all(".lines > path", figure);
const isPool = (box) => box.dataset.members !== undefined;
const membersOf = (box) => (box.dataset.members || "").split(" ").filter(Boolean);
const holders = new Map(figures.map((figure) => [figure, new Map()]));
for (const figure of figures) {
  for (const box of boxesOf(figure)) {
    ["name", "status", "detail"].forEach((part, at) => all("text", box)[at].classList.add(part));
    box.setAttribute("role", "button");
    const said = ["name", "status", "detail", "hidden"].map((part) => box.querySelector("." + part)?.textContent);
    box.setAttribute("aria-label", box.dataset.label || said.filter(Boolean).join(", "));
    box.tabIndex = box.previousElementSibling ? -1 : 0;
    if (isPool(box)) box.setAttribute("aria-expanded", "false");
    for (const one of [box.dataset.box, ...membersOf(box)]) holders.get(figure).set(one, box);
  }
}
const boxOf = (figure, id) => holders.get(figure).get(id);
for (const line of all(".lines > path")) {
  const [a, b, type] = line.dataset.w.split(" ");
  line.classList.add("line");
  Object.assign(line.dataset, { a, b });
  if (type) line.append(drawn("title", {}, data.types[type]));
}
// what is chosen: the number of a CI, or "p" and the number of a pool
const keyOf = (box) => (isPool(box) ? "p" : "") + box.dataset.box;
function held(figure, key) {
  if (!key.startsWith("p")) return boxOf(figure, key);
  const box = boxOf(figure, key.slice(1));
  return box && keyOf(box) === key ? box : undefined;
}

function element(name, text, attributes = {}) {
  const one = document.createElement(name);
  one.textContent = text;
  for (const key of Object.keys(attributes)) one.setAttribute(key, attributes[key]);
  return one;
}
function drawn(name, attributes, text = "") {
  const one = document.createElementNS(SVG, name);
  for (const key of Object.keys(attributes)) one.setAttribute(key, attributes[key]);
  one.textContent = text;
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
  button.addEventListener("click", () => goTo(id));
  const item = document.createElement("li");
  item.append(button);
  return item;
}

// --- views ----------------------------------------------------------------------------------
function show(key) {
  for (const figure of figures) figure.hidden = figure.dataset.view !== key;
  for (const button of all("button[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === key));
  shown = figures.find((figure) => figure.dataset.view === key);
  if (svgOf(shown).getAttribute("viewBox") === whole.get(shown)) open(shown);
  choose(chosen !== null && held(shown, chosen) ? chosen : null);
}
for (const button of all("button[data-view]")) button.addEventListener("click", () => show(button.dataset.view));

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
const fits = (id, wanted) => cis.has(id) && cis.get(id).text.includes(wanted);
function mark() {
  const wanted = search.value.trim().toLowerCase();
  const box = chosen === null ? undefined : held(shown, chosen);
  const near = box ? reach(shown, box.dataset.box) : null;
  for (const one of boxesOf(shown)) {
    const ids = isPool(one) ? membersOf(one) : [one.dataset.box];
    const fit = !wanted || ids.some((id) => fits(id, wanted));
    one.classList.toggle("faded", !fit || (near !== null && !near.has(one.dataset.box)));
    one.classList.toggle("chosen", one === box);
  }
  for (const one of all(".member", shown)) one.classList.toggle("chosen", one.dataset.ci === chosen);
  for (const line of linesOf(shown)) {
    line.classList.toggle("faded", near !== null && !(near.has(line.dataset.a) && near.has(line.dataset.b)));
  }
}
function choose(key) {
  chosen = key;
  if (key === null) facts.replaceChildren(...intro);
  else facts.replaceChildren(...(key.startsWith("p") ? aboutPool(held(shown, key)) : aboutCi(key)));
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
  const button = element("button", box.getAttribute("aria-expanded") === "true" ? "Fold" : "Unfold in the picture", { type: "button" });
  button.addEventListener("click", () => { toggle(box); choose(keyOf(box)); });
  const list = element("ul", "", { class: "list" });
  list.append(...ids.filter((id) => cis.has(id)).map((id) => entry(id)));
  return [title, badge(stateOf(box)), element("p", words), button, list];
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

// --- pools open in place: what lies below moves down, ways get longer -----------------------------
const ROW = 24;
const originals = new Map();
const numbersOf = (text) => text.match(/-?[\d.]+/g).map(Number);
for (const figure of figures) {
  const kept = { boxes: new Map(), lines: new Map(), bands: new Map(), foot: new Map(), open: new Set(), height: numbersOf(svgOf(figure).getAttribute("viewBox"))[3] };
  for (const box of boxesOf(figure)) {
    const [x, y] = numbersOf(box.getAttribute("transform"));
    kept.boxes.set(box.dataset.box, { x, y, high: Number(svgOf(figure).dataset.high), box });
  }
  for (const line of linesOf(figure)) kept.lines.set(line, line.getAttribute("d"));
  for (const one of all(".bands > *", figure)) kept.bands.set(one, [Number(one.getAttribute("y")), Number(one.getAttribute("height") || 0)]);
  for (const one of all(".foot > *", figure)) kept.foot.set(one, Number(one.getAttribute("y")));
  originals.set(figure, kept);
}
const grown = (box) => membersOf(box).length * ROW + 10;
function toggle(box) {
  const kept = originals.get(shown);
  const id = box.dataset.box;
  const opens = !kept.open.has(id);
  if (opens) kept.open.add(id);
  else kept.open.delete(id);
  box.setAttribute("aria-expanded", String(opens));
  box.querySelector(".fold").textContent = opens ? "−" : "+";
  if (opens) openPool(box, kept.boxes.get(id));
  else all('.members[data-of="' + id + '"]', shown).forEach((one) => one.remove());
  arrange(shown);
}
function openPool(box, place) {
  const group = drawn("g", { class: "members", "data-of": box.dataset.box });
  const wide = Number(box.ownerSVGElement.dataset.wide);
  membersOf(box).filter((id) => cis.has(id)).forEach((id, at) => {
    const ci = cis.get(id);
    const one = drawn("g", { class: "member " + STATES[ci.state].word, "data-ci": id, role: "button", tabindex: "0", "aria-label": ci.name + ", " + STATES[ci.state].text, transform: "translate(34 " + (place.high + at * ROW) + ")" });
    const most = 21;
    const name = ci.name.length > most ? ci.name.slice(0, 12) + "…" + ci.name.slice(-8) : ci.name;
    one.append(
      drawn("rect", { width: wide - 40, height: ROW - 2, rx: 4 }),
      drawn("text", { class: "icon", x: 14, y: ROW / 2 - 1 }, STATES[ci.state].icon),
      drawn("text", { x: 30, y: ROW / 2 - 1 }, name),
      drawn("text", { class: "status", x: wide - 48, y: ROW / 2 - 1 }, STATES[ci.state].text),
    );
    group.append(one);
  });
  box.after(group);
}
function arrange(figure) {
  const kept = originals.get(figure);
  const own = new Map();
  const rows = new Map();
  for (const id of kept.open) {
    const place = kept.boxes.get(id);
    const bottom = place.y + place.high;
    own.set(id, grown(place.box));
    rows.set(bottom, Math.max(rows.get(bottom) || 0, grown(place.box)));
  }
  const shift = (y) => [...rows].reduce((sum, [bottom, more]) => sum + (bottom < y ? more : 0), y);
  const after = (y) => shift(y + 0.5) - 0.5;
  for (const { x, y, high, box } of kept.boxes.values()) {
    const more = own.get(box.dataset.box) || 0;
    box.setAttribute("transform", "translate(" + x + " " + shift(y) + ")");
    for (const one of all(".face, .behind", box)) one.setAttribute("height", high + more);
    const group = figure.querySelector('.members[data-of="' + box.dataset.box + '"]');
    if (group) group.setAttribute("transform", "translate(" + x + " " + shift(y) + ")");
  }
  for (const [line, d] of kept.lines) line.setAttribute("d", rows.size ? stretched(line, d, shift, after, own) : d);
  for (const [one, [y, high]] of kept.bands) {
    one.setAttribute("y", shift(y));
    if (high) one.setAttribute("height", shift(y + high) - shift(y));
  }
  for (const [one, y] of kept.foot) one.setAttribute("y", shift(y));
  const svg = svgOf(figure);
  const [, , wide] = numbersOf(whole.get(figure));
  const isWhole = svg.getAttribute("viewBox") === whole.get(figure);
  whole.set(figure, [0, 0, wide, shift(kept.height)].join(" "));
  if (isWhole) svg.setAttribute("viewBox", whole.get(figure));
}
function absolute(d) {
  let x = 0;
  let y = 0;
  return [...d.matchAll(/([Mvc])([^Mvc]*)/g)].map(([, kind, text]) => {
    const moved = numbersOf(text);
    if (kind === "v") moved[0] += y;
    else if (kind === "c") moved.forEach((one, at) => { moved[at] = one + (at % 2 ? y : x); });
    y = moved[moved.length - 1];
    if (moved.length > 1) x = moved[moved.length - 2];
    return [kind.toUpperCase(), moved];
  });
}
function stretched(line, d, shift, after, own) {
  const steps = absolute(d);
  const first = steps[0][1][1];
  const last = steps[steps.length - 1][1].slice(-1)[0];
  const down = last >= first;
  const end = (y, id) => shift(y) + (own.get(id) || 0);
  const parts = steps.map(([kind, numbers], at) => {
    if (kind === "M") {
      const y = numbers[1];
      const start = down ? end(y, line.dataset.a) : shift(y);
      return "M" + numbers[0] + " " + start + (down && start !== after(y) ? "V" + after(y) : "");
    }
    const isLast = at === steps.length - 1;
    const y = numbers[numbers.length - 1];
    const target = down && isLast ? shift(y) : after(y);
    const stop = end(y, line.dataset.b);
    const tail = !down && isLast && stop !== target ? "V" + stop : "";
    if (kind === "V") return "V" + target + tail;
    const middle = after(numbers[1]);
    return "C" + [numbers[0], middle, numbers[2], middle, numbers[4], target].join(" ") + tail;
  });
  return parts.join("");
}

// --- keyboard: along the dependencies, and along the row -----------------------------------------
function focusOn(box) {
  if (!box) return;
  for (const one of boxesOf(shown)) one.tabIndex = one === box ? 0 : -1;
  box.focus({ preventScroll: true });
  bringIn(box);
}
const placeOf = (box) => numbersOf(box.getAttribute("transform"));
function step(box, key) {
  const id = box.dataset.box;
  const [x, y] = placeOf(box);
  if (key === "Home") return boxesOf(shown)[0];
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
    const member = event.target.closest(".member");
    const box = event.target.closest(".box") || (member && boxOf(figure, member.dataset.ci));
    if (!box) return;
    if (event.key === "Enter" || event.key === " ") {
      if (member) choose(member.dataset.ci);
      else {
        if (isPool(box) && chosen === keyOf(box)) toggle(box);
        choose(keyOf(box));
      }
    } else if (event.key === "Escape") choose(null);
    else if (event.key.startsWith("Arrow") || event.key === "Home") focusOn(step(box, event.key));
    else return;
    event.preventDefault();
  });
  svg.addEventListener("click", (event) => {
    if (moved) return;
    const member = event.target.closest(".member");
    if (member) return choose(member.dataset.ci);
    const box = event.target.closest(".box");
    if (!box) return choose(null);
    if (event.target.closest(".fold") || (isPool(box) && chosen === keyOf(box))) toggle(box);
    choose(keyOf(box));
    focusOn(box);
  });
}

// --- closer, farther, moved by hand ----------------------------------------------------------------
let moved = false;
const whole = new Map(figures.map((figure) => [figure, svgOf(figure).getAttribute("viewBox")]));
const viewOf = (svg) => numbersOf(svg.getAttribute("viewBox"));
function zoom(svg, factor, at) {
  const [x, y, width, height] = viewOf(svg);
  const [px, py] = at || [x + width / 2, y + height / 2];
  svg.setAttribute("viewBox", [px - (px - x) * factor, py - (py - y) * factor, width * factor, height * factor].join(" "));
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
  svg.setAttribute("viewBox", [x + 130 - width / 2, y + 33 - height / 2, width, height].join(" "));
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
    if (!moved && Math.hypot(x - from[0], y - from[1]) < 4) return;
    moved = true;
    const [left, top, width, height] = viewOf(svg);
    svg.setAttribute("viewBox", [left - (x - from[0]), top - (y - from[1]), width, height].join(" "));
  });
  svg.addEventListener("pointerup", () => { from = null; });
}
// a large picture opens where it can be read, at its service; "Fit" shows the whole of it
const READABLE = 0.62;
function open(figure) {
  const svg = svgOf(figure);
  const frame = svg.getBoundingClientRect();
  const [, , wide, high] = numbersOf(whole.get(figure));
  if (!frame.width || Math.min(frame.width / wide, frame.height / high) >= READABLE) return;
  const [x] = placeOf(boxesOf(figure)[0]);
  const width = Math.min(wide, frame.width / READABLE);
  const left = Math.max(0, Math.min(wide - width, x + 134 - width / 2));
  svg.setAttribute("viewBox", [left, 0, width, (width * frame.height) / frame.width].join(" "));
}
byId("fit").addEventListener("click", () => svgOf(shown).setAttribute("viewBox", whole.get(shown)));
byId("closer").addEventListener("click", () => zoom(svgOf(shown), 1 / 1.3));
byId("farther").addEventListener("click", () => zoom(svgOf(shown), 1.3));

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
search.addEventListener("input", () => {
  choose(null);
  const ids = found();
  const left = data.unnamed ? "; " + data.unnamed + " hidden CIs cannot be searched" : "";
  byId("matches").textContent = search.value.trim() ? ids.length + " of " + cis.size + " CIs fit" + left : "";
  byId("found").replaceChildren(...ids.slice(0, MOST).map((id) => entry(id, whereIs(id))));
});
search.addEventListener("keydown", (event) => {
  const [first] = found();
  if (event.key === "Escape") { search.value = ""; search.dispatchEvent(new Event("input")); }
  if (event.key !== "Enter" || first === undefined) return;
  goTo(first);
  if (boxOf(shown, first)) focusOn(boxOf(shown, first));
});

// --- time: statuses were computed before, this only repaints ---------------------------------------
const slider = byId("time");
const decoded = (text) => new Map(text.split(" ").filter(Boolean).map((one) => one.split(":")).map(([id, state]) => [id, Number(state)]));
// a text that starts with a plus sign adds to the one before
const filled = (texts) => texts.reduce((done, one) => [...done, one.startsWith("+") ? done[done.length - 1] + " " + one.slice(1) : one], []);
const stateTexts = slider ? filled(data.states) : [];
const paints = slider ? new Map(figures.map((figure) => [figure, data.paint[figure.dataset.view].map(filled)])) : new Map();
const painted = new Map();
for (const figure of figures) {
  for (const one of [...boxesOf(figure), ...linesOf(figure)]) painted.set(one, one.getAttribute("class"));
  for (const one of all(".box .status, .box .detail", figure)) painted.set(one, one.textContent);
}
function paintBox(box, state) {
  const known = STATES.map((one) => one.word);
  box.classList.remove(...known, "root");
  box.classList.add(known[state]);
  const parts = painted.get(box.querySelector(".status")).split(", ");
  box.querySelector(".status").textContent = [STATES[state].text, ...parts.slice(1)].join(", ");
  box.querySelector("use").setAttribute("href", "#is-" + known[state]);
  const detail = box.querySelector(".detail");
  if (isPool(box)) {
    const down = membersOf(box).filter((id) => cis.has(id) && cis.get(id).state === 3).length;
    const rule = box.dataset.plain;
    detail.textContent = [...(rule ? [rule] : []), down ? down + " down" : ""].filter(Boolean).join(", ");
  } else if (box.dataset.plain !== undefined) detail.textContent = box.dataset.plain;
}
function restore(box) {
  box.setAttribute("class", painted.get(box));
  box.querySelector("use").setAttribute("href", "#is-" + STATES[stateOf(box)].word);
  for (const part of [".status", ".detail"]) box.querySelector(part).textContent = painted.get(box.querySelector(part));
}
function moment() {
  const at = Number(slider.value);
  const isLast = at >= data.moments.length;
  const [when, what] = isLast ? ["", data.last] : data.moments[at];
  byId("moment").textContent = when ? when + ": " + what : what;
  slider.setAttribute("aria-valuetext", byId("moment").textContent);
  const states = decoded(isLast ? "" : stateTexts[at]);
  for (const [id, ci] of cis) ci.state = isLast ? ci.last : states.get(id) || 0;
  for (const figure of figures) {
    const [pools, path, passing] = paints.get(figure).map((texts) => (isLast ? "" : texts[at]));
    const ofPool = decoded(pools);
    for (const box of boxesOf(figure)) {
      if (isLast) restore(box);
      else paintBox(box, (isPool(box) ? ofPool.get(box.dataset.box) : states.get(box.dataset.box)) || 0);
    }
    const red = new Set(path.split(" "));
    const amber = new Set(passing.split(" "));
    linesOf(figure).forEach((line, place) => {
      line.setAttribute("class", painted.get(line));
      if (isLast) return;
      line.classList.remove("path", "chain", "passed");
      if (red.has(String(place))) line.classList.add("path");
      else if (amber.has(String(place))) line.classList.add("passed");
    });
    for (const one of all(".member", figure)) {
      const state = STATES[cis.get(one.dataset.ci).state];
      one.setAttribute("class", "member " + state.word);
      one.querySelector(".icon").textContent = state.icon;
      one.querySelector(".status").textContent = state.text;
    }
  }
  choose(chosen);
}
if (slider) {
  const move = (by) => { slider.value = Number(slider.value) + by; moment(); };
  slider.addEventListener("input", moment);
  byId("earlier").addEventListener("click", () => move(-1));
  byId("later").addEventListener("click", () => move(1));
}

// --- saving: a copy that carries its own styles, in the light theme --------------------------------------
function drawing() {
  const copy = svgOf(shown).cloneNode(true);
  copy.setAttribute("viewBox", whole.get(shown));
  const [, , width, height] = viewOf(copy);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  // texts stand where the style of the page moves them; programs that know no such style read x and y
  const texts = all(".box .name, .box .status, .box .detail", svgOf(shown)).map((one) => new DOMMatrix(getComputedStyle(one).transform));
  all(".box .name, .box .status, .box .detail", copy).forEach((one, at) => {
    one.setAttribute("x", texts[at].e);
    one.setAttribute("y", texts[at].f);
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
byId("save-svg").addEventListener("click", () => save("ripplegraph.svg", new Blob([drawing().text], { type: "image/svg+xml" })));
byId("save-png").addEventListener("click", async () => {
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
byId("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

document.body.classList.add("scripted");
addEventListener("beforeprint", () => { for (const figure of figures) svgOf(figure).setAttribute("viewBox", whole.get(figure)); });
show(figures[0].dataset.view);
if (slider) moment();
document.body.dataset.ready = "true";
