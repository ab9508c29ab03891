"""Image files in a zip archive. Nothing is unpacked to disk."""

import struct
import zipfile
import zlib
from functools import partial
from pathlib import Path

from ssl_core.datasets.names import plain_text
from ssl_core.datasets.readers.label_table import TABLE_BYTES, TOO_LARGE
from ssl_core.datasets.readers.layout import NO_IMAGE, is_dropping, is_image_name
from ssl_core.datasets.readers.source import Listing
from ssl_core.datasets.zip_entries import (
    LOCAL_HEADER,
    LOCAL_SIGNATURE,
    archive_problem,
    entry_name,
    entry_problem,
)
from ssl_core.errors import UserError

_SPARE = 1 << 16  # bytes by which text that cannot be packed may grow


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
            elif not name.lower().endswith((".csv", ".tsv")):
                listing.skip(plain_text(name), NO_IMAGE)
            elif entry.file_size > TABLE_BYTES:
                listing.skip(plain_text(name), TOO_LARGE)
            else:
                listing.tables[name] = partial(_read_start, path, entry)
    return listing


def _read_start(path: Path, entry: zipfile.ZipInfo, limit: int) -> bytes:
    """The first bytes of an entry. By hand: opening the archive reads its whole directory again.

    Raises OSError where the entry is damaged.
    """
    with path.open("rb") as stream:
        stream.seek(entry.header_offset)
        local = stream.read(LOCAL_HEADER)
        if len(local) < LOCAL_HEADER or local[:4] != LOCAL_SIGNATURE:
            raise OSError("the archive is damaged at this entry")
        stream.seek(sum(struct.unpack("<HH", local[26:30])), 1)
        packed = stream.read(min(entry.compress_size, limit + _SPARE))
    content = packed[:limit]
    if entry.compress_type != zipfile.ZIP_STORED:
        try:
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, limit)
        except zlib.error as error:
            raise OSError(f"the archive is damaged at this entry ({error})") from error
    if limit > entry.file_size and zlib.crc32(content) != entry.CRC:
        raise OSError("the archive is damaged at this entry: its checksum is not the one declared")
    return content
