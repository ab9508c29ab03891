"""The part of the watch page that moves: the live charts and the header of a run."""

from pathlib import Path

import streamlit as st

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
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.listing import list_runs
from ssl_core.runs.series import metric_series
from ssl_core.runs.status import RunStatus

HERE = Path(__file__).resolve().parent / "livechart"
REFRESH_SECONDS = 1.0

_VALIDATION = {
    "metric": "accuracy/validation",
    "name": "validation",
    "band": ["accuracy/validation_low", "accuracy/validation_high"],
}
# Metrics that are not named here get a chart of their own, so a new method needs no change.
CHARTS: list[dict[str, object]] = [
    {
        "title": "Total loss",
        "unit": "weighted sum",
        "loss": True,
        "note": "The sum of all terms with their weights: what is made small.",
        "lines": [{"metric": "loss/total", "name": "total"}],
    },
    {
        "title": "Classification loss",
        "unit": "nats",
        "loss": True,
        "note": "Without weight. Validation rises again where the few labels are memorised.",
        "lines": [
            {"metric": "loss/classification", "name": "training"},
            {"metric": "loss/validation", "name": "validation"},
        ],
    },
    {
        "title": "Reconstruction loss",
        "unit": "squared intensity",
        "loss": True,
        "note": "Without weight, mean over all images and pixels.",
        "lines": [{"metric": "loss/reconstruction", "name": "reconstruction", "colour": 2}],
    },
    {
        "title": "Accuracy",
        "unit": "share right",
        "ticks": ".0%",
        "format": ".1%",
        "range": [0, 1.02],
        "note": "Training: {count/train} labelled rows a point. "
        "Validation: {count/validation} labels, band of 95 %.",
        "lines": [{"metric": "accuracy/train", "name": "training"}, _VALIDATION],
    },
    {
        "title": "Gradient share",
        "unit": "share of the norm",
        "ticks": ".0%",
        "range": [0, 1],
        "note": "How hard each weighted term pulls at the shared trunk.",
        "prefix": "share/",
    },
    {
        "title": "Throughput",
        "unit": "images/s",
        "note": "All images that went through a training step.",
        "zero": True,
        "lines": [{"metric": "throughput", "name": "images/s"}],
    },
    {
        "title": "Learning rate",
        "unit": "per step",
        "note": "Falls to zero at the last step.",
        "lines": [{"metric": "learning_rate", "name": "learning rate"}],
    },
]


_charts = st.components.v2.component(
    "handful_live_charts",
    html=(HERE / "live.html").read_text(encoding="utf-8"),
    css=(HERE / "live.css").read_text(encoding="utf-8"),
    js=(HERE / "live.js").read_text(encoding="utf-8"),
    isolate_styles=False,  # plotly's own style sheet lies in the page
)


def live_charts(run: str, alive: bool) -> None:
    """The charts of a run. The browser asks for new rows itself; nothing here runs again for it.

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
            "charts": CHARTS,
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
    accuracy = series.last("accuracy/validation")
    low, high = (series.last(f"accuracy/validation_{edge}") for edge in ("low", "high"))
    interval = None if low is None or high is None else (low, high)
    shown = {"Training time": duration(status.seconds)}
    if is_alive(status):
        shown["Time left"] = left_text(request, status, speed)
    shown |= {
        "Speed": "–" if speed is None else f"{count(round(speed))} images/s",
        "Images seen": count(status.images_seen),
        "Validation accuracy": accuracy_text(accuracy, interval),
    }
    facts(shown)
    if status.state == "running" and status.message:
        st.warning(plain(status.message), icon=":material/heart_broken:")


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
