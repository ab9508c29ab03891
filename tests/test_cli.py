"""The command line: every verb, its JSON, its exit codes and its one-line complaints."""

import errno
import io
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from runs.run_folders import FAKE_WORKER, make_run, wait_until

from ssl_core import cli
from ssl_core.commands import command
from ssl_core.datasets.dataset import Dataset
from ssl_core.methods import catalogue
from ssl_core.runs import process
from ssl_core.runs.folder import open_run
from ssl_core.runs.process import start_worker, wait_for_end
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import PROJECT_ROOT, Workspace

MakeDataset = Callable[..., Dataset]
TRAIN_KEYS = {"run", "status", "test_accuracy", "test_interval", "seconds", "images_seen"}
VERBS = {
    *("import", "datasets", "delete-dataset", "heads", "label", "labels", "train", "resume"),
    *("methods", "runs", "show", "stop", "delete", "study", "studies", "compare", "note", "loop"),
    "delete-study",
    *("predict", "export", "pack", "unpack", "queue", "accept", "clusters"),
}


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, object]:
        """The last line of standard output, strictly JSON."""

        def refuse(constant: str) -> None:
            raise ValueError(f"{constant} is no JSON")

        found = json.loads(self.out.splitlines()[-1], parse_constant=refuse)
        assert isinstance(found, dict)
        return found


def run(*arguments: str) -> Outcome:
    """The command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = cli.main(list(arguments))
        except SystemExit as exit_:
            code = int(exit_.code or 0)
    return Outcome(code, out.getvalue(), err.getvalue())


def launch(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """The command line as a process of its own, with the fake worker.

    Interrupts reach it as they do in a terminal, also where the tests run in the background.
    """
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "import sys; from ssl_core.runs import process; from ssl_core.cli import main;"
        f"process.WORKER_COMMAND = {FAKE_WORKER!r}; sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def labelled(make_dataset: MakeDataset) -> Dataset:
    dataset = make_dataset()
    assert run("label", "tiny", "--draw", "4", "--seed", "1").code == 0
    return dataset


# Shape of the command line


def test_every_verb_is_there() -> None:
    assert set(cli.COMMANDS) == VERBS


def test_every_verb_is_in_the_readme() -> None:
    readme = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"python -m ssl_core ([a-z-]+)", readme))
    assert set(cli.COMMANDS) - shown == set(), "missing from the table of README.md"
    assert shown - set(cli.COMMANDS) == set(), "README.md shows verbs that do not exist"


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help_and_the_common_options(verb: str) -> None:
    outcome = run(verb, "--help")
    assert outcome.code == 0
    for option in ("--workspace", "--json", "--help"):
        assert option in outcome.out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["import"],
        ["import", "x"],
        ["label", "tiny"],
        ["label", "tiny", "--draw", "1", "--csv", "x"],
        ["train", "tiny", "--method", "supervised", "--steps", "many"],
        ["train", "tiny", "--method", "supervised", "--steps", "5", "--minutes", "1"],
        ["methods", "--nonsense"],
    ],
)
def test_wrong_use_is_one_line(arguments: list[str]) -> None:
    outcome = run(*arguments)
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith("python -m ssl_core")
    assert outcome.out == ""


def test_common_options_stand_before_or_after_the_verb(tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    before = run("--workspace", elsewhere, "--json", "datasets")
    after = run("datasets", "--workspace", elsewhere, "--json")
    assert before.answer == after.answer == {"datasets": []}
    assert (tmp_path / "elsewhere" / "runs").is_dir()


@pytest.mark.timed
def test_methods_answers_quickly_and_without_a_framework() -> None:
    took = []
    for _ in range(3):  # the best of three: other processes of this machine may be busy
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "ssl_core", "methods", "--json"],
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            timeout=30,
        )
        took.append(time.monotonic() - began)
    assert min(took) < 1.5, took
    listed = json.loads(done.stdout.splitlines()[-1])["methods"]
    assert [one["name"] for one in listed] == list(catalogue())
    assert {"supervised", "autoencoder"} <= set(catalogue())
    assert set(listed[0]) == {"name", "title", "summary", "needs", "hyperparameters"}
    for heavy in ("tensorflow", "keras", "streamlit", "pandas"):
        assert f" {heavy}" not in done.stderr


# Errors


@pytest.mark.parametrize(
    "arguments",
    [
        ["label", "nothing", "--draw", "3"],
        ["labels", "nothing", "--out", "x.csv"],
        ["train", "nothing", "--method", "supervised"],
        ["show", "nothing"],
        ["stop", "nothing"],
        ["resume", "../etc"],
        ["delete", "nothing"],
        ["delete-dataset", "nothing"],
        ["import", "/nowhere/images.zip", "--name", "x"],
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_1(
    workspace: Workspace, arguments: list[str]
) -> None:
    outcome = run(*arguments, "--json")
    assert outcome.code == 1
    assert outcome.out == ""
    assert outcome.err.count("\n") == 1
    assert "Traceback" not in outcome.err


def test_the_unexpected_is_one_line_and_names_a_file(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> command.Answer:
        raise RuntimeError("first line\nsecond line")

    shown = command.Command("runs", "list", command.no_arguments, broken)
    monkeypatch.setitem(cli.COMMANDS, "runs", shown)
    outcome = run("runs")
    assert outcome.code == 70
    assert outcome.err.count("\n") == 1
    path = Path(re.search(r"\S+handful-error-\S+\.txt", outcome.err).group())
    assert "RuntimeError" in path.read_text()
    path.unlink()


@pytest.mark.parametrize(
    ("number", "advice"), [(errno.ENOSPC, "Make room"), (errno.EROFS, "Make it writable")]
)
def test_a_disk_that_refuses_is_no_fault_of_the_program(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    def refused(*_: object) -> command.Answer:
        raise OSError(number, os.strerror(number), str(workspace.root))

    shown = command.Command("runs", "list", command.no_arguments, refused)
    monkeypatch.setitem(cli.COMMANDS, "runs", shown)
    outcome = run("runs")
    assert outcome.code == 1
    assert outcome.err.startswith(f"{workspace.root}: {os.strerror(number)}. {advice}")


def test_a_reader_that_goes_away_is_no_error(workspace: Workspace) -> None:
    shell = f"{sys.executable} -m ssl_core methods | head -c 1"
    done = subprocess.run(
        ["bash", "-c", shell], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.stderr == ""


# Data and labels


def test_import_datasets_and_delete(workspace: Workspace, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    path = tmp_path / "small.npz"
    np.savez(
        path,
        x_train=generator.integers(0, 256, (20, 8, 8), dtype=np.uint8),
        y_train=np.arange(20) % 2,
        x_test=generator.integers(0, 256, (6, 8, 8), dtype=np.uint8),
        y_test=np.arange(6) % 2,
    )
    outcome = run("import", str(path), "--name", "My set", "--json")
    assert outcome.code == 0, outcome.err
    answer = outcome.answer
    facts = {"dataset", "kind", "count", "shape", "classes", "heads", "columns", "splits"}
    assert set(answer) == {*facts, "skipped"}
    assert (answer["dataset"], answer["count"]) == ("my-set", 26)
    assert answer["splits"] == {"train": 20, "test": 6}
    assert answer["skipped"] == []
    assert run("datasets", "--json").answer["datasets"][0]["dataset"] == "my-set"
    assert "my-set" in run("datasets").out
    assert run("label", "My set", "--draw", "2").code == 0  # the name serves as well
    assert run("delete-dataset", "my-set", "--json").answer == {
        "dataset": "my-set",
        "deleted": True,
    }
    assert run("datasets").out == "No dataset yet.\n"


def test_label_draws_the_same_again_and_labels_are_written(
    labelled: Dataset, tmp_path: Path
) -> None:
    again = run("label", "tiny", "--draw", "4", "--seed", "1", "--json")
    assert again.answer == {"labelled": 12, "per_class": {"a": 4, "b": 4, "c": 4}}
    more = run("label", "tiny", "--draw", "6", "--seed", "1", "--json")
    assert more.answer["labelled"] == 18
    out = tmp_path / "labels.csv"
    answer = run("labels", "tiny", "--out", str(out), "--json").answer
    assert answer == {"dataset": "tiny", "labelled": 18, "file": str(out)}
    assert len(out.read_text().splitlines()) == 19


def test_label_from_a_table_tells_what_it_left_out(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    make_dataset()
    path = tmp_path / "some.csv"
    path.write_text("file,label\n00000.png,a\n00001.png,b\nnone.png,a\n")
    outcome = run("label", "tiny", "--csv", str(path), "--json")
    assert outcome.answer == {"labelled": 2, "per_class": {"a": 1, "b": 1}}
    assert "none.png" in outcome.err


# Training


@pytest.mark.usefixtures("fake_worker", "labelled")
def test_train_waits_and_answers(workspace: Workspace) -> None:
    outcome = run(
        *("train", "tiny", "--method", "supervised", "--steps", "12", "--seed", "3"),
        *("--set", "batch_size=8", "--set", "augment_mirror=true", "--device", "cpu", "--json"),
    )
    assert outcome.code == 0, outcome.err
    answer = outcome.answer
    assert set(answer) == TRAIN_KEYS
    assert answer["status"] == "finished"
    assert answer["test_accuracy"] == 0.75
    assert answer["test_interval"] == [0.4, 0.9]
    assert answer["images_seen"] == 12 * 64
    request = open_run(workspace, str(answer["run"])).request()
    assert (request.seed, request.steps) == (3, 12)
    assert request.configuration["batch_size"] == 8
    assert request.configuration["augment_mirror"] is True


@pytest.mark.usefixtures("fake_worker", "labelled")
def test_a_failed_training_is_exit_code_1_with_its_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FAKE_WORKER", json.dumps({"behaviour": "crash", "at": 5}))
    outcome = run("train", "tiny", "--method", "supervised", "--steps", "12", "--json")
    assert outcome.code == 1
    assert outcome.answer["status"] == "failed"
    assert "Stopped unexpectedly" in outcome.err.splitlines()[-1]
    shown = run("show", str(outcome.answer["run"]))
    assert "a made-up error" in shown.out  # the last lines of its log


@pytest.mark.usefixtures("labelled")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--method", "magic"], "magic"),
        (["--method", "supervised", "--set", "batch_size=1"], "batch_size"),
        (["--method", "supervised", "--set", "batch_size"], "KEY=VALUE"),
        (["--method", "supervised", "--steps", "0"], "Steps: received 0"),
        (["--method", "supervised", "--minutes", "nan"], "Minutes"),
        (["--method", "supervised", "--device", "gpu:9"], "gpu:9"),
    ],
)
def test_an_impossible_training_is_refused(
    workspace: Workspace, arguments: list[str], words: str
) -> None:
    outcome = run("train", "tiny", *arguments)
    assert outcome.code == 1
    assert words in outcome.err
    assert list(workspace.runs.iterdir()) == []


@pytest.mark.usefixtures("fake_worker", "labelled")
def test_background_stop_resume_runs_show_delete(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_WORKER", json.dumps({"pause": 0.02}))
    started = run(
        "train", "tiny", "--method", "autoencoder", "--steps", "100", "--background", "--json"
    )
    assert started.code == 0
    assert started.answer["status"] in ("queued", "running")
    name = str(started.answer["run"])
    folder = open_run(workspace, name)
    wait_until(lambda: len(folder.metrics()[0]) > 6)
    assert run("delete", name).code == 1
    assert run("delete-dataset", "tiny").code == 1
    stopped = run("stop", name, "--json")
    assert (stopped.code, stopped.answer["status"]) == (0, "stopped")
    assert set(stopped.answer) == TRAIN_KEYS
    listed = run("runs", "--json").answer["runs"][0]
    assert (listed["run"], listed["status"], listed["method"]) == (name, "stopped", "autoencoder")
    assert set(listed) > TRAIN_KEYS
    monkeypatch.setenv("FAKE_WORKER", "{}")
    resumed = run("resume", name, "--json")
    assert (resumed.code, resumed.answer["status"]) == (0, "finished")
    shown = run("show", name, "--json").answer
    assert {"status", "configuration", "metrics"} < set(shown)
    assert [line["step"] for line in shown["metrics"]] == list(range(1, 101))
    assert shown["configuration"]["batch_size"] == 64
    assert name in run("runs").out
    assert run("delete", name, "--json").answer == {"run": name, "deleted": True}
    assert run("runs").out == "No run yet.\n"


def test_a_loss_that_is_not_a_number_is_null_in_the_answer(workspace: Workspace) -> None:
    folder = make_run(workspace)
    RunWriter(folder.path).metrics(1, 1.0, 64, {"loss/total": math.nan})
    assert run("show", folder.run, "--json").answer["metrics"][0]["values"] == {"loss/total": None}


@pytest.mark.usefixtures("fake_worker", "labelled")
def test_interrupting_stops_the_run_politely(workspace: Workspace) -> None:
    arguments = ("train", "tiny", "--method", "supervised", "--steps", "100000", "--json")
    following = launch(*arguments, FAKE_WORKER=json.dumps({"pause": 0.02}))
    wait_until(lambda: any(workspace.runs.glob("2*/metrics.jsonl")))
    folder = open_run(workspace, next(workspace.runs.glob("2*")).name)
    wait_until(lambda: len(folder.metrics()[0]) > 3)
    following.send_signal(signal.SIGINT)
    out, err = following.communicate(timeout=20)
    assert following.returncode == 130
    assert json.loads(out.splitlines()[-1])["status"] == "stopped"
    assert "Traceback" not in err
    assert folder.status().message == "Stopped by user."


@pytest.mark.usefixtures("fake_worker", "labelled")
def test_a_killed_command_line_leaves_the_run_going(workspace: Workspace) -> None:
    arguments = ("train", "tiny", "--method", "supervised", "--steps", "60")
    following = launch(*arguments, FAKE_WORKER=json.dumps({"pause": 0.02}))
    wait_until(lambda: any(workspace.runs.glob("2*/metrics.jsonl")))
    following.kill()
    following.communicate()
    folder = open_run(workspace, next(workspace.runs.glob("2*")).name)
    assert wait_for_end(folder, 20).state == "finished"


@pytest.mark.usefixtures("fake_worker")
def test_stop_of_a_deaf_run_asked_twice(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(workspace, behaviour="deaf", steps=100_000, pause=0.02)
    start_worker(folder)
    wait_until(lambda: folder.status().state == "running")
    waiting = launch("stop", folder.run)
    wait_until(lambda: (folder.path / "stop.json").exists())
    time.sleep(process.DOUBLE_CLICK_SECONDS)
    assert run("stop", folder.run, "--json").answer["status"] == "stopped"
    waiting.communicate(timeout=10)
    assert waiting.returncode == 0


@pytest.mark.parametrize("path", ["", "~nobody-of-that-name/x", "n" * 5000])
def test_paths_that_lead_nowhere_are_one_line(
    workspace: Workspace, labelled: Dataset, path: str
) -> None:
    for arguments in (
        ["import", path, "--name", "a"],
        ["label", "tiny", "--csv", path],
        ["labels", "tiny", "--out", path],
        ["datasets", "--workspace", path and f"{workspace.root / 'runs.txt'}/{path}"],
    ):
        (workspace.root / "runs.txt").touch()
        outcome = run(*arguments)
        expected = 0 if arguments[-1] == "" and arguments[0] == "datasets" else 1
        assert outcome.code == expected, outcome.err
        assert outcome.err.count("\n") == outcome.code


def test_a_damaged_dataset_is_told_and_can_be_deleted(labelled: Dataset) -> None:
    (labelled.folder / "dataset.json").write_text("garbage")
    outcome = run("label", "tiny", "--draw", "1")
    assert outcome.code == 1
    assert "cannot be read. Delete the dataset" in outcome.err
    assert run("delete-dataset", "tiny").code == 0
    assert not labelled.folder.exists()
