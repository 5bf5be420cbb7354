// Who the person is, as far as they said it, and how much is known in all.

import { get, send } from "../api.js";
import { el, fill } from "../dom.js";
import { forget } from "../parts/forget.js";
import { tags } from "../parts/tags.js";
import { count, day, shown } from "../words.js";

const TILES = [
  ["memories", "Memories", "#/memories"], ["turns", "Exchanges", "#/answers"], ["notes", "Notes", "#/memories"],
  ["writings", "Writings", "#/learned"], ["choices", "Choices", "#/taste"],
  ["receipts", "Receipts of forgetting", "#/ledger"],
];

export default {
  path: "/", name: "Profile", title: "What Homeward knows about you",
  lead: "It is stored encrypted on this device. Nothing leaves the device unless you join a federation.",

  async show(place) {
    const [profile, attributes, model] = await Promise.all([get("/profile"), get("/attributes"), get("/model")]);
    const list = el("ul", { class: "list sheet", "aria-label": "Attributes" });
    const redraw = (all) => fill(list, ...(all.some(isTold)
      ? all.filter(isTold).map((one) => attribute(one, again))
      : [el("li", { class: "empty" }, "No attributes yet. You could start with your name.")]));
    const again = async () => redraw(await get("/attributes"));
    redraw(attributes);
    fill(place,
      el("section", { class: "tiles", "aria-label": "How much is known" }, ...TILES.map(([key, name, href]) =>
        el("a", { class: "tile sheet", href }, el("b", {}, String(profile[key])), el("span", {}, name)))),
      el("section", {}, el("h2", {}, "Attributes"), list),
      el("section", { class: "sheet pad" }, adding(again)),
      el("section", {}, el("h2", {}, "Language model"), el("div", { class: "sheet pad" }, ...running(model))));
  },
};

// Weights of taste that the person set are attributes too; they have a page of their own.
const isTold = (one) => !one.tags.includes("taste");

function running(model) {
  if (!model) return [el("p", { class: "soft" }, "It is loaded by the first question.")];
  const where = model.gpu_layers ? `${count(model.gpu_layers, "layer")} on a GPU` : "no GPU";
  return [
    el("h3", {}, model.name),
    el("div", { class: "soft small" },
      `${model.architecture}, reads ${model.n_ctx} of ${model.n_ctx_train} tokens, cache in ${model.kv_type}, ${where}`),
    ...model.notices.map((notice) => el("p", { role: "note" }, `${notice}.`)),
  ];
}

function attribute(one, again) {
  const forgetIt = async () => { if (await forget({ keys: [one.key] })) again(); };
  return el("li", { class: "row between" },
    el("div", {},
      el("h3", {}, one.key),
      el("div", { class: "words" }, shown(one.value)),
      el("div", { class: "soft small" }, `since ${day(one.valid_from)}`,
        ...tags(one, `/attributes/${encodeURIComponent(one.key)}`, one.key, again))),
    el("button", { class: "bare grave", onclick: forgetIt, "aria-label": `Forget ${one.key}` }, "Forget"));
}

function adding(again) {
  const key = el("input", { id: "key", required: true, autocomplete: "off" });
  const value = el("input", { id: "value", required: true, autocomplete: "off" });
  const add = async (event) => {
    event.preventDefault();
    await send("PUT", `/attributes/${encodeURIComponent(key.value)}`, { value: value.value });
    key.value = value.value = "";
    again();
    key.focus();
  };
  return el("form", { class: "inline", onsubmit: add, "aria-label": "Add an attribute" },
    el("div", { class: "grow" }, el("label", { for: "key" }, "Attribute, such as home town"), key),
    el("div", { class: "grow" }, el("label", { for: "value" }, "Value"), value),
    el("button", { class: "main" }, "Add"));
}
