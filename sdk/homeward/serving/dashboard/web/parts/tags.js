// The tags of one record, which the rules refer to. One click removes a tag or adds one.

import { send } from "../api.js";
import { el, say } from "../dom.js";

// The tags of the default rules. The person may use any other word in a rule and on a memory.
const USUAL = ["health", "money", "relationships", "beliefs", "location", "identity"];
const WAITS = "unreviewed"; // only the review ends it

export function tags(one, path, name, again) {
  const put = async (wanted, words) => {
    try {
      await send("PUT", `${path}/tags`, { tags: wanted });
      say(words);
      again();
    } catch (problem) { say(problem.message); }
  };
  const chip = (tag) => (tag === WAITS ? el("span", { class: "tag" }, tag) : el("button", {
    class: "tag", title: `Remove the tag ${tag}`, "aria-label": `Remove the tag ${tag}: ${name}`,
    onclick: () => put(one.tags.filter((other) => other !== tag), `No longer tagged ${tag}.`),
  }, `${tag} ×`));
  const more = el("select", { class: "tag", "aria-label": `Tag: ${name}` },
    el("option", { value: "" }, "+ tag"),
    ...USUAL.filter((tag) => !one.tags.includes(tag)).map((tag) => el("option", { value: tag }, tag)));
  more.addEventListener("change", () => put([...one.tags, more.value], `Tagged ${more.value}.`));
  return [...one.tags.map(chip), more].flatMap((part) => [" ", part]);
}
