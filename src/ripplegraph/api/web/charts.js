// Small pictures: strips of days, budget bars, burn-down, contribution bars. Shape tells, colour helps.
// Drawn here and not by the server, whose charts are those of reports on paper: thousands of strips come as
// thirty letters each, and burn-down and bars are drawn anew at each event, to the width of a phone, too.

import { el, svg } from "./dom.js";
import { clockText, dayText, duration, STATUSES, statusWord } from "./words.js";

const HEIGHTS = [0.16, 0.42, 0.7, 1];
const CLOCK_CHANGE = 7_200_000; // milliseconds; no zone moves its clocks by more than that

export function decoded(strip) {
  return [...strip].map((letter) => {
    const place = "abcd".indexOf(letter);
    return place < 0 ? { status: Number(letter), planned: false } : { status: place, planned: true };
  });
}

function stripWords(days) {
  const words = [];
  for (const [status, name] of [[3, "down"], [2, "degraded"], [1, "at risk"]]) {
    const number = days.filter((day) => day.status === status).length;
    if (number) words.push(`${name} on ${number}`);
  }
  return `Last ${days.length} days: ${words.length ? words.join(", ") : "up on all"}`;
}

// One path per status: a row of 30 days costs at most eight elements.
export function strip(text, dates) {
  const days = decoded(text);
  const picture = svg("svg", { class: "days", viewBox: `0 0 ${days.length * 8} 28`, role: "img", "aria-label": stripWords(days), preserveAspectRatio: "none" });
  for (const planned of [false, true]) {
    STATUSES.forEach((name, status) => {
      let path = "";
      days.forEach((day, place) => {
        if (day.status !== status || day.planned !== planned) return;
        const height = 28 * HEIGHTS[status];
        path += `M${place * 8} ${28 - height}h6.4v${height}h-6.4z`;
      });
      if (path) picture.append(svg("path", { class: `bar ${name}${planned ? " planned" : ""}`, d: path }));
    });
  }
  const worst = days.map((day, place) => [day, dates?.[place]]).filter(([day]) => day.status > 1);
  if (worst.length) {
    const lines = worst.map(([day, date]) => `${date} UTC: ${statusWord(STATUSES[day.status])}${day.planned ? ", planned or excluded" : ""}`);
    picture.append(svg("title", {}, lines.join("\n")));
  }
  return picture;
}

export function budgetTone(left, budget) {
  if (left < 0 || budget === 0) return "down";
  return left / budget < 0.25 ? "degraded" : "up";
}

export function budgetWords(left, budget) {
  return left < 0 ? `${duration(left)} over` : `${duration(left)} left`;
}

export function budgetBar(left, budget) {
  const share = budget > 0 ? Math.max(0, Math.min(1, left / budget)) : 0;
  const tone = budgetTone(left, budget);
  return svg("svg", { class: `budget ${tone}`, viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "rest", width: 100, height: 6, rx: 1 }),
    left < 0 ? svg("rect", { class: "over", width: 100, height: 6, rx: 1 }) : svg("rect", { class: "left", width: share * 100, height: 6, rx: 1 }));
}

function ticksOf(low, high, wanted) {
  const rough = (high - low) / wanted;
  const steps = [60, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 432000, 864000];
  const step = steps.find((one) => one >= rough) ?? Math.ceil(rough / 864000) * 864000;
  const ticks = [];
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) ticks.push(at);
  return ticks;
}

// Budget left over the window: it falls while an outage counts; exact at the end of each outage.
export function burnDown({ start, end, now, zone, budget, left, outages }) {
  const isNarrow = matchMedia("(max-width: 760px)").matches; // drawn as wide as it is shown, else letters shrink
  const width = isNarrow ? 330 : 640, height = 220, margin = { left: 74, right: 14, top: 14, bottom: 28 };
  const [begin, finish, today] = [start, end, now].map((text) => Date.parse(text));
  const points = [[begin, budget]];
  let rest = budget;
  const counted = outages.filter((one) => one.seconds > 0).sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  for (const one of counted) {
    const from = Math.max(begin, Date.parse(one.start));
    const to = Math.min(today, one.end ? Date.parse(one.end) : today);
    points.push([from, rest], [to, (rest -= one.seconds)]);
  }
  const last = Math.min(today, finish);
  if (Math.abs(rest - left) > 1 && points.length) points.push([last, rest]); // degraded time counts by its weight besides
  points.push([last, left]);
  const low = Math.min(0, left), high = Math.max(budget, 60);
  const x = (at) => margin.left + ((at - begin) / Math.max(1, finish - begin)) * (width - margin.left - margin.right);
  const y = (value) => margin.top + ((high - value) / Math.max(1, high - low)) * (height - margin.top - margin.bottom);
  const path = points.map(([at, value], place) => `${place ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const picture = svg("svg", { class: "chart burn", viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `Downtime budget: ${budgetWords(left, budget)} of ${duration(budget)} on ${clockText(now, now, zone)}` });
  for (const value of ticksOf(low, high, 4)) {
    picture.append(svg("path", { class: value === 0 ? "zero" : "grid", d: `M${margin.left} ${y(value).toFixed(1)}H${width - margin.right}` }),
      svg("text", { class: "tick", x: margin.left - 8, y: y(value).toFixed(1), "text-anchor": "end", "dominant-baseline": "central" }, value < 0 ? `−${duration(value)}` : value ? duration(value) : "0"));
  }
  const days = Math.max(1, Math.round((finish - begin) / 864e5));
  const every = Math.max(1, Math.round(days / (isNarrow ? 3 : 6)));
  for (let place = 0; place < days; place += every) {
    const at = begin + place * 864e5;
    const inDay = at + CLOCK_CHANGE; // a day of 25 hours before it, and it would be told by the date of the day before
    picture.append(svg("text", { class: "tick", x: x(at).toFixed(1), y: height - 8, "text-anchor": place ? "middle" : "start" }, dayText(inDay, now, zone)));
  }
  picture.append(
    svg("path", { class: "even", d: `M${x(begin)} ${y(budget)}L${x(finish)} ${y(0)}` }),
    svg("path", { class: "today", d: `M${x(last).toFixed(1)} ${margin.top}V${height - margin.bottom}` }),
    svg("path", { class: `spent ${budgetTone(left, budget)}`, d: path }),
    svg("circle", { class: `dot ${budgetTone(left, budget)}`, cx: x(last).toFixed(1), cy: y(left).toFixed(1), r: 4.5 }));
  return picture;
}

export function bars(rows, { unit = (value) => value, most = 12 } = {}) {
  const shown = rows.slice(0, most);
  const highest = Math.max(...shown.map((row) => row.value), 1e-12);
  const list = el("ol", { class: "bars" }, shown.map((row) => el("li", {},
    el("span", { class: "what" }, row.label),
    el("span", { class: "amount" }, unit(row.value)),
    svg("svg", { class: `share ${row.tone ?? ""}`, viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { class: "rest", width: 100, height: 6 }),
      svg("rect", { class: "part", width: Math.max(0.6, (row.value / highest) * 100), height: 6 })))));
  const rest = rows.slice(most);
  if (!rest.length) return list;
  const sum = rest.reduce((total, row) => total + row.value, 0);
  return [list, el("p", { class: "muted" }, `and ${rest.length} more, together ${unit(sum)}`)];
}
