// How a live chart is laid out, for plotly.

// end: the last place on the horizontal axis. Not a range, which would undo a zoom as it grows.
function chartLayout(chart, look, axisTitle, logarithmic, end) {
  const { text, line, font, background } = look;
  const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, automargin: true };
  const fromZero = chart.zero || (chart.loss && !logarithmic);
  return {
    margin: { l: 8, r: 8, t: 6, b: 8 },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: text, family: font, size: 12 },
    hovermode: "x unified",
    separators: ".\u2009",
    hoverlabel: { bgcolor: background, bordercolor: line, font: { color: text } },
    showlegend: chart.legend,
    legend: { orientation: "h", traceorder: "normal", y: 1.02, yanchor: "bottom", x: 1, xanchor: "right" },
    dragmode: "zoom",
    xaxis: { ...axis, title: { text: axisTitle, standoff: 6 }, exponentformat: "none",
      separatethousands: true, nticks: 6, rangemode: "tozero",
      ...(end > 0 ? { autorangeoptions: { include: end, clipmax: end } } : {}) },
    yaxis: { ...axis, title: { text: chart.unit, standoff: 8 }, nticks: 6,
      type: logarithmic ? "log" : "linear", tickformat: chart.ticks,
      ...(chart.range ? { range: chart.range } : { rangemode: fromZero ? "tozero" : "normal" }) },
  };
}

// The two edges of a band, filled in between. band: the metrics of its lower and its upper edge.
function bandTraces([low, high], series, fillcolor) {
  const edge = (metric) => ({
    x: series[metric].x, y: series[metric].y, type: "scatter", mode: "lines",
    line: { width: 0 }, hoverinfo: "skip", showlegend: false,
  });
  return [edge(low), { ...edge(high), fill: "tonexty", fillcolor }];
}

// The areas of parts of 1. One stack a phase: between the terms of two phases nothing is to be drawn.
function areaTraces(lines, series, phases, fill) {
  return lines.flatMap(({ metric, name, colour }) => byPhase(series[metric], phases).map((part, place) => ({
    ...part, name, legendgroup: name, showlegend: place === 0, type: "scatter", mode: "lines",
    line: { width: 0.5, color: colour }, fillcolor: fill(colour), hovertemplate: `%{y:.1%}<extra>${name}</extra>`,
  })));
}

// Where the rows end on the horizontal axis.
function lastPlace(series) {
  return Math.max(0, ...Object.values(series).map(({ x }) => x.at(-1) ?? 0));
}
