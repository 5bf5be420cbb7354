// Taste: what was learned from choices, how certain it is, and what the person set instead.

import { get, send } from "../api.js";
import { el, fill, say } from "../dom.js";
import { asking } from "../parts/consent.js";
import { dialog } from "../parts/dialog.js";
import { count, number, signed } from "../words.js";

const REACH = 3; // of a weight that a person may set

export default {
  path: "/taste", name: "Taste", title: "Your taste",
  lead: "What you like in a reply, learned from your choices. Each bar shows the likely range. If it crosses the middle, Homeward does not know yet. Move the ring to set the value yourself.",

  async show(place) {
    const taste = await asking(place, ["choices"], () => get("/taste"), () => this.show(place));
    if (!taste) return;
    const body = el("div");
    const redraw = (now) => fill(body, ...drawn(now, change));
    const change = async (method, name, given, words) => {
      const inUse = document.activeElement?.id;
      redraw(await send(method, `/taste/${encodeURIComponent(name)}`, given));
      document.getElementById(inUse)?.focus();
      say(words);
    };
    redraw(taste);
    fill(place, body);
  },
};

// What is known comes first; weights without evidence are folded away. Directions of meaning have
// no readable name, so they are shown only if they are clear.
function drawn(now, change) {
  const told = now.weights.filter((one) => one.clear || one.pinned || !one.name.startsWith("meaning"));
  const said = (one) => one.pinned || one.clear || Math.abs(one.weight) > 0.02;
  const list = (some) => el("ol", { class: "weights sheet", "aria-label": "Weights" }, ...some.map((one) => weight(one, change)));
  const [known, silent] = [told.filter(said), told.filter((one) => !said(one))];
  return [
    el("p", { class: "soft" }, judged(now)),
    known.length ? list(known) : null,
    silent.length ? el("details", { class: "more", open: known.length === 0 },
      el("summary", {}, `${silent.length} more that your choices say nothing about`), list(silent)) : null,
  ];
}

function judged({ choices, trial }) {
  const from = `Learned from ${count(choices, "choice")}.`;
  if (trial.low === null) return `${from} A trial needs more than ${trial.items} held-back choices, so taste is not used yet.`;
  const by = `score ${signed(trial.gain, 3)}, where 0 is chance`;
  const tested = `${from} Tested on your ${trial.items} newest choices (${by}), taste`;
  return trial.wins ? `${tested} predicts what you prefer, so it may choose between drafts.` : `${tested} does not predict what you prefer yet, so it is not used.`;
}

function weight(one, change) {
  const slider = el("input", {
    type: "range", min: -REACH, max: REACH, step: 0.1, id: `weight-${one.name.replace(/\W/g, "-")}`, "aria-label": `Set ${one.name}`,
    onchange: () => change("PUT", one.name, { weight: Number(slider.value) }, `You set ${one.name} to ${number(Number(slider.value), 1)}.`),
  });
  slider.value = one.weight;
  const trust = () => change("DELETE", one.name, undefined, `Your choices decide about ${one.name} again.`);
  const certain = one.clear || one.pinned;
  return el("li", { "data-weight": one.name, class: one.pinned ? "pinned" : certain ? null : "vague" },
    el("div", {}, el("h2", { class: "plain" }, one.name), el("div", { class: certain ? null : "soft" }, direction(one, certain))),
    el("div", { class: "scale", title: `${number(one.weight)}, between ${number(one.low)} and ${number(one.high)}` }, ...marks(one), slider),
    el("div", { class: "end" }, one.pinned
      ? el("button", { class: "bare", onclick: trust, "aria-label": `Let choices decide about ${one.name}` }, "Undo")
      : one.evidence.length ? el("button", { class: "bare", onclick: () => why(one), "aria-label": `Why ${one.name}` }, "Why") : null));
}

function direction(one, certain) {
  if (one.pinned) return `${one.says} (set by you)`;
  if (Math.abs(one.weight) <= 0.02) return "not known yet";
  return certain ? one.says : `perhaps ${one.says}`;
}

function marks(one) {
  const at = (value) => 50 + (Math.max(-REACH, Math.min(REACH, value)) / REACH) * 50;
  const [span, dot] = [el("div", { class: "span" }), el("div", { class: "dot" })];
  span.style.left = `${at(one.low)}%`;
  span.style.width = `${at(one.high) - at(one.low)}%`;
  dot.style.left = `${at(one.weight)}%`;
  return [el("div", { class: "bar" }), el("div", { class: "inner" }, el("div", { class: "zero" }), one.pinned ? null : span, one.pinned ? null : dot)];
}

async function why(one) {
  const choices = new Map((await get("/choices?limit=500")).map((choice) => [choice.id, choice]));
  const strongest = one.evidence.slice(0, 6).filter(([id]) => choices.has(id));
  const box = dialog(`Why ${one.name}: ${one.says}`,
    el("p", { class: "soft" }, `It started at ${number(one.started)}. These choices changed it most.`),
    el("ul", { class: "list" }, ...strongest.map(([id, part]) => el("li", {},
      el("div", { class: "row between" }, el("h3", {}, choices.get(id).prompt), el("span", { class: "count" }, signed(part, 3))),
      el("div", { class: "small" }, `chosen: ${choices.get(id).chosen}`),
      el("div", { class: "small soft" }, `over: ${choices.get(id).rejected || "nothing"}`)))),
    el("div", { class: "row" }, el("button", { class: "main", onclick: () => box.close() }, "Close")));
}
