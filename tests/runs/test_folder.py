"""Reading a run folder while it is written, cut or damaged."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from run_folders import make_run

from ssl_core.errors import UserError
from ssl_core.runs.folder import METRICS, RunFolder, open_run
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace


def line(step: int, loss: float = 1.0) -> bytes:
    record = {"step": step, "seconds": 1.0, "images": 64, "values": {"loss/total": loss}}
    return json.dumps(record).encode() + b"\n"


def test_metrics_are_read_on_from_where_reading_ended(workspace: Workspace) -> None:
    folder = make_run(workspace)
    path = folder.path / METRICS
    path.write_bytes(line(1) + line(2))
    first, cursor = folder.metrics()
    assert [entry.step for entry in first] == [1, 2]
    with path.open("ab") as stream:
        stream.write(line(3))
    second, end = folder.metrics(cursor)
    assert [entry.step for entry in second] == [3]
    assert end == path.stat().st_size
    assert folder.metrics(end) == ([], end)


def test_a_torn_last_line_is_left_for_the_next_call_at_every_byte(workspace: Workspace) -> None:
    folder = make_run(workspace)
    path = folder.path / METRICS
    whole = line(1) + line(2)
    for cut in range(len(line(1)), len(whole)):
        path.write_bytes(whole[:cut])
        entries, cursor = folder.metrics()
        assert [entry.step for entry in entries] == [1]
        path.write_bytes(whole)
        assert [entry.step for entry in folder.metrics(cursor)[0]] == [2]


def test_damaged_lines_are_left_out_and_counted(workspace: Workspace) -> None:
    folder = make_run(workspace)
    damaged = b'{"step": 2, "sec\n\xff\xfe\x00\n[1]\n{"step": "x"}\n'
    (folder.path / METRICS).write_bytes(line(1) + damaged + b"\n" + line(3))
    page = folder.metrics_page()
    assert [entry.step for entry in page.lines] == [1, 3]
    assert page.damaged == 4


def test_no_metrics_yet(workspace: Workspace) -> None:
    assert make_run(workspace).metrics() == ([], 0)


def test_a_value_that_is_not_finite_is_null_on_disk_and_nan_when_read(
    workspace: Workspace,
) -> None:
    folder = make_run(workspace)
    writer = RunWriter(folder.path)
    writer.metrics(1, 0.5, 64, {"loss/total": math.nan, "accuracy/train": math.inf})
    raw = (folder.path / METRICS).read_text()
    assert "NaN" not in raw
    assert "Infinity" not in raw
    values = folder.metrics()[0][0].values
    assert math.isnan(values["loss/total"])
    assert math.isnan(values["accuracy/train"])


def test_renaming_trims_and_cuts(workspace: Workspace) -> None:
    folder = make_run(workspace)
    assert folder.title() == "run-1"
    folder.rename("  first \n <b>try</b>  ")
    assert folder.title() == "first <b>try</b>"
    folder.rename("x" * 500)
    assert folder.title() == "x" * 100
    folder.rename("   ")
    assert folder.title() == "run-1"


def test_labels_and_predictions(workspace: Workspace) -> None:
    folder = make_run(workspace)
    with pytest.raises(UserError, match=r"labels\.npz"):
        folder.labels()
    np.savez(folder.path / "labels.npz", items=[1, 2], values=[0, 1], roles=[0, 1])
    assert folder.labels()["values"].tolist() == [0, 1]
    assert folder.predictions() is None
    RunWriter(folder.path).predictions({"probabilities": np.array([[0.25, 0.75]], np.float32)})
    found = folder.predictions()
    assert found is not None
    assert found.dtype == np.float16
    assert found.tolist() == [[0.25, 0.75]]
    with np.load(folder.path / "predictions.npz") as archive:
        assert archive["predicted"].dtype == np.int32
    assert folder.predicted().tolist() == [1]
    np.savez(folder.path / "predictions.npz", probabilities=[[0.25, 0.75]])
    assert folder.predicted().tolist() == [1], "of an earlier release"
    (folder.path / "predictions.npz").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(UserError, match=r"predictions\.npz"):
        folder.predictions()


def test_log_tail_takes_the_end_and_survives_any_bytes(workspace: Workspace) -> None:
    folder = make_run(workspace)
    assert folder.log_tail() == ""
    lines = "".join(f"line {number}\n" for number in range(20_000))
    (folder.path / "log.txt").write_bytes(lines.encode() + b"\xff\xfe broken\n 10%\r 90%\n")
    tail = folder.log_tail(3).split("\n")
    assert tail[0] == "line 19999"
    assert tail[1].endswith("broken")
    assert tail[2] == " 90%"


@pytest.mark.parametrize("name", ["../..", "", "nothing-here", "a/b", "A" * 200])
def test_a_run_that_does_not_exist(workspace: Workspace, name: str) -> None:
    with pytest.raises(UserError):
        open_run(workspace, name)


def test_a_damaged_status_and_request_say_so(workspace: Workspace) -> None:
    folder = make_run(workspace)
    (folder.path / "status.json").write_bytes(b'{"state": "runn')
    with pytest.raises(UserError, match=r"status\.json"):
        folder.status()
    (folder.path / "request.json").write_bytes(b"")
    with pytest.raises(UserError, match=r"request\.json"):
        folder.request()


def test_panel_names_cannot_climb_out(workspace: Workspace) -> None:
    folder = make_run(workspace)
    for name in ("../secrets", "/etc", "..", ""):
        with pytest.raises(UserError):
            folder.panel_json(name, 1)
        with pytest.raises(UserError):
            folder.panel_png(name, 1)


def test_a_missing_folder_reads_as_damaged(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        RunFolder(tmp_path / "gone").status()
    assert RunFolder(tmp_path / "gone").panels() == []
