// Keeps the page up to date: the stream of events where there is one, else asking again and again.

import { headers } from "./asking.js";
import { momentAsked } from "./addresses.js";

const POLL_MS = 15_000;
const STEADY_MS = 60_000; // budgets that are used move although nothing happens
const LONGEST_WAIT_MS = 30_000;

// Takes a stream of server-sent events apart; gives [type, data, id].
export async function* events(reader) {
  const decoder = new TextDecoder();
  let rest = "", type = "message", data = [], id = null;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (data.length) yield [type, data.join("\n"), id];
        [type, data] = ["message", []];
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) yield ["", "", id];
      const name = colon < 0 ? line : line.slice(0, colon);
      const text = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "data") data.push(text);
      else if (name === "event") type = text;
      else if (name === "id") id = text;
    }
  }
}

export class Live {
  constructor({ onChange, onState }) {
    Object.assign(this, { onChange, onState, lastId: null, wait: 1000, mode: "", lostSince: null });
    this.timer = setInterval(() => this.tick(), POLL_MS);
    document.addEventListener("visibilitychange", () => document.hidden || this.tick());
    addEventListener("online", () => this.connect());
    this.lastTick = Date.now();
  }

  start() {
    this.connect();
  }

  stop() {
    this.abort?.abort();
    clearTimeout(this.again);
    this.mode = "";
  }

  tell(mode) {
    if (mode === "lost" && this.mode !== "lost") this.lostSince = new Date();
    this.mode = mode;
    this.onState(mode, this.lostSince);
  }

  // Called with what any request found out.
  reached(isThere) {
    if (!isThere) this.tell("lost");
    else if (this.mode === "lost") this.tell(this.streaming ? "live" : "polling");
  }

  tick() {
    const quiet = this.streaming ? STEADY_MS : POLL_MS;
    if (document.hidden || momentAsked() || Date.now() - this.lastTick < quiet - 500) return;
    this.lastTick = Date.now();
    this.onChange({ type: "tick" });
  }

  async connect() {
    this.abort?.abort();
    clearTimeout(this.again);
    const abort = (this.abort = new AbortController());
    const more = { Accept: "text/event-stream" };
    if (this.lastId) more["Last-Event-ID"] = this.lastId;
    try {
      const answer = await fetch("/v1/stream", { headers: headers(more), credentials: "omit", signal: abort.signal, cache: "no-store" });
      if (answer.status === 401) return this.tell("signed-out");
      if (!answer.ok || !answer.body) {
        this.tell("polling");
        this.later(answer.status === 404 || answer.status === 403 ? 300_000 : 30_000);
        return;
      }
      this.streaming = true;
      this.wait = 1000;
      this.tell("live");
      for await (const [type, data, id] of events(answer.body.getReader())) {
        if (id !== null) this.lastId = id;
        if (type) this.heard(type, data);
      }
      throw new Error("the stream ended");
    } catch (error) {
      if (abort.signal.aborted) return;
      this.streaming = false;
      this.tell("lost");
      this.later(this.wait);
      this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2);
    }
  }

  later(milliseconds) {
    this.again = setTimeout(() => this.connect(), milliseconds);
  }

  heard(type, data) {
    if (type === "start") return; // nothing happened: the stream begins
    let body = {};
    try {
      body = JSON.parse(data);
    } catch {
      return;
    }
    this.lastTick = Date.now();
    if (!momentAsked()) this.onChange({ type: body.type ?? type, body });
  }
}
