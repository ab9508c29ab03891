// An item as it is shown: large on the stage, small around it.

const SMALL = 128; // longer side of a small picture, pixels
const SNIPPET = 90; // characters of a text in a small place

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

// A text. It has nothing to wait for.
class Sheet {
  constructor(item, text, onready) {
    this.item = item;
    this.ready = true;
    this.text = text;
    this.large = document.createElement("article");
    this.large.className = "large text";
    this.large.dir = "auto";
    this.large.textContent = text;
    onready(item);
  }

  get small() {
    this.strip ??= this.copy();
    return this.strip;
  }

  copy() {
    const snippet = document.createElement("span");
    snippet.className = "small snippet";
    snippet.dir = "auto";
    snippet.textContent = this.text.slice(0, SNIPPET);
    return snippet;
  }
}
