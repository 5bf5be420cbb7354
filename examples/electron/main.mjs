// Electron's main process: it holds the client, and passes pieces of replies to the window.

import { app, BrowserWindow, ipcMain } from "electron";
import { fileURLToPath } from "node:url";
import { Homeward } from "./homeward.mjs";

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const homeward = await Homeward.fromEnvironment();
await app.whenReady();

const window = new BrowserWindow({
  width: 760,
  height: 640,
  webPreferences: { preload: here("preload.cjs"), sandbox: true, contextIsolation: true },
});
window.webContents.setWindowOpenHandler(() => ({ action: "deny" }));
await window.loadFile(here("index.html"));

let running = null;
ipcMain.handle("ask", async (_, question) => {
  running?.abort();
  running = new AbortController();
  const reply = homeward.ask(String(question), { conversation: "electron", signal: running.signal });
  let next = await reply.next();
  for (; !next.done; next = await reply.next()) window.webContents.send("piece", next.value);
  const memories = next.value.used.filter((one) => one.kind === "memory");
  return Promise.all(memories.map(async ({ id }) => (await homeward.memory(id)).text));
});
ipcMain.on("stop", () => running?.abort());
app.on("window-all-closed", () => app.quit());
