"""Writing a dataset so that it is there as a whole or not at all."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import numpy as np
from filelock import FileLock
from numpy.lib import format as npy_format
from numpy.typing import NDArray
from pydantic import ValidationError

from ssl_core.datasets.dataset import (
    MANIFEST,
    NAME_PLACES,
    NAMES,
    NUMERIC,
    REFERENCE,
    REFERENCES,
    SPLITS,
    TEST,
    TEXT_PLACES,
    TEXTS,
    Kind,
    Manifest,
)
from ssl_core.datasets.description import NOTHING_BESIDE, Beside, Description
from ssl_core.datasets.duplicates import refuse_duplicate
from ssl_core.datasets.lines import LineWriter
from ssl_core.errors import UserError
from ssl_core.files import read_json, sync_folder, write_json
from ssl_core.runs.status import ProcessIdentity
from ssl_core.runs.supervision import identity_of_this_process, is_alive
from ssl_core.workspace import Workspace

TEMPORARY = ".importing-"
_OWNER = "owner.json"
_IMAGES = "images.npy"
_HEADER_ROOM = 192  # bytes: the count in the header is known only at the end
_SPARE_BYTES = 64 << 20  # left free on the disk
_SKIPPED_KEPT = 1000


class DatasetWriter:
    """Writes into `datasets/.importing-<job>`; `finish` gives it its name, anything else
    removes it. Memory stays at one block of items.
    """

    def __init__(self, workspace: Workspace, job: str) -> None:
        self._workspace = workspace
        self._folder = workspace.datasets / f"{TEMPORARY}{job}"
        self._digest = hashlib.sha256()
        self._prints = bytearray()  # 8 bytes an item, to find the same item in two splits
        self._kind: Kind = "images"
        self._shape = (0, 0, 0)
        self._files = ExitStack()
        self.count = 0

    def __enter__(self) -> "DatasetWriter":
        try:
            with plain_disk_errors(self._workspace):
                remove_stale(self._workspace)
                self._folder.mkdir()
                owner = identity_of_this_process("")
                write_json(self._folder / _OWNER, owner.model_dump(mode="json"))
                self._names = self._lines(NAMES, NAME_PLACES)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Whatever was not finished is removed."""
        with suppress(OSError):  # a full disk: the folder is removed in a moment
            self._files.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def begin(self, shape: tuple[int, int, int], expected: int) -> None:
        """Images: fix (height, width, channels). Raises UserError where the disk is too small."""
        self._shape = shape
        self._check_room(expected * int(np.prod(shape)), "images", " or choose a smaller size")
        with plain_disk_errors(self._workspace):
            self._images = self._files.enter_context((self._folder / _IMAGES).open("wb"))
            self._images.write(b"\0" * _HEADER_ROOM)

    def begin_texts(self, expected_bytes: int) -> None:
        """Texts. Raises UserError where the disk is too small."""
        self._kind = "texts"
        self._check_room(expected_bytes, "texts")
        with plain_disk_errors(self._workspace):
            self._texts = self._lines(TEXTS, TEXT_PLACES)

    def append(self, images: NDArray[np.uint8], names: Sequence[str]) -> None:
        """Add images (k, height, width, channels), uint8, and the name of each."""
        if images.shape[1:] != self._shape or len(images) != len(names):
            raise ValueError(
                f"expected k images of {self._shape} and k names, got {images.shape} and "
                f"{len(names)} names"
            )
        content = np.ascontiguousarray(images).data
        with plain_disk_errors(self._workspace):
            self._images.write(content)
            self._names.append(names)
        self._digest.update(content)
        self._count(image.tobytes() for image in images)

    def append_texts(self, texts: Sequence[str], names: Sequence[str]) -> None:
        """Add texts of any length, and the name of each."""
        if len(texts) != len(names):
            raise ValueError(f"expected as many names as {len(texts)} texts, got {len(names)}")
        with plain_disk_errors(self._workspace):
            self._texts.append(texts)
            self._names.append(names)
        contents = [text.encode() for text in texts]
        for content in contents:
            self._digest.update(len(content).to_bytes(8, "little") + content)
        self._count(contents)

    def finish(
        self,
        splits: NDArray[np.uint8],
        reference: NDArray[np.int32],
        description: Description,
        beside: Beside = NOTHING_BESIDE,
    ) -> Manifest:
        """Write what remains, the manifest last, and put the folder in its place.

        splits: (count,) index into SPLITS. reference: (count,) index into the classes, -1
        unknown. Raises UserError where the same content or another dataset of the name exists.
        """
        manifest = self._manifest(splits, reference, description, beside)
        with plain_disk_errors(self._workspace):
            self._finish_items()
            np.save(self._folder / "splits.npy", splits, allow_pickle=False)
            np.save(self._folder / REFERENCE, reference, allow_pickle=False)
            self._write_beside(beside)
            (self._folder / _OWNER).unlink()
            # One at a time, so that two imports of the same content cannot both pass the check.
            with FileLock(self._workspace.locks / "datasets.lock"):
                refuse_duplicate(self._workspace, manifest)
                write_json(self._folder / MANIFEST, manifest.model_dump(mode="json"))
                os.rename(self._folder, self._workspace.datasets / manifest.identifier)
                sync_folder(self._workspace.datasets)
        return manifest

    def _finish_items(self) -> None:
        self._names.finish()
        if self._kind == "texts":
            self._texts.finish()
            return
        self._images.seek(0)
        self._images.write(_npy_header((self.count, *self._shape)))
        self._images.flush()
        os.fsync(self._images.fileno())

    def _write_beside(self, beside: Beside) -> None:
        if beside.numeric is not None:
            np.save(self._folder / NUMERIC, beside.numeric, allow_pickle=False)
        if beside.references:
            (self._folder / REFERENCES).mkdir()
        for head, answers in beside.references.items():
            np.save(self._folder / REFERENCES / f"{head}.npy", answers, allow_pickle=False)

    def _lines(self, name: str, places: str) -> LineWriter:
        writer = LineWriter(self._folder / name, self._folder / places)
        return self._files.enter_context(closing(writer))

    def _check_room(self, items: int, what: str, advice: str = "") -> None:
        """items: bytes that the items will take."""
        needed = items + _SPARE_BYTES
        with plain_disk_errors(self._workspace):
            free = shutil.disk_usage(self._workspace.datasets).free
        if needed > free:
            raise UserError(
                f"The {what} need {needed >> 20:,} MB but the disk of {self._workspace.root} "
                f"has {free >> 20:,} MB free. Make room{advice}."
            )

    def _count(self, contents: Iterable[bytes]) -> None:
        for content in contents:
            self._prints += hashlib.blake2b(content, digest_size=8).digest()
            self.count += 1

    def _fingerprint(
        self,
        splits: NDArray[np.uint8],
        reference: NDArray[np.int32],
        description: Description,
        beside: Beside,
    ) -> str:
        digest = self._digest.copy()
        facts = [list(self._shape), list(description.classes)]
        digest.update(json.dumps(facts).encode())
        digest.update(splits.astype("<u1").tobytes())
        digest.update(reference.astype("<i4").tobytes())
        beside.add_to(digest)
        return digest.hexdigest()

    def _manifest(
        self,
        splits: NDArray[np.uint8],
        reference: NDArray[np.int32],
        description: Description,
        beside: Beside,
    ) -> Manifest:
        amounts = np.bincount(splits, minlength=len(SPLITS))
        skipped_count = description.skipped_count
        return Manifest(
            identifier=description.identifier,
            name=description.name,
            source=description.source,
            created=datetime.now(UTC).isoformat(timespec="microseconds"),
            kind=self._kind,
            count=self.count,
            shape=self._shape,
            classes=tuple(description.classes),
            heads=beside.heads,
            columns=beside.columns,
            splits={
                name: int(amount) for name, amount in zip(SPLITS, amounts, strict=True) if amount
            },
            fingerprint=self._fingerprint(splits, reference, description, beside),
            resize_rule=description.resize_rule,
            original_sizes=description.original_sizes,
            skipped=tuple(description.skipped[:_SKIPPED_KEPT]),
            skipped_count=len(description.skipped) if skipped_count is None else skipped_count,
            notes=(*description.notes, *self._shared_items(splits)),
        )

    def _shared_items(self, splits: NDArray[np.uint8]) -> list[str]:
        """A note where items of the test split are also in another one."""
        prints = np.frombuffer(self._prints, dtype="<u8")
        test = prints[splits == TEST]
        shared = int(np.isin(test, prints[splits != TEST]).sum())
        if not shared:
            return []
        last = "letter" if self._kind == "texts" else "pixel"
        return [
            f"{shared} of {len(test)} {self._kind} of the test split are also in another split, to "
            f"the last {last}: the test figure will be too good."
        ]


def remove_stale(workspace: Workspace) -> None:
    """Remove what imports left whose process has gone."""
    for folder in workspace.datasets.glob(f"{TEMPORARY}*"):
        try:
            owner = ProcessIdentity.model_validate(read_json(folder / _OWNER))
        except (OSError, ValueError, ValidationError):
            owner = None
        if owner is None and _just_made(folder):
            continue
        if owner is None or not is_alive(owner):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def plain_disk_errors(workspace: Workspace) -> Iterator[None]:
    """Turn a full disk or a read-only folder into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            cause = "the disk is full. Make room and import again"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            cause = "it may not be written to. Make it writable, or choose another workspace"
        else:
            cause = f"{error.strerror or error}. Check the disk and import again"
        raise UserError(
            f"Nothing was imported into {workspace.root}: {cause}. What was begun is removed."
        ) from error


def _npy_header(shape: tuple[int, ...]) -> bytes:
    """A .npy header of exactly _HEADER_ROOM bytes for a C-ordered uint8 array."""
    facts = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape!r}, }}"
    magic = npy_format.magic(1, 0)
    room = _HEADER_ROOM - len(magic) - 2
    text = facts.ljust(room - 1) + "\n"
    return magic + room.to_bytes(2, "little") + text.encode("ascii")


def _just_made(folder: Path) -> bool:
    """Whether the folder may belong to a process that has not yet written its identity."""
    try:
        return datetime.now().timestamp() - folder.stat().st_mtime < 60
    except OSError:
        return False
