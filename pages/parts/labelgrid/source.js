// What the grid shows: unlabelled items in no order, or what a run calls one class.

const SIDES = { Small: 42, Medium: 64, Large: 104 }; // pixels of a picture on screen
const USUAL_SIDE = "Small"; // a hundred at once on a laptop
const SIDE_KEY = "handful-grid-side";
const SHUFFLED = ""; // in place of a run

function rememberedSide() {
  try {
    const known = localStorage.getItem(SIDE_KEY);
    return known in SIDES ? known : USUAL_SIDE;
  } catch {
    return USUAL_SIDE; // storage switched off
  }
}

function keepSide(side) {
  try {
    localStorage.setItem(SIDE_KEY, side);
  } catch {
    // As above.
  }
}

// A choice with a name in front of it. `entries`: [value, text] pairs.
class Pick {
  constructor(name, chosen) {
    this.select = make("select", "", { "aria-label": name });
    this.element = make("label", "pick", {}, make("span", "quiet", { textContent: name }));
    this.element.append(this.select);
    this.select.addEventListener("change", () => {
      this.select.blur();
      chosen(this.select.value);
    });
  }

  fill(entries, value) {
    const drawn = JSON.stringify(entries);
    if (this.drawn !== drawn) {
      this.drawn = drawn;
      this.select.replaceChildren(...entries.map(([key, text]) => new Option(text, key)));
    }
    this.select.value = value;
    this.element.hidden = entries.length < 2;
  }
}

class SourceBar {
  // `shown`: {head, run, class, order, groups}; `changed(fields)` is called with what was chosen.
  constructor(model, shown, mode, changed, resized) {
    this.model = model;
    this.shown = shown;
    this.mode = mode;
    this.runs = [];
    this.open = 0;
    this.head = new Pick("Question", (head) => changed({ head, run: SHUFFLED, class: "" }));
    this.run = new Pick(mode === "grid" ? "Show" : "Clusters of", (run) => changed({ run }));
    this.class = new Pick("called", (identifier) => changed({ class: identifier }));
    this.order = new Pick("Order", (order) => changed({ order }));
    this.groups = new Pick("Groups", (groups) => changed({ groups }));
    this.size = new Pick("Size", (side) => {
      keepSide(side);
      resized(side);
    });
    const picks = [this.head, this.run, this.class, this.groups, this.order];
    this.element = make("div", "source", {}, ...picks.map((pick) => pick.element));
  }

  get runNow() {
    return this.runs.find((run) => run.run === this.shown.run);
  }

  draw(listing) {
    const { model, shown, mode } = this;
    const heads = model.heads.filter((head) => head.kind !== "regression");
    this.head.fill(heads.map((head) => [head.name, head.title]), model.head?.name ?? "");
    const some = mode === "grid" ? (run) => run.called : (run) => run.clusters;
    const all = [SHUFFLED, `all ${number(this.open)} unlabelled ${model.noun}s, shuffled`];
    const runs = this.runs.filter(some).map((run) => [run.run, run.name]);
    this.run.fill(mode === "grid" ? [all, ...runs] : runs, shown.run);
    this.run.element.hidden = false;
    const counts = this.runNow?.classes ?? {};
    const classes = model.classes.filter((one) => one.identifier in counts);
    const named = (one) => `${one.name} (${number(counts[one.identifier])})`;
    this.class.fill(classes.map((one) => [String(one.identifier), named(one)]), shown.class);
    this.class.element.hidden = mode !== "grid" || !shown.run;
    const ordered = [["surest", "surest first"], ["unsure", "least sure first"]];
    this.order.fill(ordered, shown.order);
    this.order.element.hidden = listing || !shown.run;
    const numbers = ["10", "20", "30", "50", "100"].map((text) => [text, text]);
    this.groups.fill(numbers, shown.groups);
    this.groups.element.hidden = mode === "grid" || this.runNow?.clusters !== "embeddings";
    this.size.fill(Object.keys(SIDES).map((side) => [side, side]), rememberedSide());
    this.size.element.hidden = listing || model.noun === "text";
  }
}
