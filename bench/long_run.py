"""A run with a million metric points that goes on training: `python -m bench.long_run WORKSPACE`.

First the points are written, then the run publishes five lines and two picture grids a second.
"""

import json
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ssl_core.datasets.dataset import open_dataset
from ssl_core.runs.folder import METRICS, PANELS
from ssl_core.runs.supervision import identity_of_this_process
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.pages.fake_digits import digits_dataset
from tests.pages.fake_panels import INFOS, picture_grid
from tests.pages.fake_runs import fake_run

LONG, OTHER = "long", "other"
LINES = 100_000
NAMES = (  # six charts: three losses, accuracies, shares, throughput
    "loss/total",
    "loss/classification",
    "loss/reconstruction",
    "accuracy/train",
    "accuracy/validation",
    "accuracy/validation_low",
    "accuracy/validation_high",
    "share/classification",
    "share/reconstruction",
    "throughput",
)
CHARTS = 6
SPIKE, DIP = 99.5, -7.25  # single points of the first metric, which every thinning must keep
GRIDS = ("reconstruction", "samples")
SECONDS = 600.0  # that it goes on for
_PER_SECOND = 5


def make_runs(workspace: Workspace) -> None:
    """The long run, which is alive, and a short one that has ended."""
    dataset = digits_dataset(workspace)
    fake_run(workspace, dataset, OTHER, age=10)
    folder = fake_run(
        workspace, dataset, LONG, method="autoencoder", state="running", share_done=0.5, alive=True
    )
    shutil.rmtree(folder / PANELS)  # of other kinds than the two grids
    with (folder / METRICS).open("w", encoding="utf-8") as stream:
        stream.writelines(lines(LINES))


def lines(count: int) -> Iterable[str]:
    """That many lines of all metrics, with one spike and one dip of the first."""
    walk = np.cumsum(np.random.default_rng(3).normal(0, 0.01, (count, len(NAMES))), axis=0)
    table = np.round(np.abs(walk), 4)
    table[count // 3, 0] = SPIKE
    table[2 * count // 3, 0] = DIP
    for number, row in enumerate(table.tolist(), 1):
        values = dict(zip(NAMES, row, strict=True))
        place = {"step": number * 10, "seconds": number * 0.5, "images": number * 1280}
        yield json.dumps({**place, "values": values}) + "\n"


def go_on(workspace: Workspace) -> None:
    """Be the training process of the long run for a while."""
    images = np.asarray(open_dataset(workspace, "digits").images[:16])
    writer = RunWriter(workspace.runs / LONG)
    writer.status(state="running", phase="training", process=identity_of_this_process())
    generator = np.random.default_rng(1)
    end, number = time.monotonic() + SECONDS, LINES
    while time.monotonic() < end:
        number += 1
        row = generator.normal(1, 0.1, len(NAMES)).round(4).tolist()
        writer.metrics(number * 10, number * 0.5, number * 1280, dict(zip(NAMES, row, strict=True)))
        writer.status(step=number * 10, seconds=number * 0.5, images_seen=number * 1280)
        if number % _PER_SECOND == 0:
            picture = picture_grid(images, generator.random(), generator)
            for name in GRIDS:
                title = {**INFOS["reconstruction"], "title": name.capitalize()}
                writer.panel(name, title, number * 10, picture)
        time.sleep(1 / _PER_SECOND)


if __name__ == "__main__":
    here = Workspace.open(Path(sys.argv[1]))
    make_runs(here)
    go_on(here)
