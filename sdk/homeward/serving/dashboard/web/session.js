// How this tab comes to its key. It is in this variable alone: what a page stores, in session storage
// or a cookie, the browser writes to its disk. So the key is gone when the tab is closed or reloaded.
//
// `homeward open` puts a code into the address, after the #, where it is sent to nobody. The code
// is worth a key once, within a minute; what the browser's history keeps is worth nothing.

import { el, fill } from "./dom.js";

let key = "";

export const keyOfTab = () => key;
export const forgetKey = () => { key = ""; };

export async function admitted() {
  const code = /^#once=([\w-]+)$/.exec(location.hash)?.[1];
  if (code) {
    history.replaceState(null, "", "#/");
    const answer = await fetch("/glass/admit", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code }),
    });
    if (answer.ok) key = (await answer.json()).key;
    else refused = "This link was used already, or is older than a minute.";
  }
  return key !== "";
}

let refused = "";

// Where there is no token: say how to get one, or take it by hand.
export function enter(main, onward, why = refused) {
  const given = el("input", { id: "token", type: "password", autocomplete: "off", required: true });
  const take = (event) => {
    event.preventDefault();
    key = given.value.trim();
    refused = "";
    onward();
  };
  fill(main,
    el("div", { class: "head" },
      el("h1", {}, "Let yourself in"),
      el("p", { class: "lead" }, "Only you may look in here, and a tab forgets its key when it is reloaded. ",
        "Press Enter where ", el("code", {}, "homeward open"), " runs, and this page opens again; or paste the token from the file that ",
        el("code", {}, "homeward serve"), " named.")),
    el("form", { class: "sheet pad stack", onsubmit: take },
      why ? el("p", { role: "alert" }, why) : null,
      el("label", { for: "token" }, "Token"),
      given,
      el("div", {}, el("button", { class: "main" }, "Open"))));
  given.focus();
}
