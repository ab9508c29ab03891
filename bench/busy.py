"""Two real trainings on the cores on which something else is measured."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.real_runs import remove
from bench.sessions import labelled_sample
from ssl_core.runs import launch
from ssl_core.runs.folder import RunFolder, open_run
from ssl_core.runs.plan import RunPlan
from ssl_core.runs.supervision import true_status

METHODS = ("supervised", "fixmatch")
_PATIENCE = 240.0  # seconds until both have made a step
_MINUTES = 30.0  # of training; ended as soon as the measurement is done
_HEARTBEAT = 2.0  # seconds between two writings of the step that is reached


@contextmanager
def two_trainings(folder: Path) -> Iterator[Callable[[], str]]:
    """Both methods train on the sample, each in a workspace of its own: one trains one at a time.

    Yields what tells how many steps they made since then. That raises RuntimeError where one of
    them stood still, because it was then not measured beside two trainings.
    """
    with ExitStack() as ends:
        runs = [_started(folder / method, method, ends) for method in METHODS]
        until = time.monotonic() + _PATIENCE
        while not all(_step(run) for run in runs):
            if time.monotonic() > until:
                raise RuntimeError(f"the trainings made no step within {_PATIENCE:.0f} s")
            time.sleep(0.2)
        before = [_step(run) for run in runs]

        def progress() -> str:
            time.sleep(2 * _HEARTBEAT)
            return made(before, [_step(run) for run in runs])

        yield progress


def made(before: list[int], after: list[int]) -> str:
    """The steps of each method in words. Raises RuntimeError where one made none."""
    counts = [late - early for early, late in zip(before, after, strict=True)]
    for method, count in zip(METHODS, counts, strict=True):
        if count < 1:
            raise RuntimeError(f"{method} did not train while something was measured beside it")
    pairs = zip(METHODS, counts, strict=True)
    return " and ".join(f"{method} ({count} steps)" for method, count in pairs)


def _started(folder: Path, method: str, ends: ExitStack) -> RunFolder:
    workspace = labelled_sample(folder)
    plan = RunPlan(dataset="sample", method=method, minutes=_MINUTES, seeds=(1,), device="cpu")
    (run,) = launch.create_runs(workspace, plan)
    ends.callback(remove, workspace, run)
    return open_run(workspace, run)


def _step(run: RunFolder) -> int:
    """The step reached. Raises RuntimeError where the training has ended."""
    status = true_status(run)
    if status.state not in ("queued", "running"):
        raise RuntimeError(f"{run.run} is {status.state}: {status.message}")
    return status.step
