// Guides: horizontal lines that a curve is read against, dashed, with their names at the right edge.

const PLOT_HEIGHT = 210; // px, of a chart with one line and no guide
const LEGEND_ROW = 19; // px
const GUIDE_ROW = 12; // px between the names of two guides
const LONGEST_NAME = 18; // letters

// Lowest and highest value of the lines of a chart; null before there is one.
function extent(chart, series) {
  let [low, high] = [Infinity, -Infinity];
  for (const line of chart.lines) {
    for (const value of series[line.metric].y) {
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

function allAbove(limit, chart, series) {
  const found = extent(chart, series);
  return found !== null && found[0] > limit;
}

// Only guides that the curve is near are drawn: one far away would press the curve flat.
function guidesInReach(chart, series) {
  const found = extent(chart, series);
  if (!found || !chart.guides.length) return { shown: [], low: 0, high: 1 };
  const low = chart.zero || chart.loss ? Math.min(0, found[0]) : found[0];
  const high = chart.zero || chart.loss ? Math.max(0, found[1]) : found[1];
  const room = Math.max(high - low, 0.05 * Math.abs(high), 1e-9);
  const shown = chart.guides
    .filter(({ value }) => value >= low - room && value <= high + room)
    .sort((one, other) => other.value - one.value);
  const values = shown.map((guide) => guide.value);
  return { shown, low: Math.min(low, ...values), high: Math.max(high, ...values) };
}

// A legend of several rows and the names of several guides need room.
function plotHeight(chart, lines, width) {
  const letters = chart.lines.reduce((sum, line) => sum + 6.5 * line.name.length + 50, 0);
  const rows = chart.legend ? Math.ceil(letters / Math.max(200, width - 60)) : 0;
  const crowded = lines.shown.length > 2 ? 70 : 0;
  return PLOT_HEIGHT + LEGEND_ROW * Math.max(0, rows - 1) + crowded;
}

// Parts of a layout. Shapes and annotations count for the automatic range, so a zoom stays.
function drawnGuides(lines, colours, layout) {
  if (!lines.shown.length) return {};
  const logarithmic = layout.yaxis.type === "log";
  const shown = logarithmic ? lines.shown.filter(({ value }) => value > 0) : lines.shown;
  const names = shown.map(({ name }) => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name));
  const scale = logarithmic ? 0 : (layout.height - 75) / (1.1 * (lines.high - lines.low || 1)); // px per unit
  const color = colours.text;
  let below = -Infinity; // px, of the name before, counted downwards
  const annotations = shown.map(({ name, value }, place) => {
    const here = (lines.high - value) * scale;
    const there = Math.max(here, below + GUIDE_ROW);
    below = there;
    return {
      xref: "paper", x: 1, xanchor: "left", xshift: 4, y: logarithmic ? Math.log10(value) : value,
      yshift: scale ? here - there : 0, text: names[place], showarrow: false, opacity: 0.75,
      font: { size: 11, color }, hovertext: `${name} = ${Number(value.toPrecision(5))}`,
    };
  });
  const longest = Math.max(0, ...names.map((name) => name.length));
  return {
    shapes: shown.map(({ value }) => ({
      type: "line", xref: "paper", x0: 0, x1: 1, y0: value, y1: value, opacity: 0.55,
      line: { color, width: 1, dash: "dash" }, layer: "between",
    })),
    annotations,
    margin: { ...layout.margin, r: 12 + 6.2 * longest },
  };
}
