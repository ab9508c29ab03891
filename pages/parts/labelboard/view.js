// What stands on the board.

const BEHIND = 4; // small pictures on either side of the current one
const SHARP_FROM = 3; // from this enlargement on, whole multiples and visible pixels

class View {
  constructor(root, model, acts) {
    this.root = root;
    this.model = model;
    this.acts = acts;
    this.room = null; // for the large image, pixels
    this.build();
  }

  build() {
    this.progress = make("span", "progress");
    this.goal = button("goal plain", "", () => this.editGoal(), { title: "Change the goal" });
    this.meter = make("i");
    this.figures = make("span", "figures");
    this.state = make("span", "state", { role: "status", "aria-live": "polite" });
    const top = make("div", "top", {}, make("div", "line", {}, this.progress, this.goal));
    top.firstChild.append(this.figures, this.state);
    this.nextBar = new NextBar(this.model, this.acts);
    top.append(make("div", "meter", {}, this.meter), this.nextBar.element);

    this.stage = make("div", "stage");
    this.headBar = new HeadBar(this.model, this.acts.turnTo);
    this.table = new NumberTable(this.model);
    const show = make("div", "show", {}, this.stage, this.table.element);
    this.caption = make("span", "caption");
    this.note = make("span", "note", { role: "status", "aria-live": "polite" });
    this.slots = [];
    const strip = make("div", "strip", { "aria-hidden": "true" });
    for (let place = -BEHIND; place <= BEHIND; place += 1) {
      const slot = make("div", place < 0 ? "slot past" : place ? "slot" : "slot now");
      this.slots.push(slot);
      strip.append(slot);
    }
    this.skipButton = button("act", "Skip", this.acts.skip);
    this.undoButton = button("act", "Undo", this.acts.undo);
    this.skipButton.append(make("kbd", "", { textContent: "Space" }));
    this.undoButton.append(make("kbd", "", { textContent: "⌫" }));
    const foot = make("div", "foot", {}, this.undoButton, strip, this.skipButton);
    const caption = make("div", "under", {}, this.caption, this.note);
    this.left = make("section", "left", {}, this.headBar.element, show, caption, foot);

    this.latest = make("div", "tiles");
    this.latestPanel = make("section", "panel latest", {}, make("h3", "", { textContent: "Latest" }));
    this.latestPanel.append(this.latest);
    const right = make("div", "right", {}, this.latestPanel);
    this.panels = new Panels(this.model, this.acts, right);
    this.root.classList.toggle("texts", this.model.noun === "text");
    this.root.replaceChildren(top, this.left, right);
    this.root.removeAttribute("aria-busy");
  }

  draw() {
    this.drawStage();
    this.drawAround();
  }

  // All that may be drawn after the large image.
  drawAround() {
    this.drawStrip();
    this.drawFigures();
    this.nextBar.draw();
    this.drawLatest();
    this.panels.now?.drawCounts();
  }

  drawStage() {
    const item = this.model.current;
    const made = item === undefined ? undefined : this.model.pictureNow(item);
    // Half of an image could be seen, but not answered: a key would be lost without a word.
    const picture = made?.ready ? made : undefined;
    const editing = this.model.editing !== null;
    this.left.classList.toggle("editing", editing);
    this.stage.dataset.item = picture ? item : "";
    this.headBar.draw();
    this.table.draw(item);
    if (this.model.several) this.panels.show();
    if (picture) {
      this.fit(picture.large);
      if (this.stage.firstChild !== picture.large) this.stage.replaceChildren(picture.large);
      this.caption.textContent = editing ? this.question(item) : this.captionOf(item);
    } else {
      this.stage.replaceChildren(this.emptyStage(item));
      this.caption.textContent = "";
    }
  }

  nameOf(item) {
    return `${this.model.noun === "text" ? "Text" : "Image"} ${item}`;
  }

  // With why it is asked, where somebody sent it or people differ.
  captionOf(item) {
    const why = this.model.again[item];
    if (why === undefined) return this.nameOf(item);
    const answer = this.model.markOf(item);
    if (!answer) return `${this.nameOf(item)}, asked first: ${why}`;
    return `${this.nameOf(item)} is “${answer.name}”, Space keeps it. Asked again: ${why}`;
  }

  question(item) {
    if (this.model.several) {
      return `${this.nameOf(item)}: choose a question and answer again. Del takes an answer away.`;
    }
    const answer = this.model.markOf(item);
    const name = answer ? `“${answer.name}”` : "unlabelled";
    return `${this.nameOf(item)} is ${name}. Choose another class, or press Esc.`;
  }

  emptyStage(item) {
    const { model } = this;
    if (item === undefined && model.elsewhere) {
      return make("p", "wait", {
        textContent:
          `The last ${plural(model.elsewhere, model.noun)} are with other people. What they ` +
          "do not answer comes back here within five minutes.",
      });
    }
    if (item !== undefined || !model.exhausted || model.done < model.pool) {
      return make("p", "wait", { textContent: this.acts.waitingFor() });
    }
    const box = make("div", "finished");
    const done = model.done > 0;
    box.append(
      make("strong", "", {
        textContent: done ? "Everything is labelled" : `No ${model.noun}s to label`,
      }),
      make("p", "", {
        textContent: done
          ? `All ${plural(model.pool, model.noun)} have a label. Click one of the latest to ` +
            "change it, or go on to training."
          : `This dataset has only a test split. Its ${model.noun}s are not labelled by hand.`,
      }),
    );
    return box;
  }

  // `share`: of the height of the stage, downwards.
  scroll(share) {
    this.stage.firstChild?.scrollBy({ top: share * this.stage.clientHeight });
  }

  measure() {
    this.room = {
      width: Math.max(32, this.stage.clientWidth - 24),
      height: Math.max(32, this.stage.clientHeight - 24),
    };
    this.drawStage();
  }

  // Whole multiples where the enlargement is strong, so that every pixel has the same size.
  fit(image) {
    if (!this.room || !image.naturalWidth) return;
    const most = Math.min(
      this.room.width / image.naturalWidth,
      this.room.height / image.naturalHeight,
    );
    const sharp = most >= SHARP_FROM;
    const scale = sharp ? Math.floor(most) : most;
    image.style.width = `${Math.round(image.naturalWidth * scale)}px`;
    image.style.height = `${Math.round(image.naturalHeight * scale)}px`;
    image.classList.toggle("sharp", sharp);
  }

  drawStrip() {
    const { model } = this;
    this.slots.forEach((slot, index) => {
      const place = index - BEHIND;
      const past = place < 0 ? model.seen[-place - 1] : undefined;
      const item = place < 0 ? past?.item : model.queue[place];
      const picture = item === undefined ? undefined : model.picture(item);
      const small = picture?.small ?? null;
      if (slot.firstChild !== small) slot.replaceChildren(...(small ? [small] : []));
      const colour = past ? (past.mark?.colour ?? "transparent") : "";
      slot.style.setProperty("--mark", colour || "transparent");
    });
    this.undoButton.disabled = !model.history.length;
    this.skipButton.disabled = model.queue[0] === undefined || model.editing !== null;
  }

  drawFigures() {
    const { model } = this;
    this.progress.textContent = number(model.total);
    if (!this.goal.querySelector("input")) {
      const word = model.several ? model.noun : "label";
      const full = model.several ? " fully labelled" : "";
      this.goal.textContent =
        model.total > model.goal
          ? `${word}s${full} (goal ${number(model.goal)})`
          : `of ${plural(model.goal, word)}${full}`;
    }
    this.meter.style.width = `${Math.min(100, (100 * model.total) / model.goal)}%`;
    const parts = [];
    if (model.total >= model.goal) parts.push("goal reached");
    if (model.median !== null) parts.push(`${model.median.toFixed(1)} s a label`);
    const open = model.pool - model.done;
    if (open > 0) parts.push(`${number(open)} to go`);
    this.figures.textContent = parts.join(" · ");
  }

  drawLatest() {
    const { model } = this;
    if (!model.recent.length) {
      this.latest.replaceChildren(
        make("p", "quiet", { textContent: "Your latest labels appear here. Click one to change it." }),
      );
      return;
    }
    const known = new Map(Array.from(this.latest.children, (tile) => [tile.dataset.item, tile]));
    const tiles = model.recent.map((label) => {
      const tile = known.get(String(label.item)) ?? this.newTile(label.item);
      const found = model.markOf(label.item);
      const name = found ? found.name : "?";
      if (!tile.firstChild.firstChild) {
        const picture = model.picture(label.item);
        if (picture?.ready) tile.firstChild.append(picture.copy());
      }
      if (tile.lastChild.textContent !== name) tile.lastChild.textContent = name;
      tile.title = `${name}. Click to change.`;
      tile.style.setProperty("--colour", found?.colour ?? "transparent");
      tile.classList.toggle("chosen", model.editing === label.item);
      return tile;
    });
    // A tile that is put in anew while it is pressed would lose the click.
    const same = tiles.every((tile, place) => tile === this.latest.children[place]);
    if (!same || tiles.length !== this.latest.children.length) this.latest.replaceChildren(...tiles);
  }

  newTile(item) {
    const tile = button("tile", "", () => this.acts.edit(item));
    tile.dataset.item = item;
    tile.append(make("span", "frame"), make("span", "name"));
    return tile;
  }

  editGoal() {
    if (this.goal.querySelector("input")) return;
    const input = make("input", "", { type: "number", min: 1, value: this.model.goal });
    input.setAttribute("aria-label", "Goal, labels");
    const close = (save) => {
      if (!input.isConnected) return;
      const value = Number(input.value);
      input.remove();
      this.drawFigures();
      if (save && Number.isInteger(value) && value !== this.model.goal) this.acts.setGoal(value);
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") close(true);
      if (event.key === "Escape") close(false);
    });
    input.addEventListener("blur", () => close(true));
    this.goal.replaceChildren(input);
    input.select();
    input.focus();
  }

  showState(kind, text, title = "") {
    if (this.state.textContent === text && this.state.title === title) return;
    this.state.textContent = text;
    this.state.dataset.kind = kind;
    this.state.title = title;
  }

  say(text, kind = "") {
    clearTimeout(this.noteTimer);
    this.note.textContent = text;
    this.note.dataset.kind = kind;
    this.noteTimer = setTimeout(() => (this.note.textContent = ""), 6000);
  }
}
