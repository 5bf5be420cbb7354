// A map of memories: similar meanings are close together. Arrow keys move from one to the next.

import { get } from "../api.js";
import { el, fill } from "../dom.js";
import { forget } from "../parts/forget.js";
import { day, number, SOURCES } from "../words.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export default {
  path: "/map", name: "Map", title: "A map of your memories",
  lead: "Each dot is a memory. Dots that are close together have similar meanings.",

  async show(place) {
    const { points, explained, total } = await get("/dashboard/map");
    if (points.length < 3) {
      fill(place, el("div", { class: "sheet empty" }, el("p", {}, "The map needs at least three memories.")));
      return;
    }
    const chosen = el("aside", { class: "sheet pad", "aria-live": "polite" },
      el("p", { class: "soft" }, "Point at a dot, or move with the arrow keys."));
    const field = el("div", { class: "field sheet", role: "group", "aria-label": `Map of ${points.length} memories` });
    const spots = points.map((point) => spot(point));
    const choose = (at) => {
      spots.forEach((one, number_) => {
        one.tabIndex = number_ === at ? 0 : -1;
        one.setAttribute("aria-pressed", String(number_ === at));
      });
      fill(chosen, ...told(points[at], () => this.show(place)));
    };
    spots.forEach((one, at) => {
      one.tabIndex = at === 0 ? 0 : -1;
      one.addEventListener("focus", () => choose(at));
      one.addEventListener("click", () => choose(at));
      one.addEventListener("mouseenter", () => choose(at));
    });
    field.addEventListener("keydown", (event) => walk(event, points, spots));
    fill(field, ...labels(points), ...spots);
    const kinds = [...new Set(points.map((one) => one.kind))];
    fill(place,
      el("ul", { class: "legend", "aria-label": "Colours" }, ...kinds.map((kind) =>
        el("li", { class: `kind-${kind}` }, el("i"), `from ${SOURCES[kind]}`))),
      el("div", { class: "map" }, field, chosen),
      el("p", { class: "small soft" }, `This map shows ${number(100 * (explained[0] + explained[1]), 0)} % of the differences between your memories; the rest does not fit into two dimensions.${total > points.length ? ` It shows the newest ${points.length} of ${total} memories.` : ""}`));
  },
};

function spot(point) {
  const node = el("button", { class: `spot kind-${point.kind}`, "aria-label": point.text.slice(0, 120), "aria-pressed": "false" });
  place(node, point);
  return node;
}

// A few memories are named on the map itself: those that lie farthest from each other, as long as
// their names lie over no other name and no other dot.
function labels(points) {
  const named = [];
  const room = (point) => Math.min(2, ...named.map((one) => Math.hypot((one.x - point.x) / 1.6, one.y - point.y)));
  const left = (point) => (point.x > 0.6 ? point.x - 0.27 : point.x);
  const free = (point) => named.every((one) => Math.abs(one.y - point.y) > 0.045 || Math.abs(left(one) - left(point)) > 0.27);
  const covers = (point, one) => one !== point && Math.abs(one.y - point.y) < 0.025 && one.x > left(point) - 0.04 && one.x < left(point) + 0.31;
  const clear = (point) => !points.some((one) => covers(point, one));
  for (let candidates = points.filter(clear); named.length < 12; candidates = candidates.filter(free)) {
    const next = candidates.reduce((a, b) => (room(a) >= room(b) ? a : b), candidates[0]);
    if (!next || room(next) < 0.12) break;
    named.push(next);
  }
  return named.map((point) => {
    const node = el("span", { class: `name ${point.x > 0.6 ? "before" : ""}`, "aria-hidden": "true" }, shortened(point.text));
    place(node, point);
    return node;
  });
}

function shortened(text) {
  return text.length < 26 ? text : `${text.slice(0, 24).replace(/\s+\S*$/, "")} …`;
}

function place(node, { x, y }) {
  node.style.left = `${4 + x * 92}%`;
  node.style.top = `${4 + y * 92}%`;
}

function told(point, again) {
  const forgetIt = async () => { if (await forget({ memories: [point.id] })) again(); };
  return [
    el("p", { class: "words" }, point.text),
    el("p", { class: "soft small" }, `${day(point.said_at)} · from ${SOURCES[point.kind]}`),
    el("button", { class: "bare grave", onclick: forgetIt }, "Forget"),
  ];
}

// The nearest dot within the quarter that the arrow points to.
function walk(event, points, spots) {
  const step = STEPS[event.key];
  const from = points[spots.indexOf(document.activeElement)];
  if (!step || !from) return;
  event.preventDefault();
  let [nearest, least] = [-1, Infinity];
  points.forEach((one, at) => {
    const along = (one.x - from.x) * step[0] + (one.y - from.y) * step[1];
    const across = Math.abs((one.x - from.x) * step[1]) + Math.abs((one.y - from.y) * step[0]);
    if (along > 1e-9 && across <= along && Math.hypot(along, across) < least) [nearest, least] = [at, Math.hypot(along, across)];
  });
  if (nearest >= 0) spots[nearest].focus();
}
