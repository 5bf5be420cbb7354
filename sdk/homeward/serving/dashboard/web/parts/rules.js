// The rules: for which audience and purpose a tag may be used. The person may add, remove, restore.

import { send } from "../api.js";
import { el, fill, say } from "../dom.js";

export function ruling(rules) {
  const place = el("div", { class: "sheet" });
  const redraw = ({ rules: now, edited }) => fill(place,
    el("ul", { class: "list", "aria-label": "Rules" }, ...now.map((one) => rule(one, change))),
    adding(change),
    edited ? el("div", { class: "pad" }, el("button", { class: "bare", onclick: () => change("DELETE", "", undefined, "The default rules apply again.") }, "Restore the default rules")) : null);
  const change = async (method, name, body, words) => {
    try {
      redraw(await send(method, `/rules${name && `/${encodeURIComponent(name)}`}`, body));
      say(words);
    } catch (problem) { say(problem.message); }
  };
  redraw(rules);
  return place;
}

function rule(one, change) {
  const remove = () => change("DELETE", one.name, undefined, `Removed: ${one.name}.`);
  return el("li", { class: "row between" },
    el("span", {}, one.name),
    el("span", { class: "row" },
      el("span", { class: "soft" }, el("span", { class: "tag" }, one.tag), ` ${when(one)}`),
      el("button", { class: "bare grave", onclick: remove, "aria-label": `Remove: ${one.name}` }, "Remove")));
}

function when({ audiences, purposes, about_self: aboutSelf }) {
  if (audiences?.length === 0 || purposes?.length === 0) return "never shown to the model";
  return [
    audiences ? `only for the audience ${audiences.join(", ")}` : null,
    purposes ? `only for the purpose ${purposes.join(", ")}` : null,
    aboutSelf ? "only if the question is about you" : null,
  ].filter(Boolean).join("; ") || "always";
}

function adding(change) {
  const [tag, audiences] = ["tag", "audiences"].map((id) => el("input", { id, required: true, autocomplete: "off", placeholder: id === "tag" ? "music" : "private, work" }));
  const add = (event) => {
    event.preventDefault();
    const who = audiences.value.split(",").map((one) => one.trim()).filter(Boolean);
    change("PUT", `${tag.value} only for ${who.join(", ")}`, { tag: tag.value, audiences: who }, "The rule applies from the next question on.");
  };
  return el("form", { class: "inline pad", onsubmit: add, "aria-label": "Add a rule" },
    el("div", { class: "grow" }, el("label", { for: "tag" }, "Tag"), tag),
    el("div", { class: "grow" }, el("label", { for: "audiences" }, "Only for these audiences"), audiences),
    el("button", {}, "Add"));
}
