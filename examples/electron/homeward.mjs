// A client of `homeward serve` for Node 20 and later: fetch, and nothing else.

import { readFile } from "node:fs/promises";

export class Homeward {
  #url;
  #token;

  constructor(url, token) {
    this.#url = url;
    this.#token = token;
  }

  // The address and the token's file are told by the environment, or stand where `serve` puts them.
  static async fromEnvironment(env = process.env) {
    const token = await readFile(env.HOMEWARD_TOKEN_FILE, "utf8");
    return new Homeward(env.HOMEWARD_URL ?? "http://127.0.0.1:8766", token.trim());
  }

  // Yields the reply piece by piece; returns what it used and what was withheld from it.
  async *ask(question, { conversation = null, audience = "private", signal } = {}) {
    const answer = await this.#request("POST", "/v1/chat/completions", {
      messages: [{ role: "user", content: question }],
      stream: true,
      homeward: { conversation, audience },
    }, signal);
    let provenance = null;
    for await (const event of events(answer.body)) {
      provenance = event.homeward ?? provenance;
      const text = event.choices[0]?.delta.content;
      if (text) yield text;
    }
    return provenance;
  }

  remember = (text) => this.#json("POST", "/homeward/v1/memories", { text });
  memory = (id) => this.#json("GET", `/homeward/v1/memories/${id}`);
  forget = (what) => this.#json("POST", "/homeward/v1/forget", what);

  async #json(method, path, body) {
    return (await this.#request(method, path, body)).json();
  }

  async #request(method, path, body, signal) {
    const answer = await fetch(this.#url + path, {
      method,
      signal,
      headers: { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) {
      const { error } = await answer.json().catch(() => ({ error: { code: "unknown", message: "" } }));
      throw new Error(`${answer.status} ${error.code}: ${error.message}`);
    }
    return answer;
  }
}

// Server-sent events, as JSON, until the server says that it is done.
async function* events(body) {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const whole = (rest + text).split("\n\n");
    rest = whole.pop();
    for (const event of whole) {
      const data = event.slice("data: ".length);
      if (data === "[DONE]") return;
      yield JSON.parse(data);
    }
  }
}
