// Formats numbers, dates and names for people.

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const PLURALS = { memory: "memories", reply: "replies" };

export const day = (iso) => DAY.format(new Date(iso));
export const moment = (iso) => MOMENT.format(new Date(iso));
export const number = (value, digits = 2) => value.toFixed(digits).replace("-", "−");
export const signed = (value, digits = 2) => `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(digits)}`;
export const count = (many, kind) => `${many} ${many === 1 ? kind : PLURALS[kind] ?? `${kind}s`}`;
export const shown = (value) => (Array.isArray(value) ? value.join(", ") : String(value));
export const listed = (pairs) => pairs.map(([kind, many]) => count(many, kind)).join(", ");

export const SOURCES = { turn: "a conversation", writing: "your writing", note: "a note", choice: "a choice", attribute: "an attribute" };
export const CATEGORIES = {
  attributes: "Attributes", turns: "Conversations", writings: "Writings",
  choices: "Choices", notes: "Notes", memories: "Memories",
};
export const PURPOSES = {
  answer: "answer you", learn: "learn on this device", contribute: "contribute to",
};
