// Elements from data: text only ever becomes text, never markup.

const SVG = "http://www.w3.org/2000/svg";

function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else if (name === "checked") node.checked = Boolean(value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

export function el(name, attributes, ...children) {
  return build(document.createElement(name), attributes, children);
}

export function svg(name, attributes, ...children) {
  return build(document.createElementNS(SVG, name), attributes, children);
}

// A name out of a CMDB, with its own direction kept inside it.
export function named(text, fallback = "(no name)") {
  return el("bdi", {}, text || fallback);
}

export function listOfNames(names, most = 4) {
  const shown = names.slice(0, most).flatMap((name, place) => (place ? [", ", named(name)] : [named(name)]));
  return names.length > most ? [...shown, ` and ${names.length - most} more`] : shown;
}

export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

// A table that may be wider than the screen: reached and scrolled by keyboard too. On a phone its rows
// stand one below the other, each cell with the head of its column.
export function scrolled(label, ...children) {
  for (const table of children) {
    const heads = [...table.querySelectorAll("thead th")].map((one) => one.textContent);
    for (const row of table.tBodies[0].rows) [...row.cells].forEach((cell, place) => cell.tagName === "TD" && cell.setAttribute("data-head", heads[place]));
  }
  return el("div", { class: "scroll", role: "group", tabindex: "0", "aria-label": `${label}, table` }, ...children);
}

// Says something to readers of the screen who cannot see it change.
export function say(text) {
  const said = document.getElementById("said");
  if (said.textContent !== text) said.textContent = text;
}

export function debounced(run, milliseconds) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...values), milliseconds);
  };
}
