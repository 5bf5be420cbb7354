// Chooses the page, and shows the error when it cannot be loaded.

import { admitted, enter } from "./session.js";
import { Problem } from "./api.js";
import { el, fill } from "./dom.js";
import { PAGES } from "./pages/index.js";

const main = document.getElementById("main");
const list = document.getElementById("pages");
let shown = 0; // counts showings, so that a slow page does not write over a newer one

function navigation(current) {
  fill(list, ...PAGES.map((page) =>
    el("li", {},
      el("a", { href: `#${page.path}`, "aria-current": page === current ? "page" : null }, page.name))));
}

function wanted() {
  const path = location.hash.slice(1) || "/";
  return PAGES.find((page) => page.path === path.split("?")[0]) ?? PAGES[0];
}

function heading(page) {
  return el("div", { class: "head" }, el("h1", {}, page.title), el("p", { class: "lead" }, page.lead));
}

async function show({ focus = true } = {}) {
  const page = wanted();
  const turn = ++shown;
  navigation(page);
  document.title = `${page.name} · Homeward`;
  if (!(await admitted())) return enter(main, show);
  const body = el("div", { class: "body" });
  try {
    await page.show(body, new URLSearchParams(location.hash.split("?")[1]));
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 401) return enter(main, show, problem.message);
    body.replaceChildren(failure(problem));
  }
  if (turn !== shown) return undefined;
  fill(main, heading(page), body);
  main.dataset.page = page.path;
  if (focus) main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  return undefined;
}

function failure(problem) {
  const known = problem instanceof Problem;
  return el("div", { class: "sheet empty", role: "alert" },
    el("p", {}, known ? problem.message : "The server does not answer. Is `homeward open` still running?"),
    el("button", { onclick: () => show() }, "Try again"));
}

window.addEventListener("hashchange", () => show());
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the fragment names the page
  main.focus();
});
show({ focus: false });
