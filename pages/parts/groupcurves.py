"""The curves of the chosen runs over each other, those of one kind as their mean."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path

import streamlit as st

from pages.parts.chartplan import common_word, head_titles, units_of_all
from pages.parts.charts import Curve, curves_figure, with_unit
from pages.parts.look import current_look
from pages.parts.looks import quiet, tag
from pages.parts.session import workspace
from ssl_core.runs.comparison import RunGroup, mean_curve
from ssl_core.runs.figures import (
    full_name,
    group_of,
    grouped,
    is_drawn,
    needs_hidden_labels,
    note_of,
    shared_guides,
    worded,
)
from ssl_core.runs.folder import METRICS
from ssl_core.runs.guides import Guide, guides_stamp, read_guides
from ssl_core.runs.metric_group import MetricGroup
from ssl_core.runs.series import AXES, Axis, metric_series

_FIRST_METRICS = ("accuracy/validation", "accuracy/train", "loss/validation", "loss/total")
_WINDOWS = (1, 3, 5, 10, 20, 40, 100, 400, 1000)  # points that a run published
_KEPT = 500  # runs whose names and guides stay in memory


@st.fragment(key="curves")
def show_curves(groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """One metric of all groups over each other."""
    metrics = _metrics(groups)
    if not metrics:
        quiet("None of these runs has published a figure yet.")
        return
    requests = [group.request for group in groups]
    units, titles = units_of_all(requests), head_titles(requests)
    items = common_word(workspace(), requests)
    with st.container(horizontal=True, vertical_alignment="top"):
        metric = st.selectbox(
            "Metric", metrics, width=380, key="metric",
            format_func=lambda name: full_name(name, units, titles),
        )  # fmt: skip
        short_names = {"step": "step", "seconds": "time", "images": items}
        axis: Axis = st.segmented_control(
            "Along", list(AXES), default="step", required=True, key="along",
            format_func=lambda name: short_names[name],
        )  # fmt: skip
        window = st.select_slider(
            "Smoothed over", _WINDOWS, key="smoothing", width=220,
            format_func=lambda number: f"{number} points" if number > 1 else "not",
        )  # fmt: skip
    measured = group_of(metric, units, titles)
    note = worded(note_of(measured, metrics), items)
    note = "" if "{" in note else escape(note)  # what holds a value is about one run
    badge = tag("uses hidden labels", "reference") if needs_hidden_labels(metric) else ""
    if note or badge:
        st.html(f'<p class="hf-quiet">{note} {badge}</p>')
    title = with_unit(full_name(metric, units, titles), worded(measured.unit, items))
    along = {"step": "step", "seconds": "training time (s)", "images": f"{items} seen"}
    curves = _curves(groups, names, (metric, axis, window))
    lines = _guides(groups, metric, measured)
    look, share = current_look(), measured.is_share
    figure = curves_figure(curves, (along[axis], title), look, share=share, lines=lines)
    st.plotly_chart(figure, key="curves-chart", config={"displaylogo": False})
    several = any(len(found.runs) > 1 for found in groups)
    if window > 1:
        of_seeds = " of every seed" if several else ""
        quiet(
            f"Line: mean of {window} neighbouring points{of_seeds}, fewer near the ends. Band: "
            "from the lowest to the highest of them, so that no extreme is lost."
        )
    elif several:
        quiet("Line: mean over seeds. Band: one standard deviation to each side.")


def _curves(
    groups: Sequence[RunGroup], names: Sequence[str], what: tuple[str, Axis, int]
) -> list[Curve]:
    """The mean curve of each group, without points where it has not published the metric."""
    folder = workspace().runs
    curves = []
    for group, name in zip(groups, names, strict=True):
        stamps = tuple((run.run, _stamp(folder / run.run)) for run in group.runs)
        curve = _curve(str(folder), stamps, what, name)
        curves.append(curve or Curve(name, [], []))
    return curves


def _guides(groups: Sequence[RunGroup], metric: str, chart: MetricGroup) -> dict[str, float]:
    """Name -> value of the guides of `chart` that all runs which publish a metric of it share."""
    root = workspace().runs
    folders = [root / run.run for group in groups for run in group.runs]
    found = [_guides_of(path, guides_stamp(path)) for path in folders if metric in _names(path)]
    return {guide.name: guide.value for guide in shared_guides(chart, found)}


def _metrics(groups: Sequence[RunGroup]) -> list[str]:
    """What the groups have published, the most asked for first."""
    root = workspace().runs
    folders = [root / group.runs[0].run for group in groups]
    names = (name for path in folders for name in _names(path))
    found = dict.fromkeys(name for name in names if is_drawn(name))
    ordered = [name for _, members in grouped(found) for name in members]
    return sorted(ordered, key=lambda name: [name != first for first in _FIRST_METRICS])


def _names(path: Path) -> tuple[str, ...]:
    """The metrics that the run at `path` has published."""
    return _names_of(path, _stamp(path))


@lru_cache(maxsize=_KEPT)
def _names_of(path: Path, stamp: int) -> tuple[str, ...]:
    """Kept while the run does not grow: of a hundred runs not all series stay in memory."""
    return tuple(metric_series(path).names())


@lru_cache(maxsize=_KEPT)
def _guides_of(path: Path, stamp: int) -> Mapping[str, tuple[Guide, ...]]:
    """Kept while the file does not change."""
    return read_guides(path)


def _stamp(path: Path) -> int:
    """Changes when a run publishes more."""
    try:
        return (path / METRICS).stat().st_size
    except OSError:
        return 0


@st.cache_data(max_entries=400, show_spinner=False)
def _curve(
    root: str, stamps: tuple[tuple[str, int], ...], what: tuple[str, Axis, int], name: str
) -> Curve | None:
    """The mean curve of some runs; kept while none of them grows."""
    folder = workspace().runs
    metric, axis, window = what
    found = [metric_series(folder / run).curve(metric, axis) for run, _ in stamps]
    curve = mean_curve(found, window)
    if curve is None:
        return None
    return Curve(name, curve.x.tolist(), *curve.shown())
