"""The limited child: it may die, hang or lie, and only the file that made it so is left out."""

import os
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from source_files import imported, plain_png, reasons, write_tree

from ssl_core.datasets import decoder
from ssl_core.datasets.decoder import CancelledError, DecoderChild, DecoderPool, FileRequest
from ssl_core.datasets.importer import ImportSource, run_import
from ssl_core.workspace import PROJECT_ROOT, Workspace


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = str(Path(__file__).with_name("hostile_child.py"))
    code = f"import sys, runpy; sys.path.insert(0, {str(PROJECT_ROOT)!r}); "
    code += f"sys.argv = [{script!r}, {str(tmp_path)!r}]; runpy.run_path({script!r}, "
    monkeypatch.setattr(
        decoder, "CHILD_COMMAND", [sys.executable, "-c", code + "run_name='__main__')"]
    )
    monkeypatch.setattr(decoder, "SECONDS_A_FILE", 1)


def test_only_the_culprits_are_left_out(
    hostile: None, workspace: Workspace, tmp_path: Path
) -> None:
    marks = [b"#segfault", b"###memory", b"#####hang", b"####write", b"##garbage"]
    files = {f"good{i}.png": plain_png(i) for i in range(100)}
    files |= {f"good{50 + i}.{i}.png": plain_png(200 + i) + m for i, m in enumerate(marks)}
    dataset = imported(workspace, write_tree(tmp_path / "source", files))
    left_out = reasons(dataset)
    assert dataset.manifest.count == 100
    assert "ends the reading process" in left_out["good50.0.png"]
    assert "more than 1 GB" in left_out["good51.1.png"]
    assert "longer than 1 s" in left_out["good52.2.png"]
    assert "cannot be read" in left_out["good53.3.png"]
    assert "malformed" in left_out["good54.4.png"]
    assert (tmp_path / "written").read_bytes() == b""


def test_the_child_has_no_network(hostile: None, workspace: Workspace, tmp_path: Path) -> None:
    files = {"good.png": plain_png(1), "net.png": plain_png(2) + b"##network"}
    dataset = imported(workspace, write_tree(tmp_path / "source", files))
    if "net.png" in dataset.item_names:
        pytest.skip("this machine does not let a process give up its network")
    assert list(reasons(dataset)) == ["net.png"]


def test_a_child_knows_no_secrets_and_dies_with_its_parent(tmp_path: Path) -> None:
    os.environ["HANDFUL_TEST_SECRET"] = "x"
    write_tree(tmp_path, {"a.png": plain_png()})
    with DecoderChild() as child:
        decoder.ask_about_files(child, FileRequest("probe"), [str(tmp_path / "a.png")])
        process = child._process
        assert process is not None
        seen = psutil.Process(process.pid)
        assert "HANDFUL_TEST_SECRET" not in seen.environ()
        assert seen.rlimit(psutil.RLIMIT_AS) == (1 << 30, 1 << 30)
    assert not seen.is_running()


def test_answers_keep_the_order_of_the_files(tmp_path: Path) -> None:
    sizes = [(1 + i % 40, 1 + i // 40) for i in range(400)]
    files = {f"{i}.png": plain_png(1, size) for i, size in enumerate(sizes)}
    write_tree(tmp_path, files)
    places: list[decoder.Place] = [str(tmp_path / name) for name in files]
    with DecoderPool() as pool:
        batches = list(pool.answers(FileRequest("probe"), places, 7))
    found = [(header["w"], header["h"]) for batch in batches for header, _ in batch]
    assert found == sizes


def test_cancelling_is_quick_and_leaves_nothing(
    hostile: None, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder, "SECONDS_A_FILE", 60)
    folder = write_tree(tmp_path / "source", {"a.png": plain_png() + b"#####hang"})
    before = psutil.Process().children()  # of other tests of this process
    wish = threading.Event()
    threading.Timer(1.0, wish.set).start()
    began = time.monotonic()
    source = ImportSource(location=str(folder), name="x")
    with pytest.raises(CancelledError):
        run_import(workspace, source, lambda _: None, wish.is_set)
    assert time.monotonic() - began < 5
    assert not list(workspace.datasets.iterdir())
    assert not set(psutil.Process().children()) - set(before)
