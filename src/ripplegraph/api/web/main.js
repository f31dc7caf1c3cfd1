// The page: which view stands in the address, what keeps it up to date, who is signed in.

import { address, momentAsked, parsed } from "./addresses.js";
import { hasKey, keepKey } from "./asking.js";
import { el, fill, say } from "./dom.js";
import { Live } from "./live.js";
import { showSignIn } from "./signin.js";
import { failed } from "./states.js";
import { clockText, ZONE } from "./words.js";
import * as wall from "./wall.js";
import * as service from "./service.js";
import * as agreements from "./agreements.js";
import * as findings from "./findings.js";
import * as incident from "./incident.js";
import * as revisions from "./revisions.js";
import * as whatIf from "./whatif.js";

const VIEWS = { "": wall, service, incident, "what-if": whatIf, findings, agreements, revisions };
const NAV = [["", "Services"], ["incident", "Incident"], ["what-if", "What if"], ["agreements", "Agreements"], ["findings", "Findings"], ["revisions", "Revisions"]];
const THEME = "ripplegraph.theme";

const root = document.getElementById("main");
let current = null, leaving = null, signedOut = false, lastGood = new Date();

const live = new Live({
  onState: (mode, since) => drawState(mode, since),
  onChange: (what) => refresh(what),
});

async function route({ focus = true } = {}) {
  if (signedOut) return;
  leaving?.abort();
  current?.leave?.();
  current = null;
  const abort = (leaving = new AbortController());
  const { view, parts, query } = parsed(location.hash);
  const module = VIEWS[view];
  drawNav(view);
  document.body.removeAttribute("data-ready");
  if (!module) {
    fill(root, el("div", { class: "state" }, el("h1", { tabindex: "-1" }, "There is no such view"), el("p", {}, el("a", { href: address("") }, "To the services"))));
  } else {
    document.title = `${module.title} · ripplegraph`;
    try {
      const made = await module.show(root, { parts, query, signal: abort.signal, live });
      if (abort.signal.aborted) return made?.leave?.();
      current = made;
    } catch (error) {
      if (abort.signal.aborted) return;
      if (error.status === undefined) throw error;
      fill(root, el("h1", { tabindex: "-1", class: "unseen" }, module.title), failed(error, () => route()));
    }
  }
  if (signedOut || abort.signal.aborted) return;
  if (focus) {
    scrollTo(0, 0);
    root.querySelector("h1")?.focus({ preventScroll: true });
  }
  drawAt();
  document.body.dataset.ready = "";
}

let refreshing = null, again = false;

async function refresh(what) {
  if (!current?.refresh || signedOut) return;
  if (refreshing) {
    again = true;
    return;
  }
  refreshing = current;
  try {
    await current.refresh(what);
  } catch (error) {
    if (error.name !== "AbortError") {
      if (error.status === undefined) console.error(error);
    }
  } finally {
    refreshing = null;
    if (again) {
      again = false;
      setTimeout(() => refresh(what), 250);
    }
  }
}

function drawNav(view) {
  fill(document.getElementById("nav"), NAV.map(([key, words]) =>
    el("a", { href: address(key), "aria-current": key === view || (key === "" && view === "service") ? "page" : null }, words)));
}

function drawState(mode, since) {
  const words = {
    live: ["live", "●", "Live", "Changes show at once."],
    polling: ["polling", "◔", "Every 15 s", "This server sends no events to you; the page asks every 15 seconds."],
    lost: ["lost", "✕", `No connection since ${since ? clockText(since) : ""}`, `What you see is from ${clockText(lastGood)} or before. The page keeps trying.`],
    "signed-out": ["polling", "○", "Not signed in", ""],
  }[mode] ?? ["polling", "…", "Connecting", ""];
  const pill = el("span", { class: `pill ${words[0]}`, title: words[3] }, el("span", { "aria-hidden": "true" }, words[1]), ` ${words[2]}`);
  fill(document.getElementById("state"), pill,
    el("button", { type: "button", class: "quiet", onclick: switchTheme, "aria-label": "Light or dark", title: "Light or dark" }, "◐"),
    hasKey() ? el("button", { type: "button", class: "quiet", onclick: signOut }, "Sign out") : null);
  if (mode === "lost") say(words[2]);
}

// The moment that is looked at: now, or one that stands in the address.
function goTo(at) {
  const { view, parts, query } = parsed(location.hash);
  query.delete("at");
  if (at) query.set("at", at);
  const text = query.toString();
  location.hash = `#/${[view, ...parts.map(encodeURIComponent)].filter(Boolean).join("/")}${text ? `?${text}` : ""}`;
}

function drawAt() {
  const at = momentAsked();
  const node = document.getElementById("find");
  if (at) {
    return fill(node, el("p", { class: "as-of" }, `As of ${clockText(at)} (${ZONE}). `, el("button", { type: "button", onclick: () => goTo("") }, "Back to now")));
  }
  const field = el("input", { type: "datetime-local", id: "as-of", required: true });
  fill(node, el("details", { class: "then" }, el("summary", {}, "Earlier …"), el("form", { onsubmit: (event) => {
    event.preventDefault();
    const then = new Date(field.value);
    if (!Number.isNaN(then.getTime())) goTo(then.toISOString().replace(".000Z", "Z"));
  } }, el("label", { for: "as-of" }, "As of ", field), el("button", { type: "submit" }, "Show"))));
}

function switchTheme() {
  const dark = document.documentElement.dataset.theme === "dark" || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem(THEME, document.documentElement.dataset.theme);
}

function signOut() {
  keepKey("");
  location.reload();
}

addEventListener("key-needed", (event) => {
  if (signedOut) return;
  signedOut = true;
  leaving?.abort();
  live.stop();
  live.tell("signed-out");
  fill(document.getElementById("find"));
  keepKey("");
  document.title = "Sign in · ripplegraph";
  showSignIn(root, { refused: event.detail.refused, done: () => {
    signedOut = false;
    live.start();
    route();
  } });
  document.body.dataset.ready = "";
});
addEventListener("reached", ({ detail: isThere }) => {
  if (isThere) lastGood = new Date();
  live.reached(isThere);
});
addEventListener("hashchange", () => route());
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName)) return;
  const field = document.querySelector("main input[type=search]");
  if (field) {
    event.preventDefault();
    field.focus();
  }
});

fill(document.getElementById("zones"), `Times with an offset (+01:00, UTC) are told in the zone of their agreement, or in the one that all SLAs on their service share; those without one in the zone of this browser, ${ZONE}. Days of the strips are those of UTC.`);
const theme = localStorage.getItem(THEME);
if (theme) document.documentElement.dataset.theme = theme;
drawState("");
live.start();
route({ focus: false });
