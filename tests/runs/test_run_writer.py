"""The writing side: status, metrics and panels, also from threads and after a kill."""

import json
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from run_folders import make_run

from ssl_core.runs import writer as writer_module
from ssl_core.runs.folder import METRICS, RunFolder
from ssl_core.runs.guides import Guide, read_guides
from ssl_core.runs.writer import STEPS_KEPT, RunWriter
from ssl_core.workspace import Workspace

MATRIX = {"kind": "matrix", "title": "Confusion", "help": "", "uses_reference_labels": True}


@pytest.fixture
def folder(workspace: Workspace) -> RunFolder:
    return make_run(workspace)


@pytest.fixture
def writer(folder: RunFolder) -> RunWriter:
    return RunWriter(folder.path)


def test_status_merges_and_beats(folder: RunFolder, writer: RunWriter) -> None:
    before = folder.status()
    writer.status(step=5, phase="training")
    after = writer.status(state="running", results={"test_accuracy": 0.5})
    assert folder.status() == after
    assert (after.step, after.phase, after.state) == (5, "training", "running")
    assert after.results.test_accuracy == 0.5
    assert after.heartbeat >= before.heartbeat
    assert writer.beat()
    assert folder.status().heartbeat > after.heartbeat


@pytest.mark.parametrize("changes", [{"stepp": 1}, {"state": "done"}, {"step": "many"}])
def test_a_wrong_status_is_refused_and_changes_nothing(
    folder: RunFolder, writer: RunWriter, changes: dict[str, object]
) -> None:
    before = folder.status()
    with pytest.raises(ValueError):
        writer.status(**changes)
    assert folder.status() == before


def test_a_beat_on_a_full_disk_is_told_and_not_fatal(
    folder: RunFolder, writer: RunWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer_module, "replace_bytes", full)
    assert writer.beat() is False
    monkeypatch.undo()
    assert writer.beat() is True


def test_threads_never_mix_their_lines(folder: RunFolder, writer: RunWriter) -> None:
    def publish(first: int) -> None:
        for step in range(first, first + 200):
            writer.metrics(step, 1.0, 64, {"loss/total": 0.5, "accuracy/train": 0.25})

    threads = [threading.Thread(target=publish, args=(1000 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    page = folder.metrics_page()
    assert page.damaged == 0
    assert len({line.step for line in page.lines}) == 800


@pytest.mark.parametrize("name", ["mi/head 1", "mae/body_mass", "mi/held-out", "a/b/c.d", "rate"])
def test_metric_names_may_have_single_spaces_behind_the_group(
    folder: RunFolder, writer: RunWriter, name: str
) -> None:
    writer.metrics(1, 1.0, 1, {name: 1.0})
    assert folder.metrics()[0][0].values == {name: 1.0}


def test_guides_replace_those_of_before_and_must_be_finite(
    folder: RunFolder, writer: RunWriter
) -> None:
    writer.guides({"mi": {"ln 2": 0.6931}})
    writer.guides({"mi": {"ln 10": 2.3026, "1 merged": 2.164}})
    assert read_guides(folder.path)["mi"] == (Guide("ln 10", 2.3026), Guide("1 merged", 2.164))
    with pytest.raises(ValueError, match="'ln 0' of 'mi'"):
        writer.guides({"mi": {"ln 0": float("-inf")}})
    assert len(read_guides(folder.path)["mi"]) == 2


BAD_NAMES = ["", "Loss", "loss total", "a//b", "/a", "../x", "a" * 100, "a/b  c", "a/b ", "a/ b"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_metric_names_are_checked(writer: RunWriter, name: str) -> None:
    with pytest.raises(ValueError, match="metric name"):
        writer.metrics(1, 1.0, 1, {name: 1.0})


def test_a_line_cut_by_a_kill_does_not_swallow_the_next(folder: RunFolder) -> None:
    (folder.path / METRICS).write_bytes(b'{"step": 1, "seco')
    RunWriter(folder.path).metrics(2, 1.0, 64, {"loss/total": 1.0})
    page = folder.metrics_page()
    assert [line.step for line in page.lines] == [2]
    assert page.damaged == 1


def test_a_resume_drops_what_is_later_and_readers_keep_their_place(
    folder: RunFolder, writer: RunWriter
) -> None:
    for step in range(1, 11):
        writer.metrics(step, step * 1.0, step * 64, {"loss/total": 1.0})
        writer.panel("confusion", MATRIX, step, {"values": [[step]]})
    _, cursor = folder.metrics()
    writer.close()
    with (folder.path / METRICS).open("ab") as stream:
        stream.write(b'{"step": 11, "sec')  # torn by the kill
    writer = RunWriter(folder.path)
    writer.truncate_metrics(6)
    assert [line.step for line in folder.metrics()[0]] == [1, 2, 3, 4, 5, 6]
    assert folder.metrics_page().damaged == 0
    assert folder.panels()[0].steps == [1, 2, 3, 4, 5, 6]
    writer.metrics(7, 7.0, 448, {"loss/total": 0.5})
    assert [line.step for line in folder.metrics(cursor)[0]] == [7]
    frame = pd.read_json(folder.path / METRICS, lines=True)  # other programs read it too
    assert frame["step"].tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_panels_of_both_kinds(folder: RunFolder, writer: RunWriter) -> None:
    payload = {"values": np.array([[1.0, np.nan]], np.float32), "rows": ["a"]}
    writer.panel("confusion", MATRIX, 3, payload)
    grid = {"kind": "image_grid", "title": "Rebuilt", "rows": ["in", "out"], "columns": 8}
    writer.panel("reconstruction", grid, 3, b"\x89PNG")
    confusion, rebuilt = folder.panels()
    assert (confusion.name, confusion.kind, confusion.steps) == ("confusion", "matrix", [3])
    assert confusion.uses_reference_labels is True
    assert rebuilt.uses_reference_labels is False
    assert rebuilt.meta["rows"] == ["in", "out"]
    assert folder.panel_json("confusion", 3)["values"] == [[1.0, None]]
    assert folder.panel_png("reconstruction", 3) == b"\x89PNG"


@pytest.mark.parametrize(
    ("name", "kind", "payload"),
    [
        ("../x", "matrix", {}),
        ("x", "pie", {}),
        ("x", "matrix", b"png"),
        ("x", "image_grid", {}),
    ],
)
def test_wrong_panels_are_refused(
    folder: RunFolder, writer: RunWriter, name: str, kind: str, payload: dict[str, object] | bytes
) -> None:
    with pytest.raises(ValueError):
        writer.panel(name, {"kind": kind, "title": "x"}, 1, payload)
    assert folder.panels() == []


def test_at_most_forty_steps_stay_evenly_with_first_and_last(
    folder: RunFolder, writer: RunWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "replace_bytes", lambda path, body: path.write_bytes(body))
    for step in range(0, 3000, 10):
        writer.panel("confusion", MATRIX, step, {"values": []})
    steps = folder.panels()[0].steps
    assert len(steps) == STEPS_KEPT
    assert (steps[0], steps[-1]) == (0, 2990)
    gaps = np.diff(steps)
    assert gaps.max() <= 4 * gaps.min() or gaps[:-1].max() <= 3 * np.median(gaps)


def test_a_log_without_bound_is_cut_while_it_is_written(
    folder: RunFolder, writer: RunWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "LOG_LIMIT", 1000)
    monkeypatch.setattr(writer_module, "_LOG_KEPT", 100)
    with (folder.path / "log.txt").open("ab", buffering=0) as log:
        log.write(b"early\n" * 500)
        writer.beat()
        log.write(b"late\n")
    text = (folder.path / "log.txt").read_text()
    assert len(text) < 300
    assert text.endswith("early\nlate\n")


def test_status_is_json_for_other_programs(folder: RunFolder, writer: RunWriter) -> None:
    writer.status(seconds=1.5)
    assert json.loads((folder.path / "status.json").read_text())["seconds"] == 1.5
