"""Image files in a zip archive. Nothing is unpacked to disk."""

import zipfile
from pathlib import Path

from ssl_core.datasets.names import plain_text
from ssl_core.datasets.readers.label_table import TABLE_BYTES
from ssl_core.datasets.readers.layout import NO_IMAGE, is_dropping, is_image_name
from ssl_core.datasets.readers.source import Listing
from ssl_core.datasets.zip_entries import archive_problem, entry_name, entry_problem
from ssl_core.errors import UserError


def list_zip(path: Path) -> Listing:
    """The files in the archive; entries that must not be read are left out with a reason.

    Raises UserError where the archive as a whole is cut off, forged or a bomb.
    """
    problem = archive_problem(path)
    if problem is not None:
        raise UserError(problem)
    listing = Listing()
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            name = entry_name(entry)
            if name.endswith("/") or is_dropping(name):
                continue
            problem = entry_problem(entry)
            if problem is not None:
                listing.skip(plain_text(name), problem)
            elif name in listing.places:
                listing.skip(plain_text(name), "the archive holds another file of the same name")
            elif is_image_name(name):
                listing.places[name] = [
                    entry.header_offset,
                    entry.compress_size,
                    entry.file_size,
                    entry.compress_type,
                    entry.CRC,
                ]
            elif name.lower().endswith((".csv", ".tsv")) and entry.file_size <= TABLE_BYTES:
                listing.tables[name] = _table(archive, entry, listing)
            else:
                listing.skip(plain_text(name), NO_IMAGE)
    return listing


def _table(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, listing: Listing) -> bytes:
    try:
        with archive.open(entry) as stream:
            return stream.read(TABLE_BYTES)
    except Exception as error:
        # zipfile raises many types for a damaged entry; none of them may end the import.
        listing.skip(plain_text(entry.filename), f"it cannot be unpacked ({error})")
        return b""
