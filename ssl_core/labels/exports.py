"""All labels of a dataset into one file; how it ends says in which form."""

from pathlib import Path

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.class_folders import export_class_folders
from ssl_core.labels.csv_files import export_csv
from ssl_core.labels.label_studio import export_label_studio
from ssl_core.labels.store import LabelStore
from ssl_core.labels.written_file import Progress, no_progress

ENDINGS = (".csv", ".json", ".zip")


def export_labels(
    dataset: Dataset,
    store: LabelStore,
    path: Path,
    head: str | None = None,
    with_test: bool = False,
    progress: Progress = no_progress,
) -> int:
    """Write the labels to `path`; returns how many.

    .csv and .json hold the answers to all heads; .zip the items that have an answer to `head`
    (None: the main one), of the test split only `with_test`. Raises UserError.
    """
    ending = path.suffix.lower()
    if ending == ".csv":
        return export_csv(dataset, store, path)
    if ending == ".json":
        return export_label_studio(dataset, store, path, progress)
    if ending == ".zip":
        return export_class_folders(dataset, store, path, head, with_test, progress)
    raise UserError(
        f"{path.name[-60:]} has no ending that is known. Expected {' or '.join(ENDINGS)}."
    )
