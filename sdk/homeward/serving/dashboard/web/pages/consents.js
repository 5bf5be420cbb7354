// What the person agreed to, by purpose and category, and the rules about who may be told what.

import { get } from "../api.js";
import { el, fill, say } from "../dom.js";
import { decide, WORDS } from "../parts/consent.js";
import { ruling } from "../parts/rules.js";
import { wishing } from "../parts/wishes.js";
import { CATEGORIES, PURPOSES } from "../words.js";

export default {
  path: "/consents", name: "Consents", title: "What you agreed to",
  lead: "Homeward checks these consents each time it reads your data. A change takes effect at once and is written to the ledger.",

  async show(place) {
    const [consents, rules, wishes] = await Promise.all([get("/consents"), get("/rules"), get("/wishes")]);
    fill(place,
      el("section", {}, el("h2", {}, "Purposes"), matrix(consents),
        el("p", { class: "soft" }, "You agree to each federation task separately: ", el("a", { href: "#/federation" }, "Federation"), ".")),
      el("section", {}, el("h2", {}, "Rules"),
        el("p", { class: "soft" }, "A rule says for which audience or purpose items with a tag may be used. An audience is who reads the reply."),
        ruling(rules)),
      el("section", {}, el("h2", {}, "What is not remembered"), wishing(wishes)));
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
      say((box.checked ? `You agreed: ${words}` : `Consent withdrawn: ${words}`) + with_it);
    } catch (problem) {
      box.checked = !box.checked;
      say(problem.message);
    }
  });
  return el("div", { class: "switch" }, box, el("span"));
}
