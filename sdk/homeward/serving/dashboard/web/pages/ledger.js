// The privacy ledger, newest first: consents, costs and erasures; and whether it is intact.

import { get } from "../api.js";
import { el, fill } from "../dom.js";
import { showReceipt } from "../parts/forget.js";
import { CATEGORIES, listed, moment, number, PURPOSES } from "../words.js";

export default {
  path: "/ledger", name: "Ledger", title: "The privacy ledger",
  lead: "What you agreed to, what it cost of your privacy budget, and what was erased. Entries are chained, so a changed or removed entry is noticed.",

  async show(place) {
    const [ledger, receipts] = await Promise.all([get("/dashboard/ledger"), get("/receipts")]);
    const lines = [...ledger.entries.map(entry), ...receipts.map(erasure)].sort((a, b) => (a.at < b.at ? 1 : -1));
    fill(place,
      el("section", { class: "sheet pad row" },
        el("span", { class: `tag ${ledger.whole ? "yes" : "no"}` }, ledger.whole ? "whole" : "damaged"),
        el("span", {}, ledger.found)),
      el("section", {}, lines.length
        ? el("ol", { class: "line" }, ...lines.map((one) => one.node))
        : el("div", { class: "sheet empty" }, el("p", {}, "There are no entries yet."))));
  },
};

function line(at, kind, title, ...more) {
  return { at, node: el("li", { class: kind }, el("h2", { class: "plain" }, title), el("div", { class: "soft small" }, moment(at)), ...more) };
}

function entry({ at, kind, body }) {
  if (kind === "consent") {
    const what = `${CATEGORIES[body.category]}: to ${PURPOSES[body.purpose]}${body.task ? ` ${body.task}` : ""}`;
    return line(at, body.granted ? "granted" : "withdrawn", body.granted ? `You agreed. ${what}` : `You withdrew your consent. ${what}`,
      el("div", { class: "soft mono" }, `fingerprint of the words you agreed to: ${body.text_sha256.slice(0, 16)}`));
  }
  if (kind === "budget") return line(at, "", `Privacy budget “${body.budget}” set to ${number(body.rho, 4)}`);
  if (kind === "reserved") return line(at, "spent", `Reserved ${number(body.rho, 4)} of the privacy budget “${body.budget}” for ${body.run}`);
  if (kind === "settled") return line(at, "spent", `The round cost ${number(body.rho, 4)} of the privacy budget`);
  if (kind === "client") return line(at, body.may.length ? "granted" : "withdrawn", `${body.client} may ${body.may.join(", ") || "do nothing"}`);
  if (kind === "access") return line(at, "", `${body.client}: ${body.ability}, ${body.outcome}`);
  return line(at, "", kind);
}

function erasure(receipt) {
  return line(receipt.at, "erased", `Erased: ${listed(receipt.erased)}`,
    el("button", { class: "bare", onclick: () => showReceipt(receipt), "aria-label": `Receipt ${receipt.id}` }, `Receipt ${receipt.id}`));
}
