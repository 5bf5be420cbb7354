// All that the window may do: ask, stop, and listen to pieces. It never sees the token.

const { contextBridge, ipcRenderer } = require("electron");

contextBridge.exposeInMainWorld("homeward", {
  ask: (question) => ipcRenderer.invoke("ask", question),
  stop: () => ipcRenderer.send("stop"),
  onPiece: (listen) => ipcRenderer.on("piece", (_, text) => listen(text)),
});
