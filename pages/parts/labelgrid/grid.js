// The grid: many items on screen, one act for all that are chosen, or for all that are not.

const SHOWN = 400; // items a page
const CHECKED = "spot";

class Grid {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.mode = data.mode; // "grid" or "clusters"
    this.model = new Choice(data.noun);
    this.shown = { head: "", run: "", class: "", cluster: "", order: "surest", groups: "20" };
    this.offset = 0;
    this.back = []; // where the pages before began
    this.spotting = false;
    this.purities = new Map(); // name of a cluster -> what a spot check said
    this.splits = new Splits(data.dataset);
    this.sender = new Sender(
      data.api,
      personOfBrowser(),
      () => this.showState(),
      (reason) => this.say(`A label was not taken. ${reason}`, "bad"),
    );
    this.build();
    this.listen();
    this.place();
    setTimeout(() => this.place(), 300);
    this.begin();
  }

  build() {
    const { model } = this;
    this.bar = new SourceBar(
      model,
      this.shown,
      this.mode,
      (fields) => this.turnTo(fields),
      (side) => this.resize(side),
    );
    this.cells = new Cells(model, () => this.drawPanelLater());
    this.cards = new ClusterCards(model, (name) => this.turnTo({ cluster: name }));
    this.panel = new ActPanel(model, {
      chooseAll: () => this.chooseAll(true),
      chooseNone: () => this.chooseAll(false),
      giveRest: (value) => this.giveRest(value),
      endSpotCheck: (done) => this.endSpotCheck(done),
    });
    this.words = make("span", "summary");
    this.state = make("span", "state", { role: "status", "aria-live": "polite" });
    this.tools = make("div", "tools");
    const line = make("div", "line", {}, this.words, this.tools, this.state);
    const top = make("div", "top", {}, this.bar.element, line);
    this.note = make("span", "note", { role: "status", "aria-live": "polite" });
    this.before = button("act", "‹ Before", () => this.turnPage(-1), { title: "Key ," });
    this.next = button("act", "Next ›", () => this.turnPage(1), { title: "Key ." });
    this.undoButton = button("act", "Undo", () => this.undo(), { title: "Takes the latest batch back" });
    this.undoButton.append(make("kbd", "", { textContent: "⌫" }));
    this.foot = make("div", "foot", {}, this.undoButton, this.note, this.bar.size.element);
    this.foot.append(this.before, this.next);
    this.left = make("div", "left", {}, this.cells.element, this.cards.element, this.foot);
    this.right = make("div", "right", {}, this.panel.element);
    this.root.replaceChildren(top, this.left, this.right);
    this.resize(rememberedSide());
  }

  listen() {
    this.stop = new AbortController();
    const on = (target, name, act, capture = false) =>
      target.addEventListener(name, act, { signal: this.stop.signal, capture });
    on(window, "keydown", (event) => this.key(event), true);
    on(window, "resize", () => this.place());
    on(document, "visibilitychange", () => document.hidden || this.sender.restart());
  }

  dispose() {
    this.disposed = true;
    this.stop.abort();
    this.sender.dispose();
  }

  // As the board: it ends where the window ends.
  place() {
    const scroller = document.querySelector('[data-testid="stMain"]');
    const top = this.root.getBoundingClientRect().top + (scroller ? scroller.scrollTop : 0);
    this.root.style.height = `${Math.max(520, window.innerHeight - top - 20)}px`;
  }

  resize(side) {
    this.cells.list.style.setProperty("--side", `${SIDES[side]}px`);
  }

  // Getting what is shown

  async begin() {
    await this.listRuns();
    if (this.mode === "clusters") {
      const { runs } = this.bar;
      const best = runs.find((run) => run.clusters === "own") ?? runs.find((run) => run.clusters);
      this.shown.run = best?.run ?? "";
    }
    await this.load();
  }

  async listRuns() {
    const listing = await this.ask("grid/runs", { head: this.shown.head, run: this.shown.run });
    if (!listing) return;
    this.bar.runs = listing.runs;
    this.bar.open = listing.open;
  }

  // Null where it failed: a sentence stands on the screen then.
  async ask(path, query) {
    const given = Object.entries(query).filter(([, value]) => value !== "" && value !== undefined);
    try {
      return await callServer(`${this.data.api}/${path}?${new URLSearchParams(given)}`);
    } catch (failure) {
      this.say(failure.message || "The server does not answer. Reload the page.", "bad");
      return null;
    }
  }

  get listing() {
    return this.mode === "clusters" && !this.shown.cluster;
  }

  get query() {
    const splits = this.mode === "clusters" ? this.splits.of(this.shown).join(",") : "";
    return { ...this.shown, splits };
  }

  async fetchPage(offset) {
    if (this.listing) return this.ask("grid/clusters", this.query);
    const spot = this.spotting ? CHECKED : "";
    return this.ask("grid", { ...this.query, offset, count: SHOWN, spot });
  }

  // `ready`: an answer that was asked for before.
  async load(ready = null) {
    const asked = (this.asked = (this.asked ?? 0) + 1);
    const answer = ready ?? (await this.fetchPage(this.offset));
    if (!answer || this.disposed || asked !== this.asked) return;
    this.sender.use(answer.store);
    if (answer.stopped) this.say(answer.stopped, "bad");
    if (this.listing) this.model.takeSchema(answer);
    else this.model.takePage(answer, !ready);
    this.answer = answer;
    this.draw();
    if (this.listing) await this.cards.show(answer, this.purities);
    else await this.cells.show(answer);
    this.drawPanel();
    this.showState();
    this.lookAhead();
    this.root.setAttribute("aria-busy", "false");
    this.sender.restart();
  }

  // The next page is asked for while this one is looked at. It is good only where nothing of this
  // one was labelled before the answer: the server counts from the first that is unlabelled.
  async lookAhead() {
    const { model } = this;
    const after = model.items;
    const offset = this.offset + after.length;
    forgetSheets(this.ahead?.answer.images);
    this.ahead = null;
    if (this.listing || this.spotting || offset >= this.answer.total) return;
    const answer = await this.fetchPage(offset);
    if (!answer || model.items !== after || model.given.size) return;
    answer.images = answer.sheets?.map(decoded);
    this.ahead = { after, answer };
  }

  takeAhead() {
    const { ahead, model } = this;
    if (ahead?.after !== model.items) return null;
    this.ahead = null;
    return { ...ahead.answer, total: ahead.answer.total - model.given.size };
  }

  // Something else is shown: another run, class, order, cluster, number of groups or question.
  async turnTo(fields) {
    Object.assign(this.shown, fields);
    if ("run" in fields || "head" in fields || "groups" in fields) this.shown.cluster = "";
    if ("run" in fields || "groups" in fields) this.purities.clear();
    if ("order" in fields === false) this.panel.forgetPick();
    this.model.chosen = new Set();
    this.offset = 0;
    this.back = [];
    this.spotting = false;
    await this.sender.saved();
    await this.listRuns();
    if (this.mode === "grid" && this.shown.run) {
      const classes = Object.keys(this.bar.runNow?.classes ?? {});
      if (!classes.includes(this.shown.class)) this.shown.class = classes[0] ?? "";
    }
    await this.load();
  }

  async turnPage(step) {
    let ready = null;
    if (step > 0) {
      if (this.next.disabled) return;
      ready = this.takeAhead();
      this.back.push(this.offset);
      this.offset += this.model.waiting;
    } else {
      if (!this.back.length) return;
      this.offset = this.back.pop();
    }
    if (this.mode === "grid") this.model.chosen = new Set();
    await this.sender.saved(); // what was given just now is no longer counted by the server
    await this.load(ready);
  }
}
