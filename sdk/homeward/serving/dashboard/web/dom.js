// Making elements. Text only ever becomes text: nothing that was said can become markup.

export function el(tag, properties = {}, ...children) {
  return dressed(document.createElement(tag), properties, children);
}

export function svg(tag, properties = {}, ...children) {
  return dressed(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

export function fill(node, ...children) {
  node.replaceChildren(...children.flat().filter((one) => one !== null && one !== undefined));
  return node;
}

function dressed(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((one) => one !== null && one !== undefined));
  return node;
}

export function say(words) {
  const place = document.getElementById("said");
  place.textContent = words;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { place.textContent = ""; }, 6000);
}
