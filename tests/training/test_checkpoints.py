"""Checkpoints against torn files and kills."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ssl_core.training.checkpoints import Checkpoint, CheckpointStore, Facts


def checkpoint(step: int, best: bool = False) -> Checkpoint:
    state = {"model/0000": np.full((3, 2), step, np.float32), "optimizer/0000": np.array(step)}
    facts = Facts(step, 100, 1.5, 64 * step, best_step=1 if best else None)
    return Checkpoint(facts, state, {"0000": np.ones(2, np.float32)} if best else None)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path / "checkpoints")
    assert store.newest() is None
    store.write(checkpoint(5, best=True))
    found = CheckpointStore(tmp_path / "checkpoints").newest()
    assert found is not None
    assert found.facts == checkpoint(5, best=True).facts
    assert np.array_equal(found.state["model/0000"], np.full((3, 2), 5))
    assert found.best is not None
    assert found.best["0000"].tolist() == [1, 1]


def test_the_newest_two_are_kept(tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path)
    for step in (1, 2, 3):
        store.write(checkpoint(step))
    assert sorted(path.name for path in tmp_path.glob("*.npz")) == [
        "step-000000002.npz",
        "step-000000003.npz",
    ]
    store.write(checkpoint(3))
    assert len(list(tmp_path.glob("*.npz"))) == 2


@pytest.mark.parametrize("damage", ["torn", "changed", "gone", "empty"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path: Path, damage: str) -> None:
    store = CheckpointStore(tmp_path)
    store.write(checkpoint(1))
    store.write(checkpoint(2))
    newest = tmp_path / "step-000000002.npz"
    content = bytearray(newest.read_bytes())
    if damage == "gone":
        newest.unlink()
    elif damage == "changed":
        content[len(content) // 2] ^= 1
        newest.write_bytes(content)
    else:
        newest.write_bytes(content[: len(content) // 2] if damage == "torn" else b"")
    found = store.newest()
    assert found is not None
    assert found.facts.step == 1


@pytest.mark.parametrize("content", [b"", b'{"newest_first": [{"fi', b"[]", b'{"format": 1}'])
def test_a_damaged_list_is_replaced_by_the_files(tmp_path: Path, content: bytes) -> None:
    store = CheckpointStore(tmp_path)
    store.write(checkpoint(1))
    store.write(checkpoint(2))
    (tmp_path / "manifest.json").write_bytes(content)
    (tmp_path / "step-000000002.npz").write_bytes(b"torn")
    found = store.newest()
    assert found is not None
    assert found.facts.step == 1


WRITER = """
import sys, numpy as np
from pathlib import Path
from ssl_core.training.checkpoints import Checkpoint, CheckpointStore, Facts
store = CheckpointStore(Path(sys.argv[1]))
first = store.newest()
step = first.facts.step if first else 0
while True:
    step += 1
    state = {"model/0000": np.full((250_000,), step, np.float32)}
    store.write(Checkpoint(Facts(step, None, 0.0, 0), state))
    print(step, flush=True)
"""


def test_a_kill_while_writing_loses_nothing_that_was_finished(tmp_path: Path) -> None:
    choice = random.Random(0)
    for _ in range(10):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        said = [child.stdout.readline()]
        time.sleep(choice.uniform(0.0, 0.1))
        child.send_signal(signal.SIGKILL)
        said += child.stdout.read().splitlines()
        child.wait()
        found = CheckpointStore(tmp_path).newest()
        assert found is not None
        assert found.facts.step >= max(int(line) for line in said if line.strip())
        assert (found.state["model/0000"] == found.facts.step).all()
