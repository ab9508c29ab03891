"""The chosen runs, those of one kind taken together over their seeds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from pages.parts.chartplan import items_word, units_of
from pages.parts.charts import Curve, curves_figure, with_unit
from pages.parts.look import current_look
from pages.parts.looks import quiet, tag
from pages.parts.runtext import labels_number, method_title, uses_reference_labels
from pages.parts.session import workspace
from pages.parts.words import duration, plain, share
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
    value_text,
    worded,
)
from ssl_core.runs.folder import METRICS
from ssl_core.runs.series import AXES, Axis, metric_series

_FIRST_METRICS = ("accuracy/validation", "accuracy/train", "loss/validation", "loss/total")
_BUDGET = "budget"  # as `differing_settings` calls it
_MOST_FIGURES = 4  # columns beside the test accuracy; all of them are in the table of runs


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
        parts.append(labels_number(group.request.labels))
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
    table = {"": [plain(name) for name in names]}
    table["Seeds"] = [", ".join(map(str, group.seeds)) for group in groups]
    figures = list(dict.fromkeys(name for group in groups for name in group.figures))
    if not figures or any(group.accuracy is not None for group in groups):
        table["Test accuracy"] = [_accuracy(group) for group in groups]
        table["95 % interval"] = [_interval(group) for group in groups]
    units = {head: unit for group in groups for head, unit in units_of(group.request).items()}
    for name in figures[:_MOST_FIGURES]:
        title = plain(full_name(name, units))
        table[title] = [_figure(group, name, units) for group in groups]
    table["Training time"] = [_mean_time(group) for group in groups]
    st.table(table, border="horizontal")
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


@st.fragment(key="curves")
def show_curves(groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """One metric of all groups over each other."""
    metrics = _metrics(groups)
    if not metrics:
        quiet("None of these runs has published a figure yet.")
        return
    request = groups[0].request
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
    figure = curves_figure(curves, titles, current_look(), share=measured.is_share)
    st.plotly_chart(figure, key="curves-chart", config={"displaylogo": False})


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
    mapped = any(uses_reference_labels(run.status.results) for run in group.runs)
    badge = " :orange-badge[mapped with reference labels]" if mapped else ""
    if spread.deviation is None:
        return share(spread.mean) + badge
    return f"{100 * spread.mean:.1f} ± {share(spread.deviation)}{badge}"


def _figure(group: RunGroup, name: str, units: Mapping[str, str]) -> str:
    spread = group.figures.get(name)
    if spread is None:
        return "–"
    if spread.deviation is None:
        return value_text(name, spread.mean, units)
    return f"{value_text(name, spread.mean, units)} ± {value_text(name, spread.deviation, units)}"


def _interval(group: RunGroup) -> str:
    if group.interval is None:
        return "–"
    low, high = group.interval
    return f"{100 * low:.1f} to {share(high)}"


def _mean_time(group: RunGroup) -> str:
    seconds = [run.status.seconds for run in group.runs]
    return duration(sum(seconds) / len(seconds))
