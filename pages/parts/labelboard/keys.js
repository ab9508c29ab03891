// From a key to what it does.

const SCROLLED = { arrowdown: 0.2, arrowup: -0.2, pagedown: 0.9, pageup: -0.9 }; // of the height

const PRESSED = 'button, a, summary, input[type="checkbox"]'; // what takes a space or Enter alone

// Whether the key belongs to what a person is typing or has the focus on.
function isForOthers(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return true;
  const target = event.composedPath()[0];
  // An empty field for a number is no typing yet: what means nothing in it goes to the board.
  const empty = target.matches?.("input.number") && !target.value;
  const meant = /^( |Backspace|Escape|Arrow.*|Page.*)$/.test(event.key);
  if (empty && meant) return false;
  // The answer as it stands, wholly selected: Delete takes it away.
  if (event.key === "Delete" && target.matches?.("input.number") && asItWas(target)) return false;
  // A choice of what comes next keeps only the keys that choose.
  if (target.matches?.("select.next")) {
    return /^( |Enter|Tab|Escape|Home|End|Arrow.*|Page.*)$/.test(event.key);
  }
  const pressed = target.matches?.(PRESSED);
  const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  if (typing && !pressed) return true;
  if (document.querySelector('[role="dialog"]')) return true;
  const focused = pressed && target.matches(":focus-visible");
  return focused && (event.key === " " || event.key === "Enter");
}

function asItWas(field) {
  const { value, defaultValue, selectionStart, selectionEnd } = field;
  return value === defaultValue && selectionStart === 0 && selectionEnd === value.length;
}

// What `event` does on `board`, or null. A key that comes `late` was no answer to this item.
function actOf(board, event) {
  const { model } = board;
  const key = event.key.toLowerCase();
  const late = event.timeStamp < board.heedFrom;
  const chosen = model.classes.find((one) => one.key === key);
  if (chosen) return () => !late && board.label(chosen.identifier);
  if (key === " ") return () => !late && board.skip();
  if (key === "backspace") return () => board.undo();
  if (key === "escape" && model.editing !== null) return () => board.edit(null);
  if (model.several && key === "delete") return () => !late && board.takeAway();
  if (model.several && key === "arrowright") return () => board.turnTo(model.headBeside(1));
  if (model.several && key === "arrowleft") return () => board.turnTo(model.headBeside(-1));
  if (model.noun === "text" && key in SCROLLED) {
    return () => board.view.scroll(SCROLLED[key]);
  }
  return null;
}
