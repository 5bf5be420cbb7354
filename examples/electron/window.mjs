// The window: what was said, and a line to ask in. Text only ever becomes text.

const said = document.getElementById("said");
const question = document.getElementById("question");

function paragraph(kind, text = "") {
  const node = document.createElement("p");
  node.className = kind;
  node.textContent = text;
  said.append(node);
  node.scrollIntoView();
  return node;
}

let reply = null;
window.homeward.onPiece((text) => { reply.textContent += text; });

document.getElementById("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  paragraph("asked", question.value);
  reply = paragraph("reply");
  const asked = question.value;
  question.value = "";
  try {
    const used = await window.homeward.ask(asked);
    paragraph("used", used.length ? `Used: ${used.join(" · ")}` : "No memory was used.");
  } catch (error) {
    paragraph("used", error.message);
  }
});
document.getElementById("stop").addEventListener("click", () => window.homeward.stop());
