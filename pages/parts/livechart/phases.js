// Phases: thin vertical lines where a stretch of the training begins, with its name beside them.

// The points of a line, one part a phase that it has any in, led on to where the phase begins and
// ends. A phase begins after the step that it is named by.
function byPhase({ x, y }, phases) {
  const starts = [-Infinity, ...phases.map(({ place }) => place)];
  const parts = starts.map((start, place) => {
    const end = starts[place + 1] ?? Infinity;
    const points = x.map((at, index) => [at, y[index]]).filter(([at]) => at > start && at <= end);
    if (points.length && start > -Infinity) points.unshift([start, points[0][1]]);
    if (points.length && end < Infinity) points.push([end, points.at(-1)[1]]);
    return { x: points.map(([at]) => at), y: points.map(([, value]) => value), stackgroup: String(place) };
  });
  return parts.filter((part) => part.x.length);
}

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
    showarrow: false, borderpad: 1, font: { size: 10, color }, bgcolor: colours.ground,
  }));
  return {
    ...layout,
    shapes: [...(layout.shapes ?? []), ...shapes],
    annotations: [...(layout.annotations ?? []), ...annotations],
  };
}
