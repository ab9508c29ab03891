// What is on screen and what each act does to it, without waiting for the server.

const WANTED_FIRST = 24; // images ahead, in the first answer: little, so that it is quick
const WANTED = 120; // and from then on: six seconds of fast typing without a server
const REFILL_BELOW = 90;
const IMAGES_KEPT = 300;
const LATEST = 12;
const SMALL = 128; // longer side of a small picture, pixels
const AT_ONCE = 4; // pictures made in one go, so that none delays a key

class Picture {
  constructor(item, url, onready) {
    this.item = item;
    this.decoded = false;
    this.large = new Image();
    this.large.className = "large";
    this.large.alt = `Image ${item}`;
    this.large.draggable = false;
    this.large.decoding = "sync";
    this.large.src = url;
    this.large.decode().then(
      () => {
        this.decoded = true;
        onready(item);
      },
      () => {},
    );
  }

  get ready() {
    return this.decoded && this.large.complete && this.large.naturalWidth > 0;
  }

  // The one for the strip; null while the large one is on its way.
  get small() {
    if (!this.strip && this.ready) this.strip = this.copy();
    return this.strip ?? null;
  }

  // A small drawing: cheaper than a second image, which the browser would load and decode again.
  copy() {
    const { naturalWidth, naturalHeight } = this.large;
    const scale = Math.min(1, SMALL / Math.max(naturalWidth, naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.className = "small";
    canvas.width = Math.max(1, Math.round(naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(naturalHeight * scale));
    canvas.getContext("2d").drawImage(this.large, 0, 0, canvas.width, canvas.height);
    return canvas;
  }
}

class Model {
  constructor() {
    this.classes = [];
    this.counts = {};
    this.goal = 1;
    this.total = 0;
    this.pool = 0;
    this.done = 0;
    this.median = null;
    this.queue = [];
    this.seen = []; // items just dealt with, newest first: {item, value}
    this.recent = []; // {item, value}, newest first
    this.history = []; // what undo takes back, newest first
    this.pictures = new Map();
    this.arrived = new Map(); // item -> address of an image that is no picture yet
    this.editing = null; // item whose answer is being changed
    this.exhausted = false; // the server has no more items
    this.acts = 0;
    this.touched = new Map(); // item -> number of the act that touched it last
    this.onready = () => {}; // called with an item once its picture can be shown
  }

  get current() {
    return this.editing ?? this.queue[0];
  }

  picture(item) {
    return this.pictures.get(item);
  }

  classOf(identifier) {
    return this.classes.find((one) => one.identifier === identifier);
  }

  valueOf(item) {
    return this.recent.find((label) => label.item === item)?.value ?? null;
  }

  takeImages(images) {
    for (const [key, url] of Object.entries(images)) this.arrived.set(Number(key), url);
  }

  // Make pictures of a few images that arrived, the next in the queue first. True while more wait.
  makePictures() {
    const next = this.inUse().filter((item) => this.arrived.has(item));
    const order = next.length ? next : Array.from(this.arrived.keys());
    for (const item of order.slice(0, AT_ONCE)) this.makePicture(item);
    if (this.pictures.size > IMAGES_KEPT) this.dropPictures();
    return this.arrived.size > 0;
  }

  makePicture(item) {
    const url = this.arrived.get(item);
    this.arrived.delete(item);
    if (!url || this.pictures.has(item)) return;
    this.pictures.set(item, new Picture(item, url, (ready) => this.onready(ready)));
  }

  // The picture to show now, made at once where its image has arrived.
  pictureNow(item) {
    this.makePicture(item);
    return this.pictures.get(item);
  }

  dropPictures() {
    const needed = new Set(this.inUse());
    for (const item of this.pictures.keys()) {
      if (this.pictures.size <= IMAGES_KEPT) break;
      if (!needed.has(item)) this.pictures.delete(item);
    }
  }

  holds(item) {
    return this.pictures.has(item) || this.arrived.has(item);
  }

  // Items whose picture is on screen or may be within a few acts.
  inUse() {
    return [
      ...this.queue,
      ...this.seen.map((entry) => entry.item),
      ...this.recent.map((label) => label.item),
      ...this.history.slice(0, LATEST).map((action) => action.item),
      ...(this.editing === null ? [] : [this.editing]),
    ];
  }

  takeSchema(answer) {
    this.classes = answer.classes;
    this.counts = answer.counts;
    this.goal = answer.goal;
  }

  // `stale`: items that the server did not know the latest of when it answered. The first stays:
  // the image on screen must not change under the person's eyes.
  takeQueue(queue, stale) {
    const ahead = queue.filter((item) => !stale.has(item));
    const first = this.queue[0];
    this.queue = first !== undefined ? [first, ...ahead.filter((item) => item !== first)] : ahead;
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

  // Each act below returns the fields of its event.

  label(value, event) {
    const item = this.current;
    const before = this.editing === null ? null : this.valueOf(item);
    this.history.unshift({ event, item, kind: "label", value, before });
    this.touch(item);
    this.count(value, 1);
    if (before === null) {
      this.total += 1;
      this.done += 1;
    } else {
      this.count(before, -1);
    }
    if (this.editing === null) this.leave(value);
    this.editing = null;
    this.recent = [{ item, value }, ...this.recent.filter((other) => other.item !== item)];
    this.recent.length = Math.min(this.recent.length, LATEST);
    return { kind: "label", item, value };
  }

  skip(event) {
    const item = this.queue[0];
    this.history.unshift({ event, item, kind: "skip", value: null, before: null });
    this.touch(item);
    this.leave(null);
    return { kind: "skip", item };
  }

  leave(value) {
    const item = this.queue.shift();
    this.seen = [{ item, value }, ...this.seen.filter((entry) => entry.item !== item)];
    this.seen.length = Math.min(this.seen.length, LATEST);
  }

  undo() {
    const action = this.history.shift();
    if (!action) return null;
    const { item, value, before } = action;
    this.editing = null;
    this.touch(item);
    if (value !== null) this.count(value, -1);
    this.recent = this.recent.filter((label) => label.item !== item);
    if (before !== null) {
      this.count(before, 1);
      this.recent.unshift({ item, value: before });
    } else {
      if (value !== null) {
        this.total -= 1;
        this.done -= 1;
      }
      this.forget(item);
      this.queue.unshift(item);
      this.seen = this.seen.filter((entry) => entry.item !== item);
    }
    return { kind: "undo", item, target: action.event };
  }

  count(identifier, change) {
    this.counts[identifier] = Math.max(0, (this.counts[identifier] ?? 0) + change);
  }
}
