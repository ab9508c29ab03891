"""A study of label costs: how far it is, its curves, and which differences are ties."""

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.parts.costfigure import CostCurve, cost_figure
from pages.parts.look import current_look
from pages.parts.looks import facts, meter, quiet, tag
from pages.parts.runtext import method_title
from pages.parts.screens import page_of, screen
from pages.parts.session import show_error, workspace
from pages.parts.studysettings import show_settings
from pages.parts.words import count, counted, duration, plain
from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.cost import Pace, pace_of
from ssl_core.labels.store import open_labels
from ssl_core.studies.progress import (
    Progress,
    advance,
    continue_study,
    pause_study,
    study_progress,
)
from ssl_core.studies.results import Difference, Findings, Point, against, find, own_times
from ssl_core.studies.study import Study, list_studies, read_study

REFRESH_SECONDS = 3.0
_ALONG = {"labels": "number of labels", "seconds": "time of labelling"}
_WORDS = {"first": "better", "second": "worse", "tie": "a tie", "unknown": "one draw: unknown"}


def study_name(study: Study) -> str:
    """For example '20, 50, 100 labels · FixMatch, Pseudo-labels · 3 draws'."""
    asked = study.settings
    budgets = ", ".join(count(number) for number in asked.budgets)
    methods = ", ".join(method_title(name) for name in asked.methods)
    kind = "" if asked.kind == "reference" else " · your labels"
    kind += " · own settings" if asked.configurations or asked.own_steps else ""
    return f"{budgets} labels · {methods} · {counted(asked.draws, 'draw')}{kind}"


def study_names(studies: Sequence[Study]) -> dict[str, str]:
    """How each is called in a list, by its identifier; of equal ones the later have a number.

    studies: newest first.
    """
    seen: Counter[str] = Counter()
    names = {}
    for study in reversed(studies):
        name = study_name(study)
        seen[name] += 1
        names[study.name] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return {study.name: names[study.name] for study in studies}


def show_study(dataset: Dataset, study: Study) -> None:
    """The study, drawn again every few seconds while it goes on."""
    progress = study_progress(workspace(), study)
    every = None if progress.is_over else REFRESH_SECONDS
    st.fragment(_study, run_every=every)(dataset, study.name, every is not None)


def _study(dataset: Dataset, name: str, followed: bool) -> None:
    try:
        progress = advance(workspace(), name)
    except UserError as error:
        if name not in {study.name for study in list_studies(workspace())}:
            st.rerun()  # somebody deleted it: the page shows another
        show_error(error)
        progress = study_progress(workspace(), read_study(workspace(), name))
    if followed and progress.is_over:
        st.rerun()  # so that nothing asks any more
    _state(progress)
    if progress.study.settings.kind == "reference":
        badge = tag("uses reference labels", "reference")
        st.html(f'<p class="hf-quiet">Labelling is simulated {badge}</p>')
    made = f"{dataset.folder} {dataset.manifest.created}"
    pace = _pace(dataset, made, open_labels(dataset).last_event())
    found = find(progress, pace)
    if any(found.curves.values()):
        _chart(progress.study, found, pace)
        _differences(progress.study, found)
    else:
        quiet("The curves begin here as soon as the first run has finished with a test accuracy.")
    show_settings(progress.study.settings)


@st.cache_data(max_entries=8, show_spinner=False)
def _pace(_dataset: Dataset, made: str, last_event: int) -> Pace | None:
    """The pace of labelling up to an event; all timed labels are read for it."""
    return pace_of(open_labels(_dataset))


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
    with st.container(horizontal=True, vertical_alignment="center"):
        _buttons(progress)


def _buttons(progress: Progress) -> None:
    """Pausing and going on, and the way to its runs."""
    failed, stopped = progress.ended("failed"), progress.ended("stopped")
    study, name = progress.study, progress.study.name
    if progress.is_over and (progress.missing or failed or stopped):
        quiet(
            "The study is paused."
            if study.paused
            else "Some runs did not finish: their messages stand with them."
        )
        st.button("Go on", key="study-go-on", on_click=_change, args=("go on", name))
    elif not progress.is_over:
        st.button("Pause", key="study-pause", on_click=_change, args=("pause", name))
    if progress.runs:
        st.page_link(
            page_of("watch"), label="See its runs", icon=screen("watch").icon, width="content",
            query_params={"dataset": study.settings.dataset, "runs": study.identity},
        )  # fmt: skip


def _change(what: str, name: str) -> None:
    try:
        (continue_study if what == "go on" else pause_study)(workspace(), name)
    except UserError as error:
        st.toast(plain(str(error)))


def _chart(study: Study, found: Findings, pace: Pace | None) -> None:
    """Accuracy against labels, or against the time that they take."""
    along = "labels"
    if found.seconds:
        along = st.segmented_control(
            "Along", list(_ALONG), default="labels", required=True, key="study-along",
            format_func=lambda name: _ALONG[name],
        )  # fmt: skip
    title, costs = "labels", {budget: float(budget) for budget in study.settings.budgets}
    if along == "seconds" and found.seconds:
        title, costs = "time of labelling (s)", found.seconds
    curves = [
        _curve(study, method, points, costs) for method, points in found.curves.items() if points
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
    quiet(_about_time(study, pace))


def _about_time(study: Study, pace: Pace | None) -> str:
    """Where the seconds come from."""
    if pace is None:
        return "No label was timed yet: give some to see what these cost in seconds."
    mean = (
        f"{pace.mean:.2f} s, the mean over {counted(pace.labels, 'timed label')} that people gave "
        "on this dataset one by one, in the grid, by cluster or accepted from a run; pauses are "
        "cut off"
    )
    most = max(study.settings.budgets)
    own = own_times(study, pace, most)
    if not own:
        return f"Time: number of labels times {mean}. An estimate."
    if own == most:
        return "Time: what these labels themselves took, pauses cut off."
    return (
        f"Time: what these labels themselves took where it is known, as for {count(own)} of "
        f"{count(most)}; for each of the others {mean}. An estimate."
    )


def _curve(study: Study, method: str, points: list[Point], costs: Mapping[int, float]) -> CostCurve:
    """costs: budget -> where it stands on the axis."""
    spreads = [point.spread for point in points]
    return CostCurve(
        method_title(method),
        [costs[point.budget] for point in points],
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
    mean = _points(difference.spread.mean)
    if difference.spread.interval is None:
        return plain(f"{mean} · {_WORDS[difference.verdict]}")
    low, high = map(_points, difference.spread.interval)
    words = _WORDS[difference.verdict]
    marked = f"**{words}**" if difference.verdict != "tie" else words
    return f"{plain(mean)} · {marked} ({plain(low)} to {plain(high)})"


def _points(share: float) -> str:
    """0.057 -> '+5.7'; what rounds to nothing is +0.0 on either side."""
    return f"{round(100 * share, 1) + 0.0:+.1f}"
