// What each answer used and what was withheld from it; and a form to try a question for an audience.

import { converse, get } from "../api.js";
import { el, fill } from "../dom.js";
import { forget } from "../parts/forget.js";
import { moment, shown } from "../words.js";

export default {
  path: "/answers", name: "Answers", title: "What each answer used",
  lead: "Every reply lists what its prompt contained: memories, attributes, earlier exchanges, choices and images. It also lists what Homeward had learned from you. Nothing else about you was used.",

  async show(place) {
    const list = el("ul", { class: "list sheet", "aria-label": "Answers" });
    const redraw = async () => {
      const [answers, attributes] = await Promise.all([get("/answers?limit=50"), get("/attributes")]);
      fill(list, ...(answers.length ? answers.map((one) => row(one, attributes, redraw)) : [el("li", { class: "empty" }, "You have not asked anything yet.")]));
    };
    fill(place, el("section", { class: "sheet pad stack" }, ...trying(redraw)), el("section", {}, el("h2", {}, "So far"), list));
    await redraw();
  },
};

function row(answer, known, again) {
  const { turn } = answer;
  const forgetIt = async () => { if (await forget({ turns: [turn.id] })) again(); };
  return el("li", {},
    el("div", { class: "row between" },
      el("h3", {}, turn.asked),
      el("button", { class: "bare grave", onclick: forgetIt, "aria-label": `Forget: ${turn.asked.slice(0, 60)}` }, "Forget")),
    el("p", { class: "words" }, turn.replied || "(no reply)"),
    used(answer, known),
    el("div", { class: "soft small" }, `${moment(turn.asked_at)} · ${turn.model}${turn.complete ? "" : " · cut short"}`));
}

function chipsOf(sources) {
  return [
    ...sources.images.map((file) => el("li", {}, `image: ${file}`)),
    ...sources.memories.map((one) => el("li", {}, one.text)),
    ...sources.attributes.map((one) => el("li", {}, `${one.key}: ${shown(one.value)}`)),
    ...sources.examples.map((one) => el("li", {}, `example from your choices: ${one.chosen}`)),
    ...sources.turns.map((one) => el("li", {}, `earlier exchange: ${one.asked}`)),
    ...sources.learned.map((one) => el("li", {}, one.says)),
  ];
}

function through(sources) {
  if (!sources) return [];
  return chipsOf(sources).map((chip) => el("li", {}, "used by the earlier exchange: ", chip.textContent));
}

function used(sources, known) {
  const name = (one) => (one.kind === "attribute" && known.find((other) => other.id === one.id)?.key) || `a ${one.kind}`;
  const chips = [
    ...chipsOf(sources),
    ...through(sources.through),
    ...sources.withheld.map((one) => el("li", { class: "held" }, `withheld: ${name(one)} (${one.rule})`)),
  ];
  return chips.length ? el("ul", { class: "used", "aria-label": "Used" }, ...chips)
    : el("p", { class: "soft small" }, "Nothing about you was used.");
}

function trying(again) {
  const question = el("input", { id: "question", required: true, autocomplete: "off" });
  const audience = el("select", { id: "audience" },
    ...[["private", "me alone"], ["work", "people at work"], ["public", "anybody"]].map(([value, name]) => el("option", { value }, name)));
  const keep = el("input", { id: "keep", type: "checkbox" });
  const out = el("div", { "aria-live": "polite" });
  const go = el("button", { class: "main" }, "Ask");
  const submit = async (event) => {
    event.preventDefault();
    go.disabled = true;
    const text = el("p", { class: "words drafted" });
    fill(out, text);
    try {
      const provenance = await converse(question.value, {
        audience: audience.value, keep: keep.checked, piece: (piece) => { text.textContent += piece; },
      });
      out.append(await sources(provenance));
      if (keep.checked) again();
    } catch (problem) { text.textContent = problem.message; }
    go.disabled = false;
  };
  return [
    el("h2", {}, "Try a question"),
    el("form", { class: "inline", onsubmit: submit },
      el("div", { class: "grow" }, el("label", { for: "question" }, "Question"), question),
      el("div", {}, el("label", { for: "audience" }, "Who reads the reply"), audience), go),
    el("div", { class: "tick" }, keep, el("label", { for: "keep" }, "Save this exchange (otherwise nothing is stored)")),
    out,
  ];
}

async function sources(provenance) {
  const [attributes, choices] = await Promise.all([get("/attributes"), get("/choices?limit=500")]);
  const found = async (ids) => ({
    attributes: attributes.filter((one) => has(ids, "attribute", one)),
    examples: choices.filter((one) => has(ids, "choice", one)),
    memories: await Promise.all(of(ids, "memory").map((id) => get(`/memories/${id}`))),
    turns: await Promise.all(of(ids, "turn").map(async (id) => (await get(`/answers/${id}`)).turn)),
  });
  const { images, learned, withheld } = provenance;
  const before = provenance.through.length ? { ...await found(provenance.through), images: [], learned: [] } : null;
  return used({ ...await found(provenance.used), images, learned, withheld, through: before }, attributes);
}

function of(ids, kind) { return ids.filter((one) => one.kind === kind).map((one) => one.id); }

function has(ids, kind, one) { return of(ids, kind).includes(one.id); }
