// Forgetting: the preview, the person's confirmation, the receipt. The same for all kinds.

import { get, send } from "../api.js";
import { el, fill, say } from "../dom.js";
import { count, listed, moment } from "../words.js";
import { dialog } from "./dialog.js";

const KINDS = {
  attributes: "attribute", notes: "note", turns: "turn", choices: "choice", writings: "writing",
  memories: "memory", redactions: "passage", replies: "reply",
};

// Asks first; resolves to the receipt, or to null where nothing was erased.
export async function forget(what) {
  const plan = await send("POST", "/plan", what);
  const kinds = Object.keys(KINDS).filter((kind) => plan[kind].length > 0);
  if (kinds.length === 0) {
    say("Nothing matches, so nothing was erased.");
    return null;
  }
  const texts = await Promise.all(plan.memories.slice(0, 4).map((id) => get(`/memories/${id}`)));
  return new Promise((resolve) => {
    let receipt = null;
    const erase = async () => {
      sure.disabled = true;
      receipt = await send("POST", "/forget", what).catch((problem) => {
        say(problem.message);
        return null;
      });
      box.close();
    };
    const sure = el("button", { class: "grave main", onclick: erase }, "Erase for good");
    const box = dialog("Forget this?",
      el("p", {}, "This erases it, its source and everything derived from it. Only a backup of your own can bring it back."),
      el("ul", {}, ...kinds.map((kind) => el("li", {}, planned(kind, plan[kind].length)))),
      ...texts.map((one) => el("p", { class: "words" }, `“${one.text}”`)),
      plan.memories.length > 4 ? el("p", { class: "soft" }, `… and ${plan.memories.length - 4} more`) : null,
      el("div", { class: "row" }, el("button", { onclick: () => box.close() }, "Keep it"), sure));
    box.addEventListener("close", () => {
      resolve(receipt);
      if (receipt) showReceipt(receipt);
    });
  });
}

function planned(kind, many) {
  const said = count(many, KINDS[kind]);
  if (kind === "replies") return `${said} built on it, emptied`;
  return kind === "redactions" ? `${said} of a writing, blacked out` : said;
}

export function showReceipt(receipt) {
  const done = receipt.state === "complete";
  const facts = el("dl", { class: "facts" });
  fill(facts, ...rows(receipt).flatMap(([name, value]) => [
    el("dt", {}, name), el("dd", { class: name === "Signature" ? "mono" : null }, value)]));
  const box = dialog(`Receipt ${receipt.id}`,
    el("p", {}, done
      ? "Complete: no page, index, log or file of the profile contains it any more."
      : "Pending: another reader still holds older pages of the profile. The next start of Homeward completes it."),
    facts,
    el("div", { class: "row" },
      el("a", { class: "button", download: `homeward-receipt-${receipt.id}.json`, href: document_(receipt) }, "Save"),
      el("button", { class: "main", onclick: () => box.close() }, "Done")));
  box.dataset.receipt = receipt.id;
}

function rows(receipt) {
  return [
    ["Erased", listed(receipt.erased) || "nothing"],
    ["Derived data destroyed", listed(receipt.stale) || "nothing"],
    ["Date", moment(receipt.at)],
    ["Signature", receipt.signature || "added when it is complete"],
  ];
}

function document_(receipt) {
  return `data:application/json,${encodeURIComponent(JSON.stringify(receipt, null, 2))}`;
}
