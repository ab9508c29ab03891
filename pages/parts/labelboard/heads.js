// Several heads: the bar of questions above an item, and the field for an answer that is a number.

// One chip a head: what is asked, and what was answered. Hidden where there is only one head.
class HeadBar {
  constructor(model, turnTo) {
    this.model = model;
    this.turnTo = turnTo;
    this.chips = new Map(); // name -> {chip, answer}
    this.element = make("div", "heads", { role: "group", "aria-label": "Questions" });
    this.element.hidden = true;
  }

  draw() {
    const { model } = this;
    if (!model.several) return;
    if (model.heads.some((head, place) => Array.from(this.chips.keys())[place] !== head.name)) {
      this.build();
    }
    const item = model.current;
    const now = item === undefined ? undefined : model.head?.name;
    for (const head of model.heads) {
      const { chip, answer } = this.chips.get(head.name);
      const value = model.answerOf(item, head.name);
      const text = this.answerText(head, value);
      if (answer.textContent !== text) answer.textContent = text;
      chip.style.setProperty("--colour", model.classOf(value, head)?.colour ?? "var(--line)");
      chip.classList.toggle("now", head.name === now);
      chip.classList.toggle("given", value !== null);
      chip.setAttribute("aria-pressed", String(head.name === now));
    }
  }

  answerText(head, value) {
    if (value !== null) return this.model.textOf(value, head);
    if (this.model.passed.has(head.name)) return "skipped";
    return head.asked ? "…" : "no classes yet";
  }

  build() {
    this.chips.clear();
    for (const head of this.model.heads) {
      const chip = button("chip", "", () => this.turnTo(head.name));
      const answer = make("span", "answer", { dir: "auto" });
      chip.append(make("span", "title", { textContent: head.title, dir: "auto" }), answer);
      this.chips.set(head.name, { chip, answer });
    }
    const hint = make("span", "hint");
    hint.append(make("kbd", "", { textContent: "←" }), make("kbd", "", { textContent: "→" }));
    this.element.replaceChildren(...Array.from(this.chips.values(), (one) => one.chip), hint);
    this.element.hidden = false;
  }
}

const THOUSANDS = /^[+-]?[1-9]\d{0,2}(,\d{3})+$/; // or decimals after a comma: nobody can tell

// The panel of a regression head, in the place of the classes.
class NumberPanel {
  constructor(model, acts, name) {
    this.model = model;
    this.acts = acts;
    this.name = name;
    this.shownFor = undefined;
    this.input = make("input", "number", { type: "text", inputMode: "decimal", maxLength: 30 });
    this.input.autocomplete = "off";
    this.unit = make("span", "quiet");
    const row = make("form", "add", {}, this.input, this.unit);
    row.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.forgive());
    this.title = make("h3");
    const hint = make("p", "quiet", {
      textContent: "Type a number, then Enter. In the empty field Space skips and ⌫ undoes.",
    });
    this.element = make("section", "panel", {}, this.title, row, hint);
    this.draw();
  }

  get head() {
    return this.model.heads.find((head) => head.name === this.name);
  }

  submit() {
    const typed = this.input.value.trim();
    const text = typed.replace(",", ".");
    const value = Number(text);
    if (THOUSANDS.test(typed)) {
      const other = Number.isFinite(value) ? ` or ${value}` : "";
      this.refuse(`“${typed}”: type ${typed.replaceAll(",", "")}${other}, without a comma.`);
    } else if (text && Number.isFinite(value)) {
      this.forgive();
      this.acts.label(value);
    } else {
      this.refuse(typed ? `“${typed}” is no number. Type for example 12.5.` : "Type a number first.");
    }
  }

  refuse(reason) {
    this.input.setAttribute("aria-invalid", "true");
    this.acts.say(reason);
  }

  // What was wrong is mended or left behind: its reason goes too.
  forgive() {
    if (!this.input.hasAttribute("aria-invalid")) return;
    this.input.removeAttribute("aria-invalid");
    this.acts.say("");
  }

  draw() {
    const { title, unit } = this.head;
    this.title.textContent = title;
    this.unit.textContent = unit;
    this.input.setAttribute("aria-label", unit ? `${title}, ${unit}` : title);
  }

  drawIfChanged() {
    this.draw();
  }

  drawCounts() {}

  mark() {}

  // `focus`: the field takes the keys, unless a person is typing somewhere else on the board.
  show(focus) {
    const item = this.model.current;
    const shown = `${item}/${this.model.answerOf(item, this.name)}`;
    if (this.shownFor !== shown) {
      this.shownFor = shown;
      this.input.value = this.input.defaultValue = this.model.answerOf(item, this.name) ?? "";
      this.forgive();
      if (focus) this.input.select();
    }
    if (focus) this.input.focus({ preventScroll: true });
  }

  leave() {
    this.shownFor = undefined;
    this.forgive();
    this.input.blur();
  }
}

// One panel a head, of which that of the present head is shown.
class Panels {
  constructor(model, acts, place) {
    this.model = model;
    this.acts = acts;
    this.place = place;
    this.known = new Map(); // name of a head -> its panel
  }

  get now() {
    return this.known.get(this.model.head?.name);
  }

  draw() {
    this.drawIfChanged();
    for (const panel of this.known.values()) panel.draw();
  }

  drawIfChanged() {
    const names = this.model.heads.map((head) => head.name);
    if (String(names) !== String(Array.from(this.known.keys()))) this.build();
    else for (const panel of this.known.values()) panel.drawIfChanged();
    this.show();
  }

  build() {
    for (const panel of this.known.values()) panel.element.remove();
    this.known.clear();
    const next = this.place.firstChild;
    for (const { name, kind } of this.model.heads) {
      const Kind = kind === "regression" ? NumberPanel : ClassPanel;
      const panel = new Kind(this.model, this.acts, name);
      this.known.set(name, panel);
      this.place.insertBefore(panel.element, next);
      panel.draw();
    }
  }

  show() {
    const { now } = this;
    for (const panel of this.known.values()) {
      if (panel !== now && !panel.element.hidden) panel.leave();
      panel.element.hidden = panel !== now;
    }
    const { activeElement } = this.place.getRootNode();
    const typing = activeElement?.matches("input, select") && activeElement !== now?.input;
    now?.show(!typing && !document.hidden && this.model.current !== undefined);
  }
}

// The numbers beside an item, as a small table. Hidden where there are none.
class NumberTable {
  constructor(model) {
    this.model = model;
    this.element = make("table", "numbers");
    this.element.hidden = true;
    this.drawn = undefined;
  }

  written(value) {
    if (value === null || value === undefined) return "–";
    return Number.isInteger(value) ? number(value) : String(value);
  }

  draw(item) {
    const { columns, numbers } = this.model;
    if (!columns.length || item === this.drawn) return;
    this.drawn = item;
    const values = numbers.get(item);
    this.element.hidden = !values;
    this.element.replaceChildren(
      ...columns.map((name, place) =>
        make("tr", "", {}, make("th", "", { textContent: name, dir: "auto", scope: "row" }),
          make("td", "", { textContent: this.written(values?.[place]) })),
      ),
    );
  }
}
