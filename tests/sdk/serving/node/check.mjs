// The official client, unchanged: a whole reply, a stream, embeddings, models, a refusal.
import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const messages = [{ role: "user", content: "What am I allergic to?" }];

const whole = await client.chat.completions.create({ model: "homeward", messages });
let streamed = "";
let pieces = 0;
for await (const chunk of await client.chat.completions.create({
  model: "homeward",
  messages,
  stream: true,
})) {
  streamed += chunk.choices[0]?.delta?.content ?? "";
  pieces += 1;
}
const embedded = await client.embeddings.create({ model: "homeward", input: ["tea", "figs"] });
const models = await client.models.list();
let refused;
try {
  await new OpenAI({ baseURL, apiKey: "wrong", maxRetries: 0 }).models.list();
} catch (error) {
  refused = error.constructor.name;
}
console.log(
  JSON.stringify({
    whole: whole.choices[0].message.content,
    used: whole.homeward.used.length,
    streamed,
    pieces,
    embedded: embedded.data.map((one) => one.embedding.length),
    models: models.data.map((one) => one.id),
    refused,
  }),
);
