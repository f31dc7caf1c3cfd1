// Opening and closing outages from the page, where the caller may.

import { ask } from "./asking.js";
import { el, fill, named, say } from "./dom.js";
import { picker } from "./picker.js";

const may = (me) => Boolean(me?.scopes.some((scope) => scope === "events" || scope === "admin"));

// Who asks, and which of the open outages came in while this is served: those can be closed.
export async function outageDesk({ signal }) {
  const me = await ask("/v1/me", { signal });
  if (!may(me)) return { me, open: new Map() };
  try {
    const found = await ask("/v1/outages", { query: { open: true, limit: 500 }, signal });
    return { me, open: new Map(found.outages.map((one) => [`${one.source}/${one.external_id}`, one])) };
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return { me: null, open: new Map() }; // a server without events
  }
}

export function closeButton(outage, desk, { onDone }) {
  const live = desk?.open.get(`${outage.source}/${outage.external_id}`);
  if (!live) return null;
  const said = el("span", { class: "bad", role: "alert" });
  const button = el("button", { type: "button", onclick: async () => {
    button.disabled = true;
    try {
      await ask(`${live.url}/close`, { method: "POST", body: {} });
      say("The outage is closed");
      onDone();
    } catch (error) {
      fill(said, error.message);
      button.disabled = false;
    }
  } }, "Close it");
  return [button, said];
}

// The form stays folded until it is wanted: at night nobody opens an outage by accident.
export function openForm({ desk, onDone, signal }) {
  if (!desk?.me) return null;
  if (!may(desk.me)) return el("p", { class: "muted small" }, "Your key may not open or close outages (scope events).");
  let chosen = null;
  const shown = el("p", {}, el("span", { class: "muted" }, "No CI chosen yet."));
  const kind = el("select", { id: "new-kind" }, [["unplanned", "down"], ["degradation", "degraded"], ["planned", "planned work"]].map(([value, words]) => el("option", { value }, words)));
  const cause = el("input", { id: "new-cause", maxlength: 500, autocomplete: "off", placeholder: "What is known" });
  const said = el("p", { class: "bad", role: "alert" });
  const send = el("button", { type: "submit", class: "danger" }, "Open the outage");
  const form = el("form", { class: "open-form", onsubmit: async (event) => {
    event.preventDefault();
    if (!chosen) return fill(said, "Choose the CI first.");
    send.disabled = true;
    fill(said);
    const id = `page-${new Date().toISOString().replace(/[^0-9]/g, "")}-${Math.random().toString(36).slice(2, 8)}`;
    try {
      await ask("/v1/outages", { method: "POST", body: { external_id: id, ci: chosen.ci_id, kind: kind.value, cause: cause.value.trim() } });
      say("The outage is open");
      onDone();
    } catch (error) {
      fill(said, error.message);
    } finally {
      send.disabled = false;
    }
  } },
  picker({ label: "CI", signal, onPick: (ci) => {
    chosen = ci;
    fill(shown, el("strong", {}, named(ci.name || ci.native_id)), el("span", { class: "muted small" }, ` ${ci.ci_id}`));
  } }), shown,
  el("label", { for: "new-kind" }, el("span", { class: "label" }, "It is"), kind),
  el("label", { for: "new-cause", class: "grow" }, el("span", { class: "label" }, "Cause"), cause), send, said);
  return el("details", {}, el("summary", {}, "Report a real outage"), el("p", { class: "muted small" }, "It counts from now on, in every budget, until somebody closes it."), form);
}
