// The same with OpenAI's own client, unchanged: only the address and the key are Homeward's.

import { readFile } from "node:fs/promises";
import OpenAI from "openai";

const apiKey = (await readFile(process.env.HOMEWARD_TOKEN_FILE, "utf8")).trim();
const client = new OpenAI({ baseURL: `${process.env.HOMEWARD_URL ?? "http://127.0.0.1:8766"}/v1`, apiKey });

const stream = await client.chat.completions.create({
  model: "homeward",
  messages: [{ role: "user", content: process.argv[2] }],
  stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
process.stdout.write("\n");
