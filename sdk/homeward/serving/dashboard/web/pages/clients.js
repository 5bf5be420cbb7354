// Other programs that ask by MCP: what each may do, and what each did.

import { get, send } from "../api.js";
import { el, fill, say } from "../dom.js";
import { count, moment } from "../words.js";

export default {
  path: "/programs", name: "Programs", title: "Other programs",
  lead: "What other programs on this device may ask your assistant, and each time that they did. The words of their requests are not kept.",

  async show(place) {
    const [clients, accesses, origins] = await Promise.all([get("/clients"), get("/accesses"), get("/origins")]);
    const withdraw = async (name) => {
      await send("DELETE", `/clients/${encodeURIComponent(name)}`);
      say(`${name} has no permissions any more.`);
      this.show(place);
    };
    const close = async (origin) => {
      await send("POST", "/origins/withdraw", { origin });
      say(`Pages of ${origin} may ask no longer.`);
      this.show(place);
    };
    fill(place,
      el("section", {}, el("h2", {}, "What they may do"), clients.length
        ? el("ul", { class: "list sheet" }, ...clients.map((one) => client(one, withdraw)))
        : el("div", { class: "sheet empty" }, el("p", {}, "No program has permissions. ", el("code", {}, "homeward clients grant"), " gives them."))),
      origins.length ? el("section", {}, el("h2", {}, "Web pages that may ask"),
        el("ul", { class: "list sheet" }, ...origins.map((one) => website(one, close)))) : null,
      accesses.length ? el("section", {}, el("h2", {}, "What they did"), el("ol", { class: "line" }, ...accesses.map(access))) : null);
  },
};

function client(one, withdraw) {
  const allowed = one.may.length > 0;
  return el("li", { class: "row between" },
    el("div", {},
      el("div", { class: "row" }, el("h3", {}, one.name),
        ...(allowed ? one.may.map((ability) => el("span", { class: "tag yes" }, ability)) : [el("span", { class: "tag no" }, "nothing")])),
      el("div", { class: "soft small" }, `its audience: ${one.audience} · since ${moment(one.at)}`)),
    allowed ? el("button", { class: "grave", onclick: () => withdraw(one.name), "aria-label": `Withdraw from ${one.name}` }, "Withdraw") : null);
}

function website(one, close) {
  return el("li", { class: "row between" },
    el("div", {}, el("h3", {}, one.origin),
      el("div", { class: "soft small" }, `its audience: ${one.audience} · since ${moment(one.at)}`)),
    el("button", { class: "grave", onclick: () => close(one.origin), "aria-label": `Withdraw from ${one.origin}` }, "Withdraw"));
}

function access(one) {
  return el("li", { class: one.outcome === "done" ? "granted" : "withdrawn" },
    el("h3", {}, `${one.client}: ${one.ability}, ${one.outcome}`),
    el("div", { class: "soft small" }, `${moment(one.at)}${one.memories.length ? ` · ${count(one.memories.length, "memory")}` : ""}`));
}
