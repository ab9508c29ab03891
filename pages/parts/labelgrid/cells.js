// The cells of the grid: one an item, chosen by pointer or keys.

const DRAGGED_FROM = 6; // pixels; a pointer that moved less has clicked
const ARROWS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: "up", ArrowDown: "down" };

class Cells {
  // `changed`: called after the person chose or let go.
  constructor(model, changed) {
    this.model = model;
    this.changed = changed;
    this.cells = [];
    this.list = make("div", "cells", { role: "listbox", tabIndex: 0 });
    this.list.setAttribute("aria-multiselectable", "true");
    this.list.setAttribute("aria-label", `${model.noun}s to choose from`);
    this.band = make("div", "band", { hidden: true });
    this.element = make("div", "field", {}, this.list);
    this.list.addEventListener("pointerdown", (event) => this.press(event));
    this.list.addEventListener("pointermove", (event) => this.drag(event));
    this.list.addEventListener("pointerup", (event) => this.release(event));
    this.list.addEventListener("pointercancel", () => this.endDrag());
  }

  // The items of an answer in place of those before, pictures as soon as they are decoded.
  async show(answer) {
    const { model } = this;
    this.endDrag(); // it began on other items
    this.list.setAttribute("aria-busy", "true");
    this.cells = model.items.map((item, place) => this.newCell(item, place));
    this.list.classList.toggle("texts", Boolean(answer.texts));
    this.list.classList.toggle("plain", !model.scores);
    this.list.replaceChildren(...this.cells.map((cell) => cell.element), this.band);
    this.element.scrollTop = 0;
    for (const place of model.items.keys()) this.mark(place);
    this.moveFocus(0);
    const { cells } = this;
    if (answer.texts) {
      answer.texts.forEach((text, place) => (cells[place].frame.textContent = text));
    } else {
      const before = this.images;
      this.images = await showSheets(answer, cells.map((cell) => cell.frame));
      forgetSheets(before);
    }
    if (cells === this.cells) this.list.setAttribute("aria-busy", "false");
  }

  newCell(item, place) {
    const frame = make("span", "picture", { dir: "auto" });
    const caption = make("span", "caption");
    const element = make("div", "cell", { role: "option", id: `cell-${place}` }, frame, caption);
    element.dataset.item = item;
    return { element, frame, caption };
  }

  // How one cell looks now.
  mark(place) {
    const { model } = this;
    const item = model.items[place];
    const { element, caption } = this.cells[place];
    const chosen = model.chosen.has(item);
    const found = model.classOf(model.given.get(item));
    const score = model.scores ? `${Math.round(100 * model.scores[place])}\u2009%` : "";
    element.classList.toggle("chosen", chosen);
    element.classList.toggle("given", Boolean(found));
    element.setAttribute("aria-selected", String(chosen));
    element.style.setProperty("--mark", found?.colour ?? "transparent");
    const text = found ? found.name : score;
    if (caption.textContent !== text) caption.textContent = text;
    const says = [`${model.noun} ${item}`, found?.name, score].filter(Boolean).join(", ");
    element.setAttribute("aria-label", says);
    element.title = says;
  }

  markAll() {
    for (const place of this.cells.keys()) this.mark(place);
  }

  measure() {
    const [first, second] = this.cells.map((cell) => cell.element);
    if (!first) return null;
    const style = getComputedStyle(this.list);
    const columns = style.gridTemplateColumns.split(" ").length;
    const gap = parseFloat(style.columnGap) || 0;
    const [left, top] = [first.offsetLeft, first.offsetTop];
    const wide = second && columns > 1 ? second.offsetLeft - left : first.offsetWidth + gap;
    return { columns, left, top, wide, high: first.offsetHeight + gap, gap };
  }

  placeAt(event) {
    const cell = event.target.closest?.(".cell");
    return cell ? Number(cell.id.slice(5)) : -1;
  }

  pointOf(event) {
    const box = this.list.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  press(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.list.focus({ preventScroll: true });
    const place = this.placeAt(event);
    const from = this.pointOf(event);
    this.pressed = { place, from, shift: event.shiftKey, before: new Set(this.model.chosen) };
    this.list.setPointerCapture(event.pointerId);
  }

  drag(event) {
    const { pressed } = this;
    if (!pressed) return;
    const to = this.pointOf(event);
    const { from } = pressed;
    const far = Math.hypot(to.x - from.x, to.y - from.y) > DRAGGED_FROM;
    if (!pressed.grid && !far) return;
    pressed.grid ??= this.measure();
    if (!pressed.grid) return;
    const box = {
      left: Math.min(from.x, to.x),
      top: Math.min(from.y, to.y),
      right: Math.max(from.x, to.x),
      bottom: Math.max(from.y, to.y),
    };
    this.drawBand(box);
    this.chooseInside(box);
  }

  // Begun on a chosen cell a rectangle lets go, else it chooses, beside what was chosen before.
  chooseInside(box) {
    const { model, pressed } = this;
    const { columns, left, top, wide, high, gap } = pressed.grid;
    const on = !pressed.before.has(model.items[pressed.place]);
    const first = Math.max(0, Math.floor((box.left - left + gap) / wide));
    const last = Math.min(columns - 1, Math.floor((box.right - left) / wide));
    const upper = Math.max(0, Math.floor((box.top - top + gap) / high));
    const lower = Math.floor((box.bottom - top) / high);
    const places = [];
    for (let row = upper; row <= lower; row += 1) {
      for (let column = first; column <= last; column += 1) {
        const place = row * columns + column;
        if (place < model.items.length) places.push(place);
      }
    }
    const was = model.chosen;
    model.chosen = new Set(pressed.before);
    model.set(places, on);
    model.items.forEach((item, place) => {
      if (was.has(item) !== model.chosen.has(item)) this.mark(place);
    });
    this.changed();
  }

  drawBand(box) {
    Object.assign(this.band.style, {
      left: `${box.left}px`,
      top: `${box.top}px`,
      width: `${box.right - box.left}px`,
      height: `${box.bottom - box.top}px`,
    });
    this.band.hidden = false;
  }

  release() {
    const { pressed } = this;
    this.endDrag();
    if (!pressed || pressed.grid || pressed.place < 0) return;
    this.choose(pressed.place, pressed.shift);
  }

  endDrag() {
    this.pressed = null;
    this.band.hidden = true;
  }

  choose(place, range) {
    const { model } = this;
    const from = model.anchor;
    if (range) model.range(place);
    else model.toggle(place);
    const [low, high] = range ? [Math.min(from, place), Math.max(from, place)] : [place, place];
    for (let marked = low; marked <= high; marked += 1) this.mark(marked);
    this.moveFocus(place);
    this.changed();
  }

  moveFocus(place) {
    this.cells[this.model.focus]?.element.classList.remove("here");
    this.model.focus = place;
    const cell = this.cells[place]?.element;
    if (!cell) return this.list.removeAttribute("aria-activedescendant");
    cell.classList.add("here");
    this.list.setAttribute("aria-activedescendant", cell.id);
  }

  // Arrows walk, with Shift they choose the way; true where the key was one of them.
  walk(key, range) {
    const step = ARROWS[key];
    if (step === undefined || !this.cells.length) return false;
    const columns = this.measure().columns;
    const by = step === "up" ? -columns : step === "down" ? columns : step;
    const place = this.model.focus + by;
    if (place < 0 || place >= this.cells.length) return true;
    if (range) this.choose(place, true);
    else this.moveFocus(place);
    this.cells[place].element.scrollIntoView({ block: "nearest" });
    return true;
  }
}
