// What stands around the cells: words, tools, the panel, what is saved.

Object.assign(Grid.prototype, {
  draw() {
    const { listing, answer } = this;
    this.bar.draw(listing);
    this.cards.element.hidden = !listing;
    this.cells.element.hidden = listing;
    this.root.classList.toggle("listing", listing);
    this.right.hidden = listing;
    this.drawClasses();
    this.drawTools();
    this.before.hidden = this.next.hidden = listing || this.spotting;
    this.before.disabled = !this.back.length;
    if (listing) {
      const named = answer.clusters.filter((cluster) => !cluster.open).length;
      const done = named ? `, ${number(named)} done` : "";
      this.words.textContent = `${plural(answer.clusters.length, "cluster")}${done}. Open one to name it.`;
    } else {
      this.drawWords();
      this.next.disabled = !answer.after;
    }
  },

  drawWords() {
    const { model, answer } = this;
    const { cluster, run } = this.shown;
    const name = run && !cluster ? model.classOf(Number(this.shown.class))?.name : undefined;
    const which = cluster ? ` of cluster ${cluster}` : name ? ` that it calls ${name}` : "";
    const { before, elsewhere } = answer;
    if (!model.items.length) {
      const other = this.mode === "clusters" ? "Go back and open another one." : "Choose something else to show.";
      this.words.textContent = elsewhere
        ? `What is unlabelled${which} is with other people now, ${plural(elsewhere, model.noun)}. ${other}`
        : `Nothing unlabelled${which} is left. ${other}`;
    } else if (this.spotting) {
      this.words.textContent = `${plural(model.items.length, model.noun)} drawn at random${which}`;
    } else {
      const last = before + model.items.length;
      const range = `${number(before + 1)} to ${number(last)} of ${number(answer.total)}`;
      const others = elsewhere ? `, ${number(elsewhere)} more with other people now` : "";
      this.words.textContent = `${range} unlabelled ${model.noun}s${which}${others}`;
    }
  },

  drawClasses() {
    const { model } = this;
    const name = model.head.name;
    if (this.classes?.name !== name) {
      this.classes?.element.remove();
      this.classes = new ClassPanel(model, this, name);
      this.right.append(this.classes.element);
    }
    this.classes.drawIfChanged();
  },

  drawTools() {
    const { cluster } = this.shown;
    const tools = [];
    if (this.mode === "clusters" && cluster) {
      tools.push(button("act", "‹ All clusters", () => this.turnTo({ cluster: "" })));
      if (!this.spotting) {
        tools.push(button("act", "Spot check", () => this.spotCheck()));
        const { clusters } = this.bar.runNow ?? {};
        if (clusters && this.canSplit) {
          tools.push(button("act", "Split in two", () => this.split(cluster)));
        }
        if (/[ab]$/.test(cluster)) {
          tools.push(button("act", "Join the halves", () => this.join(cluster.slice(0, -1))));
        }
      }
      const known = this.purities.get(cluster);
      if (known) tools.push(make("span", "quiet", { textContent: purityText(known) }));
    }
    if (this.listing) this.canSplit = this.answer.can_split;
    this.tools.replaceChildren(...tools);
  },

  // While a question waits only it can be answered: it names what it was asked of.
  hold(on) {
    for (const element of [this.top, this.left, this.classes.element]) element.inert = on;
  },

  // The cell that was chosen is painted first, and what counts it after that frame.
  drawPanelLater() {
    if (this.panelDue) return;
    this.panelDue = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        this.panelDue = false;
        if (!this.disposed) this.drawPanel();
      }),
    );
  },

  drawPanel() {
    if (this.listing) return;
    const { model, shown } = this;
    const kind = this.spotting ? CHECKED : shown.cluster ? "cluster" : shown.run ? "class" : "shuffled";
    const whole = this.answer.total - model.given.size;
    const rest = kind === "cluster" ? whole - this.chosenOpen() : model.rest.length;
    const likely = kind === "class" ? Number(shown.class) : this.likelyClass();
    this.panel.draw({ kind, rest, likely });
  },

  // Chosen items that still wait for an answer, on whatever page.
  chosenOpen() {
    return Array.from(this.model.chosen).filter((item) => !this.model.given.has(item)).length;
  },

  // The commonest class of what is labelled of the cluster.
  likelyClass() {
    const known = this.cards.counts?.get(this.shown.cluster);
    return known?.[0]?.[0] ?? null;
  },

  say(text, kind = "") {
    clearTimeout(this.noteTimer);
    this.note.textContent = text;
    this.note.dataset.kind = kind;
    this.noteTimer = setTimeout(() => (this.note.textContent = ""), 8000);
  },

  showState() {
    if (this.stateDue || this.disposed) return;
    this.stateDue = true;
    requestAnimationFrame(() => {
      this.stateDue = false;
      const { outbox } = this.sender;
      const waiting = outbox?.size ?? 0;
      const trouble = waiting ? outbox.trouble : null;
      const word = trouble ? (trouble.offline ? "Offline" : "Not saved") : "Saving";
      this.state.textContent = waiting ? `${word}, ${number(waiting)} waiting` : "Saved";
      this.state.dataset.kind = trouble ? "bad" : waiting ? "busy" : "good";
      if (trouble?.reason) this.say(trouble.reason, "bad");
    });
  },
});
