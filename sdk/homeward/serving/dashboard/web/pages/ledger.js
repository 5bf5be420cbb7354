// The privacy ledger: every yes and no, every cost, every erasure, newest first; and whether it is whole.

import { get } from "../api.js";
import { el, fill } from "../dom.js";
import { showReceipt } from "../parts/forget.js";
import { CATEGORIES, listed, moment, number, PURPOSES } from "../words.js";

export default {
  path: "/ledger", name: "Ledger", title: "The privacy ledger",
  lead: "What you decided, what it cost, what was erased. Entries hang on each other by a keyed chain, so that none can be changed or left out unseen.",

  async show(place) {
    const [ledger, receipts] = await Promise.all([get("/glass/ledger"), get("/receipts")]);
    const lines = [...ledger.entries.map(entry), ...receipts.map(erasure)].sort((a, b) => (a.at < b.at ? 1 : -1));
    fill(place,
      el("section", { class: "sheet pad row" },
        el("span", { class: `tag ${ledger.whole ? "yes" : "no"}` }, ledger.whole ? "whole" : "damaged"),
        el("span", {}, ledger.found)),
      el("section", {}, lines.length
        ? el("ol", { class: "line" }, ...lines.map((one) => one.node))
        : el("div", { class: "sheet empty" }, el("p", {}, "Nothing was decided, spent or erased yet."))));
  },
};

function line(at, kind, title, ...more) {
  return { at, node: el("li", { class: kind }, el("h2", { class: "plain" }, title), el("div", { class: "soft small" }, moment(at)), ...more) };
}

function entry({ at, kind, body }) {
  if (kind === "consent") {
    const what = `${CATEGORIES[body.category]}: to ${PURPOSES[body.purpose]}${body.task ? ` ${body.task}` : ""}`;
    return line(at, body.granted ? "granted" : "withdrawn", body.granted ? `You agreed. ${what}` : `You took it back. ${what}`,
      el("div", { class: "soft mono" }, `words ${body.text_sha256.slice(0, 16)}`));
  }
  if (kind === "budget") return line(at, "", `Budget “${body.budget}” set to ρ ${number(body.rho, 4)}`);
  if (kind === "reserved") return line(at, "spent", `Reserved ρ ${number(body.rho, 4)} of “${body.budget}” for ${body.run}`);
  if (kind === "settled") return line(at, "spent", `Settled: it cost ρ ${number(body.rho, 4)}`);
  if (kind === "client") return line(at, body.may.length ? "granted" : "withdrawn", `${body.client} may ${body.may.join(", ") || "do nothing"}`);
  if (kind === "access") return line(at, "", `${body.client}: ${body.ability}, ${body.outcome}`);
  return line(at, "", kind);
}

function erasure(receipt) {
  return line(receipt.at, "erased", `Erased: ${listed(receipt.erased)}`,
    el("button", { class: "bare", onclick: () => showReceipt(receipt), "aria-label": `Receipt ${receipt.id}` }, `Receipt ${receipt.id}`));
}
