// A modal dialog that gives the focus back to where it came from.

import { el } from "../dom.js";

export function dialog(title, ...content) {
  const came = document.activeElement;
  const node = el("dialog", { "aria-labelledby": "dialog-title", class: "rise" },
    el("h2", { id: "dialog-title" }, title), ...content);
  node.addEventListener("close", () => {
    node.remove();
    (came?.isConnected ? came : document.getElementById("main")).focus();
  });
  document.body.append(node);
  node.showModal();
  return node;
}
