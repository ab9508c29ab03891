"""The directory of a zip archive, looked at before anything in it is opened.

What an archive says about itself is not trusted: count, sizes, ratio, overlaps and types are
checked here, and the child process checks each entry again when it unpacks it.
"""

import contextlib
import stat
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from ssl_core.files import DAMAGED_ARCHIVE

ENTRY_LIMIT = 1_000_000
TOTAL_LIMIT = 64 << 30  # bytes, unpacked
RATIO_LIMIT = 100  # unpacked to packed, for archives over RATIO_FROM
RATIO_FROM = 1 << 30  # bytes, unpacked
_DIRECTORY_LIMIT = 100 << 20  # bytes: 100 an entry
LOCAL_HEADER = 30  # bytes, without name
LOCAL_SIGNATURE = b"PK\x03\x04"
_ENTRY = b"PK\x01\x02"
_SMALLEST_ENTRY = 46  # bytes in the directory
_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_END64_BYTES = 56
_LOCATOR64 = b"PK\x06\x07"  # lies between the two end records
_LOCATOR64_BYTES = 20
_END_REACH = (1 << 16) + 22  # the end record is followed by a comment of at most 64 kB
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def archive_problem(path: Path) -> str | None:
    """Why the archive as a whole must not be read, as a sentence with its name; None if fine."""
    early = _directory_problem(path)
    if early is not None:
        return early
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            directory = archive.start_dir
    except (OSError, ValueError, struct.error, *DAMAGED_ARCHIVE) as error:
        return (
            f"The archive {path.name} is cut off or damaged ({error}). Pack it or upload it again."
        )
    return _total_problem(path, entries) or _overlap_problem(path, entries, directory)


def entry_problem(entry: zipfile.ZipInfo) -> str | None:
    """Why this one entry is left out, in words; None if it may be read."""
    name = entry.filename.replace("\\", "/")
    if ".." in name.split("/"):
        return "its name climbs out of the archive (..)"
    if name.startswith("/") or name[1:3] == ":/":
        return "its name is an absolute path; expected one inside the archive"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "it is a link, not a file"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "it is a device or another special file"
    if entry.flag_bits & 0x1:
        return "it is encrypted; pack the archive without a password"
    if entry.compress_type not in METHODS:
        return "its compression is not read here; pack with an ordinary zip program"
    return None


def entry_name(entry: zipfile.ZipInfo) -> str:
    """The path of an entry with forward slashes; UTF-8 that was not marked as such is read."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _directory_problem(path: Path) -> str | None:
    """Check the end records by hand: zipfile would read a directory of any size into memory."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        tail_start = max(0, size - _END_REACH)
        stream.seek(tail_start)
        tail = stream.read(_END_REACH)
        place = tail.rfind(_END)
        if place < 0 or len(tail) < place + 22:
            return (
                f"The archive {path.name} is cut off or is no zip archive: its table of contents "
                "is missing. Pack it or upload it again."
            )
        entries, directory = struct.unpack("<HI", tail[place + 10 : place + 16])
        end = tail_start + place
        long_record = _long_end_record(stream, end)
        if long_record is not None:
            end -= _LOCATOR64_BYTES + _END64_BYTES
            entries, directory = long_record
        if entries > ENTRY_LIMIT:
            return _too_many(path, entries)
        if directory > min(end, _DIRECTORY_LIMIT):
            return (
                f"The archive {path.name} declares a table of contents of {directory:,} bytes for "
                f"{entries:,} entries; at most {_DIRECTORY_LIMIT >> 20} MB are read, and no more "
                "than the archive has. It is cut off, forged or too large: pack it again, in parts."
            )
        if directory > ENTRY_LIMIT * _SMALLEST_ENTRY:
            # The declared count binds nobody: zipfile makes an object of each entry that is there.
            stream.seek(end - directory)
            found = stream.read(directory).count(_ENTRY)
            if found > ENTRY_LIMIT:
                return _too_many(path, found)
    return None


def _long_end_record(stream: BinaryIO, end: int) -> tuple[int, int] | None:
    """Entries and bytes of the directory by the ZIP64 record before the end record at `end`.

    None where there is none. zipfile takes its figures instead of those of the end record, and
    its versions differ in where they look for it, so the larger of both figures counts.
    """
    start = end - _LOCATOR64_BYTES - _END64_BYTES
    if start < 0:
        return None
    stream.seek(end - _LOCATOR64_BYTES)
    locator = stream.read(_LOCATOR64_BYTES)
    if not locator.startswith(_LOCATOR64):
        return None
    entries = directory = 0
    for place in (start, min(start, struct.unpack("<Q", locator[8:16])[0])):
        stream.seek(place)
        record = stream.read(_END64_BYTES)
        if record.startswith(_END64) and len(record) == _END64_BYTES:
            entries = max(entries, struct.unpack("<Q", record[32:40])[0])
            directory = max(directory, struct.unpack("<Q", record[40:48])[0])
    return entries, directory


def _too_many(path: Path, entries: int) -> str:
    return (
        f"The archive {path.name} has {entries:,} entries; at most {ENTRY_LIMIT:,} are read. "
        "Split it."
    )


def _total_problem(path: Path, entries: Sequence[zipfile.ZipInfo]) -> str | None:
    if not entries:
        return f"The archive {path.name} is empty. Expected files in it: pack it again."
    if len(entries) > ENTRY_LIMIT:
        return _too_many(path, len(entries))
    total = sum(entry.file_size for entry in entries)
    ratio = total / max(1, path.stat().st_size)
    if total > TOTAL_LIMIT or (total > RATIO_FROM and ratio > RATIO_LIMIT):
        return (
            f"The archive {path.name} would unpack to {total / (1 << 30):,.1f} GB, {ratio:,.0f} "
            f"times its size: it looks like an archive bomb and is not opened. Expected at most "
            f"{RATIO_LIMIT} times and {TOTAL_LIMIT >> 30} GB."
        )
    return None


def _overlap_problem(path: Path, entries: Sequence[zipfile.ZipInfo], directory: int) -> str | None:
    """Entries that share bytes are how small archives unpack to endless data."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    ends = [entry.header_offset + LOCAL_HEADER + entry.compress_size for entry in ordered]
    starts = [entry.header_offset for entry in ordered[1:]] + [directory]
    for entry, end, start in zip(ordered, ends, starts, strict=True):
        if end > start or entry.header_offset < 0:
            return (
                f"The archive {path.name} is forged or damaged: the entry "
                f"{entry.filename[:80]!r} overlaps what follows it. Pack it again."
            )
    return None
