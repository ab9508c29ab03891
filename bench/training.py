"""What publishing costs a training, and how long a person waits for its first figure."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import expect

from bench.report import Row
from bench.sessions import labelled_sample
from ssl_core.runs import launch
from ssl_core.runs.plan import RunPlan
from ssl_core.workspace import Workspace
from tests.support.dashboard import chromium, dashboard

PAIRS = 5
STEPS = {"supervised": 300, "autoencoder": 150}
METHODS = tuple(STEPS)


def measure() -> list[Row]:
    rows = [_first_figure()]
    for method in METHODS:
        with tempfile.TemporaryDirectory() as folder:
            rows += _overhead(labelled_sample(Path(folder)), method)
    return rows


def _first_figure() -> Row:
    """From the press of the button to a drawn curve, three times."""
    waited = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            workspace = labelled_sample(Path(folder))
            with dashboard(workspace.root) as served, chromium() as browser:
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                page.goto(f"{served.url}/train?dataset=sample")
                button = page.get_by_role("button", name="Start 1 run")
                expect(button).to_be_enabled(timeout=30_000)
                began = time.perf_counter()
                button.click()
                page.get_by_role("button", name="Watch").click()
                page.locator(".scatterlayer .trace path").first.wait_for(
                    state="attached", timeout=60_000
                )
                waited.append(time.perf_counter() - began)
                for run in workspace.runs.iterdir():
                    launch.stop_run(workspace, run.name)
                    launch.stop_run(workspace, run.name, patience=0)
    middle = sorted(waited)[1]
    return Row(
        "start pressed to first curve on screen, CPU",
        f"{middle:.1f} s (of {', '.join(f'{s:.1f}' for s in waited)})",
        "at most 15 s",
        middle <= 15,
        "supervised, defaults, in Chromium, the press on Watch included",
    )


def _overhead(workspace: Workspace, method: str) -> list[Row]:
    """Blocks of steps in turn: `fit` with all that a run publishes, and bare `fit`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    from ssl_core.runs.writer import RunWriter
    from ssl_core.training import session as sessions
    from ssl_core.training.lifecycle import Heartbeat, StopFlag
    from ssl_core.training.pipeline import batches
    from ssl_core.training.progress import Progress

    block = STEPS[method]
    plan = RunPlan(
        dataset="sample",
        method=method,
        configuration={},
        steps=block * (PAIRS + 1),
        minutes=None,
        seeds=(1,),
        device="cpu",
    )
    (run,) = launch.create_runs(workspace, plan)
    launch.stop_run(workspace, run)
    launch.stop_run(workspace, run, patience=0)
    folder = workspace.runs / run
    writer, progress = RunWriter(folder), Progress()
    session = sessions.prepared(folder, writer, progress, StopFlag())
    progress.started = time.monotonic()
    model = session.model

    def published() -> None:
        progress.steps = progress.step + block
        with Heartbeat(writer, progress):
            sessions.fit_all(session)

    def bare() -> None:
        steps = batches(session.data, model.streams(), model.configuration, 1, range(block))
        model.fit(steps, steps_per_epoch=block, epochs=1, shuffle=False, verbose=0)

    published()
    bare()
    ratios, speeds = [], []
    for _ in range(PAIRS):
        alone, with_all = _seconds(bare), _seconds(published)
        ratios.append(with_all / alone)
        speeds.append(block * model.images_per_step / alone[0])
    writer.close()
    wall, processor = 100 * (np.median(ratios, axis=0) - 1)
    low, high = 100 * (np.min(ratios, axis=0)[0] - 1), 100 * (np.max(ratios, axis=0)[0] - 1)
    return [
        Row(
            f"cost of publishing, {method}",
            f"{wall:+.1f} % of time, {processor:+.1f} % of processor time (medians of {PAIRS} "
            f"pairs; time {low:+.1f} to {high:+.1f} %)",
            "at most 3 %",
            bool(wall <= 3),
            f"{block} steps with metrics, panels and checkpoints against {block} steps of bare "
            "`fit`, same model and input, in turn",
        ),
        Row(
            f"speed of bare `fit`, {method}",
            f"{np.median(speeds):.0f} images/s",
            "-",
            None,
            "vgg-small, 28x28 grey",
        ),
    ]


def _seconds(act: Callable[[], None]) -> NDArray[np.float64]:
    """Wall and processor seconds, (2,): the second does not see what else the machine does."""
    began = np.array([time.perf_counter(), time.process_time()])
    act()
    return np.array([time.perf_counter(), time.process_time()]) - began
