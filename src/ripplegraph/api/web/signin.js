// Asks for the key. It is kept until the tab is closed, and sent to this server only.

import { keepKey } from "./asking.js";
import { el, fill } from "./dom.js";

export function showSignIn(root, { refused, done }) {
  const field = el("input", { id: "key", type: "password", autocomplete: "off", spellcheck: "false", required: true, placeholder: "rg_…", "aria-describedby": "key-help" });
  const form = el("form", { class: "sign-in", onsubmit: (event) => {
    event.preventDefault();
    const text = field.value.trim().replace(/^Bearer\s+/i, "");
    if (!/^[\x21-\x7e]+$/.test(text)) {
      fill(said, "A key has no spaces and no special letters. Copy it whole: rg_…");
      return;
    }
    keepKey(text);
    done();
  } },
  el("h1", { tabindex: "-1" }, "Sign in"),
  el("p", { id: "key-help" }, "This server answers only callers with a key. It is kept in this tab until you close it or sign out."));
  const said = el("p", { class: "bad", role: "alert" }, refused ? "The server did not take that key: it may be mistyped, expired or switched off." : "");
  form.append(el("label", { for: "key" }, "Key"), field, said, el("button", { type: "submit", class: "main" }, "Sign in"),
    el("p", { class: "muted" }, "Who runs the server makes keys with: ripplegraph keys create"));
  fill(root, form);
  field.focus();
}
