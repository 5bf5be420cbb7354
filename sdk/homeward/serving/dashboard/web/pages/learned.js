// What was learned of the person's style: its trial, its curve, on or off; and learning now.

import { get, send } from "../api.js";
import { el, fill, say } from "../dom.js";
import { curve, interval } from "../parts/charts.js";
import { decide } from "../parts/consent.js";
import { count, moment, number, signed } from "../words.js";

export default {
  path: "/learned", name: "Learned", title: "What was learned of your style",
  lead: "A soft prompt is a short learned beginning that the model reads before each question, so that it writes more as you like it. It is used only if it wins a trial on texts that it did not learn from.",

  async show(place) {
    const [state, learning] = [el("section"), el("section", { class: "sheet pad stack" })];
    fill(place, state, learning);
    fill(state, ...drawn(await get("/learned"), place));
    await follow(learning, place);
  },
};

function drawn(learned, place) {
  if (!learned) {
    return [el("div", { class: "sheet empty" }, el("p", {}, "Nothing was learned for this model yet. Learning needs 24 texts of yours and some minutes of one processor core."))];
  }
  const { trial } = learned;
  const toggle = async () => {
    await send("PUT", "/learned", { on: !learned.on });
    say(learned.on ? "It is kept, but not used." : "It is used from the next answer on.");
    fill(place.firstChild, ...drawn(await get("/learned"), place));
  };
  const reach = Math.max(0.05, ...[trial.gain, trial.low, trial.high].map((one) => Math.abs(one ?? 0))) * 1.15;
  return [
    el("div", { class: "sheet pad stack" },
      el("div", { class: "row between" },
        el("div", { class: "row" }, el("h2", {}, "Soft prompt"),
          el("span", { class: `tag ${learned.on ? "yes" : "no"}` }, learned.on ? "in use" : "off")),
        el("button", { onclick: toggle }, learned.on ? "Switch off" : "Use it anyway")),
      el("h3", {}, "Trial"),
      interval({ weight: trial.gain, low: trial.low ?? -reach, high: trial.high ?? reach, clear: trial.low !== null && (trial.low > 0 || trial.high < 0) }, reach),
      el("p", { class: "soft" }, `With the soft prompt, the model predicts your ${trial.items} newest texts and choices ${trial.gain >= 0 ? "better" : "worse"} (score ${signed(trial.gain, 3)}; 0 is no difference). ${trial.wins ? "It won: the whole bar is above zero" : "It did not win, so it stays off unless you switch it on"}.`),
      el("h3", {}, "Prediction error on held-back texts"),
      curve(learned.curve),
      el("dl", { class: "facts" }, ...facts(learned).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]))),
  ];
}

function facts(learned) {
  return [
    ["Learned from", `${count(learned.learned_from.length, "text")}, ${learned.preferred.length} of them choices between two replies`],
    ["Held back", count(learned.held_back.length, "text")],
    ["Length", count(learned.virtual_tokens, "virtual token")],
    ["Took", `${number(learned.cpu_seconds, 0)} seconds of one processor core`],
    ["At", moment(learned.learned_at)],
    ["Model (SHA-256)", learned.model_sha256.slice(0, 16)],
  ];
}

async function follow(place, page) {
  const now = await get("/learning");
  const running = now.state === "running";
  const start = async () => {
    try { await send("POST", "/learning", {}); } catch (problem) {
      if (problem.code !== "consent_required") return say(problem.message);
      await decide("learn", ["writings", "choices"], true);
      await send("POST", "/learning", {});
    }
    return follow(place, page);
  };
  const stop = async () => { await send("DELETE", "/learning"); say("Learning stops after this step. You can continue it later."); };
  fill(place,
    el("div", { class: "row between" },
      el("div", {}, el("h2", {}, "Learning"), el("p", { class: "soft" }, told(now))),
      el("button", { class: running ? null : "main", onclick: running ? stop : start }, running ? "Stop" : "Learn now")),
    running && now.progress ? el("progress", { max: now.progress.epochs, value: now.progress.epoch + now.progress.step / now.progress.steps, "aria-label": "Learning" }) : null,
    running ? null : el("p", { class: "small soft" }, "By starting you agree: Homeward may learn from writings and choices, on this device only."));
  if (running) setTimeout(() => { if (place.isConnected) follow(place, page); }, 1500);
}

function told({ state, progress, failed }) {
  if (state === "running" && progress) return `Pass ${progress.epoch + 1} of ${progress.epochs} over your texts; prediction error on held-back texts ${number(progress.held_loss, 3)}; at most ${number(Math.max(0, progress.expected_cpu_seconds - progress.cpu_seconds), 0)} seconds left.`;
  return {
    idle: "It runs in the background, at the lowest priority.", running: "It reads your texts …",
    stopped: "Stopped. It continues from here the next time.", done: "Done. The result is above.",
    failed: `Learning failed. ${failed ?? ""}`,
  }[state];
}
