"""What hundreds of items look like, in one answer to the browser."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.sheets import sprite_sheet

SHEET = 100  # images in one sheet: the first is on screen while the others are decoded
COLUMNS = 10
LONGEST = 96  # pixels of a thumbnail's longer side
TEXT = 240  # characters of a text on its card


def contents(dataset: Dataset, items: Sequence[int]) -> dict[str, Any]:
    """`sheets` of images with the size of a `tile` in pixels, or the beginnings of `texts`."""
    if dataset.manifest.kind == "texts":
        return {"texts": [_beginning(text) for text in dataset.texts_of(items)]}
    sheets = []
    size = (0, 0)
    for start in range(0, len(items), SHEET):
        images = np.asarray(dataset.images[list(items[start : start + SHEET])])
        address, width, height = sprite_sheet(images, COLUMNS, LONGEST)
        size = (width, height)
        sheets.append(address)
    return {"sheets": sheets, "tile": list(size), "columns": COLUMNS, "sheet": SHEET}


def _beginning(text: str) -> str:
    return text if len(text) <= TEXT else f"{text[:TEXT].rstrip()} …"
