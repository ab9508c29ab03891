"""From a location that a person names to a dataset in the workspace."""

import secrets
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.array_import import import_arrays
from ssl_core.datasets.catalogue import SAMPLE_NAME, catalogue_entry
from ssl_core.datasets.dataset import Manifest, open_dataset
from ssl_core.datasets.decoder import CancelledError, DecoderChild, DecoderPool
from ssl_core.datasets.download import fetch
from ssl_core.datasets.duplicates import refuse_taken_name
from ssl_core.datasets.file_import import Target, import_files
from ssl_core.datasets.names import plain_text
from ssl_core.datasets.progress import ImportProgress, Reporter
from ssl_core.datasets.readers.detect import Source, open_source
from ssl_core.datasets.readers.source import ArraySource, FileSource, TextSource
from ssl_core.datasets.sizes import check_side
from ssl_core.datasets.text_columns import TextColumns
from ssl_core.datasets.text_import import import_texts
from ssl_core.datasets.text_samples import TEXT_COLUMNS, text_sample
from ssl_core.datasets.writer import DatasetWriter
from ssl_core.errors import UserError
from ssl_core.files import typed_path
from ssl_core.workspace import Workspace, identifier_of

__all__ = ["CancelledError", "ImportProgress", "ImportSource", "run_import"]


class ImportSource(BaseModel):
    """What to import."""

    model_config = ConfigDict(frozen=True)
    location: str  # a path, "sample", or a key of the catalogue as "catalogue:mnist"
    name: str
    size: int | None = None  # side in pixels of the square; None: own size, else the median side
    labels_csv: str | None = None  # path of a table of labels for image files
    columns: TextColumns | None = None  # of a CSV file of texts; None: what is likely


def run_import(
    workspace: Workspace,
    source: ImportSource,
    progress: Callable[[ImportProgress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Manifest:
    """Import `source` and return its manifest. Files are decoded in limited child processes.

    Raises UserError (with CancelledError below it); nothing of the import is then left behind.
    """
    check_side(source.size)
    target = _target(source)
    report = Reporter(progress)
    found, columns = _opened(workspace, source, report, cancelled)
    _refuse_other_content(workspace, target.identifier, found)
    with DatasetWriter(workspace, secrets.token_hex(6)) as writer:
        if isinstance(found, FileSource):
            with DecoderPool(cancelled) as pool:
                manifest = import_files(found, target, writer, pool, report)
        elif isinstance(found, ArraySource):
            with DecoderChild(cancelled) as child:
                manifest = import_arrays(found, target, writer, child, report)
        else:
            manifest = import_texts(found, columns, target, writer, report, cancelled)
    report.finished(manifest.identifier, manifest.count)
    return manifest


def _opened(
    workspace: Workspace,
    source: ImportSource,
    report: Reporter,
    cancelled: Callable[[], bool],
) -> tuple[Source, TextColumns | None]:
    """What lies at the location, and the use of its columns where it is texts. UserError."""
    entry = catalogue_entry(source.location)
    if entry is not None and entry.kind == "texts":
        report.phase("making the texts", None)
        return text_sample(entry.key), TEXT_COLUMNS[entry.key]
    if entry is not None:
        path = fetch(entry, workspace, report, cancelled)
    else:
        path = typed_path(source.location)
    report.phase("listing the files", None)
    table = None if source.labels_csv is None else typed_path(source.labels_csv)
    found = open_source(path, table, texts=source.columns is not None)
    if isinstance(found, TextSource) and source.size is not None:
        raise UserError(f"{found.name} holds texts, which have no size in pixels. Leave it out.")
    if not isinstance(found, TextSource) and source.columns is not None:
        raise UserError(
            f"{plain_text(path.name)} holds images, and uses of columns were given. Expected a "
            "CSV file with a text in each row: leave the columns out."
        )
    return found, source.columns


def _target(source: ImportSource) -> Target:
    name = plain_text(source.name, 100)
    entry = catalogue_entry(source.location)
    if entry is None:
        shown = plain_text(typed_path(source.location).name)
        return Target(identifier_of(name), name, shown, source.size)
    identifier = "sample" if name == SAMPLE_NAME else identifier_of(name)
    return Target(identifier, name, entry.title, source.size)


def _refuse_other_content(workspace: Workspace, identifier: str, found: Source) -> None:
    """Refuse a taken name at once where the number of files shows that the content differs.

    Otherwise the import runs, and its fingerprint tells whether it is the same content again.
    """
    try:
        known = open_dataset(workspace, identifier).manifest
    except UserError:
        return
    if isinstance(found, FileSource):
        files = len(found.files) + len(found.skipped)
        if files != known.count + known.skipped_count:
            refuse_taken_name(workspace, identifier)
