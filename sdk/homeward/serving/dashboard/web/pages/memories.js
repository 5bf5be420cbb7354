// Memories: search, add, edit, forget. Each says where it came from.

import { get, send } from "../api.js";
import { el, fill, say } from "../dom.js";
import { dialog } from "../parts/dialog.js";
import { forget } from "../parts/forget.js";
import { tags } from "../parts/tags.js";
import { waiting } from "../parts/review.js";
import { day, SOURCES } from "../words.js";

const PAGE = 50;

export default {
  path: "/memories", name: "Memories", title: "Memories",
  lead: "What Homeward remembers and can quote in answers. If you forget a memory, its source and everything derived from it are erased, too.",

  async show(place, query) {
    const list = el("ul", { class: "list sheet", "aria-label": "Memories" });
    const more = el("button", { hidden: true }, "Older ones");
    const review = el("section", { hidden: true });
    const rest = el("section", {});
    const field = el("input", { id: "words", type: "search", value: query.get("words") ?? "", autocomplete: "off" });
    const reader = el("input", { id: "reader", autocomplete: "off", placeholder: "private: all of them" });
    const page = (rest) => `/memories?limit=${PAGE}${rest}${
      reader.value.trim() ? `&audience=${encodeURIComponent(reader.value.trim())}` : ""}`;
    const search = async (event) => {
      event?.preventDefault();
      const words = field.value.trim();
      const found = await get(page(`&words=${encodeURIComponent(words)}`));
      fill(list, ...(found.length ? found.map(row) : [nothing(words)]));
      more.hidden = words !== "" || found.length < PAGE;
      if (event) say(found.length === 1 ? "1 memory found" : `${found.length} memories found`);
    };
    const older = async () => {
      const last = list.lastElementChild.dataset.id;
      const found = await get(page(`&before=${last}`));
      list.append(...found.map(row));
      more.hidden = found.length < PAGE;
    };
    more.addEventListener("click", older);
    const row = (one) => memory(one, again);
    const again = () => Promise.all([search(), unremembered(rest, again)]);
    const topic = async () => {
      if (!field.value.trim()) return say("Enter the words first.");
      if (await forget({ topic: field.value })) again();
      return undefined;
    };
    fill(place,
      el("section", { class: "sheet pad stack" },
        el("form", { class: "inline", role: "search", onsubmit: search },
          el("div", { class: "grow" }, el("label", { for: "words" }, "Find words"), field),
          el("div", {}, el("label", { for: "reader" }, "Audience"), reader),
          el("button", { class: "main" }, "Search"),
          el("button", { class: "grave", type: "button", onclick: topic }, "Forget everything with these words"))),
      review,
      el("section", {}, list, el("p", {}, more)),
      el("section", { class: "sheet pad" }, adding(again)),
      rest);
    await Promise.all([again(), waiting(review, search)]);
  },
};

function nothing(words) {
  return el("li", { class: "empty" }, words ? "No memory contains these words." : "There are no memories yet.");
}

function memory(one, again) {
  const past = one.superseded_by !== null || (one.valid_until !== null && new Date(one.valid_until) < new Date());
  const forgetIt = async () => { if (await forget({ memories: [one.id] })) again(); };
  return el("li", { class: "memory", "data-id": one.id },
    el("p", { class: "words" }, one.text),
    el("div", { class: "row between" },
      el("div", { class: "soft small" }, `${day(one.said_at)} · from ${SOURCES[one.source.kind]}`,
        past ? [" ", el("span", { class: "tag no" }, "no longer true")] : [],
        one.origin === "person" ? [] : [" ", el("span", { class: "tag" }, `said by ${one.origin}`)],
        ...tags(one, `/memories/${one.id}`, one.text.slice(0, 60), again)),
      el("div", {},
        el("button", { class: "bare", onclick: () => edit(one, again), "aria-label": `Edit: ${one.text.slice(0, 60)}` }, "Edit"),
        el("button", { class: "bare grave", onclick: forgetIt, "aria-label": `Forget: ${one.text.slice(0, 60)}` }, "Forget"))));
}

function edit(one, again) {
  const text = el("textarea", { id: "edited", required: true, rows: 4 });
  text.value = one.text;
  const save = async (event) => {
    event.preventDefault();
    try {
      const { receipt } = await send("PUT", `/memories/${one.id}`, { text: text.value });
      box.close();
      say(`Changed. The old text is forgotten (receipt ${receipt.id}).`);
      again();
    } catch (problem) { say(problem.message); }
  };
  const box = dialog("Edit this memory",
    el("form", { class: "stack", onsubmit: save },
      el("label", { for: "edited" }, "New text (the old text will be forgotten)"),
      text,
      el("div", { class: "row" },
        el("button", { type: "button", onclick: () => box.close() }, "Cancel"),
        el("button", { class: "main" }, "Change"))));
  text.focus();
}

function adding(again) {
  const text = el("input", { id: "new", required: true, autocomplete: "off" });
  const add = async (event) => {
    event.preventDefault();
    const made = await send("POST", "/memories", { text: text.value });
    const why = [...new Set(made.unremembered.map((one) => one.says))].join("; ");
    say([made.memories.length ? "Remembered." : "", why ? `Not remembered: ${why}. It is kept in ${made.source.join(" ")}.` : ""].join(" ").trim());
    text.value = "";
    again();
  };
  return el("form", { class: "inline", onsubmit: add },
    el("div", { class: "grow" }, el("label", { for: "new" }, "Remember something, word for word"), text),
    el("button", {}, "Remember"));
}

// What the person gave that did not become a memory. It is stored, and can be read and erased here.
async function unremembered(place, again) {
  const found = await get("/unremembered?limit=100");
  fill(place, el("h2", {}, "Stored, but not remembered"),
    el("p", { class: "soft" }, "Answers never quote these. They stay in your notes, writings and questions until you forget them."),
    el("ul", { class: "list sheet", "aria-label": "Not remembered" },
      ...(found.length ? found.map((one) => original(one, again)) : [el("li", { class: "empty" }, "Everything you told Homeward is remembered.")])));
}

function original({ source: [kind, id], text, at, unremembered: parts }, again) {
  const forgetIt = async () => { if (await forget({ [`${kind}s`]: [id] })) again(); };
  return el("li", {},
    el("p", { class: "words" }, text),
    el("div", { class: "row between" },
      el("div", { class: "soft small" }, `${day(at)} · ${kind} ${id} · ${[...new Set(parts.map((one) => one.says))].join("; ")}`),
      el("button", { class: "bare grave", onclick: forgetIt, "aria-label": `Forget: ${text.slice(0, 60)}` }, "Forget")));
}
