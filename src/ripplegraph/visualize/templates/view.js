"use strict";
// Draws the picture with vis-network from the JSON blocks of the page. Data reaches the page
// only as text (textContent) and as pixels; never as markup.
(() => {
  const root = document.documentElement;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const { nodes, edges, picture } = read("network-data");
  const options = read("network-options");
  const box = new Map(picture.boxes.map((one) => [one.id, one]));
  const place = new Map(nodes.map((one) => [one.id, one]));
  const gutter = () => (stage.clientWidth < 600 ? 110 : 150); // pixels, for the band titles
  const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
  let selected = null;
  let related = null;
  let colour = {};

  document.body.classList.add("scripted");

  // --- colours and theme ------------------------------------------------------------------
  const NAMES = ["page", "panel", "ink", "muted", "rule", "band", "edge", "focus", "on-colour"];
  const STATUSES = ["up", "at_risk", "degraded", "down"];
  function readColours() {
    const style = getComputedStyle(root);
    for (const name of [...NAMES, ...STATUSES, ...STATUSES.map((one) => one + "-fill")]) {
      colour[name] = style.getPropertyValue("--" + name).trim();
    }
  }
  function setTheme(theme) {
    root.dataset.theme = theme;
    readColours();
  }
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

  // --- boxes ------------------------------------------------------------------------------
  const short = new Map();
  function fitted(ctx, text, width) {
    const key = ctx.font + width + text;
    if (!short.has(key)) short.set(key, shortened(ctx, text, width));
    return short.get(key);
  }

  // The end of a name tells twins apart (web-01, web-02), so the middle goes.
  function shortened(ctx, text, width) {
    const all = Array.from(text);
    const letters = all.length > 80 ? [...all.slice(0, 50), ...all.slice(-30)] : all;
    if (all.length <= 80 && ctx.measureText(text).width <= width) return text;
    for (let kept = letters.length - 1; kept > 1; kept -= 1) {
      const head = Math.ceil(kept * 0.6);
      const cut = letters.slice(0, head).join("") + "…" + letters.slice(letters.length - (kept - head)).join("");
      if (ctx.measureText(cut).width <= width) return cut;
    }
    return "…";
  }

  function drawBox({ ctx, id, x, y, state }) {
    const one = box.get(id);
    const width = picture.boxWidth;
    const height = picture.boxHeight;
    const left = x - width / 2;
    const top = y - height / 2;
    const strip = 34;
    function drawNode() {
      ctx.save();
      ctx.globalAlpha = related && !related.has(id) ? 0.25 : 1;
      const shape = new Path2D();
      shape.roundRect(left, top, width, height, 9);
      ctx.fillStyle = colour.page;
      ctx.fill(shape);
      ctx.fillStyle = colour[one.status + "-fill"];
      ctx.fill(shape);
      ctx.save();
      ctx.clip(shape);
      ctx.fillStyle = colour[one.status];
      ctx.fillRect(left, top, strip, height);
      ctx.restore();
      const chosen = id === selected;
      ctx.strokeStyle = chosen ? colour.focus : one.status === "up" && !state.hover ? colour.rule : colour[one.status];
      ctx.lineWidth = chosen ? 4 : one.isRootCause ? 4 : one.status === "up" ? 1.3 : 2;
      ctx.stroke(shape);
      ctx.textBaseline = "middle";
      ctx.textAlign = "center";
      ctx.fillStyle = colour["on-colour"];
      ctx.font = "bold 18px " + FONT;
      ctx.fillText(one.icon, left + strip / 2, y);
      ctx.textAlign = "left";
      const textLeft = left + strip + 9;
      const room = width - strip - 16;
      ctx.fillStyle = colour.ink;
      ctx.font = "600 14.5px " + FONT;
      const shift = one.detail ? 0 : 9;
      ctx.fillText(fitted(ctx, one.name, room), textLeft, y - 19 + shift);
      ctx.fillStyle = one.status === "up" ? colour.muted : colour[one.status];
      ctx.font = (one.status === "up" ? "" : "bold ") + "12.5px " + FONT;
      ctx.fillText(one.statusWords, textLeft, y + 1 + shift);
      if (one.hiddenCount) {
        ctx.textAlign = "right";
        ctx.fillStyle = colour.muted;
        ctx.font = "12.5px " + FONT;
        ctx.fillText("+" + one.hiddenCount + " not shown", left + width - 8, y + 1 + shift);
        ctx.textAlign = "left";
      }
      ctx.fillStyle = one.isRootCause ? colour.down : colour.muted;
      ctx.font = (one.isRootCause ? "bold " : "") + "12.5px " + FONT;
      ctx.fillText(fitted(ctx, one.detail, room), textLeft, y + 19);
      ctx.restore();
    }
    return { drawNode, nodeDimensions: { width, height } };
  }

  // --- bands and lines --------------------------------------------------------------------
  // Bands reach from edge to edge of the picture, and their titles stay in sight.
  function drawBand(ctx, band) {
    const { x: left } = network.DOMtoCanvas({ x: 0, y: 0 });
    const { x: right } = network.DOMtoCanvas({ x: stage.clientWidth, y: 0 });
    ctx.fillStyle = colour.band;
    ctx.fillRect(left, band.top - 20, right - left, band.bottom - band.top + 40);
  }

  // The titles have a strip of their own at the left, with an edge: boxes moved there are out of sight.
  function drawGutter(ctx) {
    const { x: left, y: top } = network.DOMtoCanvas({ x: 0, y: 0 });
    const { x: right, y: bottom } = network.DOMtoCanvas({ x: gutter(), y: stage.clientHeight });
    ctx.fillStyle = colour.page;
    ctx.fillRect(left, top, right - left, bottom - top);
    ctx.fillStyle = colour.band;
    for (const band of picture.bands) {
      ctx.fillRect(left, band.top - 20, right - left, band.bottom - band.top + 40);
    }
    ctx.fillStyle = colour.edge;
    ctx.fillRect(right, top, 1.5 / network.getScale(), bottom - top);
  }

  function drawTitle(ctx, band) {
    const { x: left, y: top } = network.DOMtoCanvas({ x: 0, y: 0 });
    const { y: bottom } = network.DOMtoCanvas({ x: 0, y: stage.clientHeight });
    const scale = network.getScale();
    const from = Math.max(band.top - 20, top);
    const to = Math.min(band.bottom + 20, bottom);
    if (to - from < 18 / scale) return;
    ctx.save();
    ctx.translate(left, (from + to) / 2);
    ctx.scale(1 / scale, 1 / scale);
    ctx.font = "bold 13px " + FONT;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    ctx.fillStyle = colour.muted;
    ctx.fillText(fitted(ctx, band.title, gutter() - 18), 10, 0);
    ctx.restore();
  }

  function wayOf(points) {
    const way = new Path2D();
    way.moveTo(points[0][0], points[0][1]);
    for (let index = 1; index < points.length; index += 1) {
      const [fromX, fromY] = points[index - 1];
      const [toX, toY] = points[index];
      const middle = (fromY + toY) / 2;
      if (fromX === toX) way.lineTo(toX, toY);
      else way.bezierCurveTo(fromX, middle, toX, middle, toX, toY);
    }
    return way;
  }

  function lookOf(line) {
    if (line.isOnChain) return { stroke: colour.down, width: 6, head: 13, order: 3 };
    if (line.isOnPath) return { stroke: colour.down, width: 2.5, head: 9, order: 2 };
    if (line.passed !== "up") return { stroke: colour.degraded, width: 2.5, head: 8, order: 1 };
    return { stroke: colour.edge, width: 1.3, head: 5, order: 0 };
  }

  const DASHES = { hard: [], soft: [7, 5], none: [1.5, 5] };

  function drawLine(ctx, line) {
    const look = lookOf(line);
    const [[x, y], [, nextY]] = line.points;
    const sign = nextY >= y ? 1 : -1;
    ctx.save();
    ctx.globalAlpha = related && !(related.has(line.dependent) && related.has(line.dependency)) ? 0.12 : 1;
    ctx.strokeStyle = look.stroke;
    ctx.fillStyle = look.stroke;
    ctx.lineWidth = look.width;
    ctx.setLineDash(DASHES[line.effect]);
    const points = [[x, y + sign * look.head], ...line.points.slice(1)];
    ctx.stroke(wayOf(points));
    if (line.effect !== "none") {
      ctx.beginPath();
      ctx.moveTo(x, y);
      ctx.lineTo(x - look.head * 0.6, y + sign * look.head * 1.15);
      ctx.lineTo(x + look.head * 0.6, y + sign * look.head * 1.15);
      ctx.fill();
    }
    ctx.restore();
  }

  // --- the network ------------------------------------------------------------------------
  const stage = document.getElementById("picture");
  const linesInOrder = [...picture.lines].sort((one, other) => lookOf(one).order - lookOf(other).order);
  const data = {
    nodes: new vis.DataSet(nodes.map(({ id, x, y }) => ({ id, x, y, fixed: true, shape: "custom", ctxRenderer: drawBox }))),
    edges: new vis.DataSet(edges.map(({ from, to }) => ({ from, to, hidden: true }))),
  };
  const network = new vis.Network(stage, data, options);
  network.on("beforeDrawing", (ctx) => {
    picture.bands.forEach((band) => drawBand(ctx, band));
    linesInOrder.forEach((line) => drawLine(ctx, line));
  });
  network.on("afterDrawing", (ctx) => {
    drawGutter(ctx);
    picture.bands.forEach((band) => drawTitle(ctx, band));
  });
  network.once("afterDrawing", () => { document.body.dataset.ready = "true"; });
  network.on("selectNode", ({ nodes: [id] }) => choose(id));
  network.on("deselectNode", ({ nodes: ids }) => { if (!ids.length) choose(null); });
  stage.addEventListener("pointermove", (event) => {
    const bounds = stage.getBoundingClientRect();
    const over = network.getNodeAt({ x: event.clientX - bounds.left, y: event.clientY - bounds.top });
    stage.title = over === undefined ? "" : box.get(over).name + ": " + box.get(over).statusWords;
  });

  function show(left, top, right, bottom, leastScale) {
    const wide = right - left;
    const high = bottom - top;
    const room = stage.clientWidth - gutter();
    const whole = Math.min(room / wide, stage.clientHeight / high);
    const scale = Math.max(Math.min(whole, 1.15), leastScale);
    const position = { x: (left + right) / 2, y: (top + bottom) / 2 };
    if (scale > whole) {
      const topBox = place.get(String(picture.top));
      position.y = Math.max(top + stage.clientHeight / scale / 2, position.y - (high - stage.clientHeight / scale) / 2);
      if (wide * scale > room) {
        const half = room / scale / 2;
        position.x = Math.min(Math.max(topBox.x, left + half), right - half);
      }
    }
    position.x -= gutter() / scale / 2;
    network.moveTo({ position, scale, animation: false });
  }
  function showWhole(leastScale) {
    show(-15, -35, picture.width + 35, picture.height + 35, leastScale);
  }
  function showPath(leastScale) {
    const ends = new Set([String(picture.top)]);
    for (const line of picture.lines) {
      if (line.isOnChain) ends.add(line.dependent).add(line.dependency);
    }
    const places = [...ends].map((id) => place.get(id));
    const xs = places.map((one) => one.x);
    const ys = places.map((one) => one.y);
    const aside = picture.boxWidth / 2 + 30;
    show(Math.min(...xs) - aside, Math.min(...ys) - 60, Math.max(...xs) + aside, Math.max(...ys) + 60, leastScale);
  }

  // --- explaining one CI --------------------------------------------------------------------
  function element(tag, text, className) {
    const one = document.createElement(tag);
    if (text !== undefined) one.textContent = text;
    if (className) one.className = className;
    return one;
  }
  function listed(title, texts, tag) {
    const list = element(tag);
    for (const text of texts) list.append(element("li", text));
    return texts.length ? [element("h3", title), list] : [];
  }
  function reachOf(id) {
    const reached = new Set([id]);
    for (const [near, far] of [["dependent", "dependency"], ["dependency", "dependent"]]) {
      const waiting = [id];
      const seen = new Set([id]);
      while (waiting.length) {
        const current = waiting.pop();
        for (const line of picture.lines) {
          if (line[near] === current && !seen.has(line[far])) {
            seen.add(line[far]);
            waiting.push(line[far]);
          }
        }
      }
      for (const one of seen) reached.add(one);
    }
    return reached;
  }

  const facts = document.getElementById("facts");
  const intro = [...facts.childNodes];
  function explain(one) {
    const badge = element("p", one.icon + " " + one.statusWords, "badge small " + one.status);
    const parts = [element("h2", one.name), badge, element("span", " " + one.meaning, "muted")];
    if (one.isRootCause) parts.push(element("h3", "Root cause" + (one.ownTrouble ? ": " + one.ownTrouble : "")));
    else if (one.ownTrouble) parts.push(element("h3", "Out by itself: " + one.ownTrouble));
    if (one.why.length > 1) parts.push(...listed("Why (down to a root cause)", one.why, "ol"));
    parts.push(...listed("Redundancy rule", one.rules, "ul"));
    parts.push(...listed("Needs", one.needs, "ul"));
    parts.push(...listed("Is needed by", one.neededBy, "ul"));
    const table = element("dl");
    for (const [label, value] of one.facts) table.append(element("dt", label), element("dd", value));
    parts.push(table);
    facts.replaceChildren(...parts);
    facts.parentElement.scrollTop = 0;
  }
  function choose(id) {
    selected = id;
    related = id === null ? null : reachOf(id);
    if (id === null) facts.replaceChildren(...intro);
    else explain(box.get(id));
    for (const button of list.querySelectorAll("button")) {
      button.setAttribute("aria-current", String(button.dataset.box === id));
    }
    network.redraw();
  }
  function chooseFromList(id) {
    network.selectNodes([id]);
    choose(id);
    network.moveTo({ position: place.get(id), scale: Math.max(network.getScale(), 0.8), animation: false });
  }

  // --- the list, for keyboards and search -----------------------------------------------------
  const list = document.getElementById("list");
  const search = document.getElementById("search");
  const hiddenWords = picture.hiddenCis ? " shown (" + picture.hiddenCis + " are not shown)" : "";
  const matches = document.getElementById("matches");
  const halfBox = picture.boxHeight / 2;
  for (const band of picture.bands) {
    const group = element("div");
    group.append(element("h3", band.title));
    for (const one of picture.boxes) {
      const y = place.get(one.id).y;
      if (y - halfBox < band.top - 1 || y + halfBox > band.bottom + 1) continue;
      const button = element("button");
      button.type = "button";
      button.dataset.box = one.id;
      button.append(element("span", one.name), element("span", one.icon + " " + one.statusWords, "word " + one.status));
      button.addEventListener("click", () => chooseFromList(one.id));
      group.append(button);
    }
    list.append(group);
  }
  const buttons = [...list.querySelectorAll("button")];
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const open = buttons.filter((button) => !button.hidden);
    const next = open[open.indexOf(document.activeElement) + (step || 0)];
    if (step && next) {
      next.focus();
      event.preventDefault();
    }
  });
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    const fits = (id) => box.get(id).search.includes(wanted);
    let count = 0;
    for (const button of buttons) {
      button.hidden = !fits(button.dataset.box);
      if (!button.hidden) count += 1;
    }
    for (const group of list.children) group.hidden = !group.querySelector("button:not([hidden])");
    matches.textContent = wanted ? count + " of " + buttons.length + " CIs" + hiddenWords + " fit" : "";
    related = wanted ? new Set(picture.boxes.filter((one) => fits(one.id)).map((one) => one.id)) : null;
    selected = null;
    network.redraw();
  });
  search.addEventListener("keydown", (event) => {
    const first = buttons.find((button) => !button.hidden);
    if (event.key === "Enter" && first) chooseFromList(first.dataset.box);
  });

  // --- tools --------------------------------------------------------------------------------
  document.getElementById("whole").addEventListener("click", () => showWhole(0));
  const pathButton = document.getElementById("path");
  pathButton.hidden = !picture.lines.some((line) => line.isOnPath);
  pathButton.addEventListener("click", () => showPath(0));
  document.getElementById("theme").addEventListener("click", () => {
    setTheme(root.dataset.theme === "dark" ? "light" : "dark");
    network.redraw();
  });
  addEventListener("beforeprint", () => {
    root.dataset.themeBefore = root.dataset.theme;
    setTheme("light");
    choose(null);
    network.setSize("100%", "100%");
    network.redraw();
    showWhole(0);
  });
  addEventListener("afterprint", () => {
    setTheme(root.dataset.themeBefore);
    network.redraw();
  });

  // opens where it can be read, at its service; the buttons show the whole of it, or of the path
  const READABLE = 0.62;
  const fits = Math.min((stage.clientWidth - gutter()) / (picture.width + 50), stage.clientHeight / (picture.height + 70));
  if (pathButton.hidden || fits >= READABLE) showWhole(READABLE);
  else showPath(READABLE);
})();
