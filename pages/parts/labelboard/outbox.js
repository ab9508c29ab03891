// The outbox: an event leaves it only when the server has said that it is on disk.
//
// Each event has a localStorage key of its own, so two tabs never overwrite each other's list.
// Sending twice is harmless: the server keeps one of each id.

const SEND_WITHIN = 60; // milliseconds; the board sends sooner, once the next image is painted
const BATCH = 400; // events in one request
const LONGEST_WAIT = 5000; // milliseconds between two tries
const SEND_TIMEOUT = 20000; // milliseconds

function newId() {
  // crypto.randomUUID exists only on https and localhost.
  if (globalThis.crypto && crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function callServer(address, body, timeout = SEND_TIMEOUT) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  try {
    const answer = await fetch(address, {
      method: body === undefined ? "GET" : "POST",
      headers: { "Content-Type": "application/json", "X-Handful": "1" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: stop.signal,
      cache: "no-store",
    });
    const content = await answer.json().catch(() => null);
    if (answer.ok && content) return content;
    const failure = new Error((content && content.error) || "");
    failure.status = answer.status;
    throw failure;
  } finally {
    clearTimeout(timer);
  }
}

class Outbox {
  constructor(api, store) {
    this.api = api;
    this.store = store;
    this.prefix = `handful/${store}/`;
    this.waiting = new Map(); // event id -> {order, event}, oldest first
    this.unkept = new Set(); // event ids that only this page knows
    this.askFirst = (event) => event.preventDefault();
    this.last = 0;
    this.sending = false;
    this.failures = 0;
    this.trouble = null; // null, or {offline: boolean, reason: string}
    this.onchange = () => {};
    this.onrefused = () => {};
    this.load();
    window.addEventListener("online", () => this.flush(true));
  }

  // Take up what an earlier page, or another tab that is gone, left behind.
  load() {
    const found = [];
    try {
      for (let index = 0; index < localStorage.length; index += 1) {
        const key = localStorage.key(index);
        if (!key.startsWith(this.prefix)) continue;
        const entry = JSON.parse(localStorage.getItem(key));
        if (!this.waiting.has(entry.event.event)) found.push(entry);
      }
    } catch {
      // Storage switched off: the outbox then lives as long as the page.
    }
    found.sort((left, right) => left.order - right.order);
    for (const entry of found) {
      this.waiting.set(entry.event.event, entry);
      this.last = Math.max(this.last, entry.order);
    }
  }

  add(event) {
    this.last = Math.max(this.last + 1, Date.now());
    const entry = { order: this.last, event };
    this.waiting.set(event.event, entry);
    try {
      localStorage.setItem(this.prefix + event.event, JSON.stringify(entry));
    } catch {
      this.unkept.add(event.event); // storage full or switched off
      window.addEventListener("beforeunload", this.askFirst);
    }
    this.onchange();
    this.sendTimer ??= setTimeout(() => this.flush(), SEND_WITHIN);
  }

  get size() {
    return this.waiting.size;
  }

  items() {
    return new Set(Array.from(this.waiting.values(), (entry) => entry.event.item));
  }

  async flush(now = false) {
    clearTimeout(this.sendTimer);
    this.sendTimer = undefined;
    if (this.sending || !this.waiting.size || (this.failures && !now)) return;
    this.sending = true;
    clearTimeout(this.timer);
    const batch = Array.from(this.waiting.values(), (entry) => entry.event).slice(0, BATCH);
    try {
      const answer = await callServer(`${this.api}/events`, { store: this.store, events: batch });
      for (const id of answer.acknowledged) this.drop(id);
      for (const refusal of answer.refused) {
        this.drop(refusal.event);
        this.onrefused(refusal.reason);
      }
      this.failures = 0;
      this.trouble = null;
    } catch (failure) {
      this.failures += 1;
      this.trouble = { offline: failure.status === undefined, reason: failure.message };
      // 404 and 409: the dataset is gone or another one, and stays so until the page is loaded.
      if (failure.status !== 404 && failure.status !== 409) {
        const wait = Math.min(LONGEST_WAIT, 250 * 2 ** this.failures);
        this.timer = setTimeout(() => {
          this.load();
          this.flush(true);
        }, wait);
      }
    }
    this.sending = false;
    this.onchange();
    this.flush();
  }

  drop(id) {
    this.waiting.delete(id);
    if (this.unkept.delete(id) && !this.unkept.size) {
      window.removeEventListener("beforeunload", this.askFirst);
    }
    try {
      localStorage.removeItem(this.prefix + id);
    } catch {
      // As above.
    }
  }
}

// One outbox a store and browser tab: it goes on sending when the page is left for another screen.
function outboxFor(api, store) {
  const known = (globalThis.handfulOutboxes ??= new Map());
  if (!known.has(store)) known.set(store, new Outbox(api, store));
  return known.get(store);
}
