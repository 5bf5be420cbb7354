// What the person agreed to, per purpose and category, and the rules about who may hear what.

import { get } from "../api.js";
import { el, fill, say } from "../dom.js";
import { decide, WORDS } from "../parts/consent.js";
import { ruling } from "../parts/rules.js";
import { wishing } from "../parts/wishes.js";
import { CATEGORIES, PURPOSES } from "../words.js";

export default {
  path: "/consents", name: "Consents", title: "What you agreed to",
  lead: "Each read of your data asks this table first. A no takes effect with the next read, and both are written into a ledger that cannot be changed unseen.",

  async show(place) {
    const [consents, rules, wishes] = await Promise.all([get("/consents"), get("/rules"), get("/wishes")]);
    fill(place,
      el("section", {}, el("h2", {}, "Purposes"), matrix(consents),
        el("p", { class: "soft" }, "Contributing to others is agreed to for each task apart: ", el("a", { href: "#/federation" }, "Federation"), ".")),
      el("section", {}, el("h2", {}, "Who may hear what"),
        el("p", { class: "soft" }, "Before each answer, what carries one of these tags is left out, unless the moment fits."),
        ruling(rules)),
      el("section", {}, el("h2", {}, "Never, and not yet"), wishing(wishes)));
  },
};

function matrix(consents) {
  const granted = new Map(consents.map((one) => [`${one.purpose} ${one.category}`, one.granted]));
  const purposes = ["answer", "learn"];
  return el("div", { class: "sheet" },
    el("table", { class: "matrix" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "May be used to"),
        ...purposes.map((one) => el("th", { scope: "col" }, PURPOSES[one])))),
      el("tbody", {}, ...Object.entries(CATEGORIES).map(([category, name]) =>
        el("tr", {}, el("th", { scope: "row" }, name),
          ...purposes.map((purpose) => el("td", {}, toggle(purpose, category, granted.get(`${purpose} ${category}`)))))))));
}

function toggle(purpose, category, granted) {
  const words = WORDS[purpose](CATEGORIES[category].toLowerCase());
  const box = el("input", { type: "checkbox", role: "switch", "aria-label": words, title: words, checked: granted });
  box.addEventListener("change", async () => {
    try {
      const { switched_off: off } = await decide(purpose, [category], box.checked);
      const with_it = off.length ? ` Switched off with it: ${off.join(", ")}.` : "";
      say((box.checked ? `You agreed: ${words}` : `Taken back: ${words}`) + with_it);
    } catch (problem) {
      box.checked = !box.checked;
      say(problem.message);
    }
  });
  return el("div", { class: "switch" }, box, el("span"));
}
