// Federation: whether the person joined, what would leave the device, and what it cost so far.

import { get, send } from "../api.js";
import { el, fill, say } from "../dom.js";
import { count, moment, number } from "../words.js";

const STEPS = [
  ["Stays here", "Your texts, memories and replies, and everything learned from them except the numbers below."],
  ["May leave", "At most 64 numbers a round. Their size is limited, noise is added on this device, and they are masked so that nobody can read yours alone."],
  ["Comes back", "Published averages over many people, signed by the operator. Your taste and style can start from them."],
];

export default {
  path: "/federation", name: "Federation", title: "Learning with others",
  lead: "Off unless you join. A round adds your numbers to a sum, and only the sum can be read. This page shows what that costs you in privacy.",

  async show(place) {
    const [standing, spending] = await Promise.all([get("/federation"), get("/spending")]);
    const leave = async (task) => {
      await send("DELETE", `/federation/${encodeURIComponent(task)}`);
      say(`You left ${task}. Its keys are destroyed. Earlier sums cannot be undone.`);
      this.show(place);
    };
    fill(place,
      el("section", {}, standing.joined.length
        ? el("ul", { class: "list sheet" }, ...standing.joined.map((one) => joined(one, leave)))
        : el("div", { class: "sheet pad row" }, el("span", { class: "tag" }, "not taking part"), el("span", {}, "You have not joined a task. Nothing is computed, and nothing leaves this device."))),
      el("section", { class: "tiles broad" }, ...STEPS.map(([name, text]) =>
        el("div", { class: "sheet pad" }, el("h2", { class: "plain" }, name), el("p", { class: "soft" }, text)))),
      el("section", { class: "stack" }, el("h2", {}, "Privacy budget"),
        gauge("This year", standing.epsilon_of_the_year, standing.epsilon_per_year),
        gauge("In total", standing.epsilon_in_all, standing.epsilon_lifetime),
        el("p", { class: "small soft" }, "ε (epsilon) limits how much the sums can reveal about you; smaller is more private. A round counts before anything leaves this device.")),
      spending.reservations.length ? el("section", {}, el("h2", {}, "Rounds"), rounds(spending.reservations)) : null,
      el("section", {}, el("h2", {}, "Which numbers"), numbers(standing)));
  },
};

function joined(one, leave) {
  return el("li", { class: "row between" },
    el("div", {},
      el("div", { class: "row" }, el("h2", { class: "plain" }, one.task),
        el("span", { class: `tag ${one.admitted ? "yes" : ""}` }, one.admitted ? "admitted" : "waiting for admission")),
      el("div", {}, one.summary),
      el("div", { class: "soft small" }, `run by ${one.operator}, admitted by ${one.authority}; at most ${count(one.rounds_per_year, "round")} a year; your learned style ${one.style ? "is added" : "stays here"}`)),
    el("button", { class: "grave", onclick: () => leave(one.task) }, "Leave"));
}

function gauge(name, spent, limit) {
  const bar = el("i");
  bar.style.width = `${Math.min(100, (100 * spent) / (limit || 1))}%`;
  const told = `ε ${number(spent)} of ${number(limit)}`;
  return el("div", { class: "sheet pad" },
    el("div", { class: "row between" }, el("h3", {}, name), el("span", { class: "count" }, told)),
    el("div", { class: "gauge", role: "img", "aria-label": told }, bar));
}

function rounds(reservations) {
  const heads = ["Round", "Budget", "Date", "Reserved", "Spent"];
  return el("div", { class: "sheet scroll", tabindex: 0, role: "region", "aria-label": "Rounds" }, el("table", {},
    el("thead", {}, el("tr", {}, ...heads.map((one) => el("th", { scope: "col" }, one)))),
    el("tbody", {}, ...reservations.map((one) => el("tr", {},
      el("td", { class: "mono" }, one.run.slice(0, 12)), el("td", {}, one.budget), el("td", { class: "count" }, moment(one.at)),
      el("td", { class: "count" }, number(one.rho, 4)), el("td", { class: "count" }, number(one.spent, 4)))))));
}

function numbers({ numbers: names, code, start }) {
  const taste = names.filter((one) => !one.startsWith("soft prompt"));
  return el("div", { class: "sheet pad stack" },
    el("ul", { class: "used", "aria-label": "Numbers" }, ...taste.map((one) => el("li", {}, one)),
      el("li", {}, `learned style, ${names.length - taste.length} coordinates; they are zero unless you agree to share them`)),
    el("p", { class: "soft small" }, `${names.length} numbers in total; their code is ${code}. ${start
      ? `Your taste starts from version ${start.version} of ${start.task}, which has ${count(start.groups, "group")}.`
      : "Your taste does not start from anything others published."} `,
    "To join, run ", el("code", {}, "homeward federation join"), "."));
}
