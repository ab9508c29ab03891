"""Pictures that a method publishes while it trains. Kinds and payloads: docs/architecture.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.thumbnails import contact_sheet
from ssl_core.runs.confusion import MATRIX_LIMIT


@dataclass(frozen=True)
class Panel:
    """One picture at one step; the worker writes it into the run folder."""

    name: str  # of its folder: a-z, 0-9 and _
    kind: str
    title: str
    help: str
    payload: dict[str, object] | bytes
    rows: tuple[str, ...] | None = None  # of an image grid: names, "" for none, top to bottom
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
    return matrix(
        "confusion",
        "Confusion on the validation labels",
        "Row: the label. Column: what the averaged weights say.",
        counts,
        (classes, classes),
        ("label", "prediction"),
    )


def matrix(
    name: str,
    title: str,
    help: str,
    values: NDArray,
    names: tuple[Sequence[str], Sequence[str]],
    titles: tuple[str, str],
    unit: str = "images",
    *,
    uses_reference_labels: bool = False,
) -> Panel:
    """values: (rows, columns), not negative. names and titles: of rows, of columns."""
    payload: dict[str, object] = {
        "values": np.asarray(values).tolist(),
        "rows": list(names[0]),
        "columns": list(names[1]),
        "row_title": titles[0],
        "column_title": titles[1],
        "unit": unit,
    }
    return Panel(name, "matrix", title, help, payload, uses_reference_labels=uses_reference_labels)


def histogram(
    name: str,
    title: str,
    help: str,
    values: Mapping[str, NDArray],
    edges: NDArray,
    title_x: str,
    lines: Mapping[str, float] | None = None,
    unit: str = "images",
) -> Panel:
    """values: series -> (n,), counted between `edges` (bins + 1,); lines: name -> x; unit: what is
    counted.
    """
    counts = {series: np.histogram(one, edges)[0].tolist() for series, one in values.items()}
    payload: dict[str, object] = {
        "edges": np.asarray(edges, np.float64).tolist(),
        "series": counts,
        "title_x": title_x,
        "title_y": unit,
        "lines": dict(lines or {}),
    }
    return Panel(name, "histogram", title, help, payload)


def bars(
    name: str,
    title: str,
    help: str,
    names: Sequence[str],
    series: Mapping[str, NDArray],
    title_y: str,
    unit: str,
    lines: Mapping[str, float] | None = None,
    *,
    title_x: str = "",
    uses_reference_labels: bool = False,
) -> Panel:
    """One group of bars a name. series: name -> (names,), NaN = no value; lines: name -> y."""
    payload: dict[str, object] = {
        "names": list(names),
        "series": {key: _numbers(values) for key, values in series.items()},
        "title_x": title_x,
        "title_y": title_y,
        "unit": unit,
        "lines": dict(lines or {}),
    }
    return Panel(name, "bars", title, help, payload, uses_reference_labels=uses_reference_labels)


def curve(
    name: str,
    title: str,
    help: str,
    series: Mapping[str, tuple[NDArray, NDArray]],
    titles: tuple[str, str],
    *,
    diagonal: bool = False,
) -> Panel:
    """Lines. series: name -> x and y, (n,) each; titles: of x, of y."""
    payload: dict[str, object] = {
        "series": {key: {"x": _numbers(x), "y": _numbers(y)} for key, (x, y) in series.items()},
        "title_x": titles[0],
        "title_y": titles[1],
        "diagonal": diagonal,
    }
    return Panel(name, "curve", title, help, payload)


def scatter(
    name: str,
    title: str,
    help: str,
    points: NDArray,
    groups: Sequence[str],
    titles: tuple[str, str],
    *,
    diagonal: bool = False,
    uses_reference_labels: bool = False,
) -> Panel:
    """points: (n, 2); groups: the name of the group of each point; diagonal: draw where y is x."""
    payload: dict[str, object] = {
        "x": _numbers(points[:, 0]),
        "y": _numbers(points[:, 1]),
        "group": list(groups),
        "title_x": titles[0],
        "title_y": titles[1],
        "diagonal": diagonal,
    }
    return Panel(name, "scatter", title, help, payload, uses_reference_labels=uses_reference_labels)


def _numbers(values: NDArray) -> list[float | None]:
    """Six significant digits are enough for a picture; what is not finite has no value."""
    array = np.asarray(values, np.float64)
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in array]


def image_grid(
    name: str,
    title: str,
    help: str,
    rows: Mapping[str, NDArray[np.floating]] | Sequence[NDArray[np.floating]],
) -> Panel:
    """A grid with one row of images a name, as many columns as images in a row.

    rows: by name, or in order where they have none; each (columns, height, width, channels),
    float, intensities; cut to [0, 1].
    """
    named = rows if isinstance(rows, Mapping) else None
    drawn_rows = list(rows) if named is None else list(named.values())
    columns = len(drawn_rows[0])
    images = np.concatenate(drawn_rows)
    drawn = np.round(np.clip(images, 0.0, 1.0) * 255.0).astype(np.uint8)
    return Panel(
        name=name,
        kind="image_grid",
        title=title,
        help=help,
        payload=contact_sheet(drawn, columns),
        rows=("",) * len(drawn_rows) if named is None else tuple(named),
        columns=columns,
    )
