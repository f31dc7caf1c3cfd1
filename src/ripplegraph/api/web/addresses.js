// Addresses: everything a view shows stands in the part behind the #, so that a link shows it again.

export function parsed(hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { view: parts[0] ?? "", parts: parts.slice(1), query: new URLSearchParams(query ?? "") };
}

export function address(view, parts = [], query = {}) {
  const path = [view, ...parts.map(encodeURIComponent)].filter((part) => part !== "").join("/");
  const words = query instanceof URLSearchParams ? query : new URLSearchParams();
  if (!(query instanceof URLSearchParams)) {
    for (const [name, value] of Object.entries(query)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== null && one !== undefined && one !== "" && one !== false) words.append(name, String(one));
      }
    }
  }
  const at = parsed(location.hash).query.get("at");
  if (at && !words.has("at")) words.set("at", at);
  const text = words.toString();
  return `#/${path}${text ? `?${text}` : ""}`;
}

export const serviceAddress = (id) => address("service", [id]);
export const incidentAddress = (down) => address("incident", [], { down });

// Keeps what a view shows in its address without a step in the history.
export function keepInAddress(changes) {
  const { view, parts, query } = parsed(location.hash);
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "" && one !== false) query.append(name, String(one));
    }
  }
  const text = query.toString();
  const path = [view, ...parts.map(encodeURIComponent)].filter((part) => part !== "").join("/");
  history.replaceState(null, "", `#/${path}${text ? `?${text}` : ""}`);
}

export const momentAsked = () => parsed(location.hash).query.get("at");
