// What a picture of a scene does on every page: boxes are chosen and walked, pools open in place,
// statuses change with time. Names are only ever text: nodes are made of text, never parsed as markup.
const SVG = "http://www.w3.org/2000/svg";
const ROW = 24;

export const all = (selector, from = document) => [...from.querySelectorAll(selector)];
export const numbersOf = (text) => text.match(/-?[\d.]+/g).map(Number);
export const isPool = (box) => box.dataset.members !== undefined;
export const membersOf = (box) => (box.dataset.members || "").split(" ").filter(Boolean);
// what is chosen: the number of a CI, or "p" and the number of a pool
export const keyOf = (box) => (isPool(box) ? "p" : "") + box.dataset.box;
export const placeOf = (box) => numbersOf(box.getAttribute("transform"));
export const put = (one, name, value) => one.setAttribute(name, value);
export function drawn(name, attributes, text = "") {
  const one = document.createElementNS(SVG, name);
  for (const key of Object.keys(attributes)) put(one, key, attributes[key]);
  one.textContent = text;
  return one;
}
const partOf = (box, part) => box.querySelector("." + part);
const lookOf = (box) => box.querySelector('use[href^="#is-"]');
const textOf = (box, part) => partOf(box, part)?.textContent;

// cis: by number what is known of each, with its name and state; states: icon, word and text of each
// status, the best one first; types: what lines say, by number.
export function pictureOf(svg, { cis, states, types }) {
  const boxes = all(".box", svg);
  // lines that look the same stand in one group; each has its look of its own, as it may change
  const lines = all(".lines path", svg);
  for (const line of lines) put(line, "class", line.parentNode.getAttribute("class") ?? "");
  for (const group of all(".lines > g", svg)) group.removeAttribute("class");
  const holders = new Map();
  const painted = new Map();
  for (const box of boxes) {
    ["name", "status", "detail"].forEach((part, at) => all("text", box)[at].classList.add(part));
    put(box, "role", "button");
    const said = ["name", "status", "detail", "hidden"].map((part) => textOf(box, part));
    put(box, "aria-label", box.dataset.label || said.filter(Boolean).join(", "));
    put(box, "tabindex", box.previousElementSibling ? -1 : 0);
    if (isPool(box)) put(box, "aria-expanded", "false");
    for (const one of [box.dataset.box, ...membersOf(box)]) holders.set(one, box);
    painted.set(box, ["class", "aria-label"].map((name) => box.getAttribute(name)));
    for (const part of ["status", "detail"]) painted.set(partOf(box, part), textOf(box, part));
  }
  for (const line of lines) {
    const [a, b, type] = line.dataset.w.split(",");
    Object.assign(line.dataset, { a, b });
    if (type) line.append(drawn("title", {}, types[type]));
    painted.set(line, line.getAttribute("class"));
  }
  const boxOf = (id) => holders.get(id);
  const stateOf = (box) => states.findIndex((one) => box.classList.contains(one.word));
  function held(key) {
    if (!key.startsWith("p")) return boxOf(key);
    const box = boxOf(key.slice(1));
    return box && keyOf(box) === key ? box : undefined;
  }

  // --- what is chosen: all that has nothing to do with it fades --------------------------------------
  function reach(id) {
    const near = new Set([id]);
    for (const [from, to] of [["a", "b"], ["b", "a"]]) {
      const waiting = [id];
      const seen = new Set(waiting);
      while (waiting.length) {
        const one = waiting.pop();
        for (const line of lines) {
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
  function mark(key, fits = () => true) {
    const chosen = key === null ? undefined : held(key);
    const near = chosen ? reach(chosen.dataset.box) : null;
    for (const box of boxes) {
      const ids = isPool(box) ? membersOf(box) : [box.dataset.box];
      box.classList.toggle("faded", near ? !near.has(box.dataset.box) : !ids.some(fits));
      box.classList.toggle("chosen", box === chosen);
    }
    for (const one of all(".member", svg)) one.classList.toggle("chosen", one.dataset.ci === key);
    for (const line of lines) {
      line.classList.toggle("faded", near !== null && !(near.has(line.dataset.a) && near.has(line.dataset.b)));
    }
  }

  // --- keyboard: along the dependencies, and along the row -------------------------------------------
  function step(box, key) {
    const id = box.dataset.box;
    const [x, y] = placeOf(box);
    if (key === "Home") return boxes[0];
    if (key === "ArrowDown" || key === "ArrowUp") {
      const [from, to] = key === "ArrowDown" ? ["a", "b"] : ["b", "a"];
      const worst = (line) => Number(line.classList.contains("path")) * 2 + Number(line.classList.contains("passed"));
      const ways = lines.filter((line) => line.dataset[from] === id);
      ways.sort((one, other) => worst(other) - worst(one));
      return ways.length ? boxOf(ways[0].dataset[to]) : null;
    }
    const side = key === "ArrowRight" ? 1 : -1;
    const same = boxes.filter((one) => placeOf(one)[1] === y && (placeOf(one)[0] - x) * side > 0);
    same.sort((one, other) => (placeOf(one)[0] - placeOf(other)[0]) * side);
    return same[0];
  }
  function focusOn(box) {
    for (const one of boxes) put(one, "tabindex", one === box ? 0 : -1);
    box.focus({ preventScroll: true });
  }

  // --- pools open in place: what lies below moves down, ways get longer -------------------------------
  let whole = svg.getAttribute("viewBox");
  const height = numbersOf(whole)[3];
  const [wide, high] = [Number(svg.dataset.wide), Number(svg.dataset.high)];
  const places = new Map(boxes.map((box) => [box.dataset.box, { x: placeOf(box)[0], y: placeOf(box)[1], box }]));
  const ways = new Map(lines.map((line) => [line, line.getAttribute("d")]));
  const bands = new Map(all(".bands > *", svg).map((one) => [one, [Number(one.getAttribute("y")), Number(one.getAttribute("height") || 0)]]));
  const foot = new Map(all(".foot > *", svg).map((one) => [one, Number(one.getAttribute("y"))]));
  const headline = svg.querySelector(".foot > text");
  const asked = headline.textContent;
  const open = new Set();
  const grown = (box) => membersOf(box).length * ROW + 10;
  const isOpen = (box) => open.has(box.dataset.box);
  function toggle(box) {
    const id = box.dataset.box;
    if (!open.delete(id)) open.add(id);
    put(box, "aria-expanded", String(isOpen(box)));
    partOf(box, "fold").textContent = isOpen(box) ? "−" : "+";
    if (isOpen(box)) openPool(box);
    else all('.members[data-of="' + id + '"]', svg).forEach((one) => one.remove());
    arrange();
  }
  function openPool(box) {
    const group = drawn("g", { class: "members", "data-of": box.dataset.box });
    membersOf(box).filter((id) => cis.has(id)).forEach((id, at) => {
      const ci = cis.get(id);
      const { word, icon, text } = states[ci.state];
      const one = drawn("g", { class: "member " + word, "data-ci": id, role: "button", tabindex: "0", "aria-label": ci.name + ", " + text, transform: "translate(34 " + (high + at * ROW) + ")" });
      const most = 21;
      const name = ci.name.length > most ? ci.name.slice(0, 12) + "…" + ci.name.slice(-8) : ci.name;
      one.append(
        drawn("rect", { width: wide - 40, height: ROW - 2, rx: 4 }),
        drawn("text", { class: "icon", x: 14, y: ROW / 2 - 1 }, icon),
        drawn("text", { x: 30, y: ROW / 2 - 1 }, name),
        drawn("text", { class: "status", x: wide - 48, y: ROW / 2 - 1 }, text),
      );
      group.append(one);
    });
    box.after(group);
  }
  function arrange() {
    const own = new Map();
    const rows = new Map();
    for (const id of open) {
      const { y, box } = places.get(id);
      own.set(id, grown(box));
      rows.set(y + high, Math.max(rows.get(y + high) || 0, grown(box)));
    }
    const shift = (y) => [...rows].reduce((sum, [bottom, more]) => sum + (bottom < y ? more : 0), y);
    const after = (y) => shift(y + 0.5) - 0.5;
    for (const { x, y, box } of places.values()) {
      const more = own.get(box.dataset.box) || 0;
      put(box, "transform", "translate(" + x + " " + shift(y) + ")");
      for (const one of all("rect", box)) one.remove();
      if (more) {
        const size = { width: wide, height: high + more, rx: 9 };
        box.firstElementChild.after(drawn("rect", { class: "behind", x: 5, y: 5, ...size }), drawn("rect", { class: "face", ...size }));
      }
      const group = svg.querySelector('.members[data-of="' + box.dataset.box + '"]');
      if (group) put(group, "transform", "translate(" + x + " " + shift(y) + ")");
    }
    for (const [line, d] of ways) put(line, "d", rows.size ? stretched(line, d, shift, after, own) : d);
    for (const [one, [y, tall]] of bands) {
      put(one, "y", shift(y));
      if (tall) put(one, "height", shift(y + tall) - shift(y));
    }
    for (const [one, y] of foot) put(one, "y", shift(y));
    const isWhole = svg.getAttribute("viewBox") === whole;
    whole = [0, 0, numbersOf(whole)[2], shift(height)].join(" ");
    if (isWhole) put(svg, "viewBox", whole);
  }

  // --- time: statuses were computed before, this only repaints; null is the state asked about, and
  // words are those of any other moment: a saved picture says them as its headline ---------------------
  function paintBox(box, state) {
    const known = states.map((one) => one.word);
    box.classList.remove(...known, "root");
    box.classList.add(known[state]);
    const parts = painted.get(partOf(box, "status")).split(", ");
    partOf(box, "status").textContent = [states[state].text, ...parts.slice(1)].join(", ");
    put(lookOf(box), "href", "#is-" + known[state]);
    if (isPool(box)) {
      const down = membersOf(box).filter((id) => cis.has(id) && cis.get(id).state === 3).length;
      partOf(box, "detail").textContent = [box.dataset.plain, down ? down + " down" : ""].filter(Boolean).join(", ");
    } else if (box.dataset.plain !== undefined) partOf(box, "detail").textContent = box.dataset.plain;
    const name = isPool(box) ? textOf(box, "name") : cis.get(box.dataset.box).name;
    const said = [name, ...["status", "detail", "hidden"].map((part) => textOf(box, part))];
    put(box, "aria-label", said.filter(Boolean).join(", "));
  }
  function restore(box) {
    ["class", "aria-label"].forEach((name, at) => put(box, name, painted.get(box)[at]));
    put(lookOf(box), "href", "#is-" + states[stateOf(box)].word);
    for (const part of ["status", "detail"]) partOf(box, part).textContent = painted.get(partOf(box, part));
  }
  function paint(now, words) {
    headline.textContent = now ? words : asked;
    for (const box of boxes) {
      if (now) paintBox(box, (isPool(box) ? now.pools.get(box.dataset.box) : cis.get(box.dataset.box).state) || 0);
      else restore(box);
    }
    lines.forEach((line, place) => {
      put(line, "class", painted.get(line));
      if (!now) return;
      line.classList.remove("path", "chain", "passed");
      if (now.red.has(String(place))) line.classList.add("path");
      else if (now.amber.has(String(place))) line.classList.add("passed");
    });
    for (const one of all(".member", svg)) {
      const { word, icon, text } = states[cis.get(one.dataset.ci).state];
      put(one, "class", "member " + word);
      put(one, "aria-label", cis.get(one.dataset.ci).name + ", " + text);
      partOf(one, "icon").textContent = icon;
      partOf(one, "status").textContent = text;
    }
  }
  return { svg, boxes, boxOf, held, stateOf, mark, step, focusOn, toggle, isOpen, paint, whole: () => whole };
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

// The moments of the slider: what is said of each, the states of CIs, and by picture what is painted.
// Each holds what it changes: states, 0 for up again, and places of lines that join or leave.
const decoded = (text) => text.split(" ").filter(Boolean).map((one) => one.split(":")).map(([id, state]) => [id, Number(state)]);
const statesOver = (texts) => {
  const now = new Map();
  return texts.map((text) => {
    for (const [id, state] of decoded(text)) now.set(id, state);
    return new Map(now);
  });
};
const placesOver = (texts) => {
  const now = new Set();
  return texts.map((text) => {
    for (const place of text.split(" ")) if (!now.delete(place)) now.add(place);
    return new Set(now);
  });
};
export function momentsOf({ moments, last, states, paint }) {
  const texts = statesOver(states);
  const paints = new Map(Object.keys(paint).map((key) => {
    const [pools, red, amber] = paint[key];
    return [key, [statesOver(pools), placesOver(red), placesOver(amber)]];
  }));
  return [...moments, ["", last]].map(([when, what], at) => {
    if (at === moments.length) return { when, what, states: null, of: () => null };
    const of = (key) => {
      const [pools, red, amber] = paints.get(key).map((one) => one[at]);
      return { pools, red, amber };
    };
    return { when, what, states: texts[at], of };
  });
}
