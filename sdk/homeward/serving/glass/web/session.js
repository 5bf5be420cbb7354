// How this tab comes to its token. It lies in sessionStorage: no other tab, site or restart has it.
//
// `homeward open` puts a code into the address, after the #, where it is sent to nobody. The code
// is worth the token once, within a minute; what the browser's history keeps is worth nothing.

import { el, fill } from "./dom.js";

const KEY = "homeward-token";

export const token = () => sessionStorage.getItem(KEY) ?? "";
export const forgetToken = () => sessionStorage.removeItem(KEY);

export async function admitted() {
  const code = /^#once=([\w-]+)$/.exec(location.hash)?.[1];
  if (code) {
    history.replaceState(null, "", "#/");
    const answer = await fetch("/glass/admit", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code }),
    });
    if (answer.ok) sessionStorage.setItem(KEY, (await answer.json()).token);
    else refused = "This link was used already, or is older than a minute.";
  }
  return token() !== "";
}

let refused = "";

// Where there is no token: say how to get one, or take it by hand.
export function enter(main, onward, why = refused) {
  const given = el("input", { id: "token", type: "password", autocomplete: "off", required: true });
  const take = (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEY, given.value.trim());
    refused = "";
    onward();
  };
  fill(main,
    el("div", { class: "head" },
      el("h1", {}, "Let yourself in"),
      el("p", { class: "lead" }, "Only you may look in here. ",
        el("code", {}, "homeward open"), " opens this page with a key; or paste the token from the file that ",
        el("code", {}, "homeward serve"), " named.")),
    el("form", { class: "sheet pad stack", onsubmit: take },
      why ? el("p", { role: "alert" }, why) : null,
      el("label", { for: "token" }, "Token"),
      given,
      el("div", {}, el("button", { class: "main" }, "Open"))));
  given.focus();
}
