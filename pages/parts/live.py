"""The part of the watch page that moves: the live charts and the header of a run."""

from pathlib import Path

import streamlit as st

from pages.parts.alarmlist import show_alarms
from pages.parts.chartplan import items_word
from pages.parts.charts import LEGEND_ROW
from pages.parts.live_routes import current_status, metrics_address, plotly_address
from pages.parts.looks import facts, quiet
from pages.parts.runchoice import show_queue
from pages.parts.runtext import (
    STATE_TAGS,
    accuracy_text,
    is_alive,
    left_text,
    next_step_after,
    progress,
)
from pages.parts.session import workspace
from pages.parts.words import count, duration, plain
from ssl_core.methods import uses_items
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.listing import list_runs
from ssl_core.runs.series import metric_series
from ssl_core.runs.status import RunStatus

HERE = Path(__file__).resolve().parent / "livechart"
REFRESH_SECONDS = 1.0

# Joined they make one module.
_SCRIPTS = ("look.js", "layout.js", "guides.js", "phases.js", "live.js")
_charts = st.components.v2.component(
    "handful_live_charts",
    html=(HERE / "live.html").read_text(encoding="utf-8"),
    css=(HERE / "live.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
    isolate_styles=False,  # plotly's own style sheet lies in the page
)


def live_charts(run: str, alive: bool, items: str) -> None:
    """The charts of a run. The browser asks for new rows itself; nothing here runs again for it.

    items: what the dataset is made of, "images" or "texts".
    When a panel has a new picture the browser sets the state `panels`, which draws again the
    fragment that this was called in.
    """
    _charts(
        key=f"live-{run}",
        data={
            "run": run,
            "alive": alive,
            "address": metrics_address(run),
            "plotly": plotly_address(),
            "items": items,
            "legendRow": LEGEND_ROW,
        },
        on_panels_change=_nothing,
    )


def _nothing() -> None:
    """Named so that streamlit knows the state. No st.rerun(key) here: it ends run_every timers."""


def live_header(folder: RunFolder) -> None:
    """State, progress and figures; drawn again each second while the run is alive."""
    status = current_status(folder)
    every = REFRESH_SECONDS if is_alive(status) else None
    st.fragment(_header, run_every=every, key="header")(folder, status.state)


def _header(folder: RunFolder, drawn_for: str) -> None:
    status = current_status(folder)
    if status.state != drawn_for:
        st.rerun()  # buttons and results depend on the state
    request = folder.request()
    if status.state == "queued":
        show_queue(list_runs(workspace()), request)
        return
    part = progress(request, status)
    if is_alive(status) and part is not None and status.step:
        st.progress(part, text=_progress_text(status))
    elif is_alive(status):
        quiet(status.phase or status.state)
    series = metric_series(folder.path)
    speed = series.recent("throughput")
    items = items_word(workspace(), request)
    accuracy = series.last("accuracy/validation")
    low, high = (series.last(f"accuracy/validation_{edge}") for edge in ("low", "high"))
    interval = None if low is None or high is None else (low, high)
    shown = {"Training time": duration(status.seconds)}
    if is_alive(status):
        shown["Time left"] = left_text(request, status, speed)
    shown |= {
        "Speed": "–" if speed is None else f"{count(round(speed))} {items}/s",
        f"{items.capitalize()} seen": count(status.images_seen),
    }
    awaited = request.labels.validation and uses_items(request.method)
    if accuracy is not None or awaited:
        shown["Validation accuracy"] = accuracy_text(accuracy, interval)
    facts(shown)
    if status.state == "running" and status.message:
        st.warning(plain(status.message), icon=":material/heart_broken:")
    show_alarms(folder, request)


def _progress_text(status: RunStatus) -> str:
    of = f" of {count(status.steps)}" if status.steps else ""
    return plain(f"{status.phase or status.state} · step {count(status.step)}{of}")


def message_of(status: RunStatus) -> None:
    """Why a run did not finish and what to do."""
    text = next_step_after(status)
    if status.state == "failed":
        st.error(plain(text), icon=":material/error:")
    elif status.state == "stopped":
        st.info(plain(text), icon=":material/pause_circle:")


def state_kind(status: RunStatus) -> str:
    """The kind of tag that a state is shown as."""
    return STATE_TAGS.get(status.state, "")
