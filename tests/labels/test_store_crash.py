"""Many writers, and writers that are killed: every acknowledged label is there, once."""

import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.database import DATABASE
from ssl_core.labels.events import LabelEvent
from ssl_core.labels.store import LabelStore

MakeDataset = Callable[..., Dataset]
WRITER = Path(__file__).with_name("label_process.py")
ROOT = Path(__file__).resolve().parents[2]
KILLS = 8


def start_writer(dataset: Dataset, first: int, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(WRITER), dataset.identifier, str(first), str(count)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def rest_of(writer: subprocess.Popen[str]) -> str:
    """All that is left to read. `communicate` would pass over what `readline` read ahead."""
    assert writer.stdout is not None
    with writer.stdout:
        rest = writer.stdout.read()
    writer.wait(timeout=60)
    return rest


def stored_events(dataset: Dataset) -> list[str]:
    connection = sqlite3.connect(dataset.folder / DATABASE)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [event for (event,) in connection.execute("SELECT event FROM events")]
    finally:
        connection.close()


def test_fifty_threads_lose_nothing(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(count=2000, test=0)
    store = LabelStore(dataset)
    acknowledged: list[list[str]] = [[] for _ in range(50)]

    def work(person: int) -> None:
        for turn in range(20):
            event = LabelEvent(
                event=uuid.uuid4().hex,
                kind="label",
                person=str(person),
                item=person * 40 + turn,
                value=1 + turn % 3,
            )
            acknowledged[person] += store.append([event])

    threads = [threading.Thread(target=work, args=(person,)) for person in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = [event for person in acknowledged for event in person]
    assert len(said) == 1000
    assert sorted(said) == sorted(stored_events(dataset))
    assert store.total() == 1000
    store.close()


def test_two_processes_and_this_one_write_at_the_same_time(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(count=600, test=0)
    store = LabelStore(dataset)
    writers = [start_writer(dataset, first, 100) for first in (0, 100)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    mine = []
    for item in range(200, 300):
        mine += store.append(
            [LabelEvent(event=f"mine{item}", kind="label", person="me", item=item, value=2)]
        )
        assert store.total() >= len(mine)  # reads go on while others write
    said = [rest_of(writer).split() for writer in writers]
    assert [len(part) for part in said] == [100, 100]
    assert store.total() == 300
    assert sorted(mine + said[0] + said[1]) == sorted(stored_events(dataset))
    store.close()


@pytest.mark.slow
def test_a_killed_writer_loses_no_acknowledged_label(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(count=200_000, shape=(1, 1, 1), classes=("a",), test=0)
    LabelStore(dataset).close()
    draw = random.Random(7)
    said: list[str] = []
    for kill in range(KILLS):
        writer = start_writer(dataset, kill * 20_000, 20_000)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(draw.uniform(0.01, 0.25))
        writer.kill()
        said += rest_of(writer).split("\n")[:-1]  # a line without its end was not said
    stored = stored_events(dataset)
    assert len(said) > KILLS
    assert set(said) <= set(stored)
    assert len(stored) == len(set(stored)) <= len(said) + KILLS
    store = LabelStore(dataset)
    assert store.total() == len(stored)
    store.close()
