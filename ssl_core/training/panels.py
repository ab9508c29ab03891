"""Pictures that a method publishes while it trains. Kinds and payloads: docs/architecture.md."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.thumbnails import contact_sheet
from ssl_core.runs.confusion import MATRIX_LIMIT


@dataclass(frozen=True)
class Panel:
    """One picture at one step; the worker writes it into the run folder."""

    name: str
    kind: str
    title: str
    help: str
    payload: dict[str, object] | bytes
    rows: tuple[str, ...] | None = None  # of an image grid: names, top to bottom
    columns: int | None = None
    uses_reference_labels: bool = False

    def info(self) -> dict[str, object]:
        """What panel.json holds."""
        facts: dict[str, object] = {
            "kind": self.kind,
            "title": self.title,
            "help": self.help,
            "uses_reference_labels": self.uses_reference_labels,
        }
        if self.rows is not None:
            facts |= {"rows": list(self.rows), "columns": self.columns}
        return facts


def confusion_panel(counts: NDArray[np.int64], classes: tuple[str, ...]) -> Panel | None:
    """Which class is taken for which; None for more classes than a matrix can show.

    counts: (classes, classes), row = true class.
    """
    if len(classes) > MATRIX_LIMIT:
        return None
    return Panel(
        name="confusion",
        kind="matrix",
        title="Confusion on the validation labels",
        help="Row: the label given by hand. Column: what the averaged weights say.",
        payload={
            "values": counts.tolist(),
            "rows": list(classes),
            "columns": list(classes),
            "row_title": "label",
            "column_title": "prediction",
            "unit": "images",
        },
    )


def image_grid(name: str, title: str, help: str, rows: dict[str, NDArray[np.floating]]) -> Panel:
    """A grid with one row of images a name, as many columns as images in a row.

    rows: name -> (columns, height, width, channels), float, intensities; cut to [0, 1].
    """
    columns = len(next(iter(rows.values())))
    images = np.concatenate(list(rows.values()))
    drawn = np.round(np.clip(images, 0.0, 1.0) * 255.0).astype(np.uint8)
    return Panel(
        name=name,
        kind="image_grid",
        title=title,
        help=help,
        payload=contact_sheet(drawn, columns),
        rows=tuple(rows),
        columns=columns,
    )
