// What is on screen and what each act does to it, without waiting for the server.

const WANTED_FIRST = 24; // items ahead, in the first answer: little, so that it is quick
const WANTED = 120; // and from then on: six seconds of fast typing without a server
const REFILL_BELOW = 90;
const PICTURES_KEPT = 300;
const LATEST = 12;
const AT_ONCE = 4; // pictures made in one go, so that none delays a key

class Model {
  constructor(noun) {
    this.noun = noun; // "image" or "text"
    this.heads = []; // {name, title, kind, unit, asked, classes}, the main one first
    this.counts = {}; // by identifier of a class, of all heads
    this.goal = 1;
    this.total = 0;
    this.pool = 0;
    this.done = 0;
    this.median = null;
    this.queue = [];
    this.seen = []; // items just dealt with, newest first: {item, mark}
    this.recent = []; // {item}, answered last, newest first
    this.history = []; // what undo takes back, newest first
    this.given = new Map(); // item -> {name of a head: answer}
    this.passed = new Set(); // heads skipped on the present item
    this.chosen = null; // name of the head that a person turned to
    this.pictures = new Map();
    this.arrived = new Map(); // item -> address of an image, or a text, that is no picture yet
    this.columns = []; // names of the numbers beside an item
    this.numbers = new Map(); // item -> those numbers
    this.editing = null; // item whose answers are being changed
    this.exhausted = false; // the server has no more items
    this.next = null; // how the next items are chosen, and who labels: `next` of the board
    this.again = {}; // item -> why it is asked again, or first
    this.elsewhere = 0; // items without an answer that other people have
    this.acts = 0;
    this.changes = 0; // of classes, heads and goal, made here
    this.touched = new Map(); // item -> number of the act that touched it last
    this.onready = () => {}; // called with an item once its picture can be shown
  }

  get current() {
    return this.editing ?? this.queue[0];
  }

  get several() {
    return this.heads.length > 1;
  }

  get asked() {
    return this.heads.filter((head) => head.asked);
  }

  // The head that the next key answers: the one turned to, else the first that is still open.
  get head() {
    const named = this.chosen && this.heads.find((head) => head.name === this.chosen);
    return named || this.openHead(this.current) || this.asked[0];
  }

  get classes() {
    return this.head?.classes ?? [];
  }

  openHead(item) {
    return this.asked.find(
      ({ name }) => this.answerOf(item, name) === null && !this.passed.has(name),
    );
  }

  answerOf(item, name) {
    return this.given.get(item)?.[name] ?? null;
  }

  complete(item) {
    return this.asked.every(({ name }) => this.answerOf(item, name) !== null);
  }

  // The class of the answer to a head; undefined for a number and where there is none.
  classOf(value, head = this.heads[0]) {
    return head?.classes.find((one) => one.identifier === value);
  }

  textOf(value, head) {
    if (head.kind === "regression") return head.unit ? `${value} ${head.unit}` : String(value);
    return this.classOf(value, head)?.name ?? "?";
  }

  // What stands at an item that was dealt with, by its first answer: {name, colour}.
  markOf(item) {
    const head = this.heads.find(({ name }) => this.answerOf(item, name) !== null);
    if (!head) return undefined;
    const value = this.answerOf(item, head.name);
    return { name: this.textOf(value, head), colour: this.classOf(value, head)?.colour };
  }

  // The name of the head after the present one (1), or before it (-1), round and round.
  headBeside(step) {
    const names = this.asked.map((head) => head.name);
    const place = names.indexOf(this.head?.name) + step;
    return names[(place + names.length) % names.length];
  }

  picture(item) {
    return this.pictures.get(item);
  }

  takeItems(answer) {
    for (const [key, content] of Object.entries(answer.images ?? answer.texts ?? {})) {
      this.arrived.set(Number(key), content);
    }
    this.columns = answer.columns ?? [];
    for (const [key, numbers] of Object.entries(answer.numbers ?? {})) {
      this.numbers.set(Number(key), numbers);
    }
  }

  // Make pictures of a few items that arrived, the next in the queue first. True while more wait.
  makePictures() {
    const next = this.inUse().filter((item) => this.arrived.has(item));
    const order = next.length ? next : Array.from(this.arrived.keys());
    for (const item of order.slice(0, AT_ONCE)) this.makePicture(item);
    if (this.pictures.size > PICTURES_KEPT) this.dropPictures();
    return this.arrived.size > 0;
  }

  makePicture(item) {
    const content = this.arrived.get(item);
    this.arrived.delete(item);
    if (content === undefined || this.pictures.has(item)) return;
    const Kind = this.noun === "text" ? Sheet : Picture;
    this.pictures.set(item, new Kind(item, content, (ready) => this.onready(ready)));
  }

  // The picture to show now, made at once where its content has arrived.
  pictureNow(item) {
    this.makePicture(item);
    return this.pictures.get(item);
  }

  dropPictures() {
    const needed = new Set(this.inUse());
    for (const item of this.pictures.keys()) {
      if (this.pictures.size <= PICTURES_KEPT) break;
      if (needed.has(item)) continue;
      this.pictures.delete(item);
      this.numbers.delete(item);
    }
  }

  holds(item) {
    return this.pictures.has(item) || this.arrived.has(item);
  }

  // Items whose picture is on screen or may be within a few acts, those to make first in front:
  // behind the whole queue the latest labels would be empty for seconds.
  inUse() {
    return [
      ...this.queue.slice(0, AT_ONCE),
      ...this.recent.map((label) => label.item),
      ...this.queue.slice(AT_ONCE),
      ...this.seen.map((entry) => entry.item),
      ...this.history.slice(0, LATEST).map((action) => action.item),
      ...(this.editing === null ? [] : [this.editing]),
    ];
  }

  takeSchema(answer) {
    const [main, ...others] = answer.heads;
    this.heads = [{ ...main, classes: answer.classes }, ...others];
    this.counts = answer.counts;
    this.goal = answer.goal;
  }

  // What the server answers to a change that was made here.
  changed(answer) {
    this.changes += 1;
    this.takeSchema(answer);
  }

  // `stale`: items that the server did not know the latest of when it answered. The first stays:
  // the item on screen must not change under the person's eyes.
  takeQueue(queue, stale) {
    const ahead = queue.filter((item) => !stale.has(item));
    const first = this.queue[0];
    this.queue = first !== undefined ? [first, ...ahead.filter((item) => item !== first)] : ahead;
  }

  takeAnswers(answer, stale) {
    const items = [...answer.queue, ...answer.recent.map((label) => label.item)];
    for (const item of [...items, ...Object.keys(answer.answers).map(Number)]) {
      if (!stale.has(item)) this.given.set(item, answer.answers[item] ?? {});
    }
  }

  takeNext(answer) {
    this.next = answer.next;
    this.again = answer.again;
    this.elsewhere = answer.elsewhere;
  }

  takeFigures(answer) {
    this.total = answer.total;
    this.pool = answer.pool;
    this.done = answer.done;
    this.median = answer.median;
    this.recent = answer.recent;
    this.history = answer.history;
  }

  forget(item) {
    this.queue = this.queue.filter((other) => other !== item);
  }

  touch(item) {
    this.acts += 1;
    this.touched.set(item, this.acts);
  }

  touchedSince(act) {
    return Array.from(this.touched)
      .filter((entry) => entry[1] > act)
      .map((entry) => entry[0]);
  }
}
