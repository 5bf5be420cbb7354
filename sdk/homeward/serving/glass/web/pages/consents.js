// What the person agreed to, per purpose and category, and the rules about who may hear what.

import { get } from "../api.js";
import { el, fill, say } from "../dom.js";
import { decide, WORDS } from "../parts/consent.js";
import { CATEGORIES, PURPOSES } from "../words.js";

export default {
  path: "/consents", name: "Consents", title: "What you agreed to",
  lead: "Each read of your data asks this table first. A no takes effect with the next read, and both are written into a ledger that cannot be changed unseen.",

  async show(place) {
    const [consents, rules] = await Promise.all([get("/consents"), get("/glass/rules")]);
    fill(place,
      el("section", {}, el("h2", {}, "Purposes"), matrix(consents)),
      el("section", {}, el("h2", {}, "Who may hear what"),
        el("p", { class: "soft" }, "Before each answer, what carries one of these tags is left out, unless the moment fits."),
        el("ul", { class: "list sheet" }, ...rules.map(rule))));
  },
};

function matrix(consents) {
  const granted = new Map(consents.map((one) => [`${one.purpose} ${one.category}`, one.granted]));
  const purposes = Object.keys(PURPOSES);
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
    await decide(purpose, [category], box.checked).catch((problem) => {
      box.checked = !box.checked;
      say(problem.message);
    });
    say(box.checked ? `You agreed: ${words}` : `Taken back: ${words}`);
  });
  return el("div", { class: "switch" }, box, el("span"));
}

function rule(one) {
  return el("li", { class: "row between" },
    el("span", {}, one.name), el("span", { class: "soft" }, el("span", { class: "tag" }, one.tag), ` ${when(one)}`));
}

function when({ audiences, purposes, about_self: aboutSelf }) {
  if (audiences?.length === 0 || purposes?.length === 0) return "never told to the model";
  return [
    audiences ? `only before: ${audiences.join(", ")}` : null,
    purposes ? `only for: ${purposes.join(", ")}` : null,
    aboutSelf ? "only where you ask about yourself" : null,
  ].filter(Boolean).join("; ") || "always";
}
