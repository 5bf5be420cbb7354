// Memories that wait for the person's review. No answer uses them until then.

import { ask, get } from "../api.js";
import { el, fill } from "../dom.js";
import { day } from "../words.js";

export async function waiting(place, again) {
  const found = await get("/review");
  const decide = async (method, id) => {
    await ask(method, `/homeward/v1/review/${id}`);
    await waiting(place, again);
    again();
  };
  place.hidden = found.length === 0;
  fill(place, el("h2", {}, "Waiting for you"),
    el("ul", { class: "list sheet", "aria-label": "Waiting" }, ...found.map((one) => el("li", {},
      el("p", { class: "words" }, one.text),
      el("div", { class: "row between" },
        el("span", { class: "soft small" }, `${day(one.said_at)} · not used until you accept it`),
        el("span", {},
          el("button", { onclick: () => decide("POST", one.id), "aria-label": `Remember: ${one.text.slice(0, 60)}` }, "Remember"), " ",
          el("button", { class: "bare grave", onclick: () => decide("DELETE", one.id), "aria-label": `Drop: ${one.text.slice(0, 60)}` }, "Drop")))))));
}
