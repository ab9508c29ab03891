// The line below the progress: how the next items are chosen, and who labels here.

class NextBar {
  constructor(model, acts) {
    this.model = model;
    this.acts = acts;
    this.strategy = make("select", "next");
    this.strategy.setAttribute("aria-label", "How the next items are chosen");
    this.run = make("select", "next run");
    this.run.setAttribute("aria-label", "Which run chooses");
    this.sentence = make("span", "sentence");
    this.who = button("who plain", "", () => this.editName());
    for (const field of [this.strategy, this.run]) {
      field.addEventListener("change", () => this.choose());
      field.addEventListener("keydown", (event) => {
        if (event.key === "Escape") field.blur();
      });
    }
    const title = make("span", "", { textContent: "Next" });
    const label = make("label", "", {}, title, this.strategy);
    this.element = make("div", "nextbar", {}, label, this.run, this.sentence, this.who);
    this.element.hidden = true;
  }

  // The keyboard goes back to the labels at once.
  choose() {
    this.strategy.blur();
    this.run.blur();
    const needs = this.model.next.strategies.find(({ name }) => name === this.strategy.value).needs;
    const able = this.model.next.runs.some(
      ({ run, offers }) => run === this.run.value && offers.includes(needs),
    );
    this.model.next.order = null; // what this person chooses is no news to them
    this.acts.choose({ strategy: this.strategy.value, run: able ? this.run.value : null });
  }

  draw() {
    const { next } = this.model;
    this.element.hidden = !next;
    if (!next) return;
    this.drawName();
    const drawn = JSON.stringify(next);
    if (drawn === this.drawn || this.root.activeElement?.matches?.("select.next")) return;
    this.drawn = drawn;
    this.strategy.replaceChildren(
      ...next.strategies.map(({ name, title }) => new Option(title, name)),
    );
    this.strategy.value = next.strategy;
    const { needs } = next.strategies.find(({ name }) => name === next.strategy);
    const able = next.runs.filter(({ offers }) => offers.includes(needs));
    this.run.replaceChildren(
      new Option("by the newest run", ""),
      ...able.map(({ run, title }) => new Option(`by ${title}`, run)),
    );
    this.run.value = able.some(({ run }) => run === next.run) ? next.run : "";
    this.run.hidden = !able.length;
    this.sentence.textContent = next.sentence;
    this.sentence.title = this.strategy.title = next.sentence;
  }

  get root() {
    return this.element.getRootNode();
  }

  drawName() {
    if (this.who.querySelector("input")) return;
    const { name, called } = this.model.next;
    this.who.textContent = name || "Your name?";
    this.who.title = `To the others who label here you are ${name || called}. Click to change.`;
  }

  editName() {
    if (this.who.querySelector("input")) return;
    const input = make("input", "", { type: "text", maxLength: 40, value: this.model.next.name });
    input.placeholder = "Your name";
    input.setAttribute("aria-label", "Your name");
    const close = (save) => {
      if (!input.isConnected) return;
      const name = input.value.trim();
      input.remove();
      this.drawName();
      if (save && name !== this.model.next.name) this.acts.setName(name);
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") close(true);
      if (event.key === "Escape") close(false);
    });
    input.addEventListener("blur", () => close(true));
    this.who.replaceChildren(input);
    input.select();
    input.focus();
  }
}

// What changed in the order of what comes next since it was `before`; "" where nothing did.
function orderNews(before, now) {
  if (!before?.order || before.order === now.order) return "";
  if (before.strategy !== now.strategy) return `Somebody chose what comes next: ${now.title}.`;
  if (!now.by) return "Ordered anew: that run is gone.";
  return `Ordered anew by the run “${now.by}”.`;
}
