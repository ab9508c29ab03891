// What the server knows, fetched when it is needed: the queue, its items, the figures.

const IDLE = 700; // milliseconds without an act before the figures are fetched anew
const ELSEWHERE_EVERY = 5000; // milliseconds between looks whether others gave items back
const RETRY = [500, 1000, 2000, 5000]; // milliseconds

// [store, item] of what is not on disk yet: of this board, of earlier ones and of other tabs.
function unsavedNow() {
  const found = [];
  for (const outbox of globalThis.handfulOutboxes?.values() ?? []) {
    for (const item of outbox.items()) found.push([outbox.store, item]);
  }
  try {
    for (const key of Object.keys(localStorage)) {
      const [ours, store] = key.split("/");
      if (ours !== "handful") continue;
      found.push([store, JSON.parse(localStorage.getItem(key))?.event.item]);
    }
  } catch {
    // Storage switched off: then there is what the outboxes hold.
  }
  return found;
}

class Feed {
  // `hooks`: store(outbox), arrived(answer, moved, order before), failed(failure), recovered(), shown().
  constructor(api, person, model, hooks) {
    this.api = api;
    this.person = person;
    this.model = model;
    this.hooks = hooks;
    this.outbox = null;
    this.wanted = new Set(); // items that are missing on screen
    this.failures = 0;
    this.problem = "";
  }

  close() {
    this.closed = true;
    clearTimeout(this.idleTimer);
    clearTimeout(this.retryTimer);
    clearTimeout(this.elsewhereTimer);
  }

  want(item) {
    if (item !== undefined && !this.model.holds(item)) this.wanted.add(item);
  }

  // Whether an item on screen is missing, or few are ahead.
  runningLow() {
    const { model } = this;
    this.want(model.current);
    const ahead = model.queue.filter((item) => model.holds(item)).length;
    const missing = ahead < Math.min(REFILL_BELOW, model.queue.length);
    return this.wanted.size > 0 || missing || (ahead < REFILL_BELOW && !model.exhausted);
  }

  lookAhead() {
    if (this.runningLow()) this.refresh();
    this.refreshSoon();
  }

  refreshSoon() {
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.refresh(), IDLE);
  }

  // One request at a time; a call during one asks for another.
  async refresh() {
    if (this.closed) return;
    if (this.fetching) {
      this.again = true;
      return;
    }
    this.fetching = true;
    this.again = false;
    clearTimeout(this.retryTimer);
    try {
      await this.fetchBoard();
      const recovered = this.failures > 0;
      this.failures = 0;
      this.problem = "";
      if (recovered) this.hooks.recovered();
    } catch (failure) {
      if (!this.closed) this.fail(failure);
    }
    this.fetching = false;
    if (this.again && !this.failures) this.refresh();
  }

  async fetchBoard() {
    const { model } = this;
    const act = model.acts;
    const change = model.changes;
    const waiting = unsavedNow();
    const count = model.queue.length ? WANTED : WANTED_FIRST;
    const answer = await callServer(`${this.api}/board?${this.query(count)}`);
    if (this.closed) return;
    this.useOutbox(answer.store);
    this.wanted.clear();
    model.takeItems(answer);
    // What the server did not know the latest of when it answered.
    const unsaved = waiting.filter(([store]) => store === answer.store).map(([, item]) => item);
    const stale = new Set([...unsaved, ...this.outbox.items(), ...model.touchedSince(act)]);
    const before = model.queue[0];
    const ordered = model.next;
    model.takeNext(answer);
    model.takeAnswers(answer, stale);
    model.takeQueue(answer.queue, stale);
    model.exhausted = answer.queue.length < count;
    if (!stale.size) model.takeFigures(answer);
    // An answer from before a change would take its new class, and its key, away again.
    const newest = change === model.changes;
    if (newest && (!stale.size || !model.heads.length)) model.takeSchema(answer);
    this.makePictures();
    this.hooks.arrived(answer, model.queue[0] !== before, ordered);
    const came = Object.keys(answer.images ?? answer.texts).length > 0;
    if (came && this.runningLow()) this.again = true;
    clearTimeout(this.elsewhereTimer);
    if (!model.queue.length && model.elsewhere) {
      this.elsewhereTimer = setTimeout(() => this.refresh(), ELSEWHERE_EVERY);
    }
  }

  query(count) {
    const { model } = this;
    const query = new URLSearchParams({ count, person: this.person });
    const have = model.inUse().filter((item) => model.holds(item));
    const want = Array.from(this.wanted).filter((item) => !model.holds(item));
    if (have.length) query.set("have", have.join(","));
    if (want.length) query.set("want", want.join(","));
    return query;
  }

  useOutbox(store) {
    if (this.outbox?.store === store) return;
    this.outbox = outboxFor(this.api, store);
    this.hooks.store(this.outbox);
    this.outbox.flush(true);
  }

  fail(failure) {
    this.problem = failure.message || "The server does not answer. Trying again …";
    const wait = RETRY[Math.min(this.failures, RETRY.length - 1)];
    this.failures += 1;
    if (failure.status !== 404) this.retryTimer = setTimeout(() => this.refresh(), wait);
    this.hooks.failed(failure);
  }

  // A few pictures at a time, while the browser has nothing better to do.
  makePictures() {
    if (this.making || this.closed) return;
    this.making = true;
    const step = () => {
      this.making = false;
      if (!this.closed && this.model.makePictures()) this.makePictures();
    };
    const urgent = !this.hooks.shown();
    if (urgent || !globalThis.requestIdleCallback) setTimeout(step);
    else requestIdleCallback(step, { timeout: 200 });
  }
}
