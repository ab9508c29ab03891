// Guides: horizontal lines that a curve is read against, dashed, with their names at the right edge.

const CHART_HEIGHT = 260; // px, with one row of a legend at most: 180 or more of them are the plot's
const LEGEND_MARK = 45; // px, of a name in a legend: its line and what lies around
const BESIDE = 55; // px that a plot is narrower than its card: the numbers of its axis
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

// A legend of several rows and the names of several guides need room. row: px of a row of a legend.
function plotHeight(chart, lines, width, font, row) {
  const beside = lines.shown.length ? BESIDE + namesWidth(lines.shown) : BESIDE;
  const rows = chart.legend ? legendRows(chart.lines, width - beside, font) : 1;
  const crowded = lines.shown.length > 2 ? 70 : 0;
  return CHART_HEIGHT + row * (rows - 1) + crowded;
}

// As plotly lays names out: in one row where they fit, else in columns as wide as the widest.
function legendRows(lines, width, font) {
  const ruler = document.createElement("canvas").getContext("2d");
  ruler.font = `12px ${font}`;
  const widths = lines.map(({ name }) => ruler.measureText(name).width + LEGEND_MARK);
  if (widths.reduce((sum, one) => sum + one, 0) <= width) return 1;
  const columns = Math.max(1, Math.floor(width / Math.max(...widths)));
  return Math.ceil(lines.length / columns);
}

function shortened({ name }) {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}

function namesWidth(guides) {
  return 12 + 6.2 * Math.max(0, ...guides.map((guide) => shortened(guide).length));
}

// Parts of a layout. Shapes and annotations count for the automatic range, so a zoom stays.
function drawnGuides(lines, colours, layout) {
  if (!lines.shown.length) return {};
  const logarithmic = layout.yaxis.type === "log";
  const shown = logarithmic ? lines.shown.filter(({ value }) => value > 0) : lines.shown;
  const names = shown.map(shortened);
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
  return {
    shapes: shown.map(({ value }) => ({
      type: "line", xref: "paper", x0: 0, x1: 1, y0: value, y1: value, opacity: 0.55,
      line: { color, width: 1, dash: "dash" }, layer: "between",
    })),
    annotations,
    margin: { ...layout.margin, r: namesWidth(shown) },
  };
}
