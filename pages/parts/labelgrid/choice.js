// What the grid shows and what is chosen of it, without waiting for the server.

class Choice {
  constructor(noun) {
    this.noun = noun; // "image" or "text"
    this.heads = []; // {name, title, kind, classes}, the main one first
    this.counts = {}; // by identifier of a class
    this.head = null; // the head that is answered
    this.items = []; // in the order shown
    this.scores = null; // of these items, shares in [0, 1]; null where the order has none
    this.total = 0; // items that wait for an answer, of which these are a page
    this.chosen = new Set(); // items, also of other pages
    this.given = new Map(); // item -> identifier of the class given since it is on screen
    this.anchor = 0; // place from which a range goes on
    this.focus = 0; // place that the arrows have reached
  }

  get several() {
    return this.heads.length > 1;
  }

  get classes() {
    return this.head?.classes ?? [];
  }

  classOf(value, head = this.head) {
    return head?.classes.find((one) => one.identifier === value);
  }

  takeSchema(answer) {
    const [main, ...others] = answer.heads;
    this.heads = [{ ...main, classes: answer.classes }, ...others];
    this.counts = answer.counts;
    const name = answer.head ?? this.head?.name;
    this.head = this.heads.find((head) => head.name === name) ?? this.heads[0];
  }

  // `fresh`: whether its classes and counts are those of now.
  takePage(answer, fresh) {
    if (fresh) this.takeSchema(answer);
    this.items = answer.items;
    this.scores = answer.scores;
    this.total = answer.total;
    this.given = new Map();
    this.anchor = this.focus = 0;
  }

  // Items on screen that still wait for an answer and are not chosen.
  get rest() {
    return this.items.filter((item) => !this.chosen.has(item) && !this.given.has(item));
  }

  get waiting() {
    return this.items.filter((item) => !this.given.has(item)).length;
  }

  get chosenHere() {
    return this.items.filter((item) => this.chosen.has(item));
  }

  set(places, on) {
    for (const place of places) {
      const item = this.items[place];
      if (on) this.chosen.add(item);
      else this.chosen.delete(item);
    }
  }

  toggle(place) {
    this.set([place], !this.chosen.has(this.items[place]));
    this.anchor = place;
  }

  // From the anchor to `place`, both in, as the anchor is.
  range(place) {
    const [from, to] = [this.anchor, place].sort((left, right) => left - right);
    const on = this.chosen.has(this.items[this.anchor]) || from === to;
    this.set(Array.from({ length: to - from + 1 }, (_, step) => from + step), on);
  }

  give(items, value) {
    for (const item of items) {
      const before = this.given.get(item);
      if (before !== undefined) this.counts[before] -= 1;
      this.given.set(item, value);
      this.chosen.delete(item);
    }
    this.counts[value] = (this.counts[value] ?? 0) + items.length;
  }

  takeBack(items) {
    for (const item of items) {
      const before = this.given.get(item);
      if (before !== undefined) this.counts[before] = Math.max(0, this.counts[before] - 1);
      this.given.delete(item);
    }
  }
}
