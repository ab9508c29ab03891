"""The chosen runs, those of one kind taken together over their seeds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from pages.parts.chartplan import items_word, units_of
from pages.parts.charts import Curve, curves_figure, with_unit
from pages.parts.look import current_look
from pages.parts.looks import quiet, tag
from pages.parts.runtext import figure_title, labels_number, mapped_with, method_title
from pages.parts.session import workspace
from pages.parts.words import THIN_SPACE, duration, plain, share
from ssl_core.methods import uses_items
from ssl_core.runs.comparison import (
    RunGroup,
    differing_settings,
    mean_curve,
    ties,
)
from ssl_core.runs.figures import (
    full_name,
    group_of,
    grouped,
    is_drawn,
    needs_hidden_labels,
    shared_guides,
    unit_of,
    value_text,
    worded,
)
from ssl_core.runs.folder import METRICS
from ssl_core.runs.guides import read_guides
from ssl_core.runs.series import AXES, Axis, metric_series

_FIRST_METRICS = ("accuracy/validation", "accuracy/train", "loss/validation", "loss/total")
_BUDGET = "budget"  # as `differing_settings` calls it
_MOST_FIGURES = 4  # columns; all of them are in the table of runs
_MOST_SEEDS = 5  # that are kept in one line


def group_names(groups: Sequence[RunGroup]) -> list[str]:
    """A short name for each group that tells it from the others.

    Settings are in it that differ among the groups of its method: that another method has others
    is in the table, and its name says enough here. A budget that differs is always said.
    """
    budgets = differing_settings([group.request for group in groups]).get(_BUDGET)
    names: list[str] = []
    seen: Counter[str] = Counter()
    for place, group in enumerate(groups):
        parts = [method_title(group.request.method)]
        parts += filter(None, [labels_number(group.request)])
        parts += _own_settings(group, groups)
        parts += [budgets[place]] if budgets else []
        parts += [group.state] if group.state != "finished" else []
        name = " · ".join(parts)
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _own_settings(group: RunGroup, groups: Sequence[RunGroup]) -> list[str]:
    """What tells a group from those of the same method, but for the budget."""
    alike = [other for other in groups if other.request.method == group.request.method]
    place = alike.index(group)
    return [
        f"{name.replace('_', ' ')} {values[place]}"
        for name, values in differing_settings([other.request for other in alike]).items()
        if values[place] != "–" and name not in ("validation_share", _BUDGET)
    ]


def show_groups(groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """Mean and spread of each group, and which differences are none."""
    table = {"": [_parted(name) for name in names]}
    table["Seeds"] = [_seeds(group) for group in groups]
    tested = any(group.accuracy is not None for group in groups)
    figures = _figure_table(groups)
    if tested or not figures:
        table[_unbroken("Test accuracy")] = [_accuracy(group) for group in groups]
        table[_unbroken("95 % interval")] = [_interval(group) for group in groups]
    mapped = [_mapped(group) for group in groups]
    if any(mapped):
        table[_unbroken("Mapped with")] = [cell or "–" for cell in mapped]
    if not tested:
        table |= figures
    table[_unbroken("Training time")] = [_mean_time(group) for group in groups]
    st.table(table, border="horizontal")
    if any("reference" in cell for cell in mapped):
        quiet(
            "Mapped with reference labels: the run had no labels to train on, and its answers got "
            "their classes from reference labels of the training split, which other runs never see."
        )
    if tested and figures:
        rows = [place for place, group in enumerate(groups) if group.figures]
        further = {"": [_parted(name) for name in names]} | figures
        st.table(
            {title: [cells[row] for row in rows] for title, cells in further.items()},
            border="horizontal",
        )
    quiet(
        "Mean ± standard deviation over seeds; the interval is Student's t over seeds, or "
        "Wilson's where there is one seed. Test accuracy is that of the last step: nothing was "
        "chosen on the test data. A seed trained twice counts once, as its newest run."
    )
    tied = [f"{plain(names[first])} and {plain(names[second])}" for first, second in ties(groups)]
    if tied:
        shown = [f"- {pair}" for pair in tied[:4]]
        shown += [f"- and {len(tied) - 4} more pairs"] if len(tied) > 4 else []
        st.info(
            "A tie within the interval. More seeds or a larger test set would tell.\n\n"
            + "\n".join(shown),
            icon=":material/balance:",
        )


def _figure_table(groups: Sequence[RunGroup]) -> dict[str, list[str]]:
    """A column for each figure beside the accuracy that some group has, up to a few."""
    units = {head: unit for group in groups for head, unit in units_of(group.request).items()}
    requests = [group.request for group in groups]
    figures = list(dict.fromkeys(name for group in groups for name in group.figures))
    return {
        plain(figure_title(name, requests, units)): [
            _figure(group, name, units) for group in groups
        ]
        for name in figures[:_MOST_FIGURES]
    }


def _parted(name: str) -> str:
    """The name of a group in a table, which may go on in a new line only after a dot."""
    return " · ".join(_unbroken(plain(part)) for part in name.split(" · "))


def _unbroken(text: str) -> str:
    """`text` with spaces at which no line ends: a number and its unit stay together."""
    return text.replace(" ", "\u00a0").replace(THIN_SPACE, "\u202f")


@st.fragment(key="curves")
def show_curves(groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """One metric of all groups over each other."""
    metrics = _metrics(groups)
    if not metrics:
        quiet("None of these runs has published a figure yet.")
        return
    request = next((g.request for g in groups if uses_items(g.request.method)), groups[0].request)
    units, items = units_of(request), items_word(workspace(), request)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric = st.selectbox(
            "Metric", metrics, width=380, key="metric",
            format_func=lambda name: full_name(name, units),
        )  # fmt: skip
        short_names = {"step": "step", "seconds": "time", "images": items}
        axis: Axis = st.segmented_control(
            "Along", list(AXES), default="step", required=True, key="along",
            format_func=lambda name: short_names[name],
        )  # fmt: skip
    note = worded(group_of(metric, units).note, items)
    note = "" if "{" in note else escape(note)  # what holds a value is about one run
    badge = tag("uses hidden labels", "reference") if needs_hidden_labels(metric) else ""
    if note or badge:
        st.html(f'<p class="hf-quiet">{note} {badge}</p>')
    _draw(groups, names, metric, axis, items)
    if any(len(found.runs) > 1 for found in groups):
        quiet("Line: mean over seeds. Band: one standard deviation to each side.")


def _draw(
    groups: Sequence[RunGroup], names: Sequence[str], metric: str, axis: Axis, items: str
) -> None:
    root = str(workspace().runs)
    curves = []
    for group, name in zip(groups, names, strict=True):
        stamps = tuple((run.run, _stamp(run.run)) for run in group.runs)
        curve = _curve(root, stamps, metric, axis, name)
        curves.append(curve or Curve(name, [], []))
    along = {"step": "step", "seconds": "training time (s)", "images": f"{items} seen"}
    units = units_of(groups[0].request)
    measured = group_of(metric, units)
    title = with_unit(full_name(metric, units), worded(measured.unit, items))
    titles = (along[axis], title)
    lines = _guides(groups, metric)
    figure = curves_figure(curves, titles, current_look(), share=measured.is_share, lines=lines)
    st.plotly_chart(figure, key="curves-chart", config={"displaylogo": False})


def _guides(groups: Sequence[RunGroup], metric: str) -> dict[str, float]:
    """Name -> value of the guides of a metric that all runs which publish it have in common."""
    folders = [workspace().runs / run.run for group in groups for run in group.runs]
    found = [read_guides(path) for path in folders if metric in metric_series(path).names()]
    return {guide.name: guide.value for guide in shared_guides(group_of(metric), found)}


def _metrics(groups: Sequence[RunGroup]) -> list[str]:
    """What the groups have published, the most asked for first."""
    folder = workspace().runs
    found = dict.fromkeys(
        name
        for group in groups
        for name in metric_series(folder / group.runs[0].run).names()
        if is_drawn(name)
    )
    ordered = [name for _, members in grouped(found) for name in members]
    return sorted(ordered, key=lambda name: [name != first for first in _FIRST_METRICS])


def _stamp(run: str) -> int:
    try:
        return (workspace().runs / run / METRICS).stat().st_size
    except OSError:
        return 0


@st.cache_data(max_entries=400, show_spinner=False)
def _curve(
    root: str, stamps: tuple[tuple[str, int], ...], metric: str, axis: Axis, name: str
) -> Curve | None:
    """The mean curve of some runs; kept while none of them grows."""
    folder = workspace().runs
    curve = mean_curve([metric_series(folder / run).curve(metric, axis) for run, _ in stamps])
    if curve is None:
        return None
    return Curve(name, curve.x.tolist(), *curve.shown())


def _accuracy(group: RunGroup) -> str:
    spread = group.accuracy
    if spread is None:
        return "–"
    if spread.deviation is None:
        return _unbroken(share(spread.mean))
    return _unbroken(f"{100 * spread.mean:.1f} ± {share(spread.deviation)}")


def _mapped(group: RunGroup) -> str:
    """Which labels gave the answers their classes, where that was after the training."""
    found = sorted({mapped_with(run.status.results) for run in group.runs} - {""})
    return " ".join(
        f":orange-badge[{_unbroken(one)}]" if one.startswith("reference") else _unbroken(one)
        for one in found
    )


def _seeds(group: RunGroup) -> str:
    text = ", ".join(map(str, group.seeds))
    return _unbroken(text) if len(group.seeds) <= _MOST_SEEDS else text


def _figure(group: RunGroup, name: str, units: Mapping[str, str]) -> str:
    spread = group.figures.get(name)
    if spread is None:
        return "–"
    if spread.deviation is None:
        return _unbroken(value_text(name, spread.mean, units))
    if group_of(name, units).is_share:
        return _unbroken(f"{100 * spread.mean:.1f} ± {share(spread.deviation)}")
    # Equal values may differ in their last bits.
    deviation = spread.deviation if spread.deviation > 1e-9 * abs(spread.mean) else 0.0
    unit = unit_of(name, units)
    return _unbroken(f"{spread.mean:.4g} ± {deviation:.2g} {unit}".rstrip())


def _interval(group: RunGroup) -> str:
    if group.interval is None:
        return "–"
    low, high = group.interval
    return _unbroken(f"{100 * low:.1f} to {share(high)}")


def _mean_time(group: RunGroup) -> str:
    seconds = [run.status.seconds for run in group.runs]
    return _unbroken(duration(sum(seconds) / len(seconds)))
