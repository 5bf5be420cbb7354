// Two small charts in SVG: an interval around zero, and a curve.

import { svg } from "../dom.js";
import { number } from "../words.js";

// A weight with its 95 % interval; the scale runs from -reach to reach.
export function interval({ low, high, weight, clear }, reach) {
  const x = (value) => 150 + (Math.max(-reach, Math.min(reach, value)) / reach) * 140;
  const vague = clear ? "" : " vague";
  return svg("svg", {
    class: "chart narrow", viewBox: "0 0 300 28", role: "img",
    "aria-label": `${number(weight)}, between ${number(low)} and ${number(high)}`,
  },
  svg("line", { class: "axis", x1: 10, x2: 290, y1: 14, y2: 14 }),
  svg("line", { class: "zero", x1: 150, x2: 150, y1: 2, y2: 26 }),
  svg("line", { class: `span${vague}`, x1: x(low), x2: x(high), y1: 14, y2: 14 }),
  svg("circle", { class: `dot${vague}`, cx: x(weight), cy: 14, r: 6 }));
}

// The loss on held-back texts after each epoch; the first value is before training. Lower is better.
export function curve(values) {
  const wide = window.innerWidth > 800 ? 600 : 340; // letters keep their size on a narrow screen
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high - low || 1;
  const x = (at) => 52 + (at / Math.max(1, values.length - 1)) * (wide - 80);
  const y = (value) => 20 + ((high - value) / span) * 130;
  const best = values.indexOf(low);
  const path = values.map((value, at) => `${at ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  return svg("svg", {
    class: "chart", viewBox: `0 0 ${wide} 190`, role: "img",
    "aria-label": `The prediction error fell from ${number(values[0], 3)} to ${number(low, 3)} in ${values.length - 1} passes over the texts`,
  },
  ...[low, high].map((value) => [
    svg("line", { class: "axis", x1: 52, x2: wide - 28, y1: y(value), y2: y(value) }),
    svg("text", { x: 44, y: y(value) + 4, "text-anchor": "end" }, number(value)),
  ]).flat(),
  svg("path", { class: "curve", d: path }),
  svg("circle", { class: "dot", cx: x(best), cy: y(low), r: 5 }),
  svg("text", { x: 52, y: 182 }, "before learning"),
  svg("text", { x: wide - 28, y: 182, "text-anchor": "end" }, `pass ${values.length - 1}`));
}
