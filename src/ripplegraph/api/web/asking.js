// Asking the API: the key goes into the header of each request and nowhere else.

const KEPT = "ripplegraph.key";
let key = sessionStorage.getItem(KEPT) ?? "";

export const hasKey = () => key !== "";

export function keepKey(text) {
  key = text;
  if (text) sessionStorage.setItem(KEPT, text);
  else sessionStorage.removeItem(KEPT);
}

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || "The server did not answer.");
    this.status = status;
    this.code = String(body.type ?? "").split(":").pop();
    this.body = body;
    this.named = []; // what it speaks of, as it was sent
  }
}

export function headers(more = {}) {
  return key ? { ...more, Authorization: `Bearer ${key}` } : more;
}

function addressOf(path, query) {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") words.append(name, String(one));
    }
  }
  const text = words.toString();
  return text ? `${path}?${text}` : path;
}

export const pathPart = (text) => encodeURIComponent(text);

// Problems tell places in a request ("path/ci", "query/down/1", "body/down/0"), not what stood there.
function sentAt(place, { path, query, body }) {
  const [part, ...steps] = place.split("/");
  if (part === "path") return decodeURIComponent(path.split("/")[3] ?? "");
  if (part === "query") return [query?.[steps[0]]].flat()[Number(steps[1] ?? 0)];
  return steps.reduce((value, step) => value?.[step], body);
}

async function problemOf(answer, sent) {
  let body = {};
  try {
    body = await answer.json();
  } catch {
    // an answer of something between the server and us
  }
  const problem = new Problem(answer.status, body);
  const isMeant = ["unknown-ci", "ambiguous-ci"].includes(problem.code);
  const named = isMeant ? (body.errors ?? []).map((one) => sentAt(one.where, sent)) : [];
  problem.named = [...new Set(named.filter((text) => typeof text === "string"))];
  if (answer.status === 401) window.dispatchEvent(new CustomEvent("key-needed", { detail: { refused: hasKey() } }));
  return problem;
}

export async function asked(path, { query, method = "GET", body, signal, accept = "application/json", more = {} } = {}) {
  const sent = { Accept: accept, ...more };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(addressOf(path, query), {
      method, signal, credentials: "omit", redirect: "error", headers: headers(sent),
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    reached(false);
    throw new Problem(0, { title: "No answer", detail: "The server cannot be reached. Is it running, and is the network there?" });
  }
  reached(true);
  if (!answer.ok) throw await problemOf(answer, { path, query, body });
  return answer;
}

// Every request tells whether the server is there.
const reached = (isThere) => window.dispatchEvent(new CustomEvent("reached", { detail: isThere }));

export async function ask(path, options) {
  const answer = await asked(path, options);
  return answer.status === 204 ? null : answer.json();
}
