"""The chosen runs, those of one kind taken together over their seeds."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from pages.parts.charts import Curve, curves_figure
from pages.parts.look import current_look
from pages.parts.looks import quiet
from pages.parts.runtext import method_title
from pages.parts.session import workspace
from pages.parts.words import counted, duration, plain, share
from ssl_core.runs.comparison import (
    RunGroup,
    differing_settings,
    mean_curve,
    ties,
)
from ssl_core.runs.folder import METRICS
from ssl_core.runs.series import Axis, metric_series

AXIS_TITLES: dict[Axis, str] = {
    "step": "step",
    "seconds": "training time (s)",
    "images": "images seen",
}
_AXIS_NAMES: dict[Axis, str] = {"step": "step", "seconds": "time", "images": "images"}
_FIRST_METRICS = ("accuracy/validation", "accuracy/train", "loss/validation", "loss/total")
_HIDDEN = ("count/", "accuracy/validation_")
_UNITS = {
    "throughput": "images/s",
    "learning_rate": "per step",
    "loss/classification": "nats",
    "loss/validation": "nats",
    "loss/reconstruction": "squared intensity",
}


def group_names(groups: Sequence[RunGroup]) -> list[str]:
    """A short name for each group that tells it from the others."""
    settings = differing_settings([group.request for group in groups])
    names: list[str] = []
    seen: Counter[str] = Counter()
    for place, group in enumerate(groups):
        parts = [method_title(group.request.method)]
        parts.append(counted(sum(group.request.labels.per_class.values()), "label"))
        parts += [
            f"{name.replace('_', ' ')} {values[place]}"
            for name, values in settings.items()
            if values[place] != "–" and name != "validation_share"
        ]
        parts += [group.state] if group.state != "finished" else []
        name = " · ".join(parts)
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def show_groups(groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """Mean and spread of each group, and which differences are none."""
    st.table(
        {
            "": [plain(name) for name in names],
            "Seeds": [", ".join(map(str, group.seeds)) for group in groups],
            "Test accuracy": [_accuracy(group) for group in groups],
            "95 % interval": [_interval(group) for group in groups],
            "Training time": [_mean_time(group) for group in groups],
        },
        border="horizontal",
    )
    quiet(
        "Mean ± standard deviation over seeds; the interval is Student's t over seeds, or "
        "Wilson's where there is one seed. Test accuracy is that of the last step: nothing was "
        "chosen on the test images. A seed trained twice counts once, as its newest run."
    )
    tied = [f"{plain(names[first])} and {plain(names[second])}" for first, second in ties(groups)]
    if tied:
        shown = [f"- {pair}" for pair in tied[:4]]
        shown += [f"- and {len(tied) - 4} more pairs"] if len(tied) > 4 else []
        st.info(
            "A tie within the interval. More seeds or more test images would tell.\n\n"
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
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric = st.selectbox("Metric", metrics, format_func=metric_name, width=320, key="metric")
        axis: Axis = st.segmented_control(
            "Along", list(AXIS_TITLES), default="step", required=True, key="along",
            format_func=lambda name: _AXIS_NAMES[name],
        )  # fmt: skip
    root = str(workspace().runs)
    curves = []
    for group, name in zip(groups, names, strict=True):
        stamps = tuple((run.run, _stamp(run.run)) for run in group.runs)
        curve = _curve(root, stamps, metric, axis, name)
        curves.append(curve or Curve(name, [], []))
    rate = metric.startswith(("accuracy/", "share/"))
    unit = "share right" if metric.startswith("accuracy/") else _UNITS.get(metric, "")
    title = f"{metric_name(metric)} ({unit})" if unit else metric_name(metric)
    figure = curves_figure(curves, (AXIS_TITLES[axis], title), current_look(), share=rate)
    st.plotly_chart(figure, key="curves-chart", config={"displaylogo": False})
    if any(len(group.runs) > 1 for group in groups):
        quiet("Line: mean over seeds. Band: one standard deviation to each side.")


def metric_name(metric: str) -> str:
    """'loss/total' -> 'Total loss', 'throughput' -> 'Throughput'."""
    return " ".join(reversed(metric.split("/"))).replace("_", " ").capitalize()


def _metrics(groups: Sequence[RunGroup]) -> list[str]:
    """What the groups have published, the most asked for first."""
    folder = workspace().runs
    found = dict.fromkeys(
        name
        for group in groups
        for name in metric_series(folder / group.runs[0].run).names()
        if not name.startswith(_HIDDEN)
    )
    return sorted(found, key=lambda name: (*[name != first for first in _FIRST_METRICS], name))


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
        return share(spread.mean)
    return f"{100 * spread.mean:.1f} ± {share(spread.deviation)}"


def _interval(group: RunGroup) -> str:
    if group.interval is None:
        return "–"
    low, high = group.interval
    return f"{100 * low:.1f} to {share(high)}"


def _mean_time(group: RunGroup) -> str:
    seconds = [run.status.seconds for run in group.runs]
    return duration(sum(seconds) / len(seconds))
