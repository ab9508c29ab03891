"""From a location to the items of a prediction, in the shape that the network takes.

Runs in the process of the prediction; files are decoded in limited child processes below it.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from math import prod
from pathlib import Path

import numpy as np

from ssl_core.datasets.dataset import SkippedFile
from ssl_core.datasets.decoder import CancelledError, DecoderPool, FileRequest
from ssl_core.datasets.lines import LineWriter
from ssl_core.datasets.names import plain_text
from ssl_core.datasets.progress import Reporter
from ssl_core.datasets.readers.column_profile import likely_columns, profile_of
from ssl_core.datasets.readers.csv_rows import CsvRows
from ssl_core.datasets.readers.folder import list_folder
from ssl_core.datasets.readers.layout import is_image_name
from ssl_core.datasets.readers.source import Listing, TextSource
from ssl_core.datasets.readers.text_files import text_file, text_in
from ssl_core.datasets.readers.zipped import list_zip
from ssl_core.datasets.text_answers import NumberAnswers, numeric_table
from ssl_core.datasets.text_columns import check_known
from ssl_core.errors import UserError
from ssl_core.predictions.request import (
    ITEMS,
    NAME_PLACES,
    NAMES,
    NUMERIC,
    SKIPPED_KEPT,
    TEXT_PLACES,
    TEXTS,
)

_BATCH = 64  # image files between two looks at the progress
_ROWS = 1000  # rows of texts likewise
_FREE = 10**8  # bytes that stay free on the disk


@dataclass
class Prepared:
    """What was found: `count` items in the folder, and the files or rows that were left out."""

    count: int
    skipped: list[SkippedFile] = field(default_factory=list)
    skipped_count: int = 0


def prepare_images(
    path: Path,
    shape: tuple[int, int, int],
    folder: Path,
    report: Reporter,
    cancelled: Callable[[], bool],
) -> Prepared:
    """Decode all images at `path` to `shape` (height, width, channels), into `items.npy`, uint8.

    Raises UserError where not one can be read.
    """
    report.phase("listing the files", None)
    archive, listing = _images_at(path)
    count = len(listing.places)
    _check_room(folder, count * prod(shape))
    # The last rows stay unused where files are left out.
    items = np.lib.format.open_memmap(
        folder / ITEMS, mode="w+", dtype=np.uint8, shape=(count, *shape)
    )
    kept, skipped = _decode(listing, archive, shape, items, report, cancelled)
    items.flush()
    found = [*listing.skipped, *skipped]
    if not kept:
        reasons = "; ".join(f"{one.file}: {one.reason}" for one in found[:3])
        raise UserError(f"None of the images in {plain_text(path.name)} can be read. {reasons}.")
    _write_lines(folder / NAMES, folder / NAME_PLACES, kept)
    return Prepared(len(kept), found[:SKIPPED_KEPT], len(found))


def prepare_texts(
    path: Path,
    text_column: str | None,
    columns: tuple[str, ...],
    folder: Path,
    report: Reporter,
    cancelled: Callable[[], bool],
) -> Prepared:
    """Read the texts of a CSV file into `texts.jsonl`, and its numbers `columns` beside them.

    Raises UserError where a column is missing or no row can be used.
    """
    report.phase("reading the texts", None)
    source = _texts_at(path)
    with source.open() as stream:
        profile = profile_of(CsvRows(stream, source.name))
    with source.open() as stream:
        rows = CsvRows(stream, source.name)
        wanted = [text_column] if text_column else []
        check_known([*wanted, *columns], rows.header, source.name)
        likely = None if text_column else likely_columns(profile, source.name)
        column = text_column or (likely.text if likely else "")
        named = likely.name if likely else None
        numbers = [NumberAnswers(title, rows.separator == ";") for title in columns]
        names = _read_rows(rows, (column, named), numbers, folder, report, cancelled)
    if not names:
        raise UserError(f"No row of {source.name} has a text in its column {column!r}.")
    table = numeric_table(numbers)
    if table is not None:
        np.save(folder / NUMERIC, table, allow_pickle=False)
    _write_lines(folder / NAMES, folder / NAME_PLACES, names)
    return Prepared(len(names), rows.skipped[:SKIPPED_KEPT], rows.skipped_count)


def _images_at(path: Path) -> tuple[str | None, Listing]:
    """The archive, where it is one, and its image files. Raises UserError."""
    if path.is_dir():
        archive, listing = None, list_folder(path)
    elif path.name.lower().endswith(".zip"):
        archive, listing = str(path), list_zip(path)
    elif path.is_file() and is_image_name(path.name):
        archive, listing = None, Listing(places={path.name: str(path)})
    else:
        raise UserError(
            f"{plain_text(path.name)} is no image, and the run looks at images. Expected an image "
            "file, a zip archive or a folder of images."
        )
    if not listing.places:
        reasons = "; ".join(f"{one.file}: {one.reason}" for one in listing.skipped[:3])
        raise UserError(
            f"{plain_text(path.name)} holds no image. {reasons + '. ' if reasons else ''}Expected "
            "a zip archive or a folder of images."
        )
    return archive, listing


def _texts_at(path: Path) -> TextSource:
    """The CSV file of texts at `path`, also inside a folder or archive. Raises UserError."""
    found = None
    if path.is_dir():
        found = text_in(list_folder(path), "folder")
    elif path.name.lower().endswith(".zip"):
        found = text_in(list_zip(path), "zip archive")
    elif path.is_file() and path.name.lower().endswith((".csv", ".tsv")):
        found = text_file(path)
    if found is None:
        raise UserError(
            f"{plain_text(path.name)} is no CSV file, and the run reads texts. Expected a CSV file "
            "with a text in each row."
        )
    return found


def _decode(
    listing: Listing,
    archive: str | None,
    shape: tuple[int, int, int],
    items: np.memmap[tuple[int, ...], np.dtype[np.uint8]],
    report: Reporter,
    cancelled: Callable[[], bool],
) -> tuple[list[str], list[SkippedFile]]:
    """Fill `items` from the front; the names of those, and what could not be read."""
    names, places = list(listing.places), list(listing.places.values())
    kept: list[str] = []
    skipped: list[SkippedFile] = []
    report.phase("reading the images", len(places))
    request = FileRequest("decode", archive, shape=shape)
    done = 0
    with DecoderPool(cancelled) as pool:
        for frames in pool.answers(request, places, _BATCH):
            for name, (header, content) in zip(names[done:], frames, strict=False):
                if header.get("ok") == 1 and len(content) == prod(shape):
                    items[len(kept)] = np.frombuffer(content, np.uint8).reshape(shape)
                    kept.append(plain_text(name))
                else:
                    reason = str(header.get("reason", "it cannot be read"))[:400]
                    skipped.append(SkippedFile(file=plain_text(name), reason=reason))
            done += len(frames)
            report.skipped = len(skipped)
            report.done(done)
    return kept, skipped


def _read_rows(
    rows: CsvRows,
    columns: tuple[str, str | None],
    numbers: list[NumberAnswers],
    folder: Path,
    report: Reporter,
    cancelled: Callable[[], bool],
) -> list[str]:
    """Write the texts, take in the numbers; the names. columns: of the text, of the name."""
    place = {title: number for number, title in enumerate(rows.header)}
    text_at, name_at = place[columns[0]], place.get(columns[1] or "")
    names: list[str] = []
    writer = LineWriter(folder / TEXTS, folder / TEXT_PLACES)
    try:
        while batch := list(islice(rows, _ROWS)):
            if cancelled():
                raise CancelledError
            for line, cells in batch:
                text = cells[text_at].strip()
                if not text:
                    rows.skip(line, "its text is empty")
                    continue
                writer.append([text])
                names.append(plain_text(cells[name_at]) if name_at is not None else f"line {line}")
                for column in numbers:
                    column.add(cells[place[column.title]], line)
            report.skipped = rows.skipped_count
            report.done(len(names))
        writer.finish()
    finally:
        writer.close()
    return names


def _write_lines(path: Path, places: Path, texts: list[str]) -> None:
    writer = LineWriter(path, places)
    try:
        writer.append(texts)
        writer.finish()
    finally:
        writer.close()


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free - _FREE
    if needed > free:
        raise UserError(
            f"The decoded images need {needed / 1e6:,.0f} MB, and the disk of the workspace has "
            f"{max(0, free) / 1e6:,.0f} MB to spare. Make room, or take fewer images."
        )
