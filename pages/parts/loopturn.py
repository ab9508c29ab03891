"""The top of the loop page's right half: what trains next, and what trains now."""

import streamlit as st

from pages.parts.looks import facts, meter, quiet, tag
from pages.parts.runtext import (
    STATE_TAGS,
    is_alive,
    left_text,
    method_title,
    next_step_after,
    progress,
)
from pages.parts.screens import page_of
from pages.parts.session import guarded, show_error, workspace
from pages.parts.tables import MISSING
from pages.parts.words import ago, count, counted, plain
from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.store import open_labels
from ssl_core.loop.settings import MOST_EVERY, LoopState, change_loop, read_loop
from ssl_core.loop.turn import (
    Turn,
    finished_trainings,
    fitting_methods,
    method_of,
    runs_on,
    steps_of,
    take_turn,
)
from ssl_core.runs.listing import RunSummary
from ssl_core.runs.plan import MOST_STEPS
from ssl_core.runs.series import metric_series

_LOOK_SECONDS = 2.0


def show_controls(dataset: Dataset, state: LoopState, runs: list[RunSummary]) -> None:
    """Method, steps and when; kept with the dataset, so that every page and follower obeys."""
    methods = fitting_methods(dataset)
    method = method_of(state, dataset, runs)
    if method is None:
        quiet(f"No method here learns from {dataset.manifest.noun_plural} yet.")
        return
    keys = {name: f"loop-{name}-{dataset.identifier}" for name in ("method", "by_itself", "every")}
    keys["steps"] = f"loop-steps-{dataset.identifier}-{method}"
    st.selectbox(
        "Method", list(methods), list(methods).index(method), key=keys["method"],
        format_func=method_title, on_change=_keep, args=(dataset, keys, "method"),
        help="Settings and seed are those of the last run of this method here, else its defaults. "
        "To change them, train once on the train page: the next training here takes them over.",
    )  # fmt: skip
    left, right = st.columns(2)
    left.number_input(
        "Steps", 1, MOST_STEPS, steps_of(state, method, runs), 100, key=keys["steps"],
        on_change=_keep, args=(dataset, keys, "steps"),
    )  # fmt: skip
    right.number_input(
        "After new labels", 1, MOST_EVERY, state.every, 5, key=keys["every"],
        on_change=_keep, args=(dataset, keys, "every"),
    )  # fmt: skip
    st.toggle(
        "Train by itself", state.by_itself, key=keys["by_itself"],
        on_change=_keep, args=(dataset, keys, "by_itself"),
        help="As often as so many new labels are there. What becomes due while a training goes on "
        "waits for its end. It needs this page open, or: python -m ssl_core loop NAME --every N",
    )  # fmt: skip
    st.button(
        "Train again now" if state.runs else "Train now", key="loop-now", type="primary",
        icon=":material/play_arrow:", width="stretch", on_click=_ask, args=(dataset,),
    )  # fmt: skip


def _keep(dataset: Dataset, keys: dict[str, str], name: str) -> None:
    """Keep what a widget was set to. Another method begins with the steps of its own last run."""
    changes: dict[str, object] = {name: st.session_state[keys[name]]}
    if name == "method":
        changes["steps"] = None
    change_loop(workspace(), dataset, **changes)


def _ask(dataset: Dataset) -> None:
    change_loop(workspace(), dataset, asked=True)


@st.fragment(run_every=_LOOK_SECONDS)
def show_turn(dataset: Dataset, drawn: tuple[str, ...]) -> None:
    """What trains, and the look that starts what is due.

    drawn: the finished trainings that the rest of the page shows; another one draws it anew.
    """
    try:
        turn = take_turn(workspace(), dataset)
    except UserError as error:
        show_error(error)
        return
    with guarded():
        state, runs = read_loop(dataset), runs_on(workspace(), dataset)
        finished = tuple(run.run for run in finished_trainings(dataset, state, runs))
        if finished != drawn:
            st.rerun()
        newest = next((run for run in runs if run.run in state.runs), None)
        if newest is None:
            labelled = sum(number > 0 for number in open_labels(dataset).counts().values())
            need = " It needs labels of two classes or more." if labelled < 2 else ""
            quiet(f"No training of this loop yet.{need}")
        else:
            _show_newest(newest)
        _show_next(state, turn)


def _show_newest(run: RunSummary) -> None:
    """State and progress of the newest training."""
    status, request = run.status, run.request
    labels = counted(sum(request.labels.per_class.values()), "label")
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        mark = tag(status.state, STATE_TAGS.get(status.state, ""))
        line = f'<p class="hf-line">{mark} on {labels} · {ago(request.created)}</p>'
        st.html(line, width="content")
        st.page_link(
            page_of("watch"), label="Watch", icon=":material/monitoring:", width="content",
            query_params={"run": run.run},
        )  # fmt: skip
    part = progress(request, status)
    if is_alive(status) and part is not None and status.step:
        of = f" of {count(status.steps)}" if status.steps else ""
        speed = metric_series(workspace().runs / run.run).recent("throughput")
        left = left_text(request, status, speed)
        text = f"{status.phase or status.state} · step {count(status.step)}{of}"
        text += f" · {left} left" if left != MISSING else ""
        st.progress(part, text=plain(text))
    elif is_alive(status):
        quiet(status.phase or status.state)
    elif status.state in ("failed", "stopped"):
        st.error(plain(next_step_after(status)), icon=":material/error:")


def _show_next(state: LoopState, turn: Turn) -> None:
    """How far it is to the next training."""
    entries = {"New labels": count(turn.fresh)}
    if state.by_itself:
        left = max(0, state.every - turn.fresh)
        entries["Next training"] = f"in {counted(left, 'label')}" if left else "next"
    facts(entries)
    if state.by_itself:
        meter(turn.fresh, state.every)
    if turn.going and (state.asked or (state.by_itself and turn.fresh >= state.every)):
        quiet("One more training follows this one, with all labels given until then.")
    if turn.reason:
        st.warning(plain(f"It starts as soon as it can. {turn.reason}"), icon=":material/block:")
