"""Image files in a folder on this machine."""

import os
import stat
from functools import partial
from pathlib import Path

from ssl_core.datasets.names import plain_text
from ssl_core.datasets.readers.label_table import TABLE_BYTES, TOO_LARGE
from ssl_core.datasets.readers.layout import NO_IMAGE, is_dropping, is_image_name
from ssl_core.datasets.readers.source import Listing
from ssl_core.datasets.zip_entries import ENTRY_LIMIT
from ssl_core.errors import UserError

_LINKED_FOLDER = "it is a link to a folder, which is not followed; copy the folder here"


def list_folder(root: Path) -> Listing:
    """The files below `root`. Links that lead out of it and special files are left out.

    Raises UserError where the folder cannot be listed or holds too much.
    """
    listing = Listing()
    inside = root.resolve()
    seen = 0
    for folder, folders, files in os.walk(root, onerror=_refuse):
        folders[:] = [name for name in folders if not is_dropping(name)]
        for name in folders:
            path = os.path.join(folder, name)
            if os.path.islink(path):
                listing.skip(plain_text(os.path.relpath(path, root)), _LINKED_FOLDER)
        for name in files:
            seen += 1
            if seen > ENTRY_LIMIT:
                raise UserError(
                    f"The folder {root} holds more than {ENTRY_LIMIT:,} files. "
                    "Choose a folder that holds the images only."
                )
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, root)
            if not is_dropping(relative):
                _add(listing, path, relative, inside)
    return listing


def _add(listing: Listing, path: str, name: str, inside: Path) -> None:
    image, table = is_image_name(name), name.lower().endswith((".csv", ".tsv"))
    if not image and not table:
        listing.skip(plain_text(name), NO_IMAGE)
        return
    try:
        if os.path.islink(path) and not Path(path).resolve().is_relative_to(inside):
            listing.skip(plain_text(name), "it is a link that leads out of the folder")
            return
        found = os.stat(path)
    except (OSError, RuntimeError):
        listing.skip(plain_text(name), "it is a link that leads nowhere")
        return
    if not stat.S_ISREG(found.st_mode):
        listing.skip(plain_text(name), "it is a device or another special file")
    elif image:
        listing.places[name] = path
    elif found.st_size > TABLE_BYTES:
        listing.skip(plain_text(name), TOO_LARGE)
    else:
        listing.tables[name] = partial(_read_start, path)


def _read_start(path: str, limit: int) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(limit)


def _refuse(error: OSError) -> None:
    raise UserError(
        f"The folder {plain_text(str(error.filename))} cannot be read: {error.strerror}. "
        "Make it readable or choose another."
    ) from error
