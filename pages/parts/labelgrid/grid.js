// The grid: many items on screen, one act for all that are chosen, or for all that are not.

const SHOWN = 400; // items a page
const CHECKED = "spot";
const RENEW_EVERY = 120_000; // milliseconds; what is on screen is lent for five minutes

class Grid {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.mode = data.mode; // "grid" or "clusters"
    this.person = personOfBrowser();
    this.model = new Choice(data.noun);
    this.shown = { head: "", run: "", class: "", cluster: "", order: "surest", groups: "20" };
    this.offset = 0;
    this.back = []; // where the pages before began
    this.spotting = false;
    this.turned = 0; // views asked for
    this.loading = false;
    this.purities = new Map(); // name of a cluster -> what a spot check said
    this.splits = new Splits(data.dataset);
    this.sender = new Sender(
      data.api,
      this.person,
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
      hold: (on) => this.hold(on),
    });
    this.words = make("span", "summary");
    this.state = make("span", "state", { role: "status", "aria-live": "polite" });
    this.tools = make("div", "tools");
    const line = make("div", "line", {}, this.words, this.tools, this.state);
    this.top = make("div", "top", {}, this.bar.element, line);
    this.note = make("span", "note", { role: "status", "aria-live": "polite" });
    this.before = button("act", "‹ Before", () => this.turnPage(-1), { title: "Key ," });
    this.next = button("act", "Next ›", () => this.turnPage(1), { title: "Key ." });
    this.undoButton = button("act", "Undo", () => this.undo(), { title: "Takes the latest batch back" });
    this.undoButton.append(make("kbd", "", { textContent: "⌫" }));
    this.foot = make("div", "foot", {}, this.undoButton, this.note, this.bar.size.element);
    this.foot.append(this.before, this.next);
    this.left = make("div", "left", {}, this.cells.element, this.cards.element, this.foot);
    this.right = make("div", "right", {}, this.panel.element);
    this.root.replaceChildren(this.top, this.left, this.right);
    this.resize(rememberedSide());
  }

  listen() {
    this.stop = new AbortController();
    const on = (target, name, act, capture = false) =>
      target.addEventListener(name, act, { signal: this.stop.signal, capture });
    on(window, "keydown", (event) => this.key(event), true);
    on(window, "resize", () => this.place());
    on(document, "visibilitychange", () => document.hidden || this.sender.restart());
    for (const name of ["pointermove", "wheel", "keydown"]) {
      on(window, name, () => (this.looked = true), true);
    }
    this.renewal = setInterval(() => this.renew(), RENEW_EVERY);
  }

  dispose() {
    this.disposed = true;
    clearInterval(this.renewal);
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
    const listing = await this.ask("grid/runs", {});
    if (listing) this.takeRuns(listing);
    if (this.mode === "clusters") {
      const { runs } = this.bar;
      const best = runs.find((run) => run.clusters === "own") ?? runs.find((run) => run.clusters);
      this.shown.run = best?.run ?? "";
    }
    await this.turn();
  }

  takeRuns({ runs, open }) {
    this.bar.runs = runs;
    this.bar.open = open;
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

  // Nothing is given or chosen while another answer is on its way, or a question waits for one.
  get busy() {
    return Boolean(this.loading || this.undoing || this.panel.asking);
  }

  get view() {
    const { shown, offset, back, spotting } = this;
    return { shown: { ...shown }, offset, back, spotting };
  }

  queryOf({ shown, splits = this.splits.of(shown) }) {
    const split = this.mode === "clusters" ? splits.join(",") : "";
    return { ...shown, splits: split, person: this.person };
  }

  // `ahead`: "yes" for a page that is not looked at yet, and so not lent.
  async fetchPage(view, ahead = "") {
    const query = this.queryOf(view);
    if (this.mode === "clusters" && !query.cluster) return this.ask("grid/clusters", query);
    const spot = view.spotting ? CHECKED : "";
    return this.ask("grid", { ...query, offset: view.offset, count: SHOWN, spot, ahead });
  }

  // Lend `items`, and give back all else; those that somebody else has. Without an answer nothing
  // is lent, and labelling goes on.
  async lend(items) {
    const head = this.shown.head;
    try {
      return (await callServer(`${this.data.api}/grid/loan`, { person: this.person, head, items })).lost;
    } catch {
      return [];
    }
  }

  // What somebody looks at stays theirs.
  renew() {
    if (!this.looked || document.hidden || !this.answer || this.loading) return;
    if (this.listing || this.spotting) return;
    this.looked = false;
    this.lend(this.model.items.filter((item) => !this.model.given.has(item)));
  }

  // With the runs, and a class that the run calls something.
  async fetchAnew(view) {
    const { shown } = view;
    view.runs = await this.ask("grid/runs", { head: shown.head, run: shown.run });
    if (!view.runs) return null;
    if (this.mode === "grid" && shown.run) {
      const run = view.runs.runs.find((one) => one.run === shown.run);
      const classes = Object.keys(run?.classes ?? {});
      if (!classes.includes(shown.class)) shown.class = classes[0] ?? "";
    }
    return this.fetchPage(view);
  }

  // Another view, or the same one anew. `change`: fields of the view, and `chosen`, `splits` where
  // these change with it. Nothing changes before the answer is there, nor where none comes, so what
  // can be acted on is always what is on screen. `ready`: a promise of an answer that was asked for
  // before; `anew`: whether the runs are asked for too. True once it is shown.
  async turn(change = {}, { ready = null, anew = false } = {}) {
    const turned = (this.turned += 1);
    const began = performance.now();
    const view = { ...this.view, ...change };
    this.wanted = view.shown;
    this.loading = true;
    await this.sender.saved(); // what was given just now is no longer counted by the server
    let early = await ready;
    if (this.disposed || turned !== this.turned) return false;
    if (early && (await this.lend(early.items)).length) early = null; // others have begun with it
    const answer = early ?? (await (anew ? this.fetchAnew(view) : this.fetchPage(view)));
    if (this.disposed || turned !== this.turned) return false;
    this.loading = false;
    if (!answer) {
      if (this.answer) this.bar.draw(this.listing);
      return false;
    }
    this.take(view);
    await this.show(answer, !early);
    this.sender.waited(performance.now() - began);
    return true;
  }

  take(view) {
    const { model, shown } = this;
    const differs = (...names) => names.some((name) => view.shown[name] !== shown[name]);
    if (differs("run", "groups")) this.purities.clear();
    if (differs("head", "run", "class", "cluster", "groups")) this.panel.forgetPick();
    if (view.spotting && !this.spotting) this.kept = model.chosen;
    if (view.chosen) model.chosen = view.chosen;
    if (view.splits) this.splits.set(view.shown, view.splits);
    if (view.runs) this.takeRuns(view.runs);
    Object.assign(shown, view.shown);
    this.offset = view.offset;
    this.back = view.back;
    this.spotting = view.spotting;
  }

  async show(answer, fresh) {
    this.sender.use(answer.store);
    if (answer.stopped) this.say(answer.stopped, "bad");
    if (this.listing) this.model.takeSchema(answer);
    else this.model.takePage(answer, fresh);
    if (this.listing) this.lend([]); // the page of a cluster that was left is given back
    this.answer = answer;
    this.draw();
    const pictures = this.listing
      ? this.cards.show(answer, this.purities)
      : this.cells.show(answer);
    this.drawPanel();
    await pictures;
    this.showState();
    this.lookAhead();
    this.root.setAttribute("aria-busy", "false");
  }

  // The next page is asked for while this one is looked at. It is good only where nothing of this
  // one was labelled before the answer: the server counts from the first that is unlabelled.
  lookAhead() {
    const { model } = this;
    const after = model.items;
    const offset = this.answer.after;
    forgetSheets(this.ahead?.answer?.images);
    this.ahead = null;
    if (this.listing || this.spotting || !offset) return;
    const ahead = { after, answer: null };
    ahead.coming = this.fetchPage({ ...this.view, offset }, "yes").then((answer) => {
      if (!answer || model.items !== after || model.given.size) return null;
      answer.images = answer.sheets?.map(decoded);
      return (ahead.answer = answer);
    });
    this.ahead = ahead;
  }

  // A promise, so that what is on its way is not asked for twice; null where nothing was asked.
  takeAhead() {
    const { ahead, model } = this;
    if (ahead?.after !== model.items) return null;
    this.ahead = null;
    const { given } = this;
    return ahead.coming.then((answer) => {
      if (!answer) return null;
      const [total, before] = [answer.total - model.given.size, answer.before - given];
      return { ...answer, total, before, after: answer.after && answer.after - given };
    });
  }

  // How many of the page were labelled: the server no longer counts them.
  get given() {
    return this.model.items.length - this.model.waiting;
  }

  // Something else is shown: another run, class, order, cluster, number of groups or question.
  async turnTo(fields, splits) {
    const shown = { ...(this.loading ? this.wanted : this.shown), ...fields };
    if ("run" in fields || "head" in fields || "groups" in fields) shown.cluster = "";
    const change = { shown, splits, offset: 0, back: [], spotting: false, chosen: new Set() };
    await this.turn(change, { anew: true });
  }

  async turnPage(step) {
    if (this.busy) return;
    const { offset, back, answer } = this;
    if (step > 0 ? this.next.disabled : !back.length) return;
    const change =
      step > 0
        ? { offset: answer.after - this.given, back: [...back, offset] }
        : { offset: back.at(-1), back: back.slice(0, -1) };
    if (this.mode === "grid") change.chosen = new Set();
    await this.turn(change, { ready: step > 0 ? this.takeAhead() : null });
  }
}
