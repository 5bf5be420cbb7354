// node ask.mjs "a question": streams the reply, then says what it used. Ctrl-C stops the reply.

import { Homeward } from "./homeward.mjs";

const homeward = await Homeward.fromEnvironment();
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

const reply = homeward.ask(process.argv[2], { signal: stop.signal });
let next = await reply.next();
for (; !next.done; next = await reply.next()) process.stdout.write(next.value);
process.stdout.write("\n");

for (const { kind, id } of next.value.used) {
  if (kind === "memory") console.log(`used: ${(await homeward.memory(id)).text}`);
}
for (const { kind, rule } of next.value.withheld) console.log(`withheld: ${kind}, because ${rule}`);
