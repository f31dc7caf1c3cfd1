// The estate as the overview tells it: columns turned into rows once, with the text to search in.

import { asked } from "./asking.js";
import { momentAsked } from "./addresses.js";
import { STATUSES } from "./words.js";

let held = null;

function rowsOf(body) {
  const columns = body.services, slas = body.slas;
  const rows = columns.service.map((service, place) => ({
    service, place,
    name: columns.name[place],
    kind: columns.kind[place],
    team: columns.owner_team[place],
    criticality: columns.criticality[place],
    offerings: columns.offerings[place],
    status: columns.status[place],
    word: STATUSES[columns.status[place]],
    since: columns.since[place],
    planned: columns.in_maintenance[place],
    roots: columns.root_causes[place],
    strip: columns.strip[place],
    slas: [],
    text: "",
  }));
  slas.row.forEach((row, place) => rows[row].slas.push({
    agreement: slas.agreement[place],
    customer: slas.customer[place],
    target: slas.target[place],
    measured: slas.measured[place],
    budget: slas.budget_seconds[place],
    left: slas.budget_left_seconds[place],
    end: slas.window_end[place],
    zone: slas.time_zone[place],
    breachAt: slas.breach_at[place],
  }));
  for (const row of rows) {
    const words = [row.name, row.team, row.service, ...row.roots, ...row.slas.flatMap((sla) => [sla.agreement, sla.customer])];
    row.text = words.join("\n").toLocaleLowerCase();
  }
  return rows;
}

export async function estate({ signal } = {}) {
  const at = momentAsked();
  const answer = await asked("/v1/overview", { query: { at }, signal });
  const tag = answer.headers.get("ETag");
  if (held && tag && held.tag === tag) return held;
  const body = await answer.json();
  held = { tag, at, moment: body.moment, days: body.days, cis: body.cis, rows: rowsOf(body) };
  return held;
}

export const known = () => held;

export function nameOf(service) {
  return held?.rows.find((row) => row.service === service)?.name ?? "";
}
