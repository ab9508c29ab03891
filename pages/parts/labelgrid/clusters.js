// All clusters of a run: each with its surest items, its size, and what is labelled of it.

class ClusterCards {
  constructor(model, open) {
    this.model = model;
    this.open = open;
    this.counts = new Map(); // name of a cluster -> [class, labels] pairs, the commonest first
    this.element = make("div", "cards", { role: "list" });
  }

  // `checked`: name of a cluster -> what a spot check said of it.
  async show(answer, checked) {
    this.element.setAttribute("aria-busy", "true");
    const frames = [];
    this.counts = new Map(answer.clusters.map(({ name, counts }) => [name, counts]));
    const cards = answer.clusters.map((cluster) => {
      const montage = make("span", "montage");
      for (const _ of cluster.shown) {
        const frame = make("span", "picture", { dir: "auto" });
        frames.push(frame);
        montage.append(frame);
      }
      return this.card(cluster, montage, checked.get(cluster.name));
    });
    this.element.classList.toggle("texts", Boolean(answer.texts));
    this.element.replaceChildren(...cards);
    if (answer.texts) {
      answer.texts.forEach((text, place) => (frames[place].textContent = text));
    } else if (frames.length) {
      const before = this.images;
      this.images = await showSheets(answer, frames);
      forgetSheets(before);
    }
    this.element.setAttribute("aria-busy", "false");
  }

  card(cluster, montage, purity) {
    const { noun } = this.model;
    const title = make("strong", "", { textContent: `Cluster ${cluster.name}` });
    const size = make("span", "quiet", {
      textContent: `${plural(cluster.size, noun)}, ${number(cluster.open)} unlabelled`,
    });
    const text = make("span", "words", {}, title, size);
    const known = this.labelled(cluster);
    if (known) text.append(make("span", "quiet", { textContent: known, dir: "auto" }));
    if (purity) text.append(make("span", "quiet", { textContent: purityText(purity) }));
    const card = button("card", "", () => this.open(cluster.name));
    card.append(montage, text);
    card.classList.toggle("done", cluster.open === 0);
    card.dataset.cluster = cluster.name;
    return make("div", "", { role: "listitem" }, card);
  }

  // "labelled: 12 of 7, 3 of 9"
  labelled(cluster) {
    const parts = cluster.counts.slice(0, 3).map(([identifier, count]) => {
      const name = this.model.classOf(identifier)?.name ?? "?";
      return `${number(count)} × ${name}`;
    });
    const more = cluster.counts.length > 3 ? " …" : "";
    return parts.length ? `labelled: ${parts.join(", ")}${more}` : "";
  }
}

function percent(share) {
  return `${(100 * share).toFixed(1)}\u2009%`;
}

function purityText(found) {
  const range = `${(100 * found.low).toFixed(1)}–${percent(found.high)}`;
  return `purity ${percent(found.share)} (${range}), from ${found.checked} checked`;
}

// The clusters that were split in two, kept in this browser for each run and number of groups.
class Splits {
  constructor(dataset) {
    this.dataset = dataset;
  }

  key({ run, groups }) {
    return `handful-splits/${this.dataset}/${run}/${groups}`;
  }

  of(shown) {
    try {
      return JSON.parse(localStorage.getItem(this.key(shown)) ?? "[]").map(String);
    } catch {
      return (this.kept ??= {})[this.key(shown)] ?? []; // storage switched off
    }
  }

  set(shown, names) {
    try {
      localStorage.setItem(this.key(shown), JSON.stringify(names));
    } catch {
      (this.kept ??= {})[this.key(shown)] = names;
    }
  }

  with(shown, name) {
    return [...this.of(shown).filter((other) => other !== name), name];
  }

  // The halves of `name` together again, with all that was split inside them.
  without(shown, name) {
    return this.of(shown).filter((other) => !other.startsWith(name));
  }
}
