// The key of this tab. It is only in this variable, because the browser writes session storage and
// cookies to its disk. So the key is gone when the tab is closed or reloaded.
//
// `homeward open` puts a code into the address, after the #, which is never sent. The code
// gives a key once, within a minute; after that the address in the browser's history is useless.

import { el, fill } from "./dom.js";

let key = "";

export const keyOfTab = () => key;
export const forgetKey = () => { key = ""; };

export async function admitted() {
  const code = /^#once=([\w-]+)$/.exec(location.hash)?.[1];
  if (code) {
    history.replaceState(null, "", "#/");
    const answer = await fetch("/dashboard/admit", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code }),
    });
    if (answer.ok) key = (await answer.json()).key;
    else refused = "This link was used already, or is older than a minute.";
  }
  return key !== "";
}

let refused = "";

// Without a key: explain how to get one, or let the person paste a token.
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
      el("h1", {}, "Unlock this page"),
      el("p", { class: "lead" }, "Only you can read these pages, so a tab loses its key when it is reloaded. ",
        "Press Enter in the terminal where ", el("code", {}, "homeward open"), " is running to open them again. Or paste the token from the file that ",
        el("code", {}, "homeward serve"), " named.")),
    el("form", { class: "sheet pad stack", onsubmit: take },
      why ? el("p", { role: "alert" }, why) : null,
      el("label", { for: "token" }, "Token"),
      given,
      el("div", {}, el("button", { class: "main" }, "Open"))));
  given.focus();
}
