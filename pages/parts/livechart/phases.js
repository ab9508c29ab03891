// Phases: thin vertical lines where a stretch of the training begins, with its name beside them.

// The layout with the lines of `phases`, each with a name and a place on the horizontal axis.
function withPhases(layout, phases, colours) {
  const color = colours.text;
  const shapes = phases.map(({ place }) => ({
    type: "line", x0: place, x1: place, yref: "paper", y0: 0, y1: 1, opacity: 0.6,
    line: { color, width: 1, dash: "dot" }, layer: "above",
  }));
  // Upright names take little of the width: several short phases may lie beside each other.
  const annotations = phases.map(({ name, place }) => ({
    x: place, xanchor: "left", yref: "paper", y: 1, yanchor: "top", textangle: -90, text: name,
    showarrow: false, opacity: 0.85, borderpad: 1, font: { size: 10, color },
  }));
  return {
    ...layout,
    shapes: [...(layout.shapes ?? []), ...shapes],
    annotations: [...(layout.annotations ?? []), ...annotations],
  };
}
