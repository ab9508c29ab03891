// What a person does in the grid.

Object.assign(Grid.prototype, {
  key(event) {
    if (isTyping(event) || !this.answer) return;
    const act = this.actOf(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  },

  actOf(event) {
    const key = event.key.toLowerCase();
    const command = event.ctrlKey || event.metaKey;
    if (this.listing) return key === "backspace" && !event.repeat ? () => this.undo() : null;
    if (this.panel.asking) return key === "escape" ? () => this.panel.asking(false) : null;
    if (command) return key === "a" ? () => this.chooseAll(true) : null;
    if (event.altKey) return null;
    if (key === "escape") return () => this.chooseAll(false);
    const focused = event.composedPath()[0];
    const onButton = focused.matches?.("button, a, summary");
    if (event.key in ARROWS) return () => this.cells.walk(event.key, event.shiftKey);
    if (key === " " && !onButton) return () => this.cells.choose(this.model.focus, false);
    if (event.repeat) return null;
    if (key === "enter" && !onButton) return () => this.panel.restButton.click();
    if (key === "backspace") return () => this.undo();
    if (key === ".") return () => this.turnPage(1);
    if (key === ",") return () => this.turnPage(-1);
    const chosen = this.model.classes.find((one) => one.key === key);
    return chosen ? () => this.label(chosen.identifier) : null;
  },

  // Whether an act has to wait, with a word to the person.
  mustWait() {
    if (this.busy) this.say("Something else is being loaded. Wait until it is on screen.");
    return this.busy;
  },

  chooseAll(on) {
    if (this.mustWait()) return;
    const { model } = this;
    if (on) model.items.forEach((item) => model.given.has(item) || model.chosen.add(item));
    else model.chosen = new Set();
    this.cells.markAll();
    this.drawPanel();
  },

  // A class by key or click: for all that are chosen.
  label(value) {
    if (this.mustWait()) return;
    const { model } = this;
    if (this.spotting) return this.say("Press Done first: the spot check only marks.");
    const items = Array.from(model.chosen);
    if (!items.length) return this.say(`Choose ${model.noun}s first, then give them a class.`);
    this.give(items, value, this.shown.cluster ? "cluster" : "grid");
    this.classes.mark(value);
  },

  give(items, value, origin) {
    const { model } = this;
    this.sender.give(items, model.head.name, value, origin);
    model.give(items, value);
    this.cells.markAll();
    this.classes.drawCounts();
    this.drawPanel();
    const name = model.classOf(value).name;
    this.say(`${plural(items.length, "label")} given: ${name}.`);
  },

  // All that are not chosen: of this page what a run calls a class, or of the whole cluster.
  async giveRest(value) {
    const { model, shown } = this;
    const { restButton, rest } = this.panel;
    if (restButton.disabled || rest.hidden || !this.answer || this.spotting) return;
    if (this.mustWait()) return;
    if (!shown.cluster) return this.give(model.rest, value, "accepted");
    const { turned } = this;
    await this.sender.saved();
    const all = await this.ask("grid/items", this.queryOf(this.view));
    const name = model.classOf(value)?.name;
    if (!all || !name || turned !== this.turned || this.busy) return;
    const items = all.items.filter((item) => !model.chosen.has(item) && !model.given.has(item));
    const left = all.items.length - items.length;
    const stay = left === 1 ? "stays" : "stay";
    const without = left ? ` ${plural(left, model.noun)} ${stay} without a label.` : "";
    const sure = await this.panel.ask(
      `Give the class “${name}” to ${plural(items.length, model.noun)} of cluster ${shown.cluster}, also to those on other pages?${without}`,
      `Label ${number(items.length)}`,
    );
    if (!sure || !items.length) return;
    this.give(items, value, "cluster");
    if (!(await this.sender.saved()) || turned !== this.turned) return;
    if (await this.turn({ offset: 0, back: [] })) {
      this.say(`${plural(items.length, "label")} given to cluster ${shown.cluster}: ${name}.`);
    }
  },

  async undo() {
    if (this.undoing || this.mustWait()) return;
    this.undoing = true;
    try {
      const { labels, items } = await this.sender.undo();
      if (items) this.model.takeBack(items);
      this.cells.markAll();
      if (labels && !this.loading) await this.turn();
      this.say(labels ? `${plural(labels, "label")} taken back.` : "There is nothing to undo.");
    } catch (failure) {
      if (failure.status === 400 && !this.loading) await this.turn(); // taken back by now
      this.say(failure.message || "The server does not answer. Try again.", "bad");
    }
    this.undoing = false;
  },

  // Clusters

  async spotCheck() {
    if (this.mustWait()) return;
    await this.turn({ offset: 0, back: [], spotting: true, chosen: new Set() });
  },

  async endSpotCheck(done) {
    if (this.mustWait()) return;
    const { model, shown } = this;
    const [wrong, checked] = [model.chosenHere, model.items.length];
    if (done) {
      const found = await this.ask("grid/purity", { wrong: wrong.length, checked });
      if (!found || !this.spotting || this.busy) return;
      this.purities.set(shown.cluster, found);
    }
    const chosen = new Set([...this.kept, ...(done ? wrong : [])]);
    await this.turn({ spotting: false, chosen });
  },

  split(name) {
    return this.turnTo({ cluster: "" }, this.splits.with(this.shown, name));
  },

  join(name) {
    return this.turnTo({ cluster: "" }, this.splits.without(this.shown, name));
  },

  // What the panel of classes asks for

  async changeClasses(change) {
    try {
      this.model.takeSchema(await callServer(`${this.data.api}/classes`, change));
    } catch (failure) {
      this.say(failure.message || "The server does not answer. Try again.", "bad");
      return false;
    }
    this.classes.draw();
    this.cells.markAll();
    this.drawPanel();
    return true;
  },
});

function isTyping(event) {
  const target = event.composedPath()[0];
  if (event.isComposing || target.isContentEditable) return true;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return true;
  return Boolean(document.querySelector('[role="dialog"]'));
}

export default function ({ parentElement, data }) {
  // Called again on every change of data without the cleanup being called first.
  const root = parentElement.querySelector(".board");
  const key = JSON.stringify([data.api, data.mode]);
  if (root.handful && root.handful.key === key) return root.handful.cleanup;
  root.handful?.cleanup();
  const grid = new Grid(root, data);
  const cleanup = () => {
    grid.dispose();
    root.handful = undefined;
  };
  root.handful = { key, cleanup };
  return cleanup;
}
