"""The pictures of a run made by hand: one panel of every kind."""

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from ssl_core.datasets.dataset import Dataset

Payload = dict[str, object]
INFOS: dict[str, Payload] = {
    "confusion": {
        "kind": "matrix",
        "title": "Confusion on the validation labels",
        "help": "Rows: the label given. Columns: the answer.",
    },
    "confidence": {
        "kind": "histogram",
        "title": "Confidence on unlabelled images",
        "uses_reference_labels": True,
    },
    "reconstruction": {
        "kind": "image_grid",
        "title": "Reconstruction",
        "help": "Sixteen fixed images.",
        "rows": ["input", "with noise", "reconstruction"],
        "columns": 16,
    },
    "embedding": {"kind": "scatter", "title": "Features in two dimensions"},
}


def write_panels(
    folder: Path,
    dataset: Dataset,
    method: str,
    done: int,
    ceiling: float,
    generator: np.random.Generator,
    names: tuple[str, ...],
) -> None:
    """Six steps of every panel that `method` has, for a run that ends near accuracy `ceiling`."""
    steps = sorted({max(1, done * part // 6) for part in range(1, 7)})

    def confusion(step: int) -> Payload:
        right = ceiling * (1 - np.exp(-step / 250))
        values = generator.poisson(3 * (1 - right), (len(names), len(names)))
        values += np.diag(generator.poisson(60 * right, len(names)))
        titles = {"row_title": "label", "column_title": "prediction", "unit": "images"}
        return {"values": values.tolist(), "rows": names, "columns": names, **titles}

    def confidence(step: int) -> Payload:
        counts = generator.poisson(40 * np.linspace(0.3, 2, 20) ** 2)
        titles = {"title_x": "highest probability", "unit": ""}
        return {"edges": np.linspace(0, 1, 21).tolist(), "counts": counts.tolist(), **titles}

    def embedding(step: int) -> Payload:
        groups = generator.integers(0, len(names), 200)
        x = (groups + generator.normal(0, 0.4, 200)).round(3).tolist()
        y = (groups % 3 + generator.normal(0, 0.4, 200)).round(3).tolist()
        titles = {"title_x": "component 1", "title_y": "component 2"}
        return {"x": x, "y": y, "group": [names[group] for group in groups], **titles}

    def reconstruction(step: int) -> bytes:
        return picture_grid(np.asarray(dataset.images[:16]), min(1.0, step / 900), generator)

    drawn = {"confusion": confusion, "confidence": confidence}
    if method == "autoencoder":
        drawn |= {"reconstruction": reconstruction, "embedding": embedding}
    for name, draw in drawn.items():
        place = folder / "panels" / name
        place.mkdir(parents=True)
        (place / "panel.json").write_text(json.dumps(INFOS[name]))
        for step in steps:
            content = draw(step)
            ending = "png" if isinstance(content, bytes) else "json"
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            (place / f"{step:08d}.{ending}").write_bytes(raw)


def picture_grid(images: np.ndarray, quality: float, generator: np.random.Generator) -> bytes:
    """PNG of images (n, h, w, 1) in three rows: as they are, noisy, and as sharp as `quality`."""
    noisy = np.clip(images + generator.normal(0, 40, images.shape), 0, 255)
    blurred = quality * images + (1 - quality) * images.mean(axis=0, keepdims=True)
    rows = [np.concatenate(list(row[..., 0]), axis=1) for row in (images, noisy, blurred)]
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(rows).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()
