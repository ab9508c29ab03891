// The board: keys in, events out.

const AROUND_EVERY = 120; // milliseconds between two drawings of what surrounds the image
// Of keys in quick succession each is meant for the next image. One that waited longer than this
// was pressed in a stall, looking at an image that has gone.
const TYPED_AHEAD = 250; // milliseconds

class Board {
  constructor(root, data) {
    this.root = root;
    this.api = data.api;
    this.person = personOfBrowser();
    this.shownAt = performance.now(); // when the present image was put on screen
    this.heedFrom = this.shownAt; // a key pressed earlier was no answer to it
    this.drawnAt = 0;
    this.model = new Model(data.noun);
    this.acts = new Acts(this.model);
    this.feed = new Feed(data.api, this.person, this.model, {
      store: (outbox) => this.listenTo(outbox),
      arrived: (answer, moved, ordered) => this.arrived(answer, moved, ordered),
      failed: (failure) => this.failed(failure),
      recovered: () => this.showState(),
      shown: () => this.shown,
    });
    this.view = new View(root, this.model, {
      label: (value) => this.label(value),
      skip: () => this.skip(),
      undo: () => this.undo(),
      edit: (item) => this.edit(item),
      turnTo: (name) => this.turnTo(name),
      say: (text) => this.view.say(text, "bad"),
      changeClasses: (change) => this.change("classes", change),
      setGoal: (goal) => this.change("goal", { goal }),
      choose: (choice) => this.change("strategy", choice),
      setName: (name) => this.change("person", { person: this.person, name }),
      waitingFor: () => this.feed.problem || `Loading ${data.noun}s …`,
    });
    this.model.onready = (item) => this.ready(item);
    this.listen();
    this.place();
    setTimeout(() => this.place(), 300);
    this.feed.refresh();
  }

  listen() {
    this.stop = new AbortController();
    const on = (target, name, act, capture = false) =>
      target.addEventListener(name, act, { signal: this.stop.signal, capture });
    on(window, "keydown", (event) => this.key(event), true);
    on(window, "resize", () => this.place());
    on(window, "online", () => this.feed.refresh());
    on(window, "storage", (event) => this.otherTab(event));
    on(document, "visibilitychange", () => {
      if (document.hidden) return;
      this.markShown(); // a hidden page is not painted
      if (!this.outbox?.size) this.feed.refresh();
    });
    // A click does not take the focus, so that the next key still labels.
    on(this.root, "mousedown", (event) => {
      const pressed = event.target.closest?.("button");
      if (!pressed) return;
      event.preventDefault();
      if (!pressed.form) this.root.getRootNode().activeElement?.blur();
    });
    // Nor does the choice of a dataset keep it.
    document.activeElement?.blur?.();
    this.sizes = new ResizeObserver(() => this.view.measure());
    this.sizes.observe(this.view.stage);
  }

  get outbox() {
    return this.feed.outbox;
  }

  dispose() {
    this.disposed = true;
    this.stop.abort();
    this.sizes.disconnect();
    this.feed.close();
    if (this.outbox) this.outbox.onchange = this.outbox.onrefused = () => {};
  }

  // The board ends where the window ends, so that nothing has to be scrolled.
  place() {
    const scroller = document.querySelector('[data-testid="stMain"]');
    const top = this.root.getBoundingClientRect().top + (scroller ? scroller.scrollTop : 0);
    const height = `${Math.max(520, window.innerHeight - top - 20)}px`;
    if (this.root.style.height !== height) this.root.style.height = height;
  }

  key(event) {
    if (isForOthers(event)) return;
    const act = actOf(this, event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    // What was clicked beside the board would else take the next space for a press.
    const held = event.composedPath()[0];
    if (held.matches?.(PRESSED) && !this.root.contains(held)) held.blur();
    if (!event.repeat) act();
  }

  // An answer counts only for an image that is really on screen.
  get shown() {
    const item = this.model.current;
    const picture = item === undefined ? undefined : this.model.picture(item);
    return Boolean(this.outbox && picture && picture.ready && picture.large.isConnected);
  }

  label(value) {
    if (!this.shown) return;
    const event = newId();
    const { now } = this.view.panels;
    this.advance(event, this.acts.label(value, event));
    now.mark(value);
  }

  skip() {
    if (!this.shown || this.model.editing !== null) return;
    const event = newId();
    const fields = this.acts.skip(event);
    if (fields) this.advance(event, fields);
    else this.turnTo();
  }

  takeAway() {
    const { model } = this;
    if (this.shown && model.answerOf(model.current, model.head.name) !== null) this.label(null);
  }

  // `name`: of the head to answer next; without it the first that is open.
  turnTo(name = null) {
    this.model.chosen = name;
    this.view.drawStage();
    this.markShown();
    this.drawLater();
  }

  undo() {
    if (!this.outbox) return;
    const fields = this.acts.undo();
    if (fields) this.advance(newId(), fields);
    else this.view.say("There is nothing to undo.");
  }

  secondsShown() {
    return Math.min(86400, Math.round(performance.now() - this.shownAt) / 1000);
  }

  // `ahead`: milliseconds before now from which a key counts for the image now on screen.
  markShown(ahead = 0) {
    this.shownAt = performance.now();
    this.heedFrom = this.shownAt - ahead;
  }

  // Every label has its time: a new one, a changed one, and one that is given again.
  advance(event, fields) {
    const timed = fields.kind === "label" ? { seconds: this.secondsShown() } : {};
    this.view.drawStage();
    this.markShown(TYPED_AHEAD);
    this.outbox.add({ event, person: this.person, ...fields, ...timed });
    this.drawLater();
  }

  // The large image is painted first; what stands around it follows after that frame, and when
  // keys come fast only now and then, so that its painting does not meet the next key.
  drawLater() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        this.drawing = false;
        this.outbox?.flush();
        const wait = this.drawnAt + AROUND_EVERY - performance.now();
        this.aroundTimer ??= setTimeout(() => this.drawAround(), Math.max(0, wait));
      }),
    );
  }

  drawAround() {
    this.aroundTimer = undefined;
    if (this.disposed) return;
    this.drawnAt = performance.now();
    this.view.drawAround();
    this.feed.lookAhead();
  }

  ready(item) {
    if (item === this.model.current) {
      this.view.drawStage();
      this.markShown();
    }
    this.drawLater();
  }

  edit(item) {
    this.acts.edit(item);
    this.view.draw();
    this.markShown();
    this.feed.lookAhead();
  }

  otherTab(event) {
    if (!this.outbox || !event.key?.startsWith(this.outbox.prefix) || !event.newValue) return;
    const before = this.model.queue[0];
    try {
      const { item, kind } = JSON.parse(event.newValue).event;
      const visible = !document.hidden && this.model.queue[0] === item;
      this.model.touch(item);
      if (kind !== "undo" && !visible) this.model.forget(item);
    } catch {
      return;
    }
    const moved = this.model.queue[0] !== before;
    this.view.draw();
    if (moved) this.markShown();
    this.feed.lookAhead();
  }

  async change(what, body) {
    try {
      this.model.changed(await callServer(`${this.api}/${what}`, body));
    } catch (failure) {
      this.view.say(failure.message || "The server does not answer. Try again.", "bad");
      return false;
    }
    this.view.panels.draw();
    this.view.draw();
    this.feed.refresh();
    return true;
  }

  arrived(answer, moved, ordered) {
    this.view.panels.drawIfChanged();
    const news = orderNews(ordered, answer.next);
    if (news) this.view.say(news);
    if (answer.stopped) this.view.say(answer.stopped, "bad");
    if (moved || !this.shown || this.model.several) this.view.drawStage();
    if (moved) this.markShown();
    this.view.drawAround();
  }

  failed(failure) {
    if (!this.model.queue.length) this.view.drawStage();
    if (failure.status === 404) this.view.say(this.feed.problem, "bad");
    this.showState();
  }

  listenTo(outbox) {
    outbox.onchange = () => {
      this.showState();
      if (outbox.size) return;
      if (this.feed.failures && !outbox.trouble) this.feed.refresh();
      else this.feed.refreshSoon();
    };
    outbox.onrefused = (reason) => {
      this.view.say(`One label was not taken. ${reason}`, "bad");
      this.feed.refreshSoon();
    };
    this.showState();
  }

  showState() {
    const waiting = this.outbox ? this.outbox.size : 0;
    const trouble = this.outbox?.trouble;
    if (trouble && waiting && !trouble.offline) {
      this.view.showState("bad", `Not saved, ${number(waiting)} waiting`, trouble.reason);
      this.view.say(trouble.reason, "bad");
    } else if (trouble && waiting) {
      this.view.showState("bad", `Offline, ${number(waiting)} waiting`, "Kept in this browser.");
    } else if (waiting) {
      // A save that takes no time is not worth a word.
      this.savingTimer ??= setTimeout(() => {
        this.savingTimer = undefined;
        if (this.outbox.size && !this.outbox.trouble) {
          this.view.showState("busy", `Saving ${number(this.outbox.size)}`);
        }
      }, 150);
    } else if (this.feed.failures) {
      this.view.showState("bad", "Offline", this.feed.problem);
    } else {
      this.view.showState("good", "Saved", "Every label is on disk.");
      if (!this.model.queue.length && this.model.done < this.model.pool) this.feed.refresh();
    }
  }
}

export default function ({ parentElement, data }) {
  // Called again on every change of data without the cleanup being called first.
  const root = parentElement.querySelector(".board");
  if (root.handful && root.handful.api === data.api) return root.handful.cleanup;
  root.handful?.cleanup();
  const board = new Board(root, data);
  const cleanup = () => {
    board.dispose();
    root.handful = undefined;
  };
  root.handful = { api: data.api, cleanup };
  return cleanup;
}
