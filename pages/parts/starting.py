"""The start button: it starts once, however often it is pressed, and says what keeps it shut."""

import hashlib
import secrets
import time
from html import escape

import streamlit as st

from pages.parts.looks import quiet, tag
from pages.parts.runtext import STATE_TAGS, method_title, run_name
from pages.parts.screens import go_to
from pages.parts.session import show_error, workspace
from pages.parts.words import counted, plain, short
from ssl_core.errors import UserError
from ssl_core.runs.devices import device_title
from ssl_core.runs.launch import create_runs
from ssl_core.runs.listing import RunSummary, list_runs
from ssl_core.runs.plan import RunPlan, check_plan, warnings_of_plan
from ssl_core.runs.status import FINAL_STATES

_DOUBLE_SECONDS = 4.0  # the same plan started again within this time is a double press
_STARTED, _TURN = "started-runs", "start-turn"


def show_start(plan: RunPlan, problem: str) -> None:
    """Reasons against the plan, warnings, the button, and afterwards the way to Watch.

    problem: what is wrong with the form itself, empty where nothing is.
    """
    reasons = [problem] if problem else check_plan(workspace(), plan)
    for reason in reasons:
        st.warning(plain(reason), icon=":material/block:")
    if not reasons:
        for remark in warnings_of_plan(workspace(), plan):
            st.info(plain(remark), icon=":material/info:")
    label = f"Start {counted(max(1, len(plan.seeds)), 'run')}"
    pressed = st.button(
        label,
        type="primary",
        icon=":material/play_arrow:",
        disabled=bool(reasons),
        key="start",
        width="stretch",
    )
    if pressed and not reasons:
        _start(plan)
    _show_started()


def _start(plan: RunPlan) -> None:
    """Start the plan under a key that a second press within a few seconds shares."""
    try:
        with st.spinner("Starting …"):
            runs = create_runs(workspace(), plan, request_key(plan))
    except UserError as error:
        show_error(error)
        return
    st.session_state[_STARTED] = (plan.method, runs)


def request_key(plan: RunPlan) -> str:
    """The same text for one plan pressed twice, another for one pressed again later."""
    digest = hashlib.sha256(plan.model_dump_json().encode()).hexdigest()
    known, moment, key = st.session_state.get(_TURN, ("", 0.0, ""))
    if known != digest or time.monotonic() - moment > _DOUBLE_SECONDS:
        key = secrets.token_hex(16)
    st.session_state[_TURN] = (digest, time.monotonic(), key)
    return key


def _show_started() -> None:
    method, runs = st.session_state.get(_STARTED, ("", ()))
    if not runs:
        return
    # Named, because until the page has drawn anew the words of an earlier start are still there.
    st.success(
        f"{counted(len(runs), 'run')} started: {method_title(method)}.", icon=":material/check:"
    )
    if st.button("Watch", icon=":material/monitoring:", key="watch-started", width="stretch"):
        del st.session_state[_STARTED]
        go_to("watch", run=runs[0])


@st.fragment(run_every=2.0)
def show_queue_of_devices() -> None:
    """What trains and what waits, a device at a time."""
    alive = [run for run in list_runs(workspace()) if run.status.state not in FINAL_STATES]
    if not alive:
        quiet("Nothing trains at the moment.")
        return
    for device in sorted({run.request.device for run in alive}):
        quiet(device_title(device))
        of_device = [run for run in alive if run.request.device == device]
        for run in sorted(of_device, key=_place):
            kind = STATE_TAGS.get(run.status.state, "")
            st.html(
                f'<p class="hf-line">{escape(short(run_name(run)))} '
                f"{tag(run.status.state, kind)}</p>"
            )


def _place(run: RunSummary) -> tuple[bool, str]:
    return (run.status.state != "running", run.request.created)
