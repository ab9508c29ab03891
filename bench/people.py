"""Fifty people labelling one dataset of 60,000 images at the same time."""

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from bench.imports import ARCHIVE, import_archive
from bench.labellers import Labeller, label_together
from bench.report import Row, quantiles
from tests.support.dashboard import dashboard

PEOPLE, EVERY, OPENING, SECONDS = 50, 3.0, 30.0, 60.0
MOST = 250.0  # milliseconds


def measure() -> list[Row]:
    """What 50 browsers ask of the server, each with an open page, its queue and its loans."""
    if not ARCHIVE.exists():
        return [Row("50 people labelling", "not measured: the archive is absent", "-", None, "")]
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        answer, _, _ = import_archive(workspace)
        with dashboard(workspace) as served:
            people = [
                Labeller(served.port, "cifar10", f"person-{number}", EVERY)
                for number in range(PEOPLE)
            ]
            label_together(people, OPENING, SECONDS)
    return rows(people, int(str(answer["count"])))


def rows(people: list[Labeller], count: int) -> list[Row]:
    """What the people waited for, what failed, and what two of them were asked."""
    answered = [time for person in people for time in person.answered]
    errors = [error for person in people for error in person.errors]
    twice = sum(given > 1 for given in Counter(i for one in people for i in one.seen).values())
    high = float(np.percentile(answered, 95))
    expected = len(people) * int(SECONDS / EVERY)
    return [
        Row(
            f"{len(people)} people, a label every {EVERY:.0f} s: acknowledgement",
            quantiles(answered),
            f"p95 at most {MOST:.0f} ms",
            high <= MOST,
            f"from the request of a label to the answer that it is on disk, {count:,} images; each "
            "person has a page open and fetches the board 0.7 s after each label, as browsers do",
        ),
        Row(
            "errors of these people",
            f"{len(errors)} ({errors[0]})" if errors else f"0 of {len(answered)} labels",
            "0",
            not errors and len(answered) == expected,
            f"requests that failed, labels that were refused or not sent (of {expected})",
        ),
        Row(
            "images that two of these people were given",
            f"{twice}",
            "0",
            twice == 0,
            "the first images of each queue are lent to one person for five minutes",
        ),
        Row(
            "the board of these people",
            quantiles([time for person in people for time in person.fetched]),
            "-",
            None,
            "queue, figures and new pictures, beside the labels",
        ),
    ]
