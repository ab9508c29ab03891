// Labels of many items at once, through the outbox of the label board: one batch an act.

class Sender {
  constructor(api, person, changed, refused) {
    this.api = api;
    this.person = person;
    this.changed = changed;
    this.refused = refused;
    this.outbox = null;
    this.batches = []; // {batch, items}, given in this page, oldest first
    this.since = performance.now(); // from here on the time counts for the next batch
  }

  use(store) {
    if (this.outbox?.store === store) return;
    this.outbox = outboxFor(this.api, store);
    this.outbox.onchange = () => this.changed();
    this.outbox.onrefused = (reason) => this.refused(reason);
    this.outbox.flush(true);
  }

  restart() {
    this.since = performance.now();
  }

  // Time that nobody could look in does not count.
  waited(milliseconds) {
    this.since = Math.min(performance.now(), this.since + milliseconds);
  }

  // The time since the last act is shared by all the labels of this one.
  give(items, head, value, origin) {
    const batch = newId();
    const all = Math.min(86400, (performance.now() - this.since) / 1000);
    const seconds = Math.round((1e4 * all) / items.length) / 1e4;
    for (const item of items) {
      const event = { event: newId(), kind: "label", person: this.person, item, head, value };
      this.outbox.add({ ...event, origin, seconds, batch });
    }
    this.batches.push({ batch, items });
    this.outbox.flush();
    this.restart();
  }

  // Resolves once everything is on disk; false where that does not come about in time.
  async saved(longest = 20000) {
    const end = performance.now() + longest;
    while (this.outbox?.size) {
      if (performance.now() > end) return false;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    return true;
  }

  // Takes the latest batch back; {labels, items}, items where it was given in this page.
  async undo() {
    if (!(await this.saved())) throw new Error("Not everything is saved yet. Try again.");
    const known = this.batches.at(-1);
    let batch = known?.batch;
    if (!known) {
      const query = new URLSearchParams({ person: this.person });
      batch = (await callServer(`${this.api}/grid/last?${query}`)).batch;
    }
    if (!batch) return { labels: 0, items: [] };
    try {
      const { labels } = await callServer(`${this.api}/grid/undo`, { batch, person: this.person });
      this.forget(known);
      return { labels, items: known?.items ?? null };
    } catch (failure) {
      if (failure.status === 400) this.forget(known); // what cannot be taken back does not block
      throw failure;
    }
  }

  forget(batch) {
    this.batches = this.batches.filter((other) => other !== batch);
  }

  dispose() {
    if (this.outbox) this.outbox.onchange = this.outbox.onrefused = () => {};
  }
}
