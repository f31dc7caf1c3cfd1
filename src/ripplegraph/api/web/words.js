// How statuses, times and numbers read.

import { el } from "./dom.js";

export const STATUSES = ["up", "at_risk", "degraded", "down"];
const ICONS = { up: "✓", at_risk: "!", degraded: "▼", down: "✕" };
const WORDS = { up: "up", at_risk: "at risk", degraded: "degraded", down: "down" };
const KINDS = { business_service: "business service", service_offering: "service offering", virtual_machine: "virtual machine", external_service: "external service" };
const VERDICTS = {
  met: ["✓", "met", "up"], missed: ["✕", "missed", "down"], open: ["…", "still open", "neutral"],
  likely_missed: ["✕", "missed", "down"], unknown: ["?", "unknown", "neutral"],
};

export const STATES = STATUSES.map((word) => ({ word, icon: ICONS[word], text: WORDS[word] }));
export const statusWord = (status) => WORDS[status] ?? status;
export const kindWord = (kind) => KINDS[kind] ?? kind.replaceAll("_", " ");

export function badge(status, { planned = false } = {}) {
  const icon = el("span", { "aria-hidden": "true" }, ICONS[status] ?? "?");
  const words = planned ? `${statusWord(status)}, planned` : statusWord(status);
  return el("span", { class: `badge ${status}${planned ? " planned" : ""}` }, icon, " ", words);
}

export function verdict(word) {
  const [icon, text, tone] = VERDICTS[word] ?? ["•", word.replaceAll("_", " "), "neutral"];
  return el("span", { class: `verdict ${tone}` }, el("span", { "aria-hidden": "true" }, icon), " ", text);
}

// Cut, never rounded up: 99.9996 % is not 100 %.
export function percent(fraction, digits = 3) {
  if (fraction === null || fraction === undefined) return "–";
  const factor = 10 ** digits;
  const cut = Math.floor(fraction * 100 * factor + 1e-7) / factor;
  return `${cut.toLocaleString("en", { maximumFractionDigits: digits })} %`;
}

export function duration(seconds) {
  const whole = Math.max(0, Math.floor(Math.abs(seconds)));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 100 && minutes !== 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

export function minutesText(minutes) {
  if (Math.abs(minutes) < 0.05) return minutes ? "< 0.1 min" : "0 min";
  return `${minutes.toLocaleString("en", { maximumFractionDigits: Math.abs(minutes) < 10 ? 1 : 0 })} min`;
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export function clockText(moment, now = new Date()) {
  const then = new Date(moment);
  const sameDay = then.toDateString() === new Date(now).toDateString();
  const sameYear = then.getFullYear() === new Date(now).getFullYear();
  if (sameDay) return CLOCK.format(then);
  return `${(sameYear ? DAY : YEAR).format(then)} ${CLOCK.format(then)}`;
}

export function dayText(moment, now = new Date()) {
  const then = new Date(moment);
  return (then.getFullYear() === new Date(now).getFullYear() ? DAY : YEAR).format(then);
}

// A moment in the reader's own zone, with UTC behind it.
export function moment(text, now) {
  if (!text) return "–";
  return el("time", { datetime: text, title: `${text.replace("T", " ").replace("Z", "")} UTC` }, clockText(text, now));
}

export function day(text, now) {
  if (!text) return "–";
  return el("time", { datetime: text, title: `${text.replace("T", " ").replace("Z", "")} UTC` }, dayText(text, now));
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}
