"""A dataset of texts with a categorical, a binary and a regression head."""

import hashlib
import json

import numpy as np

from ssl_core.datasets.dataset import MANIFEST, Dataset, Manifest, open_dataset
from ssl_core.files import write_json
from ssl_core.heads import Head
from ssl_core.workspace import Workspace

TOPICS = ("sport", "money", "weather")
HEADS = (
    Head(name="topic", title="Topic", classes=TOPICS),
    Head(name="urgent", title="Urgent", kind="binary", classes=("no", "yes")),
    Head(name="age", title="Age", kind="regression", unit="years"),
)
LONG = " It goes on and on, and then some more is said about it." * 60


def make_texts(
    workspace: Workspace,
    count: int = 30,
    test: int = 6,
    name: str = "letters",
    heads: tuple[Head, ...] = HEADS,
) -> Dataset:
    """Item k has topic k % 3, is urgent where k is odd, and is 20 + k / 2 years old.

    Item 0 has no age. Every seventh text is long.
    """
    folder = workspace.datasets / name
    (folder / "references").mkdir(parents=True)
    numbers = np.arange(count)
    texts = [
        f"Letter {item} is about {TOPICS[item % 3]}.{LONG if item % 7 == 0 else ''}"
        for item in range(count)
    ]
    _lines(folder / "texts", texts)
    _lines(folder / "names", [f"row {item + 2}" for item in range(count)])
    splits = np.zeros(count, np.uint8)
    splits[count - test :] = 1
    age = 20 + numbers / 2
    age[0] = np.nan
    np.save(folder / "splits.npy", splits)
    np.save(folder / "reference.npy", (numbers % 3).astype(np.int32))
    np.save(folder / "references" / "urgent.npy", (numbers % 2).astype(np.int32))
    np.save(folder / "references" / "age.npy", age)
    np.save(folder / "numeric.npy", np.stack([numbers, numbers / 4], 1).astype(np.float32))
    manifest = Manifest(
        identifier=name,
        name=name,
        source="made by a test",
        created="2026-01-01T00:00:00+00:00",
        kind="texts",
        count=count,
        shape=(0, 0, 0),
        classes=TOPICS,
        heads=heads,
        columns=("length", "weight"),
        splits={"train": count - test, "test": test} if test else {"train": count},
        fingerprint=hashlib.sha256(name.encode()).hexdigest(),
        resize_rule="",
    )
    write_json(folder / MANIFEST, manifest.model_dump(mode="json"))
    return open_dataset(workspace, name)


def _lines(path, texts: list[str]) -> None:
    lines = [(json.dumps(text) + "\n").encode() for text in texts]
    path.with_suffix(".jsonl").write_bytes(b"".join(lines))
    places = np.cumsum([0, *map(len, lines)])[:-1].astype(np.int64)
    np.save(path.with_suffix(".idx.npy"), places)
