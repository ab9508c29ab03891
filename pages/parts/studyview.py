"""A study of label costs: how far it is, its curves, and which differences are ties."""

import streamlit as st

from pages.parts.costfigure import CostCurve, cost_figure
from pages.parts.look import current_look
from pages.parts.looks import facts, meter, quiet, tag
from pages.parts.runtext import method_title
from pages.parts.session import show_error, workspace
from pages.parts.words import count, counted, duration, plain
from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.store import open_labels
from ssl_core.studies.progress import (
    Progress,
    advance,
    continue_study,
    pause_study,
    study_progress,
)
from ssl_core.studies.results import Difference, Findings, Point, against, find
from ssl_core.studies.study import Study, read_study

REFRESH_SECONDS = 3.0
_ALONG = {"labels": "number of labels", "seconds": "time of labelling"}
_WORDS = {"first": "better", "second": "worse", "tie": "a tie", "unknown": "one draw: unknown"}


def study_name(study: Study) -> str:
    """For example '20, 50, 100 labels · FixMatch, Pseudo-labels · 3 draws'."""
    asked = study.settings
    budgets = ", ".join(count(number) for number in asked.budgets)
    methods = ", ".join(method_title(name) for name in asked.methods)
    kind = "" if asked.kind == "reference" else " · your labels"
    return f"{budgets} labels · {methods} · {counted(asked.draws, 'draw')}{kind}"


def show_study(dataset: Dataset, study: Study) -> None:
    """The study, drawn again every few seconds while it goes on."""
    progress = study_progress(workspace(), study)
    every = None if progress.is_over else REFRESH_SECONDS
    st.fragment(_study, run_every=every)(dataset, study.name, every is not None)


def _study(dataset: Dataset, name: str, followed: bool) -> None:
    try:
        progress = advance(workspace(), name)
    except UserError as error:
        show_error(error)
        progress = study_progress(workspace(), read_study(workspace(), name))
    if followed and progress.is_over:
        st.rerun()  # so that nothing asks any more
    _state(progress)
    if progress.study.settings.kind == "reference":
        badge = tag("uses reference labels", "reference")
        st.html(f'<p class="hf-quiet">Labelling is simulated {badge}</p>')
    found = find(progress, open_labels(dataset).median_seconds())
    if any(found.curves.values()):
        _chart(progress.study, found)
        _differences(progress.study, found)
    else:
        quiet("The curves begin here as soon as the first run has finished with a test accuracy.")


def _state(progress: Progress) -> None:
    finished, failed = len(progress.ended("finished")), len(progress.ended("failed"))
    stopped = len(progress.ended("stopped"))
    told = {"Finished": f"{count(finished)} of {counted(progress.total, 'run')}"}
    told |= {"Failed": count(failed)} if failed else {}
    told |= {"Stopped": count(stopped)} if stopped else {}
    trained = sum(run.status.seconds for run in progress.runs.values())
    told["Trained for"] = duration(trained)
    if finished and not progress.is_over:
        told["Left, about"] = duration(trained / finished * (progress.total - finished))
    facts(told)
    meter(finished, progress.total)
    name = progress.study.name
    if progress.is_over and (progress.missing or failed or stopped):
        quiet(
            "The study is paused."
            if progress.study.paused
            else "Some runs did not finish: their messages are on the watch page."
        )
        st.button("Go on", key="study-go-on", on_click=_change, args=("go on", name))
    elif not progress.is_over:
        st.button("Pause", key="study-pause", on_click=_change, args=("pause", name))


def _change(what: str, name: str) -> None:
    try:
        (continue_study if what == "go on" else pause_study)(workspace(), name)
    except UserError as error:
        st.toast(plain(str(error)))


def _chart(study: Study, found: Findings) -> None:
    """Accuracy against labels, or against the time that they take."""
    along = "labels"
    if found.seconds_a_label is not None:
        along = st.segmented_control(
            "Along", list(_ALONG), default="labels", required=True, key="study-along",
            format_func=lambda name: _ALONG[name],
        )  # fmt: skip
    title, scale = "labels", 1.0
    if along == "seconds" and found.seconds_a_label is not None:
        title, scale = "time of labelling (s), estimated", found.seconds_a_label
    curves = [
        _curve(study, method, points, scale) for method, points in found.curves.items() if points
    ]
    ceiling = found.ceiling.mean if found.ceiling else None
    figure = cost_figure(curves, title, ceiling, current_look())
    st.plotly_chart(figure, key="study-chart", config={"displaylogo": False})
    unit = found.unit.removesuffix("s")
    quiet(
        f"Dot: one {unit}. Line: mean over {found.unit}. Band: one standard deviation to each "
        f"side. Labels to train and to validate on are counted"
        + (", held-out ones are not." if study.held_out else ".")
    )
    if found.seconds_a_label is None:
        quiet("No label was timed yet: label some by hand to see what these cost in seconds.")
    else:
        quiet(
            f"Time: number of labels times {found.seconds_a_label:.1f} s, the median of the labels "
            "given by hand on this dataset. An estimate."
        )


def _curve(study: Study, method: str, points: list[Point], scale: float) -> CostCurve:
    spreads = [point.spread for point in points]
    return CostCurve(
        method_title(method),
        [scale * point.budget for point in points],
        [list(point.shares.values()) for point in points],
        [spread.mean - (spread.deviation or 0.0) for spread in spreads],
        [spread.mean + (spread.deviation or 0.0) for spread in spreads],
        is_baseline=method == study.settings.baseline,
    )


def _differences(study: Study, found: Findings) -> None:
    """A table: what each method brings over a chosen one, by number of labels."""
    methods = study.settings.all_methods
    if len(methods) < 2:
        return
    st.subheader("Which differences are real", anchor=False)
    chosen = st.selectbox(
        "Compared with", methods, key="study-against", format_func=method_title, width=380
    )
    known = {(one.first, one.budget): one for one in against(found, chosen)}
    budgets = study.settings.budgets
    others = [method for method in methods if method != chosen]
    table = {"": [plain(method_title(method)) for method in others]}
    for budget in budgets:
        table[counted(budget, "label")] = [_cell(known.get((name, budget))) for name in others]
    st.table(table, border="horizontal")
    quiet(
        f"Points of test accuracy above {method_title(chosen)}, paired over the same {found.unit}, "
        "with the 95 % interval of Student's t. A tie: the interval holds 0. Each cell by itself: "
        "of twenty ties one may be called a difference by chance."
    )


def _cell(difference: Difference | None) -> str:
    if difference is None:
        return "–"
    mean = f"{100 * difference.spread.mean:+.1f}"
    if difference.spread.interval is None:
        return plain(f"{mean} · {_WORDS[difference.verdict]}")
    low, high = (f"{100 * edge:+.1f}" for edge in difference.spread.interval)
    words = _WORDS[difference.verdict]
    marked = f"**{words}**" if difference.verdict != "tie" else words
    return f"{plain(mean)} · {marked} ({plain(low)} to {plain(high)})"
