"""A CSV file of texts: lying open, or the only table in a folder or archive without images."""

import io
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ssl_core.datasets.limits import CSV_BYTES
from ssl_core.datasets.names import plain_text
from ssl_core.datasets.readers.label_table import (
    TABLE_BYTES,
    TABLE_START,
    is_label_table,
    names_images,
)
from ssl_core.datasets.readers.source import Listing, TextSource
from ssl_core.errors import UserError


def text_file(path: Path) -> TextSource:
    """The CSV file at `path`. Raises UserError where it is too large."""
    size = path.stat().st_size
    if size > CSV_BYTES:
        raise UserError(
            f"{path.name} has {size >> 20:,} MB; at most {CSV_BYTES >> 20:,} MB are read. Import "
            "a part of it."
        )

    def opened() -> BinaryIO:
        return path.open("rb")

    return TextSource("CSV of texts", plain_text(path.name), opened)


def text_in(listing: Listing, kind: str) -> TextSource | None:
    """The table of texts in a folder or archive; None where there are images or no such table.

    Raises UserError where it is not clear which table is meant, OSError for a damaged entry.
    """
    if listing.places or not listing.tables:
        return None
    names = list(listing.tables)
    if len(names) > 1:
        listed = ", ".join(plain_text(name, 60) for name in names[:5])
        raise UserError(
            f"There are {len(names):,} tables and no images in this {kind}: {listed}. Expected "
            "one CSV file: put all rows into one, with a column split (train, test, unlabelled)."
        )
    read_start = listing.tables[names[0]]
    start = read_start(TABLE_START)
    if names_images(start) and is_label_table(start):
        return None  # its images are missing, which is the better complaint
    content = read_start(TABLE_BYTES + 1)  # listings leave out what is larger
    opened = partial(io.BytesIO, content)
    return TextSource(f"CSV of texts in a {kind}", plain_text(names[0]), opened, listing.skipped)
