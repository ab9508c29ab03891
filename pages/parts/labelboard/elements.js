// Small elements of every screen. All text goes in through textContent, never as markup.

function make(tag, className = "", fields = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(fields)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

function button(className, text, act, fields = {}) {
  const element = make("button", className, { type: "button", textContent: text, ...fields });
  element.addEventListener("click", act);
  return element;
}

function number(value) {
  return Math.round(value).toLocaleString("en-US").replaceAll(",", "\u2009");
}

function plural(value, word) {
  return `${number(value)} ${word}${value === 1 ? "" : "s"}`;
}
