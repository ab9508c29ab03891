// The panel of the classes of one head: to answer with, to add, rename, recolour and merge.

const DEFAULT_HEAD = "class"; // of an image set that has no other: its title asks nothing

class ClassPanel {
  constructor(model, acts, name) {
    this.model = model;
    this.acts = acts;
    this.name = name; // of the head
    this.drawn = null; // the classes as they were drawn
    this.open = null; // identifier of the class that is being changed
    this.rows = new Map(); // identifier -> {row, count}
    this.list = make("div", "list");
    this.input = make("input", "", { type: "text", maxLength: 100, autocomplete: "off" });
    this.input.setAttribute("aria-label", "Name of a new class");
    this.hint = make("p", "quiet");
    this.form = make("form", "add", {}, this.input);
    this.form.append(make("button", "act", { textContent: "Add" }));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.add();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.input.blur();
    });
    this.title = make("h3", "", { textContent: "Classes" });
    this.element = make("section", "panel classes", {}, this.title, this.list, this.hint);
    this.element.append(this.form);
  }

  get head() {
    return this.model.heads.find((head) => head.name === this.name);
  }

  get classes() {
    return this.head.classes;
  }

  async add() {
    const name = this.input.value.trim();
    if (!name) return;
    this.input.value = "";
    const added = await this.acts.changeClasses({ action: "add", name, head: this.name });
    if (!added) this.input.value = name;
  }

  // Drawn anew only where something changed, so that focus and pointer keep their place.
  drawIfChanged() {
    if (JSON.stringify(this.classes) !== this.drawn) this.draw();
    else this.drawCounts();
  }

  draw() {
    const { head, classes } = this;
    this.drawn = JSON.stringify(classes);
    const empty = !classes.length;
    if (this.open !== null && !this.model.classOf(this.open, head)) this.open = null;
    // A form that is being filled in stays as it is.
    const form = this.open === null ? null : this.list.querySelector("form");
    this.rows.clear();
    this.list.replaceChildren(
      ...classes.map((one) => {
        if (one.identifier === this.open) return form ?? this.changeForm(one);
        return this.row(one);
      }),
    );
    this.input.placeholder = empty ? "Add your first class" : "Add a class";
    this.hint.textContent = empty
      ? `What can ${this.model.noun === "text" ? "a text" : "an image"} be? Type a name and ` +
        "press Enter, then the next one. Esc ends typing."
      : "";
    this.hint.hidden = !empty;
    this.form.hidden = head.kind === "binary";
    this.element.classList.toggle("two", head.kind === "binary");
    const asks = this.model.several || head.name !== DEFAULT_HEAD;
    const title = asks ? head.title : "Classes";
    this.title.textContent = empty ? title : `${title} (${classes.length})`;
    this.drawCounts();
    this.greet();
  }

  // The first thing to do is to name a class, where that is the only question.
  greet() {
    if (this.classes.length || this.greeted || this.model.several) return;
    this.greeted = true;
    this.input.focus();
  }

  show() {}

  leave() {
    this.input.blur();
  }

  row(one) {
    const colour = make("input", "colour", { type: "color", value: one.colour });
    colour.title = "Change the colour";
    colour.setAttribute("aria-label", `Colour of ${one.name}`);
    colour.addEventListener("change", () => {
      colour.blur();
      const change = { action: "recolour", identifier: one.identifier, colour: colour.value };
      this.acts.changeClasses(change);
    });
    const count = make("span", "count");
    const choose = button("choose", "", () => this.acts.label(one.identifier), { title: one.name });
    choose.append(
      make("span", "name", { textContent: one.name, dir: "auto" }),
      count,
      make("kbd", one.key ? "" : "none", { textContent: one.key.toUpperCase() }),
    );
    const change = button("change plain", "✎", () => this.edit(one.identifier));
    change.title = "Rename or merge";
    change.setAttribute("aria-label", `Rename or merge ${one.name}`);
    const row = make("div", "class", {}, colour, choose, change);
    row.dataset.identifier = one.identifier;
    this.rows.set(one.identifier, { row, count });
    return row;
  }

  drawCounts() {
    for (const [identifier, entry] of this.rows) {
      const text = number(this.model.counts[identifier] ?? 0);
      if (entry.count.textContent !== text) entry.count.textContent = text;
    }
  }

  // The class answered last is marked, without an animation that would paint between two keys.
  mark(identifier) {
    this.list.querySelector(".last")?.classList.remove("last");
    this.rows.get(identifier)?.row.classList.add("last");
  }

  edit(identifier) {
    this.open = identifier;
    this.list.querySelector("form")?.remove();
    this.draw();
    this.list.querySelector("form input")?.select();
  }

  close() {
    this.open = null;
    this.list.querySelector("form")?.remove();
    this.draw();
  }

  changeForm(one) {
    const name = make("input", "", { type: "text", value: one.name, maxLength: 100, dir: "auto" });
    name.setAttribute("aria-label", `New name of ${one.name}`);
    const others = this.classes.filter((other) => other.identifier !== one.identifier);
    const merge = make("select", "", { disabled: !others.length });
    merge.hidden = this.head.kind === "binary";
    merge.setAttribute("aria-label", `Merge ${one.name} into`);
    merge.append(new Option("Merge into …", ""));
    for (const other of others) merge.append(new Option(other.name, String(other.identifier)));
    const warning = make("p", "warning", { hidden: true, role: "alert" });
    const save = make("button", "act primary", { textContent: "Save" });
    const cancel = button("act", "Cancel", () => this.close());
    merge.addEventListener("change", () => {
      const target = this.model.classOf(Number(merge.value), this.head);
      const count = this.model.counts[one.identifier] ?? 0;
      warning.hidden = !target;
      save.textContent = target ? "Merge" : "Save";
      if (!target) return;
      warning.textContent =
        `${plural(count, "label")} of “${one.name}” will count as “${target.name}”. ` +
        "This cannot be taken back.";
    });
    const buttons = make("div", "buttons", {}, cancel, save);
    const form = make("form", "changing", {}, name, merge, warning, buttons);
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const identifier = one.identifier;
      const change = merge.value
        ? { action: "merge", identifier, target: Number(merge.value) }
        : { action: "rename", identifier, name: name.value };
      const nothing = change.action === "rename" && change.name.trim() === one.name;
      if (nothing || (await this.acts.changeClasses(change))) this.close();
    });
    return form;
  }
}
