// The live charts of one run. The browser holds the cursor and asks for new rows once a second;
// Plotly.react draws them into the same charts, so zoom and hover stay while they grow.

const [PERIOD, PAUSE] = [1000, 250]; // ms from question to question, and the least after an answer
const PICTURES = 4000; // ms, the least between two times that the pictures are drawn again
const SLOWEST = 8000; // ms, while the server does not answer
const MOST_POINTS = 4000; // of one series in the browser; then the thinned whole is fetched again
const AXES = ["step", "seconds", "images"];

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
    this.watch = setInterval(() => this.followTheme(), 1000);
  }

  drawBar() {
    const choice = this.root.querySelector(".live-choice");
    choice.replaceChildren(...AXES.map((axis) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = { step: "step", seconds: "time", images: this.data.items }[axis];
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

  axisTitle(axis) {
    return { step: "step", seconds: "training time (s)", images: `${this.data.items} seen` }[axis];
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
    if (same) return;
    this.drawBar();
    this.start();
  }

  // Begin from the first row: another run, another axis, or a run that goes on.
  start() {
    this.cursor = 0;
    this.generation = 0;
    this.series = {};
    this.plan = [];
    this.phases = [];
    this.planned = "";
    this.wait = PERIOD;
    this.turn = (this.turn ?? 0) + 1;
    clearTimeout(this.timer);
    this.ask(this.turn);
  }

  async ask(turn) {
    const asked = performance.now();
    const again = (wait) => {
      if (turn !== this.turn || this.over) return;
      const left = Math.max(PAUSE, wait - (performance.now() - asked));
      this.timer = setTimeout(() => this.ask(turn), left);
    };
    if (document.hidden && this.cursor) return again(PERIOD);
    try {
      const question = `since=${this.cursor}&generation=${this.generation}&axis=${this.axis}`
        + `&planned=${this.planned}`;
      const library = plotly(this.data.plotly); // comes and is read while the server answers
      library.catch(() => {}); // told below, where it is waited for
      const answer = await fetch(`${this.data.address}?${question}`, { headers: { "X-Handful": "1" } });
      if (answer.status === 400) return this.say("This run is no longer there.");
      if (!answer.ok) throw new Error(String(answer.status));
      const reply = await answer.json();
      await library;
      if (turn !== this.turn || this.over) return undefined;
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
    if (reply.charts) [this.plan, this.phases, this.planned] = [reply.charts, reply.phases, reply.planned];
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
    if (first || grown || reply.charts) this.draw();
    this.tellOfPanels(reply);
  }

  // A run that publishes pictures every second would have the server draw nothing else.
  tellOfPanels({ panels, alive }) {
    const early = Date.now() - (this.told ?? 0) < PICTURES;
    if (this.panels !== undefined && this.panels !== panels) {
      if (early && alive) return; // what changed is told with the next answer after that time
      this.tell("panels", panels);
      this.told = Date.now();
    }
    this.panels = panels;
  }

  last(metric) {
    return this.series[metric]?.y.at(-1);
  }

  // The charts that have something to draw, as the server grouped the metrics.
  charts() {
    return this.plan
      .map((chart) => ({ ...chart, lines: chart.lines.filter((line) => this.series[line.metric]) }))
      .filter((chart) => chart.lines.length);
  }

  draw() {
    if (!window.Plotly || !this.root.isConnected) return; // taken off the page: it has no colours
    this.colours = theme(this.root);
    this.look = JSON.stringify(this.colours);
    const charts = this.charts();
    this.grid.querySelector(".live-empty")?.remove();
    if (!charts.length) return this.drawEmpty();
    const wanted = new Set(charts.map((chart) => chart.name));
    for (const [name, card] of this.cards) {
      if (!wanted.has(name)) { this.forget(card); this.cards.delete(name); }
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
    let card = this.cards.get(chart.name);
    if (!card) {
      card = document.createElement("section");
      card.className = "live-card";
      card.dataset.chart = chart.name;
      card.append(...["h4", "p", "div"].map((tag) => document.createElement(tag)));
      card.lastChild.className = "live-plot";
      card.firstChild.textContent = chart.title;
      this.cards.set(chart.name, card);
    }
    // A metric that begins late gets its place among the others, which are not touched.
    if (this.grid.children[place] !== card) this.grid.insertBefore(card, this.grid.children[place] ?? null);
    return card;
  }

  drawChart(chart, place) {
    const card = this.card(chart, place);
    const lines = guidesInReach(chart, this.series);
    this.annotate(card, chart, lines);
    const plot = card.lastChild;
    const height = plotHeight(chart, lines, plot.clientWidth, this.colours.font, this.data.legendRow);
    plot.style.height = `${height}px`;
    const traces = chart.stacked ? this.stacked(chart) : this.lines(chart);
    const logarithmic = this.logarithmic && chart.loss && allAbove(0, chart, this.series);
    const layout = {
      ...chartLayout(chart, this.colours, this.axisTitle(this.axis), logarithmic, lastPlace(this.series)),
      height,
      datarevision: this.revision,
      uirevision: `${this.axis}/${logarithmic}/${card.dataset.zooms ?? 0}`,
    };
    Object.assign(layout, drawnGuides(lines, this.colours, layout));
    window.Plotly.react(plot, traces, withPhases(layout, this.phases, this.colours), {
      responsive: true, displaylogo: false, displayModeBar: false, doubleClick: false,
    });
    this.listen(card);
  }

  // The note under the title, with the guides that lie too far away, and who needs hidden labels.
  annotate(card, chart, lines) {
    const far = chart.guides.filter((guide) => !lines.shown.includes(guide))
      .map((guide) => `${guide.name} = ${Number(guide.value.toPrecision(4))}`);
    const filled = this.filled(chart.note);
    const note = far.length ? `${filled} Out of view: ${far.join(", ")}.` : filled;
    if (card.children[1].textContent !== note) card.children[1].textContent = note;
    const badges = chart.lines.filter((line) => line.hidden).map((line) => line.name).join(", ");
    if (card.dataset.badges === badges) return;
    card.dataset.badges = badges;
    card.firstChild.textContent = `${chart.title} `;
    if (!badges) return;
    const badge = document.createElement("span");
    badge.className = "hf-tag reference";
    badge.textContent = `${badges}: uses hidden labels`;
    card.firstChild.append(badge);
  }

  // A note with the newest values; a sentence about a metric that this run has not is left out.
  filled(note) {
    const place = /\{([^}]+)\}/g;
    return note.split(/(?<=\.) /)
      .filter((sentence) => [...sentence.matchAll(place)].every(([, metric]) => this.last(metric) != null))
      .join(" ").replace(place, (_, metric) => this.last(metric));
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
      const colour = this.colour(index);
      const { x, y } = this.series[line.metric];
      const few = x.length < 3;
      const trace = {
        x, y, name: line.name, type: "scatter", mode: few ? "lines+markers" : "lines",
        line: { color: colour, width: 1.8 }, marker: { color: colour },
        hovertemplate: `%{y:${chart.format ?? ".4~g"}}<extra>${line.name}</extra>`,
      };
      if (!line.band || !this.series[line.band[0]]) return [trace];
      return [...bandTraces(line.band, this.series, resolved(this.root, faded(colour, 0.2))), trace];
    });
  }

  colour(index) {
    return this.colours.colours[index % this.colours.colours.length];
  }

  stacked(chart) {
    const drawn = chart.lines.map((line, index) => ({ ...line, colour: this.colour(index) }));
    return areaTraces(drawn, this.series, this.phases, (colour) => resolved(this.root, faded(colour, 0.55)));
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
