// What a person does to an item, head by head. Each act returns the fields of its event.

class Acts {
  constructor(model) {
    this.model = model;
  }

  // `value`: identifier of a class, a number, or null to take the answer away.
  label(value, event) {
    const { model } = this;
    const item = model.current;
    const { name } = model.head;
    const before = model.answerOf(item, name);
    model.history.unshift({ event, item, head: name, kind: "label", value, before });
    delete model.again[item];
    this.answer(item, name, value);
    model.passed.delete(name);
    this.goOn(item);
    return { kind: "label", item, head: name, value };
  }

  // Null where the head has an answer: it stays, and the next head is asked. To an item that is
  // asked again it is given again, which settles it.
  skip(event) {
    const { model } = this;
    const item = model.queue[0];
    const { name } = model.head;
    const known = model.answerOf(item, name);
    if (known !== null && item in model.again) return this.label(known, event);
    if (known !== null) {
      this.goOn(item);
      return null;
    }
    model.history.unshift({ event, item, head: name, kind: "skip", value: null, before: null });
    model.touch(item);
    model.passed.add(name);
    this.goOn(item);
    return { kind: "skip", item, head: name };
  }

  // To the next open head of the item, else away from it.
  goOn(item) {
    const { model } = this;
    model.chosen = null;
    if (model.openHead(item)) return;
    if (model.editing === null) this.leave();
    else this.edit(null);
  }

  leave() {
    const { model } = this;
    const item = model.queue.shift();
    const mark = model.markOf(item);
    model.seen = [{ item, mark }, ...model.seen.filter((entry) => entry.item !== item)];
    model.seen.length = Math.min(model.seen.length, LATEST);
    model.passed.clear();
  }

  // The answers of `item` are changed from now on; null: go on with the queue.
  edit(item) {
    const { model } = this;
    model.editing = item;
    model.chosen = null;
    model.passed.clear();
  }

  undo() {
    const { model } = this;
    const action = model.history.shift();
    if (!action) return null;
    const { item, head, before } = action;
    this.edit(null);
    this.answer(item, head, before);
    if (!model.complete(item)) {
      model.forget(item);
      model.queue.unshift(item);
      model.seen = model.seen.filter((entry) => entry.item !== item);
      model.chosen = head;
    }
    return { kind: "undo", item, target: action.event };
  }

  // Put an answer in its place, with all that is counted by it.
  answer(item, name, value) {
    const { model } = this;
    const before = model.answerOf(item, name);
    const complete = model.complete(item);
    const classes = model.heads.find((head) => head.name === name)?.kind !== "regression";
    model.touch(item);
    model.given.set(item, { ...model.given.get(item), [name]: value });
    if (classes && before !== null) this.count(before, -1);
    if (classes && value !== null) this.count(value, 1);
    const change = Number(model.complete(item)) - Number(complete);
    model.total += change;
    model.done += change;
    model.recent = model.recent.filter((label) => label.item !== item);
    if (model.asked.some((head) => model.answerOf(item, head.name) !== null)) {
      model.recent.unshift({ item });
    }
    model.recent.length = Math.min(model.recent.length, LATEST);
  }

  count(identifier, change) {
    const { counts } = this.model;
    counts[identifier] = Math.max(0, (counts[identifier] ?? 0) + change);
  }
}
