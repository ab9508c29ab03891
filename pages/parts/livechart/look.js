// Plotly itself, and the colours of the page for it.

let loading = null;
function plotly(address) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { loading = null; reject(new Error("plotly")); };
    document.head.append(script);
  });
  return loading;
}

function theme(root) {
  const style = getComputedStyle(root);
  const value = (name, other) => style.getPropertyValue(name).trim() || other;
  return {
    text: value("--st-text-color", "#222"),
    background: value("--st-background-color", "#fff"),
    ground: ground(root),
    line: value("--st-border-color", "#ccc"),
    font: value("--st-font", "sans-serif"),
    colours: value("--st-chart-categorical-colors", "#0f766e,#d1672a,#4a63c4").split(/,\s*(?![^(]*\))/),
  };
}

// The colour that lies behind an element.
function ground(element) {
  for (let behind = element; behind; behind = behind.parentElement) {
    const colour = getComputedStyle(behind).backgroundColor;
    if (colour !== "rgba(0, 0, 0, 0)") return colour;
  }
  return "#fff";
}

function faded(colour, share) {
  return `color-mix(in srgb, ${colour} ${100 * share}%, transparent)`;
}

// Plotly reads rgba, not color-mix: let the browser work it out.
function resolved(root, colour) {
  const probe = document.createElement("i");
  probe.style.color = colour;
  root.append(probe);
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
  const srgb = getComputedStyle(probe).color.startsWith("color(");
  probe.remove();
  const [r, g, b] = parts.slice(0, 3).map((part) => Math.round(srgb ? 255 * part : part));
  return `rgba(${r},${g},${b},${parts[3] ?? 1})`;
}
