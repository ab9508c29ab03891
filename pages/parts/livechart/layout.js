// How a live chart is laid out, for plotly.

function chartLayout(chart, look, axisTitle, logarithmic) {
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
      separatethousands: true, nticks: 6, rangemode: "tozero" },
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
