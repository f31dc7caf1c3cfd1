// What the key sees: nothing is said of a whole source to who sees a part of it.

import { ask } from "./asking.js";
import { el, listOfNames } from "./dom.js";
import { empty, filled } from "./states.js";

// `limited` is what a key with tags is told there, `whole` makes what any other is told.
export function emptyWithin(signal, limited, whole) {
  const node = el("div", {});
  filled(node, "what your key sees", () => ask("/v1/me", { signal }), ({ tags }) =>
    tags ? empty(["This key sees only CIs under its tags (", listOfNames(tags, 12), `), and ${limited}.`]) : whole());
  return node;
}
