"""Small image files, good and odd, made for the tests of this folder."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.datasets.importer import ImportSource, run_import
from ssl_core.workspace import Workspace


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """`image` as a file of the format `kind`."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def plain_png(value: int = 100, size: tuple[int, int] = (8, 8), mode: str = "RGB") -> bytes:
    """A PNG of one colour; size is (width, height)."""
    colour = value if mode == "L" else (value,) * len(mode)
    return encoded(Image.new(mode, size, colour))


def write_tree(root: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below `root`; names may have folders."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    """A zip archive with the given files."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def imported(
    workspace: Workspace,
    path: Path,
    name: str = "set",
    size: int | None = None,
    labels_csv: Path | None = None,
) -> Dataset:
    """Import `path` and open the dataset."""
    table = None if labels_csv is None else str(labels_csv)
    source = ImportSource(location=str(path), name=name, size=size, labels_csv=table)
    return open_dataset(workspace, run_import(workspace, source).identifier)


def reasons(dataset: Dataset) -> dict[str, str]:
    """File -> reason of what was left out."""
    return {entry.file: entry.reason for entry in dataset.manifest.skipped}


def is_clean(workspace: Workspace) -> bool:
    """Whether nothing of an import is left in the workspace."""
    return not list(workspace.datasets.iterdir())


def ramp(count: int, *shape: int) -> NDArray[np.uint8]:
    """Images (count, *shape) that differ from each other, values 0 to 255."""
    return np.random.default_rng(count).integers(0, 256, (count, *shape), dtype=np.uint8)


Make = Callable[[], bytes]
