// What is done with the chosen and with the rest: beside the grid.

class ActPanel {
  constructor(model, acts) {
    this.model = model;
    this.acts = acts;
    this.title = make("h3", "", { textContent: "Chosen" });
    this.said = make("p", "said");
    this.hint = make("p", "quiet");
    this.none = button("act", "Choose none", () => acts.chooseNone());
    this.all = button("act", "Choose all", () => acts.chooseAll());
    const both = make("div", "buttons", {}, this.all, this.none);
    this.rest = make("div", "rest");
    this.restClass = make("select", "", { "aria-label": "Class for the rest" });
    this.restClass.addEventListener("change", () => {
      this.picked = true;
      this.restClass.blur();
      this.draw();
    });
    this.restButton = button("act primary", "", () => acts.giveRest(Number(this.restClass.value)));
    this.rest.append(this.restClass, this.restButton);
    this.spot = make("div", "buttons");
    this.spotDone = button("act primary", "Done", () => acts.endSpotCheck(true));
    this.spot.append(this.spotDone, button("act", "Cancel", () => acts.endSpotCheck(false)));
    this.element = make("section", "panel acts", {}, this.title, this.said, this.hint, both);
    this.element.append(this.rest, this.spot);
    this.held = [both, this.rest];
    this.asking = null;
  }

  // `shown`: {mode, kind: "shuffled" | "class" | "cluster" | "spot", rest: count, likely: class}
  draw(shown = this.last) {
    if (!shown) return;
    this.last = shown;
    const { model } = this;
    const { noun } = model;
    const here = model.chosenHere.length;
    const elsewhere = model.chosen.size - here;
    const pages = elsewhere ? ` (${number(elsewhere)} on other pages)` : "";
    const spot = shown.kind === "spot";
    this.title.textContent = spot ? "Spot check" : "Chosen";
    this.said.textContent = spot
      ? `${number(here)} of ${plural(model.items.length, noun)} do not belong`
      : `${plural(model.chosen.size, noun)}${pages}`;
    this.hint.textContent = this.hintFor(shown, model.chosen.size);
    this.spot.hidden = !spot;
    this.all.hidden = this.none.hidden = spot;
    this.none.disabled = !model.chosen.size;
    this.all.disabled = !model.waiting;
    this.drawRest(shown);
  }

  hintFor({ kind }, chosen) {
    const { noun } = this.model;
    if (kind === "spot") {
      return `${noun === "text" ? "Texts" : "Images"} drawn at random from the whole cluster. Choose those that do not belong, then press Done.`;
    }
    if (chosen) return "A class, by its key or a click, goes to all that are chosen.";
    if (kind === "shuffled") {
      return "Click to choose, Shift and click for a range, or draw a rectangle.";
    }
    if (kind === "class") return `Choose the ${noun}s that are wrong, then accept the rest.`;
    return `Choose the ${noun}s that do not belong, then name the rest of the cluster.`;
  }

  drawRest({ kind, rest, likely }) {
    const { model } = this;
    this.rest.hidden = (kind !== "class" && kind !== "cluster") || !model.classes.length;
    const drawn = JSON.stringify(model.classes);
    if (this.drawn !== drawn) {
      this.drawn = drawn;
      const kept = this.restClass.value;
      const entries = model.classes.map((one) => new Option(one.name, String(one.identifier)));
      this.restClass.replaceChildren(...entries);
      if (kept) this.restClass.value = kept;
    }
    if (!this.picked && likely) this.restClass.value = String(likely);
    const name = model.classOf(Number(this.restClass.value))?.name ?? "";
    const verb = kind === "class" ? "Accept" : "Label";
    const which = model.chosen.size ? "the other" : "all";
    const text = `${verb} ${which} ${number(rest)} as ${name}`;
    if (this.restButton.textContent !== text) this.restButton.textContent = text;
    this.restButton.disabled = !rest || !name;
  }

  // Another class or cluster is shown: what was picked for the one before no longer holds.
  forgetPick() {
    this.picked = false;
  }

  // A question before many labels at once; resolves to whether to go on.
  ask(text, yes) {
    this.asking?.(false);
    return new Promise((resolve) => {
      const close = (answer) => {
        box.remove();
        this.hold(false);
        this.asking = null;
        resolve(answer);
      };
      this.asking = close;
      this.hold(true);
      const go = button("act primary", yes, () => close(true));
      const box = make("div", "asking", { role: "alertdialog", "aria-label": text }, make("p"));
      box.firstChild.textContent = text;
      const buttons = make("div", "buttons", {}, button("act", "Cancel", () => close(false)), go);
      box.append(buttons);
      this.element.append(box);
      go.focus();
    });
  }

  hold(on) {
    for (const element of this.held) element.inert = on;
    this.acts.hold(on);
  }
}
