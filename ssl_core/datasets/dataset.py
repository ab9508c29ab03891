"""A dataset as it lies in the workspace: one manifest and a few flat arrays."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.lines import read_lines, read_lines_at
from ssl_core.errors import UserError
from ssl_core.files import read_json
from ssl_core.heads import Head, class_head
from ssl_core.workspace import Workspace, checked_identifier

SPLITS = ("train", "test", "unlabelled")
TRAIN, TEST, UNLABELLED = range(3)
HELD_OUT_SHARE = 0.2
MANIFEST = "dataset.json"
NAMES = "names.jsonl"
NAME_PLACES = "names.idx.npy"
TEXTS = "texts.jsonl"
TEXT_PLACES = "texts.idx.npy"
NUMERIC = "numeric.npy"
REFERENCE = "reference.npy"
REFERENCES = "references"  # folder: the answers to the heads after the first

Kind = Literal["images", "texts"]


class SkippedFile(BaseModel):
    """A file or row of the source that was left out, and why, in words for a person."""

    model_config = ConfigDict(frozen=True)
    file: str
    reason: str


class Manifest(BaseModel):
    """`dataset.json`: written last, so a folder without it is an import that did not end."""

    model_config = ConfigDict(frozen=True)
    format: int = 1
    identifier: str
    name: str
    source: str
    created: str  # ISO 8601, UTC
    kind: Kind = "images"
    count: int
    shape: tuple[int, int, int]  # height, width, channels; pixels; (0, 0, 0) for texts
    classes: tuple[str, ...]  # of the main head, as they came along; empty where none did
    heads: tuple[Head, ...] = ()  # as they came along, the main head first; see `all_heads`
    columns: tuple[str, ...] = ()  # names of the numeric columns beside each item
    splits: dict[str, int]  # split name -> count, only splits that have items
    fingerprint: str  # SHA-256 over items, columns, splits and reference labels, hexadecimal
    resize_rule: str  # one sentence: how images were brought to one size; empty for texts
    original_sizes: dict[str, int] = {}  # "height × width" -> count, at most 20 commonest
    skipped: tuple[SkippedFile, ...] = ()  # at most 1000
    skipped_count: int = 0
    notes: tuple[str, ...] = ()  # what the person should know, one sentence each

    @property
    def all_heads(self) -> tuple[Head, ...]:
        """The heads that came with the data; the one head `class` where none was described."""
        return self.heads or (class_head(self.classes),)

    @property
    def noun(self) -> str:
        """One item, as a word in a sentence: "image" or "text"."""
        return "text" if self.kind == "texts" else "image"

    @property
    def noun_plural(self) -> str:
        """Several items, as a word in a sentence: "images" or "texts"."""
        return f"{self.noun}s"


@dataclass(frozen=True)
class Dataset:
    """An imported dataset, opened for reading. Arrays are memory-mapped, never copied.

    Files beside the manifest: `images.npy` or `texts.jsonl`, `splits.npy`, `reference.npy`,
    `references/`, `numeric.npy` where there are columns, `names.jsonl`, and `names.idx.npy`
    (for texts also `texts.idx.npy`), (count,) int64: at which byte each line begins.
    """

    folder: Path
    manifest: Manifest

    @property
    def identifier(self) -> str:
        return self.manifest.identifier

    @cached_property
    def images(self) -> NDArray[np.uint8]:
        """(count, height, width, channels), uint8 in 0..255, channels 1 or 3.

        Raises UserError where the items are texts.
        """
        if self.manifest.kind != "images":
            raise UserError(
                f"The dataset {self.manifest.name!r} holds texts, and images were asked for. "
                "Choose something that works on texts, or a dataset of images."
            )
        return self._map("images.npy")

    @cached_property
    def texts(self) -> list[str]:
        """All texts, in memory: for training. A page asks for `texts_of` what it shows.

        Raises UserError where the items are images.
        """
        self._check_texts()
        texts = self._all_lines(TEXTS)
        if len(texts) != self.manifest.count:
            raise self._damaged(f"{TEXTS} holds {len(texts)} items, not {self.manifest.count}")
        return texts

    def texts_of(self, items: Sequence[int]) -> list[str]:
        """The texts of `items` alone, in their order. Raises UserError for a dataset of images."""
        self._check_texts()
        return self._lines_at(TEXTS, TEXT_PLACES, items)

    @cached_property
    def numeric(self) -> NDArray[np.float32] | None:
        """(count, columns), float32, NaN = missing; None where there are no numeric columns."""
        if not self.manifest.columns:
            return None
        array = self._map(NUMERIC)
        if array.shape != (self.manifest.count, len(self.manifest.columns)):
            raise self._damaged(f"{NUMERIC} has {array.shape[1:]} columns")
        return array

    def reference_of(self, head: str) -> NDArray[np.int32] | NDArray[np.float64]:
        """(count,): the answers to the head of this name that came with the data.

        int32 index into the classes of the head, -1 = none; of a regression head float64 in its
        unit, NaN = none. Raises UserError for a head that did not come with the data.
        """
        names = [known.name for known in self.manifest.all_heads]
        if head not in names:
            raise UserError(
                f"The dataset {self.manifest.name!r} came without answers to {head!r}. "
                f"Known: {', '.join(names)}."
            )
        return self.reference_labels if head == names[0] else self._other_references[head]

    @cached_property
    def _other_references(self) -> dict[str, NDArray[Any]]:
        heads = self.manifest.all_heads[1:]
        return {head.name: self._map(f"{REFERENCES}/{head.name}.npy") for head in heads}

    @cached_property
    def splits(self) -> NDArray[np.uint8]:
        """(count,), uint8: index into SPLITS."""
        return self._map("splits.npy")

    @cached_property
    def reference_labels(self) -> NDArray[np.int32]:
        """(count,), int32: answers to the main head, index into manifest.classes, -1 = none."""
        return self._map(REFERENCE)

    def names_of(self, items: Sequence[int]) -> list[str]:
        """The names of `items` alone, in their order: a million strings are not kept for a page."""
        if (self.folder / NAME_PLACES).is_file():
            return self._lines_at(NAMES, NAME_PLACES, items)
        names = self._all_lines(NAMES)  # written by an earlier version
        return [names[item] for item in items]

    @cached_property
    def item_names(self) -> list[str]:
        """The name of each item in its source, for example a path inside the archive.

        All of them stay in memory: for exports. A page asks for `names_of` what it shows.
        """
        return self._all_lines(NAMES)

    @cached_property
    def held_out(self) -> NDArray[np.bool_]:
        """(count,), bool: items whose hand labels are kept for the test figure only.

        Empty of True where the dataset has a test split. Otherwise every item of the training
        split is drawn with probability 0.2 from a generator seeded by the fingerprint: fixed for
        the life of the dataset, and so never the choice of a model.
        """
        mask = np.zeros(self.manifest.count, dtype=bool)
        if not np.any(self.splits == TEST):
            generator = np.random.default_rng(int(self.manifest.fingerprint[:16], 16))
            mask = (generator.random(self.manifest.count) < HELD_OUT_SHARE) & (self.splits == TRAIN)
        return mask

    def _map(self, name: str) -> NDArray[Any]:
        try:
            array: NDArray[Any] = np.load(self.folder / name, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:  # missing, cut off, or no array at all
            raise self._damaged(f"{name} cannot be read") from error
        if len(array) != self.manifest.count:
            raise self._damaged(f"{name} holds {len(array)} items, expected {self.manifest.count}")
        return array

    def _all_lines(self, name: str) -> list[str]:
        try:
            return list(read_lines(self.folder / name))
        except (OSError, ValueError) as error:
            raise self._damaged(f"{name} cannot be read") from error

    def _lines_at(self, name: str, places: str, items: Sequence[int]) -> list[str]:
        try:
            return read_lines_at(self.folder / name, self._places[places], items)
        except (OSError, ValueError) as error:
            raise self._damaged(f"{name} cannot be read") from error

    @cached_property
    def _places(self) -> dict[str, NDArray[np.int64]]:
        """File of places -> (count,), int64: at which byte each line begins."""
        files = (NAME_PLACES, TEXT_PLACES) if self.manifest.kind == "texts" else (NAME_PLACES,)
        return {name: self._map(name) for name in files}

    def _check_texts(self) -> None:
        if self.manifest.kind != "texts":
            raise UserError(
                f"The dataset {self.manifest.name!r} holds images, and texts were asked for. "
                "Choose something that works on images, or a dataset of texts."
            )

    def _damaged(self, how: str) -> UserError:
        return UserError(
            f"The dataset {self.manifest.name!r} is damaged: {how}. "
            "Delete the dataset and import it again."
        )


def open_dataset(workspace: Workspace, identifier: str) -> Dataset:
    """The dataset called `identifier`. Raises UserError where there is none or it is damaged."""
    folder = workspace.datasets / checked_identifier(identifier)
    try:
        manifest = _read_manifest(folder)
    except FileNotFoundError:
        known = ", ".join(sorted(found.identifier for found in list_datasets(workspace))) or "none"
        raise UserError(
            f"There is no dataset {identifier!r} in this workspace. Known: {known}."
        ) from None
    except ValueError as error:
        raise UserError(
            f"The description of dataset {identifier!r} cannot be read. "
            "Delete the dataset and import it again."
        ) from error
    return Dataset(folder, manifest)


def list_datasets(workspace: Workspace) -> list[Manifest]:
    """The manifests of all complete datasets, newest first. Damaged ones are left out."""
    manifests = []
    for path in workspace.datasets.glob(f"*/{MANIFEST}"):
        if path.parent.name.startswith("."):
            continue  # an import that is being put in its place
        try:
            manifests.append(_read_manifest(path.parent))
        except (ValueError, FileNotFoundError):
            continue
    return sorted(manifests, key=lambda manifest: manifest.created, reverse=True)


def _read_manifest(folder: Path) -> Manifest:
    """Raises FileNotFoundError, ValueError."""
    manifest = Manifest.model_validate(read_json(folder / MANIFEST))
    # It may come from elsewhere, and labels are looked for in the folder that has this name.
    if manifest.identifier != folder.name:
        raise ValueError(f"the dataset in {folder.name} is called {manifest.identifier[:60]!r}")
    return manifest


def delete_dataset(workspace: Workspace, identifier: str) -> None:
    """Remove a dataset with its labels. The caller makes sure that no run trains on it."""
    folder = workspace.datasets / checked_identifier(identifier)
    if not folder.is_dir():
        raise UserError(f"There is no dataset {identifier!r} in this workspace.")
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder)
