// Topics of which nothing is remembered, and whether what is said waits for the person first.

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
      await send("PUT", "/wishes", { review: waits.checked, denied_topics: denied });
      say("It holds from the next message on.");
    } catch (problem) { say(problem.message); }
  };
  return el("form", { class: "sheet pad stack", onsubmit: save },
    el("label", { for: "denied" }, "Never remember what names one of these words"),
    words,
    el("div", { class: "tick" }, waits, el("label", { for: "waits" }, "Let what I say wait until I have seen it, under Memories")),
    el("div", {}, el("button", { class: "main" }, "Save")));
}
