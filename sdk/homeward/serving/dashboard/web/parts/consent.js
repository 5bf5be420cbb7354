// Asking before anything is learned: shows the words, records the answer, goes on.

import { Problem, send } from "../api.js";
import { el, fill } from "../dom.js";
import { CATEGORIES } from "../words.js";

export const WORDS = {
  answer: (what) => `Homeward may use ${what} to answer me, on this device.`,
  learn: (what) => `Homeward may learn from ${what}, on this device only.`,
};

export const decide = (purpose, categories, granted) => send("PUT", "/consents", {
  purpose, categories, granted,
  shown: WORDS[purpose](categories.map((one) => CATEGORIES[one].toLowerCase()).join(" and ")),
});

// Returns what `read` gives; where consent to learn is missing, asks in `place` and returns null.
export async function asking(place, categories, read, onward) {
  try {
    return await read();
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.code !== "consent_required") throw problem;
  }
  const what = categories.map((one) => CATEGORIES[one].toLowerCase()).join(" and ");
  const agree = async () => {
    await decide("learn", categories, true);
    onward();
  };
  fill(place, el("div", { class: "sheet empty" },
    el("p", { class: "words" }, WORDS.learn(what)),
    el("p", {}, "Nothing was learned, because you have not agreed to it. You can withdraw your consent later on the Consents page."),
    el("button", { class: "main", onclick: agree }, "I agree")));
  return null;
}
