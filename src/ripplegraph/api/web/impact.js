// Why something fell, and whom to call about it.

import { address, incidentAddress } from "./addresses.js";
import { el, named } from "./dom.js";
import { percent } from "./words.js";

const plain = (id) => id.split(":").slice(2).join(":") || id;

// "OLA Storage" is not written "OLA OLA Storage".
export function agreementName({ kind, name, agreement_id: id }) {
  const text = name || id;
  return text.toUpperCase().startsWith(kind) ? text : `${kind} ${text}`;
}

// The chain from the service down to the CI that failed.
export function chainOf(impacted, nameOf) {
  if (impacted.because.length < 2) return el("p", {}, "It failed by itself.");
  const steps = impacted.because.map((id, place) => {
    const isRoot = place === impacted.because.length - 1;
    const words = named(place === 0 ? impacted.name : nameOf(id) || plain(id));
    return el("li", { class: isRoot ? "root" : "" }, isRoot ? [el("strong", {}, el("a", { href: incidentAddress([id]) }, words)), el("span", { class: "muted" }, " root cause")] : words);
  });
  const others = impacted.root_cis.length - 1;
  return [el("ol", { class: "chain", "aria-label": "From the service to the root cause" }, steps),
    others > 0 ? el("p", { class: "muted" }, `${others} more root ${others === 1 ? "cause" : "causes"} besides.`) : null];
}

// Whom to call: the teams and suppliers of the root causes, with the agreements that bind them. `out` is all that is
// out, the most urgent first: what only takes redundancy, or hides behind a worse failure, is the root cause of nothing.
export function callList(impacted, heading = "h3", out = []) {
  const teams = new Set(), suppliers = new Set(), agreements = new Map();
  for (const one of out) {
    if (one.owner_team) teams.add(one.owner_team);
    if (one.supplier) suppliers.add(one.supplier);
  }
  for (const one of impacted) {
    for (const team of one.root_owner_teams) teams.add(team);
    for (const supplier of one.root_suppliers) suppliers.add(supplier);
    for (const agreement of one.root_agreements) agreements.set(agreement.agreement_id, agreement);
  }
  if (!teams.size && !suppliers.size) {
    return el("p", { class: "muted" }, "Nobody is recorded as owner or supplier of the root causes.");
  }
  const mine = (name) => [...agreements.values()].filter((one) => one.provider === name);
  const row = (word, name) => el("li", {}, el("span", { class: "kind" }, word), " ", el("strong", {}, named(name)),
    mine(name).map((one) => [" ", el("a", { class: "muted", href: address("agreements", [], { q: one.agreement_id }) }, named(agreementName(one)), one.target_availability === null ? "" : ` ${percent(one.target_availability)}`)]));
  return el("div", { class: "call" }, el(heading, {}, "Call"), el("ul", { class: "plain" },
    [...teams].map((name) => row("team", name)), [...suppliers].map((name) => row("supplier", name))));
}
