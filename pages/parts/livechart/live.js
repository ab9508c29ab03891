// The live charts of one run. The browser holds the cursor and asks for new rows once a second;
// Plotly.react draws them into the same charts, so zoom and hover stay while they grow.

const PERIOD = 1000; // ms between two questions
const SLOWEST = 8000; // ms, while the server does not answer
const MOST_POINTS = 4000; // of one series in the browser; then the thinned whole is fetched again
const AXES = { step: "step", seconds: "time", images: "images" };
const AXIS_TITLES = { step: "step", seconds: "training time (s)", images: "images seen" };

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
    line: value("--st-border-color", "#ccc"),
    font: value("--st-font", "sans-serif"),
    colours: value("--st-chart-categorical-colors", "#0f766e,#d1672a,#4a63c4").split(/,\s*(?![^(]*\))/),
  };
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

class LiveCharts {
  constructor(root) {
    this.root = root;
    this.grid = root.querySelector(".live-grid");
    this.note = root.querySelector(".live-note");
    this.cards = new Map();
    this.axis = "step";
    this.logarithmic = false;
    this.timer = 0;
    this.look = "";
    this.drawBar();
    this.watch = setInterval(() => this.followTheme(), 1000);
  }

  drawBar() {
    const choice = this.root.querySelector(".live-choice");
    choice.replaceChildren(...Object.entries(AXES).map(([axis, name]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.dataset.axis = axis;
      button.setAttribute("aria-pressed", String(axis === this.axis));
      button.onclick = () => this.chooseAxis(axis);
      return button;
    }));
    this.root.querySelector(".live-log").onchange = (event) => {
      this.logarithmic = event.target.checked;
      this.draw();
    };
  }

  chooseAxis(axis) {
    this.axis = axis;
    for (const button of this.root.querySelectorAll(".live-choice button")) {
      button.setAttribute("aria-pressed", String(button.dataset.axis === axis));
    }
    this.start();
  }

  update(data, tell) {
    this.tell = tell;
    const same = this.data && this.data.run === data.run && this.data.alive === data.alive;
    this.data = data;
    if (!same) this.start();
  }

  // Begin from the first row: another run, another axis, or a run that goes on.
  start() {
    this.cursor = 0;
    this.generation = 0;
    this.series = {};
    this.wait = PERIOD;
    this.turn = (this.turn ?? 0) + 1;
    clearTimeout(this.timer);
    this.ask(this.turn);
  }

  async ask(turn) {
    const again = (wait) => {
      if (turn === this.turn && !this.over) this.timer = setTimeout(() => this.ask(turn), wait);
    };
    if (document.hidden && this.cursor) return again(PERIOD);
    try {
      const question = `since=${this.cursor}&generation=${this.generation}&axis=${this.axis}`;
      const answer = await fetch(`${this.data.address}?${question}`, { headers: { "X-Handful": "1" } });
      if (answer.status === 400) return this.say("This run is no longer there.");
      if (!answer.ok) throw new Error(String(answer.status));
      const reply = await answer.json();
      if (turn !== this.turn || this.over) return undefined;
      await plotly(this.data.plotly);
      this.take(reply);
      this.wait = PERIOD;
      this.say("");
      if (!reply.alive) return undefined;
    } catch {
      this.wait = Math.min(SLOWEST, 2 * this.wait);
      this.say("No answer from the server. Trying again …");
    }
    return again(this.wait);
  }

  say(text) {
    this.note.textContent = text;
  }

  take(reply) {
    const first = reply.reset || !this.cursor;
    if (first) this.series = {};
    let longest = 0;
    for (const [name, [x, y]] of Object.entries(reply.series)) {
      const held = (this.series[name] ??= { x: [], y: [] });
      held.x.push(...x);
      held.y.push(...y);
      longest = Math.max(longest, held.x.length);
    }
    const grown = Object.keys(reply.series).length > 0;
    this.cursor = longest > MOST_POINTS ? 0 : reply.cursor;
    this.generation = reply.generation;
    this.revision = (this.revision ?? 0) + 1; // the arrays grow in place: plotly is told so
    if (first || grown) this.draw();
    if (this.panels !== undefined && this.panels !== reply.panels) this.tell("panels", reply.panels);
    this.panels = reply.panels;
  }

  last(metric) {
    return this.series[metric]?.y.at(-1);
  }

  charts() {
    const known = new Set();
    const charts = this.data.charts.map((chart) => {
      const lines = chart.prefix
        ? Object.keys(this.series).filter((name) => name.startsWith(chart.prefix))
            .map((name) => ({ metric: name, name: this.plain(name) }))
        : chart.lines;
      for (const line of lines) [line.metric, ...(line.band ?? [])].forEach((name) => known.add(name));
      const present = lines.filter((line) => this.series[line.metric]);
      const enough = chart.prefix ? present.length > 1 : present.length > 0;
      return enough ? { ...chart, lines: present } : null;
    });
    const rest = Object.keys(this.series).filter((name) => !known.has(name) && !/^(count|share)\//.test(name));
    const more = rest.map((name) => ({
      title: this.plain(name), unit: "", note: "", lines: [{ metric: name, name: this.plain(name) }],
      loss: name.startsWith("loss/"),
    }));
    return [...charts.filter(Boolean), ...more];
  }

  plain(metric) {
    const words = metric.split("/").reverse().join(" ").replaceAll("_", " ");
    return metric.startsWith("share/") ? words.replace(/ share$/, "") : words;
  }

  draw() {
    if (!window.Plotly) return;
    this.colours = theme(this.root);
    this.look = JSON.stringify(this.colours);
    const charts = this.charts();
    this.grid.querySelector(".live-empty")?.remove();
    if (!charts.length) return this.drawEmpty();
    const wanted = new Set(charts.map((chart) => chart.title));
    for (const [title, card] of this.cards) {
      if (!wanted.has(title)) { this.forget(card); this.cards.delete(title); }
    }
    charts.forEach((chart, place) => this.drawChart(chart, place));
    return undefined;
  }

  drawEmpty() {
    for (const card of this.cards.values()) this.forget(card);
    this.cards.clear();
    const empty = document.createElement("div");
    empty.className = "live-empty";
    empty.textContent = this.data.alive
      ? "The first figures appear here as soon as training has begun."
      : "This run ended before it published any figure.";
    this.grid.append(empty);
  }

  forget(card) {
    window.Plotly?.purge(card.querySelector(".live-plot"));
    card.remove();
  }

  card(chart, place) {
    let card = this.cards.get(chart.title);
    if (!card) {
      card = document.createElement("section");
      card.className = "live-card";
      card.append(...["h4", "p", "div"].map((tag) => document.createElement(tag)));
      card.lastChild.className = "live-plot";
      card.firstChild.textContent = chart.title;
      this.cards.set(chart.title, card);
    }
    // A metric that begins late gets its place among the others, which are not touched.
    if (this.grid.children[place] !== card) this.grid.insertBefore(card, this.grid.children[place] ?? null);
    return card;
  }

  drawChart(chart, place) {
    const card = this.card(chart, place);
    const note = (chart.note ?? "").replace(/\{([^}]+)\}/g, (_, metric) => this.last(metric) ?? "–");
    if (card.children[1].textContent !== note) card.children[1].textContent = note;
    const traces = chart.prefix ? this.stacked(chart) : this.lines(chart);
    window.Plotly.react(card.lastChild, traces, this.layout(chart, card), {
      responsive: true, displaylogo: false, displayModeBar: false, doubleClick: false,
    });
    this.listen(card);
  }

  // A double click ends the zoom: under another uirevision plotly forgets what a person changed.
  listen(card) {
    if (card.dataset.zooms) return;
    card.dataset.zooms = "0";
    card.lastChild.on("plotly_doubleclick", () => {
      card.dataset.zooms = String(Number(card.dataset.zooms) + 1);
      this.draw();
    });
  }

  lines(chart) {
    return chart.lines.flatMap((line, index) => {
      const colour = this.colours.colours[line.colour ?? index];
      const { x, y } = this.series[line.metric];
      const few = x.length < 3;
      const trace = {
        x, y, name: line.name, type: "scatter", mode: few ? "lines+markers" : "lines",
        line: { color: colour, width: 1.8 }, marker: { color: colour },
        hovertemplate: `%{y:${chart.format ?? ".4~g"}}<extra>${line.name}</extra>`,
      };
      return line.band && this.series[line.band[0]] ? [...this.band(line, colour), trace] : [trace];
    });
  }

  band(line, colour) {
    const edge = (metric, fill) => ({
      x: this.series[metric].x, y: this.series[metric].y, type: "scatter", mode: "lines",
      line: { width: 0 }, hoverinfo: "skip", showlegend: false,
      ...(fill ? { fill: "tonexty", fillcolor: resolved(this.root, faded(colour, 0.2)) } : {}),
    });
    return [edge(line.band[0], false), edge(line.band[1], true)];
  }

  stacked(chart) {
    return chart.lines.map((line, index) => ({
      x: this.series[line.metric].x, y: this.series[line.metric].y, name: line.name,
      type: "scatter", mode: "lines", stackgroup: "one", line: { width: 0.5, color: this.colours.colours[index] },
      fillcolor: resolved(this.root, faded(this.colours.colours[index], 0.55)),
      hovertemplate: `%{y:.1%}<extra>${line.name}</extra>`,
    }));
  }

  layout(chart, card) {
    const { text, line, font, background } = this.colours;
    const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, automargin: true };
    return {
      datarevision: this.revision,
      uirevision: `${this.axis}/${chart.loss && this.logarithmic}/${card.dataset.zooms ?? 0}`,
      margin: { l: 8, r: 8, t: 6, b: 8 },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: text, family: font, size: 12 },
      hovermode: "x unified",
      separators: ".\u2009",
      hoverlabel: { bgcolor: background, bordercolor: line, font: { color: text } },
      showlegend: chart.lines.length > 1,
      legend: { orientation: "h", traceorder: "normal", y: 1.02, yanchor: "bottom", x: 1, xanchor: "right" },
      dragmode: "zoom",
      xaxis: { ...axis, title: { text: AXIS_TITLES[this.axis], standoff: 6 }, exponentformat: "none",
        separatethousands: true, nticks: 6, rangemode: "tozero" },
      yaxis: { ...axis, title: { text: chart.unit, standoff: 8 }, nticks: 6,
        type: chart.loss && this.logarithmic ? "log" : "linear",
        tickformat: chart.ticks, ...(chart.range ? { range: chart.range } : { rangemode: (chart.loss && !this.logarithmic) || chart.zero ? "tozero" : "normal" }) },
    };
  }

  followTheme() {
    if (this.cards.size && JSON.stringify(theme(this.root)) !== this.look) this.draw();
  }

  end() {
    this.over = true;
    clearTimeout(this.timer);
    clearInterval(this.watch);
    for (const card of this.cards.values()) this.forget(card);
  }
}

// Streamlit calls this again on each change of the data, without the clean-up before it.
export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".live");
  root.charts ??= new LiveCharts(root);
  root.charts.update(data, setStateValue);
  return () => {
    root.charts?.end();
    root.charts = undefined;
  };
}
