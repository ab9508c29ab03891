"""A dataset as it lies in the workspace: one manifest and a few flat arrays."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from ssl_core.errors import UserError
from ssl_core.files import read_json
from ssl_core.workspace import Workspace, checked_identifier

SPLITS = ("train", "test", "unlabelled")
TRAIN, TEST, UNLABELLED = range(3)
HELD_OUT_SHARE = 0.2
MANIFEST = "dataset.json"
NAMES = "names.jsonl"
NAME_PLACES = "names.idx.npy"


class SkippedFile(BaseModel):
    """A file of the source that was left out, and why, in words for a person."""

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
    count: int
    shape: tuple[int, int, int]  # height, width, channels; pixels
    classes: tuple[str, ...]  # names of the reference labels; empty where none came along
    splits: dict[str, int]  # split name -> count, only splits that have items
    fingerprint: str  # SHA-256 over images, splits and reference labels, hexadecimal
    resize_rule: str  # one sentence: how images were brought to one size
    original_sizes: dict[str, int] = {}  # "height x width" -> count, at most 20 commonest
    skipped: tuple[SkippedFile, ...] = ()  # at most 1000
    skipped_count: int = 0
    notes: tuple[str, ...] = ()  # what the person should know, one sentence each


@dataclass(frozen=True)
class Dataset:
    """An imported image set, opened for reading. Arrays are memory-mapped, never copied.

    Files beside the manifest: `images.npy`, `splits.npy`, `reference.npy`, `names.jsonl`, and
    `names.idx.npy`, (count,) int64: at which byte of `names.jsonl` each name begins.
    """

    folder: Path
    manifest: Manifest

    @property
    def identifier(self) -> str:
        return self.manifest.identifier

    @cached_property
    def images(self) -> NDArray[np.uint8]:
        """(count, height, width, channels), uint8 in 0..255, channels 1 or 3."""
        return self._map("images.npy")

    @cached_property
    def splits(self) -> NDArray[np.uint8]:
        """(count,), uint8: index into SPLITS."""
        return self._map("splits.npy")

    @cached_property
    def reference_labels(self) -> NDArray[np.int32]:
        """(count,), int32: index into manifest.classes, -1 where the data came without."""
        return self._map("reference.npy")

    def names_of(self, items: Sequence[int]) -> list[str]:
        """The names of `items` alone, in their order: a million strings are not kept for a page."""
        found: dict[int, str] = {}
        with (self.folder / NAMES).open("rb") as lines:
            if (self.folder / NAME_PLACES).is_file():
                for item in items:
                    lines.seek(int(self._name_places[item]))
                    found[item] = json.loads(lines.readline())
            else:  # written by an earlier version
                wanted = set(items)
                found = {i: json.loads(line) for i, line in enumerate(lines) if i in wanted}
        return [found[item] for item in items]

    @cached_property
    def _name_places(self) -> NDArray[np.int64]:
        return self._map(NAME_PLACES)

    @cached_property
    def item_names(self) -> list[str]:
        """The name of each item in its source, for example a path inside the archive.

        All of them stay in memory: for exports. A page asks for `names_of` what it shows.
        """
        with (self.folder / NAMES).open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

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

    def _damaged(self, how: str) -> UserError:
        return UserError(
            f"The dataset {self.manifest.name!r} is damaged: {how}. "
            "Delete the dataset and import it again."
        )


def open_dataset(workspace: Workspace, identifier: str) -> Dataset:
    """The dataset called `identifier`. Raises UserError where there is none or it is damaged."""
    folder = workspace.datasets / checked_identifier(identifier)
    try:
        manifest = Manifest.model_validate(read_json(folder / MANIFEST))
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
            manifests.append(Manifest.model_validate(read_json(path)))
        except (ValueError, FileNotFoundError):
            continue
    return sorted(manifests, key=lambda manifest: manifest.created, reverse=True)


def delete_dataset(workspace: Workspace, identifier: str) -> None:
    """Remove a dataset with its labels. The caller makes sure that no run trains on it."""
    folder = workspace.datasets / checked_identifier(identifier)
    if not folder.is_dir():
        raise UserError(f"There is no dataset {identifier!r} in this workspace.")
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder)
