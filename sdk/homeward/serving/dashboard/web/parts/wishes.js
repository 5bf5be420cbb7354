// Topics that are never remembered, and whether new memories wait for the person's review.

import { send } from "../api.js";
import { el, say } from "../dom.js";

export function wishing({ review, denied_topics: topics }) {
  const words = el("textarea", { id: "denied", rows: 2 });
  words.value = topics.join(", ");
  const waits = el("input", { id: "waits", type: "checkbox", checked: review });
  const save = async (event) => {
    event.preventDefault();
    const denied = words.value.split(/[,\n]/).map((one) => one.trim()).filter(Boolean);
    try {
      const { switched_off: off } = await send("PUT", "/wishes", { review: waits.checked, denied_topics: denied });
      const with_it = off.length ? ` Switched off, because it was learned from texts about this: ${off.join(", ")}.` : "";
      say("This applies from the next message on." + with_it);
    } catch (problem) { say(problem.message); }
  };
  return el("form", { class: "sheet pad stack", onsubmit: save },
    el("label", { for: "denied" }, "Never remember anything about these topics (separated by commas)"),
    words,
    el("div", { class: "tick" }, waits, el("label", { for: "waits" }, "Review first: what I say becomes a memory only after I accept it under Memories")),
    el("div", {}, el("button", { class: "main" }, "Save")));
}
