// What a view shows while it has nothing to show: loading, empty, failed, not allowed.

import { address } from "./addresses.js";
import { el, fill } from "./dom.js";

export function loading(what) {
  return el("p", { class: "state loading", role: "status" }, el("span", { class: "spinner", "aria-hidden": "true" }), ` Loading ${what} …`);
}

export function empty(text, ...more) {
  return el("div", { class: "state empty" }, el("p", {}, text), ...more);
}

export function failed(problem, retry) {
  if (problem.status === 401) return el("p", { class: "state" }, "Sign in to see this.");
  if (problem.status === 403) {
    return el("div", { class: "state forbidden", role: "alert" },
      el("p", {}, el("strong", {}, "Your key may not see this.")), el("p", {}, problem.message));
  }
  const title = problem.status === 0 ? "No connection" : problem.status >= 500 ? "The server could not answer" : "This cannot be shown";
  const perhaps = problem.body?.candidates ?? problem.body?.suggestions ?? [];
  const isUnknown = problem.code === "unknown-ci" && !perhaps.length;
  return el("div", { class: "state failed", role: "alert" },
    el("p", {}, el("strong", {}, title)),
    el("p", {}, problem.message ?? String(problem)),
    problem.named?.length ? el("p", {}, `Asked for: ${problem.named.join(", ")}`) : null,
    isUnknown ? el("p", {}, el("a", { href: address("") }, "Search the services and CIs")) : null,
    perhaps.length ? el("p", {}, `Perhaps: ${perhaps.join(", ")}`) : null,
    retry ? el("button", { type: "button", onclick: retry }, "Try again") : null);
}

const awaited = new WeakMap(); // what each part waits for: the newest of several ends its wait
const drawn = new WeakMap(); // the turn of what each part shows: an older answer that comes later is left out
let turns = 0;

// Fills a part of a view when its answer is there; a refresh that fails keeps what is shown.
export async function filled(node, what, load, draw, { quiet = false } = {}) {
  if (!quiet) fill(node, loading(what));
  node.setAttribute("aria-busy", "true");
  awaited.set(node, load);
  const turn = ++turns;
  const isOutdated = () => drawn.get(node) > turn;
  try {
    const answer = await load();
    if (isOutdated()) return true;
    drawn.set(node, turn);
    fill(node, draw(answer));
    return true;
  } catch (error) {
    if (error.name === "AbortError" || isOutdated()) return true;
    if (error.status === undefined) throw error;
    if (quiet && node.childElementCount) throw error;
    fill(node, failed(error, () => filled(node, what, load, draw)));
    return false;
  } finally {
    if (awaited.get(node) === load) node.removeAttribute("aria-busy");
  }
}
