"""Finding out which reader a location needs."""

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path

from ssl_core.datasets.dataset import SkippedFile
from ssl_core.datasets.names import plain_text
from ssl_core.datasets.readers import idx, stl10, svhn
from ssl_core.datasets.readers.folder import list_folder
from ssl_core.datasets.readers.label_table import (
    TABLE_BYTES,
    TABLE_START,
    is_label_table,
    names_images,
    read_label_table,
)
from ssl_core.datasets.readers.layout import arrange, is_image_name
from ssl_core.datasets.readers.source import (
    ArraySource,
    FileSource,
    ImageFile,
    Listing,
    TextSource,
)
from ssl_core.datasets.readers.text_files import text_file, text_in
from ssl_core.datasets.readers.zipped import list_zip
from ssl_core.errors import UserError

Source = FileSource | ArraySource | TextSource
EXPECTED = (
    "Expected a zip archive or a folder of images, .npz or .npy, IDX files (.gz or not), an SVHN "
    ".mat, STL-10 .bin files, a CSV of labels beside its images or a CSV with a text in each row."
)
_ARRAYS = (".npz", ".npy", ".mat", ".bin", "ubyte", ".gz")
_TABLES_LOOKED_AT = 1000  # where more lie about, a person has to say which one is meant
_PACKED = (".tar", ".tgz", ".tar.gz", ".rar", ".7z", ".tar.xz", ".tar.bz2")


def open_source(path: Path, labels_csv: Path | None = None, texts: bool = False) -> Source:
    """What lies at `path`, by its content and then by its name; decodes nothing.

    labels_csv: a table of labels for image files. texts: a CSV file is one of texts, also where
    it names images. Raises UserError.
    """
    try:
        if labels_csv is not None and not os.path.isfile(labels_csv):
            raise UserError(f"There is no table of labels {labels_csv}. Expected a CSV file.")
        if path.is_dir():
            found = _folder(path, labels_csv)
        elif path.is_file():
            found = text_file(path) if texts else _file(path, labels_csv)
        else:
            raise UserError(f"There is no file or folder {path}. {EXPECTED}")
    except OSError as error:
        raise UserError(
            f"{plain_text(path.name, 100)} cannot be read: {error.strerror or error}. Check the "
            "path and its rights."
        ) from error
    if labels_csv is not None and not isinstance(found, FileSource):
        held = "arrays" if isinstance(found, ArraySource) else "texts"
        raise UserError(
            f"{path.name} holds {held}, and {labels_csv.name} names files. Expected image files "
            "beside a table of labels: leave the table out, or save the labels with the data."
        )
    return found


def _folder(path: Path, labels_csv: Path | None) -> Source:
    if idx_files := idx.image_files(path):
        return ArraySource("IDX files", "idx", idx_files)
    if bins := stl10.image_files(path):
        return ArraySource("STL-10 binary files", "stl10", bins)
    if mats := svhn.mat_files(path):
        return ArraySource("SVHN files", "svhn", mats)
    listing = list_folder(path)
    if not listing.places:
        arrays = [
            file for file in sorted(path.iterdir()) if file.suffix.lower() in (".npz", ".npy")
        ]
        chosen = [file for file in arrays if file.suffix.lower() == ".npz"] or [
            file for file in arrays if file.name.lower().startswith(("x", "image", "data"))
        ]
        if len(chosen) == 1:
            return ArraySource("NumPy file", "numpy", chosen)
    return text_in(listing, "folder") or _files("folder", None, listing, path.name, labels_csv)


def _file(path: Path, labels_csv: Path | None) -> Source:
    name = path.name.lower()
    with path.open("rb") as stream:
        start = stream.read(8)
    if not start:
        raise UserError(f"{path.name} is empty (0 bytes). {EXPECTED}")
    if name.endswith((".npz", ".npy")) or start[:6] == b"\x93NUMPY":
        return ArraySource("NumPy file", "numpy", [path])
    if name.endswith(".zip") or start[:2] == b"PK":
        listing = list_zip(path)
        found = text_in(listing, "zip archive")
        return found or _files("zip archive", path, listing, path.name, labels_csv)
    if name.endswith(".mat"):
        return ArraySource("SVHN files", "svhn", [path])
    if name.endswith(".bin"):
        return ArraySource("STL-10 binary files", "stl10", stl10.image_files(path))
    if name.endswith((".csv", ".tsv")):
        return _csv(path)
    if name.endswith(_PACKED):
        raise UserError(f"{path.name} is an archive that is not read here. Unpack it. {EXPECTED}")
    if idx.is_idx(path) or "idx" in name or name.endswith(".gz"):
        return ArraySource("IDX files", "idx", idx.image_files(path))
    if is_image_name(name):
        raise UserError(f"{path.name} is a single file. Put the images into one folder. {EXPECTED}")
    raise UserError(f"{path.name} is of no kind that is read here. {EXPECTED}")


def _csv(path: Path) -> Source:
    """A table of labels where it names images, which must lie beside it; else texts."""
    with path.open("rb") as stream:
        start = stream.read(TABLE_START)
    if not names_images(start):
        return text_file(path)
    return _files("CSV of labels", None, list_folder(path.parent), path.name, path)


def _files(
    kind: str, archive: Path | None, listing: Listing, name: str, labels_csv: Path | None
) -> FileSource:
    """Splits and classes from folder names, or from a table of labels where there is one."""
    arrangement = arrange(listing.places)
    skipped, notes = list(listing.skipped), [*listing.notes, *arrangement.notes]
    skipped += [
        SkippedFile(file=plain_text(path), reason="it lies outside train/, test/ and unlabelled/")
        for path in arrangement.outside
    ]
    files = [
        ImageFile(plain_text(path), listing.places[path], split, label)
        for path, (split, label) in arrangement.members.items()
    ]
    table = _table(listing, labels_csv, any(file.label is not None for file in files))
    for other in listing.tables:
        if table is None or other != table[0]:
            reason = "it is not an image and not used as a table of labels"
            skipped.append(SkippedFile(file=plain_text(other), reason=reason))
    columns: tuple[str, ...] = ()
    if table is not None:
        paths = list(arrangement.members)
        files, columns = _with_table(files, paths, table, skipped, notes)
    if not files:
        inside = next((e.file for e in skipped if e.file.lower().endswith(_ARRAYS)), None)
        if archive is not None and inside is not None:
            raise UserError(
                f"{name} holds no images but files of arrays, for example {inside}. Unpack the "
                "archive and import what was in it."
            )
        reasons = "; ".join(f"{entry.file}: {entry.reason}" for entry in skipped[:3])
        raise UserError(
            f"{name} holds no image that can be used. {reasons + '. ' if reasons else ''}{EXPECTED}"
        )
    return FileSource(kind, archive, files, skipped, notes, columns)


def _table(
    listing: Listing, labels_csv: Path | None, has_classes: bool
) -> tuple[str, bytes] | None:
    """The table to use: the one asked for, else the only one beside images without classes."""
    if labels_csv is not None:
        with labels_csv.open("rb") as stream:
            return labels_csv.name, stream.read(TABLE_BYTES + 1)
    if has_classes or len(listing.tables) > _TABLES_LOOKED_AT:
        return None
    usable: list[str] = []
    for name, read_start in listing.tables.items():
        with suppress(OSError):  # a damaged entry is no table; the images beside it are fine
            if is_label_table(read_start(TABLE_START)):
                usable.append(name)
        if len(usable) > 1:
            return None
    try:
        return (usable[0], listing.tables[usable[0]](TABLE_BYTES + 1)) if usable else None
    except OSError as error:
        raise UserError(
            f"The table {plain_text(usable[0])} cannot be read: {error.strerror or error}. "
            "Expected a CSV of files and labels: save it again, or take it out."
        ) from error


def _with_table(
    files: list[ImageFile],
    paths: list[str],
    table: tuple[str, bytes],
    skipped: list[SkippedFile],
    notes: list[str],
) -> tuple[list[ImageFile], tuple[str, ...]]:
    """The files with classes and numbers of the table; what does not fit together is reported."""
    labels = read_label_table(table[1], plain_text(table[0]))
    skipped += labels.skipped
    base_names = Counter(path.rsplit("/", 1)[-1] for path in paths)
    labelled = []
    for file, path in zip(files, paths, strict=True):
        row = labels.file_of(path, base_names)
        if row is None:
            labelled.append(ImageFile(file.name, file.place, file.split))
            continue
        numbers = labels.numbers.get(row, ())
        labelled.append(ImageFile(file.name, file.place, file.split, labels.classes[row], numbers))
    known = set(paths) | {path.rsplit("/", 1)[-1] for path in paths}
    tails = {
        "/".join(path.split("/")[start:]) for path in paths for start in range(path.count("/"))
    }
    for file_name in labels.classes:
        if file_name not in known and file_name not in tails:
            reason = f"{plain_text(table[0])} names it, but there is no such image"
            skipped.append(SkippedFile(file=plain_text(file_name), reason=reason))
    count = sum(file.label is not None for file in labelled)
    notes.append(f"{count} of {len(files)} images got their class from {plain_text(table[0])}.")
    if labels.columns:
        notes.append(f"Numbers beside the images came along: {', '.join(labels.columns)}.")
    return labelled, labels.columns
