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

export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const FORMATS = new Map();

// A zone is an IANA name, "" is UTC; null is the reader's own. One that this browser does not know is told as UTC.
function formatsOf(zone) {
  if (!FORMATS.has(zone)) FORMATS.set(zone, [zone === null ? ZONE : zone || "UTC", "UTC"].map(formatsIn).find(Boolean));
  return FORMATS.get(zone);
}

function formatsIn(timeZone) {
  const format = (parts) => new Intl.DateTimeFormat("en-GB", { timeZone, ...parts });
  try {
    return {
      clock: format({ hour: "2-digit", minute: "2-digit" }),
      day: format({ day: "numeric", month: "short" }),
      year: format({ day: "numeric", month: "short", year: "numeric" }),
      offset: format({ timeZoneName: "longOffset" }),
      zero: timeZone === "UTC" ? "UTC" : "+00:00",
    };
  } catch {
    return null;
  }
}

function offsetText(then, { offset, zero }) {
  const { value } = offset.formatToParts(then).find(({ type }) => type === "timeZoneName");
  return /[1-9]/.test(value) ? value.replace("GMT", "") : zero;
}

// A moment in the reader's zone; in the zone of an agreement with its offset from UTC.
export function clockText(moment, now = new Date(), zone = null) {
  const then = new Date(moment), { clock, year } = formatsOf(zone);
  const words = year.format(then) === year.format(new Date(now)) ? [] : [dayText(then, now, zone)];
  words.push(clock.format(then));
  if (zone !== null) words.push(offsetText(then, formatsOf(zone)));
  return words.join(" ");
}

export function dayText(moment, now = new Date(), zone = null) {
  const then = new Date(moment), { day, year } = formatsOf(zone);
  const yearOf = (one) => year.formatToParts(one).find(({ type }) => type === "year").value;
  return (yearOf(then) === yearOf(new Date(now)) ? day : year).format(then);
}

const timed = (text, words) => (text ? el("time", { datetime: text, title: `${text.replace("T", " ").replace("Z", "")} UTC` }, words(text)) : "–");

// Moments and days as elements, with UTC behind them.
export const moment = (text, now, zone = null) => timed(text, () => clockText(text, now, zone));
export const day = (text, now, zone = null) => timed(text, () => dayText(text, now, zone));

// Days that somebody wrote down: a date without a time was read as midnight UTC, and is that date in every zone.
export const zoneOfRecord = (text, zone) => (text && Date.parse(text) % 864e5 === 0 ? "" : zone);
export const recordedDay = (text, now, zone) => day(text, now, zoneOfRecord(text, zone));

// The zone that agreements share, null if there are none or several.
export function sharedZone(zones) {
  const [first = null, ...others] = new Set(zones);
  return others.length ? null : first;
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}
