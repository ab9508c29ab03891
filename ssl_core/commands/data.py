"""Verbs about datasets: import, datasets, delete-dataset."""

from __future__ import annotations

import argparse
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ssl_core.commands.command import Answer, Command, no_arguments, table, tell
from ssl_core.commands.text_options import chosen_columns, text_arguments
from ssl_core.errors import UserError
from ssl_core.files import typed_path
from ssl_core.workspace import Workspace, identifier_of

if TYPE_CHECKING:
    from ssl_core.datasets.dataset import Dataset, Manifest
    from ssl_core.datasets.progress import ImportProgress

_TELL_SECONDS = 1.0


def dataset_called(workspace: Workspace, name: str) -> Dataset:
    """The dataset with this identifier or, where there is none, this name. Raises UserError."""
    from ssl_core.datasets.dataset import open_dataset

    return open_dataset(workspace, _identifier(workspace, name))


def _identifier(workspace: Workspace, name: str) -> str:
    """The identifier of the dataset called `name`, also of one that is damaged."""
    from ssl_core.datasets.dataset import list_datasets

    known = list_datasets(workspace)
    for manifest in known:
        if name in (manifest.identifier, manifest.name):
            return manifest.identifier
    with suppress(UserError):
        identifier = identifier_of(name)
        if (workspace.datasets / identifier).is_dir():
            return identifier
    listed = ", ".join(sorted(manifest.identifier for manifest in known)) or "none"
    raise UserError(f"There is no dataset {name[:60]!r} in this workspace. Known: {listed}.")


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="a file or folder of images or arrays, a CSV file of texts, 'sample', 'posts', "
        "'headlines', or 'catalogue:KEY' such as catalogue:mnist",
    )
    parser.add_argument("--name", required=True, help="what to call the dataset")
    parser.add_argument(
        "--size",
        type=int,
        metavar="N",
        help="side in pixels of the square that all images are brought to",
    )
    parser.add_argument("--labels", metavar="FILE.csv", help="a table of labels for image files")
    text_arguments(parser)


def _import(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.datasets.importer import CancelledError, ImportSource, run_import

    options.source = _location(options.source)
    source = ImportSource(
        location=options.source,
        name=options.name,
        size=options.size,
        labels_csv=options.labels,
        columns=chosen_columns(options),
    )
    with _interruptible() as cancelled:
        try:
            manifest = run_import(workspace, source, _reporter(), cancelled)
        except CancelledError:
            raise KeyboardInterrupt from None
    payload: dict[str, object] = {
        **_facts(manifest),
        "skipped": [{"file": one.file, "reason": one.reason} for one in manifest.skipped],
    }
    return Answer(payload, _imported(manifest))


def _location(source: str) -> str:
    """A path that exists as it is; a bare key of the catalogue as such."""
    from ssl_core.datasets.catalogue import CATALOGUE

    if source in {entry.key for entry in CATALOGUE} and not typed_path(source).exists():
        return source if source == "sample" else f"catalogue:{source}"
    return source


def _facts(manifest: Manifest) -> dict[str, object]:
    return {
        "dataset": manifest.identifier,
        "kind": manifest.kind,
        "count": manifest.count,
        "shape": list(manifest.shape),
        "classes": list(manifest.classes),
        "heads": [head.model_dump(mode="json") for head in manifest.all_heads],
        "columns": list(manifest.columns),
        "splits": manifest.splits,
    }


def _imported(manifest: Manifest) -> str:
    lines = [*_contents(manifest), *_answers(manifest)]
    if manifest.columns:
        lines.append(f"numeric columns: {', '.join(manifest.columns)}")
    if manifest.skipped_count:
        left_out = "files" if manifest.kind == "images" else "rows"
        lines.append(f"{manifest.skipped_count:,} {left_out} were left out:")
        lines += [f"  {one.file}: {one.reason}" for one in manifest.skipped[:20]]
    if manifest.skipped_count > 20:
        lines.append("  ... --json lists more of them")
    return "\n".join(lines)


def _contents(manifest: Manifest) -> list[str]:
    splits = ", ".join(f"{count:,} {split}" for split, count in manifest.splits.items())
    if manifest.kind == "texts":
        return [f"{manifest.identifier}: {manifest.count:,} texts ({splits})"]
    height, width, channels = manifest.shape
    return [
        f"{manifest.identifier}: {manifest.count:,} images of {height} x {width} pixels, "
        f"{channels} channel{'s' if channels > 1 else ''} ({splits})"
    ]


def _answers(manifest: Manifest) -> list[str]:
    """One line a head."""
    if not manifest.heads:
        classes = ", ".join(manifest.classes) or "none"
        return [f"{len(manifest.classes)} reference classes: {classes}"]
    return [
        f"{head.name} ({head.kind}): "
        + (head.unit if head.kind == "regression" else ", ".join(head.classes) or "no classes")
        for head in manifest.heads
    ]


def _reporter() -> Callable[[ImportProgress], None]:
    """Tells the progress at most once a second."""
    last = [time.monotonic()]

    def report(progress: ImportProgress) -> None:
        if progress.state == "running" and time.monotonic() - last[0] >= _TELL_SECONDS:
            last[0] = time.monotonic()
            total = f" of {progress.total:,}" if progress.total else ""
            speed = f", {progress.per_second:,.0f}/s" if progress.per_second else ""
            tell(f"{progress.phase}: {progress.done:,}{total}{speed}")

    return report


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Ctrl-C asks the import to clean up and end; a second one interrupts at once."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def interrupt(number: int, frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        tell("Cancelling ...")

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _datasets(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.datasets.dataset import list_datasets

    known = list_datasets(workspace)
    payload: dict[str, object] = {
        "datasets": [
            {**_facts(manifest), "name": manifest.name, "created": manifest.created}
            for manifest in known
        ]
    }
    rows = [
        [
            one.identifier,
            f"{one.count:,}",
            "x".join(map(str, one.shape)) if one.kind == "images" else "text",
            str(len(one.classes)),
        ]
        for one in known
    ]
    text = table(rows, ["dataset", "items", "shape", "classes"]) if rows else "No dataset yet."
    return Answer(payload, text)


def _delete_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the dataset")


def _delete(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.datasets.dataset import delete_dataset
    from ssl_core.runs.listing import runs_alive_on

    identifier = _identifier(workspace, options.name)
    alive = runs_alive_on(workspace, identifier)
    if alive:
        raise UserError(
            f"Still training on {identifier!r}: {', '.join(alive)}. Stop that first, "
            "then delete the dataset."
        )
    delete_dataset(workspace, identifier)
    payload: dict[str, object] = {"dataset": identifier, "deleted": True}
    return Answer(payload, f"Deleted {identifier} with its labels.")


COMMANDS = (
    Command("import", "bring images or texts into the workspace", _import_arguments, _import),
    Command("datasets", "list the datasets", no_arguments, _datasets),
    Command("delete-dataset", "delete a dataset with its labels", _delete_arguments, _delete),
)
