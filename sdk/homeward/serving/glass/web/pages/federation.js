// Taking part with others: whether, what would leave, and what it has cost of the privacy budget.

import { get } from "../api.js";
import { el, fill } from "../dom.js";
import { moment, number } from "../words.js";

const STEPS = [
  ["Stays here", "Your texts, memories, replies, and everything learned from them."],
  ["May leave", "At most 64 numbers: clipped to a bounded size, with noise added here, masked so that nobody can read yours alone."],
  ["Comes back", "A signed prior: what many people's sums have in common. A new profile starts from it."],
];

export default {
  path: "/federation", name: "Federation", title: "Learning with others",
  lead: "Off unless you join. A round adds your share to a sum that is only ever opened as a whole; this page counts what that costs.",

  async show(place) {
    const [spending, consents] = await Promise.all([get("/spending"), get("/consents")]);
    const granted = consents.filter((one) => one.purpose === "contribute" && one.granted);
    const budgets = Object.keys(spending.limits);
    fill(place,
      el("section", { class: "sheet pad row between" },
        el("div", { class: "row" },
          el("span", { class: `tag ${granted.length ? "yes" : ""}` }, granted.length ? "agreed" : "not taking part"),
          el("span", {}, granted.length ? `You agreed to contribute from: ${granted.map((one) => one.category).join(", ")}.` : "You agreed to nothing, so nothing is computed and nothing leaves.")),
        el("a", { href: "#/consents" }, "Consents")),
      el("section", { class: "tiles" }, ...STEPS.map(([name, text]) =>
        el("div", { class: "sheet pad" }, el("h2", { class: "plain" }, name), el("p", { class: "soft" }, text)))),
      el("section", {}, el("h2", {}, "Privacy budget"), budgets.length
        ? el("div", { class: "stack" }, ...budgets.map((name) => gauge(name, spending.spent[name], spending.limits[name])))
        : el("div", { class: "sheet empty" }, el("p", {}, "Nothing was ever spent."))),
      spending.reservations.length ? el("section", {}, el("h2", {}, "Rounds"), rounds(spending.reservations)) : null);
  },
};

function gauge(name, spent, limit) {
  const bar = el("i");
  bar.style.width = `${Math.min(100, (100 * spent) / (limit || 1))}%`;
  const told = `ρ ${number(spent)} of ${number(limit)}`;
  return el("div", { class: "sheet pad" },
    el("div", { class: "row between" }, el("h3", {}, name), el("span", { class: "count" }, told)),
    el("div", { class: "gauge", role: "img", "aria-label": told }, bar));
}

function rounds(reservations) {
  return el("div", { class: "sheet scroll", tabindex: 0, role: "region", "aria-label": "Rounds" }, el("table", {},
    el("thead", {}, el("tr", {}, ...["Round", "At", "Reserved", "Cost"].map((one) => el("th", { scope: "col" }, one)))),
    el("tbody", {}, ...reservations.map((one) => el("tr", {},
      el("td", { class: "count" }, one.run), el("td", { class: "count" }, moment(one.at)), el("td", { class: "count" }, `ρ ${number(one.rho)}`),
      el("td", { class: "count" }, one.spent < one.rho ? `ρ ${number(one.spent)}` : "counts in full"))))));
}
