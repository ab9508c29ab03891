// The board: keys in, events out, and asking the server for what comes next.

const IDLE = 700; // milliseconds without an act before the figures are fetched anew
const RETRY = [500, 1000, 2000, 5000]; // milliseconds

class Board {
  constructor(root, data) {
    this.api = data.api;
    this.person = data.person;
    this.model = new Model();
    this.outbox = null;
    this.wanted = new Set();
    this.failures = 0;
    this.shownAt = performance.now();
    this.problem = "";
    this.stop = new AbortController();
    const on = (target, name, act, capture = false) =>
      target.addEventListener(name, act, { signal: this.stop.signal, capture });
    this.view = new View(root, this.model, {
      label: (value) => this.label(value),
      skip: () => this.skip(),
      undo: () => this.undo(),
      edit: (item) => this.edit(item),
      changeClasses: (change) => this.change("classes", change),
      setGoal: (goal) => this.change("goal", { goal }),
      waitingFor: () => this.problem || "Loading images …",
    });
    on(window, "keydown", (event) => this.key(event), true);
    on(window, "resize", () => this.place());
    on(window, "online", () => this.refresh({}));
    on(window, "storage", (event) => this.otherTab(event));
    on(document, "visibilitychange", () => {
      if (!document.hidden && !this.outbox?.size) this.refresh({ keepCurrent: false });
    });
    // A click does not take the focus, so that the next key still labels.
    on(root, "mousedown", (event) => {
      const pressed = event.target.closest?.("button");
      if (!pressed) return;
      event.preventDefault();
      if (!pressed.form) root.getRootNode().activeElement?.blur();
    });
    // Nor does the choice of a dataset keep it.
    document.activeElement?.blur?.();
    this.sizes = new ResizeObserver(() => this.view.measure());
    this.sizes.observe(this.view.stage);
    this.model.onready = (item) => {
      if (item === this.model.current) {
        this.view.drawStage();
        this.shownAt = performance.now();
      }
      this.drawLater();
    };
    this.root = root;
    this.place();
    setTimeout(() => this.place(), 300);
    this.refresh({ keepCurrent: false });
  }

  dispose() {
    this.disposed = true;
    this.stop.abort();
    this.sizes.disconnect();
    clearTimeout(this.idleTimer);
    clearTimeout(this.retryTimer);
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
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const target = event.composedPath()[0];
    if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
    if (document.querySelector('[role="dialog"]')) return;
    const focused = target.matches?.("button, a, summary") && target.matches(":focus-visible");
    if (focused && (event.key === " " || event.key === "Enter")) return;
    const key = event.key.toLowerCase();
    const chosen = this.model.classes.find((one) => one.key === key);
    let act = null;
    if (chosen) act = () => this.label(chosen.identifier);
    else if (key === " ") act = () => this.skip();
    else if (key === "backspace") act = () => this.undo();
    else if (key === "escape" && this.model.editing !== null) act = () => this.edit(null);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
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
    const timed = this.model.editing === null ? { seconds: this.secondsShown() } : {};
    const fields = this.model.label(value, event);
    this.advance(event, { ...fields, ...timed });
    this.view.panel.mark(value);
  }

  skip() {
    if (!this.shown || this.model.editing !== null) return;
    const event = newId();
    this.advance(event, this.model.skip(event));
  }

  undo() {
    if (!this.outbox) return;
    const fields = this.model.undo();
    if (fields) this.advance(newId(), fields);
    else this.view.say("There is nothing to undo.");
  }

  secondsShown() {
    return Math.min(86400, Math.round(performance.now() - this.shownAt) / 1000);
  }

  advance(event, fields) {
    this.view.drawStage();
    this.shownAt = performance.now();
    this.outbox.add({ event, person: this.person, ...fields });
    this.drawLater();
  }

  // The large image is painted first; what stands around it follows after that frame.
  drawLater() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        this.drawing = false;
        if (this.disposed) return;
        this.view.drawAround();
        this.lookAhead();
      }),
    );
  }

  makePictures() {
    if (this.making || this.disposed) return;
    this.making = true;
    const step = () => {
      this.making = false;
      if (!this.disposed && this.model.makePictures()) this.makePictures();
    };
    const urgent = !this.shown;
    if (urgent || !globalThis.requestIdleCallback) setTimeout(step);
    else requestIdleCallback(step, { timeout: 200 });
  }

  // Whether an image on screen is missing, or few are ahead.
  runningLow() {
    const { model } = this;
    const item = model.current;
    if (item !== undefined && !model.holds(item)) this.wanted.add(item);
    const ahead = model.queue.filter((one) => model.holds(one)).length;
    const missing = ahead < Math.min(REFILL_BELOW, model.queue.length);
    return this.wanted.size > 0 || missing || (ahead < REFILL_BELOW && !model.exhausted);
  }

  lookAhead() {
    if (this.runningLow()) this.refresh({});
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.refresh({}), IDLE);
  }

  edit(item) {
    this.model.editing = item;
    if (item !== null && !this.model.holds(item)) this.wanted.add(item);
    this.view.draw();
    if (this.wanted.size) this.refresh({});
  }

  otherTab(event) {
    if (!this.outbox || !event.key?.startsWith(this.outbox.prefix) || !event.newValue) return;
    try {
      const { item, kind } = JSON.parse(event.newValue).event;
      const visible = !document.hidden && this.model.queue[0] === item;
      if (kind !== "undo" && !visible) this.model.forget(item);
    } catch {
      return;
    }
    this.view.draw();
    this.lookAhead();
  }

  async change(what, body) {
    try {
      this.model.takeSchema(await callServer(`${this.api}/${what}`, body));
    } catch (failure) {
      this.view.say(failure.message || "The server does not answer. Try again.", "bad");
      return false;
    }
    this.view.panel.draw();
    this.view.draw();
    this.refresh({});
    return true;
  }

  // Fetch what the server knows. One request at a time; a call during one asks for another.
  async refresh({ keepCurrent = true }) {
    if (this.disposed) return;
    if (this.fetching) {
      this.again = true;
      return;
    }
    this.fetching = true;
    this.again = false;
    clearTimeout(this.retryTimer);
    try {
      await this.fetchBoard(keepCurrent);
      const recovered = this.failures > 0;
      this.failures = 0;
      this.problem = "";
      if (recovered) this.showState();
    } catch (failure) {
      if (!this.disposed) this.fetchFailed(failure);
    }
    this.fetching = false;
    if (this.again && !this.failures) this.refresh({});
  }

  async fetchBoard(keepCurrent) {
    const { model } = this;
    const act = model.acts;
    const unsaved = this.outbox ? this.outbox.items() : new Set();
    const count = model.queue.length ? WANTED : WANTED_FIRST;
    const want = Array.from(this.wanted).filter((item) => !model.holds(item));
    const have = model.inUse().filter((item) => model.holds(item));
    const query = new URLSearchParams({ count, person: this.person });
    if (have.length) query.set("have", have.join(","));
    if (want.length) query.set("want", want.join(","));
    const answer = await callServer(`${this.api}/board?${query}`);
    if (this.disposed) return;
    this.useOutbox(answer.store);
    this.wanted.clear();
    model.takeImages(answer.images);
    const late = model.touchedSince(act);
    const stale = new Set([...unsaved, ...this.outbox.items(), ...late]);
    const before = model.queue[0];
    model.takeQueue(answer.queue, stale, keepCurrent);
    model.exhausted = answer.queue.length < count;
    if (!stale.size) model.takeFigures(answer);
    if (!stale.size || !model.classes.length) {
      model.takeSchema(answer);
      this.view.panel.draw();
    }
    if (answer.stopped) this.view.say(answer.stopped, "bad");
    this.makePictures();
    if (model.queue[0] !== before || !this.shown) this.view.drawStage();
    if (model.queue[0] !== before) this.shownAt = performance.now();
    this.view.drawAround();
    if (Object.keys(answer.images).length && this.runningLow()) this.again = true;
  }

  useOutbox(store) {
    if (this.outbox?.store === store) return;
    this.outbox = outboxFor(this.api, store);
    this.outbox.onchange = () => {
      this.showState();
      if (this.failures && !this.outbox.trouble && !this.outbox.size) this.refresh({});
    };
    this.outbox.onrefused = (reason) => {
      this.view.say(`One label was not taken. ${reason}`, "bad");
      this.lookAhead();
    };
    this.showState();
    this.outbox.flush(true);
  }

  fetchFailed(failure) {
    this.problem = failure.message || "The server does not answer. Trying again …";
    const wait = RETRY[Math.min(this.failures, RETRY.length - 1)];
    this.failures += 1;
    if (!this.model.queue.length) this.view.drawStage();
    this.showState();
    if (failure.status === 404) this.view.say(this.problem, "bad");
    else this.retryTimer = setTimeout(() => this.refresh({}), wait);
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
    } else if (this.failures) {
      this.view.showState("bad", "Offline", this.problem);
    } else {
      this.view.showState("good", "Saved", "Every label is on disk.");
      if (!this.model.queue.length && this.model.done < this.model.pool) this.refresh({});
    }
  }
}

export default function ({ parentElement, data }) {
  // Called again on every change of data without the cleanup being called first.
  const root = parentElement.querySelector(".board");
  if (root.handful && root.handful.api === data.api && root.handful.person === data.person) {
    return root.handful.cleanup;
  }
  root.handful?.cleanup();
  const board = new Board(root, data);
  const cleanup = () => {
    board.dispose();
    root.handful = undefined;
  };
  root.handful = { api: data.api, person: data.person, cleanup };
  return cleanup;
}
