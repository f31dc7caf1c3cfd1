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
  const suggestions = problem.body?.suggestions ?? problem.body?.candidates ?? [];
  return el("div", { class: "state failed", role: "alert" },
    el("p", {}, el("strong", {}, title)),
    el("p", {}, wordsOf(problem)),
    suggestions.length && !problem.message.includes("Did you mean") ? el("p", {}, `Perhaps: ${suggestions.join(", ")}`) : null,
    retry ? el("button", { type: "button", onclick: retry }, "Try again") : null);
}

// The advice of an unknown CI is for the command line: here the page searches.
function wordsOf(problem) {
  const [what, advice] = problem.message.split(" Search it with ");
  if (problem.code !== "unknown-ci" || !advice) return problem.message;
  return [what, " ", el("a", { href: address("") }, "Search the services and CIs"), "."];
}

const awaited = new WeakMap(); // what each part waits for: the newest of several ends its wait

// Fills a part of a view when its answer is there; a refresh that fails keeps what is shown.
export async function filled(node, what, load, draw, { quiet = false } = {}) {
  if (!quiet) fill(node, loading(what));
  node.setAttribute("aria-busy", "true");
  awaited.set(node, load);
  try {
    const answer = await load();
    fill(node, draw(answer));
    return true;
  } catch (error) {
    if (error.name === "AbortError") return true;
    if (error.status === undefined) throw error;
    if (quiet && node.childElementCount) throw error;
    fill(node, failed(error, () => filled(node, what, load, draw)));
    return false;
  } finally {
    if (awaited.get(node) === load) node.removeAttribute("aria-busy");
  }
}
