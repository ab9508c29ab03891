"""A dataset of drawn digits: real enough to look at, made in a moment."""

import hashlib
import json

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ssl_core.datasets.dataset import MANIFEST, Dataset, Manifest, open_dataset
from ssl_core.files import write_json
from ssl_core.workspace import Workspace


def digits_dataset(workspace: Workspace, count: int = 1200, test: int = 300) -> Dataset:
    """A dataset of drawn digits, (28, 28, 1), with reference labels and a test split."""
    generator = np.random.default_rng(7)
    labels = generator.integers(0, 10, count).astype(np.int32)
    images = np.stack([_digit(int(label), generator) for label in labels])[..., None]
    splits = np.zeros(count, np.uint8)
    splits[count - test :] = 1
    folder = workspace.datasets / "digits"
    folder.mkdir(parents=True)
    arrays = {"images": images, "splits": splits, "reference": labels}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    names = "".join(json.dumps(f"digits/{index:05d}.png") + "\n" for index in range(count))
    (folder / "names.jsonl").write_text(names, encoding="utf-8")
    manifest = Manifest(
        identifier="digits",
        name="Drawn digits",
        source="made by a test",
        created="2026-01-01T00:00:00+00:00",
        count=count,
        shape=(28, 28, 1),
        classes=tuple(str(digit) for digit in range(10)),
        splits={"train": count - test, "test": test},
        fingerprint=hashlib.sha256(images.tobytes()).hexdigest(),
        resize_rule="Images keep their size.",
    )
    write_json(folder / MANIFEST, manifest.model_dump(mode="json"))
    return open_dataset(workspace, "digits")


def _digit(label: int, generator: np.random.Generator) -> np.ndarray:
    image = Image.new("L", (28, 28))
    place = (8 + int(generator.integers(-2, 3)), 2 + int(generator.integers(-2, 3)))
    font = ImageFont.load_default(size=20)
    ImageDraw.Draw(image).text(place, str(label), fill=255, font=font)
    turned = image.rotate(float(generator.uniform(-20, 20)))
    noise = generator.integers(0, 40, (28, 28))
    return np.clip(np.asarray(turned).astype(int) + noise, 0, 255).astype(np.uint8)
