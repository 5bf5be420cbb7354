// The server's routes, with the key of this tab. Knows no page.

import { forgetKey, keyOfTab } from "./session.js";

export class Problem extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export async function ask(method, path, body) {
  const headers = { Authorization: `Bearer ${keyOfTab()}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, {
    method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store",
  });
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

export const get = async (path) => (await ask("GET", `/homeward/v1${path}`)).json();
export const send = async (method, path, body) => (await ask(method, `/homeward/v1${path}`, body)).json();

async function problemOf(answer) {
  const { error } = await answer.json().catch(() => ({}));
  if (answer.status === 401) forgetKey();
  return new Problem(answer.status, error?.code ?? "unknown", sentence(error?.message ?? `status ${answer.status}`));
}

function sentence(words) {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
}

// A reply as it is made: calls `piece` with text; returns what it was built on.
export async function converse(question, { audience, keep, piece }) {
  const answer = await ask("POST", "/v1/chat/completions", {
    messages: [{ role: "user", content: question }],
    stream: true, store: keep, max_tokens: 240, homeward: { audience },
  });
  let provenance = null;
  let rest = "";
  for await (const bytes of chunks(answer.body.pipeThrough(new TextDecoderStream()))) {
    const events = (rest + bytes).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.replace(/^data: /, "");
      if (data === "[DONE]") continue;
      const chunk = JSON.parse(data);
      if (chunk.error) throw new Problem(500, chunk.error.code, sentence(chunk.error.message));
      provenance = chunk.homeward ?? provenance;
      piece(chunk.choices[0]?.delta.content ?? "");
    }
  }
  return provenance;
}

async function* chunks(stream) {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
