"""The accuracy benchmark: what it lists, what it keeps, and what it says of an aim."""

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench import accuracy, accuracy_table
from bench.accuracy import Bench, chosen_tasks
from bench.accuracy_table import key_of, page_of, write_accuracy
from bench.real_runs import program_version
from bench.records import RECORDS, Record, read_records, write_records
from bench.report import PAGE
from bench.tasks import (
    INFORMATION,
    MATERIALS,
    Task,
    above,
    at_least,
    cifar_tasks,
    near,
    not_below,
    tasks,
)
from ssl_core.errors import UserError
from ssl_core.methods import catalogue, method_named, validated

RECORD = Record(
    accuracy=0.9,
    selected=0.88,
    figures={"mi/held-out": 0.14},
    mapping="",
    seconds=20.0,
    images=64_000,
    memory=2**29,
    steps=1000,
    measured="2026-01-01",
    version="v",
    machine="8 cores",
    load=0.5,
)
ROW = Task("supervised", "supervised", "mnist")


def test_every_method_of_the_catalogue_has_a_row() -> None:
    listed = tasks()
    assert {task.method for task in listed} == set(catalogue())
    assert len({task.name for task in listed}) == len(listed)
    assert listed[0].method == "supervised"
    large, small = cifar_tasks(graphics=True), cifar_tasks(graphics=False)
    every = [*listed, *large, *small]
    keys = {key_of(task, 1, 1000, "cpu") + task.figure for task in every}
    assert len(keys) == len(every)
    for task in every:
        assert task.material in MATERIALS
        validated(method_named(task.method), task.settings)
        if not method_named(task.method).needs.labels:
            assert MATERIALS[task.material].labels == "none"


def test_the_closed_form_of_gaussian_variables() -> None:
    for correlation, exact in INFORMATION.items():
        assert exact == pytest.approx(-math.log(1 - correlation**2) / 2, abs=1e-5)


def test_aims() -> None:
    of_all = {"supervised": [0.90, 0.91, 0.92]}
    took = [5.0]
    assert above("supervised").met([0.95, 0.95, 0.96], of_all, took) is True
    assert above("supervised").met([0.91, 0.92, 0.925], of_all, took) is False
    assert above("supervised").met([0.95], of_all, took) is None
    assert above("supervised").met([0.95, 0.96], {}, took) is None
    assert not_below("supervised").met([0.90, 0.91, 0.915], of_all, took) is True
    assert not_below("supervised").met([0.85, 0.86, 0.85], of_all, took) is False
    assert near(0.5, 0.03).met([0.48, 0.52], {}, took) is True
    assert near(0.5, 0.03).met([0.48, 0.54], {}, took) is False
    assert at_least(0.8).met([0.79, 0.82], {}, took) is True
    assert at_least(0.8).met([0.5, 0.82], {}, took) is False


def test_an_aim_with_a_time_is_missed_by_a_mean_of_too_many_seconds() -> None:
    aim = at_least(0.8).within(300)
    assert aim.text == "at least 0.8 within 300 s"
    assert aim.met([0.9, 0.9], {}, [200.0, 390.0]) is True
    assert aim.met([0.9, 0.9], {}, [200.0, 410.0]) is False
    assert aim.met([0.7, 0.7], {}, [200.0, 200.0]) is False
    listed = {task.name: task.aim.text for task in tasks() if task.aim}
    assert listed["iic"] == "at least 0.97 within 300 s"
    assert listed["gaussian_mine, correlation 0.8"] == "0.5108 ± 0.03 within 10 s"


def test_a_row_that_took_too_long_says_no() -> None:
    row = Task("iic", "iic", "mnist-unlabelled", aim=at_least(0.8).within(300))
    for seconds, said in ((299.0, "yes"), (301.0, "**no**")):
        records = {key_of(row, 1, 1000, "cpu"): replace(RECORD, seconds=seconds)}
        line = page_of([row], records, 1000, "cpu").splitlines()[-1]
        assert f"| at least 0.8 within 300 s | {said} | {seconds:.0f} |" in line


def test_a_method_is_chosen_by_its_name_with_all_its_rows() -> None:
    listed = [ROW, Task("a row", "mine", "mnist"), Task("another", "mine", "mnist")]
    assert chosen_tasks([], listed) == listed
    assert chosen_tasks(["mine"], listed) == listed[1:]
    assert chosen_tasks(["another"], listed) == listed[2:]
    with pytest.raises(UserError, match="no task fixmtach"):
        chosen_tasks(["fixmtach"], listed)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What was trained, in place of training it."""
    calls: list[tuple[str, int]] = []

    def train(workspace, task: Task, dataset: str, draw: int, steps: int, device: str) -> Record:
        calls.append((task.name, draw))
        return replace(RECORD, accuracy=0.9 + draw / 100)

    monkeypatch.setattr(accuracy, "prepare", lambda *about: ("workspace", "dataset"))
    monkeypatch.setattr(accuracy, "train", train)
    return calls


def bench_in(folder: Path, *, quick: bool = False) -> Bench:
    return Bench(folder / "work", folder / "records.json", "cpu", quick=quick)


def test_an_interrupted_benchmark_goes_on_where_it_was(tmp_path, trained) -> None:
    first = bench_in(tmp_path)
    first.measure(ROW, 1, 1000, again=False)
    second = bench_in(tmp_path)
    assert second.records == first.records
    second.measure(ROW, 1, 1000, again=False)
    second.measure(ROW, 2, 1000, again=False)
    assert trained == [("supervised", 1), ("supervised", 2)]
    second.measure(ROW, 1, 1000, again=True)
    second.measure(ROW, 1, 500, again=False)
    second.measure(replace(ROW, settings={"batch_size": 32}), 1, 1000, again=False)
    assert len(trained) == 5
    assert len(bench_in(tmp_path).records) == 4


def test_a_quick_run_leaves_nothing_and_knows_nothing(tmp_path, trained) -> None:
    bench_in(tmp_path).measure(ROW, 1, 1000, again=False)
    quick = bench_in(tmp_path, quick=True)
    assert quick.records == {}
    quick.measure(ROW, 1, 40, again=False)
    assert len(bench_in(tmp_path).records) == 1


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained) -> Path:
    """A fresh checkout: a page, the records of one other row, and nothing built."""
    (tmp_path / "page.md").write_text(
        "prose\n<!-- accuracy MNIST: begin -->\nold\n<!-- accuracy MNIST: end -->\n"
    )
    other = key_of(Task("mine", "mine", "mnist-unlabelled"), 1, 1000, "cpu")
    write_records(tmp_path / "records.json", {other: replace(RECORD, accuracy=0.77)})
    monkeypatch.setattr(accuracy_table, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(accuracy, "RECORDS", tmp_path / "records.json")
    monkeypatch.setattr(accuracy, "BUILD", tmp_path / "build")
    return tmp_path


def run_bench(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["accuracy", *words])
    assert accuracy.main() == 0


def test_one_method_by_itself_leaves_the_rows_of_the_others(checkout, monkeypatch, capsys) -> None:
    run_bench(monkeypatch, "fixmatch", "--draws", "1")
    page = (checkout / "page.md").read_text()
    assert "| mine | none | 0.770 (1 draw) |" in page
    assert "| fixmatch | 100 | 0.910 (1 draw) |" in page
    assert len(read_records(checkout / "records.json")) == 2
    assert capsys.readouterr().out.endswith("This took 0.0 minutes.\n")


def test_a_quick_run_touches_neither_records_nor_page(checkout, monkeypatch, capsys) -> None:
    before = [(checkout / name).read_bytes() for name in ("page.md", "records.json")]
    run_bench(monkeypatch, "fixmatch", "--quick")
    assert [(checkout / name).read_bytes() for name in ("page.md", "records.json")] == before
    assert capsys.readouterr().out.endswith("This took 0.0 minutes.\n")


def test_a_gpu_has_no_place_in_the_table_of_the_processor(checkout, monkeypatch) -> None:
    before = (checkout / "page.md").read_text()
    run_bench(monkeypatch, "fixmatch", "--draws", "1", "--device", "gpu:0")
    assert (checkout / "page.md").read_text() == before
    assert len(read_records(checkout / "records.json")) == 2


def test_the_page_shows_mean_and_spread_and_whether_the_aim_is_met() -> None:
    other = Task("simclr", "simclr", "mnist", aim=above("supervised"))
    clusters = Task("iic", "iic", "mnist-unlabelled")
    gauss = Task("g", "gaussian_mine", "mnist-unlabelled", "mi/held-out", aim=near(0.144, 0.03))
    rows = [ROW, other, clusters, gauss]
    values = [(0.90, 0.91, 0.92), (0.95, 0.96, 0.97), (0.8,), (0.1,)]
    records = {
        key_of(task, draw, 1000, "cpu"): replace(
            RECORD, accuracy=value, mapping="reference labels" if task is clusters else ""
        )
        for task, of_draws in zip(rows, values, strict=True)
        for draw, value in enumerate(of_draws, 1)
    }
    page = page_of(rows, records, 1000, "cpu")
    lines = {line.split(" | ")[0].strip("| "): line for line in page.splitlines()}
    assert "0.910 ± 0.010 (3 draws)" in lines["supervised"]
    assert "| above supervised, beyond the spread | yes |" in lines["simclr"]
    assert "trains without labels; classes came in with the" in lines["iic"]
    assert "(1 draw)" in lines["iic"]
    assert "| mi/held-out | 0.140 (1 draw) | 0.1440 ± 0.03 | yes |" in lines["g"]
    assert "3200" in lines["supervised"]
    assert page_of([ROW], records, 999, "cpu").endswith("No runs yet.")
    assert "supervised" not in page_of([ROW], records, 1000, "gpu:0").splitlines()[-1]


def test_runs_of_several_versions_of_the_program_are_told_apart() -> None:
    """A default that changed between them is no part of what a record is kept under."""
    other = Task("simclr", "simclr", "mnist")
    made = [(ROW, "aad3d0cb1d81"), (ROW, "1988f6cc9468-dirty"), (other, "aad3d0cb1d81")]
    records = {
        key_of(task, draw, 1000, "cpu"): replace(RECORD, version=version)
        for draw, (task, version) in enumerate(made, 1)
    }
    records[key_of(ROW, 1, 999, "cpu")] = replace(RECORD, version="of other steps")
    header, *lines = page_of([ROW, other], records, 1000, "cpu").splitlines()
    assert header.endswith("Program versions: 1988f6cc9468-dirty, aad3d0cb1d81.")
    assert lines[3].endswith("| draws of the versions 1988f6cc9468-dirty, aad3d0cb1d81 |")
    assert lines[4].endswith("| - |")


def test_only_the_part_between_the_markers_is_rewritten(tmp_path, monkeypatch) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- accuracy MNIST: begin -->\nold\n<!-- accuracy MNIST: end -->\nz\n")
    monkeypatch.setattr(accuracy_table, "PAGE", page)
    write_accuracy("new", "MNIST")
    assert page.read_text().splitlines()[2] == "new"
    assert page.read_text().startswith("a\n")
    assert page.read_text().endswith("z\n")
    with pytest.raises(ValueError, match="expected the lines"):
        write_accuracy("new", "CIFAR-10")


def test_records_survive_being_kept_one_a_line_in_order(tmp_path) -> None:
    records = {"b": RECORD, "a": replace(RECORD, accuracy=None, load=None)}
    write_records(tmp_path / "records.json", records)
    assert read_records(tmp_path / "records.json") == records
    lines = (tmp_path / "records.json").read_text().splitlines()
    assert [line[:3] for line in lines] == ["{", '"a"', '"b"', "}"]
    assert read_records(tmp_path / "none.json") == {}


@pytest.mark.parametrize(
    ("title", "known"), [("MNIST", tasks()), ("CIFAR-10 on a CPU", cifar_tasks(graphics=False))]
)
def test_the_tables_of_the_documentation_are_those_of_the_kept_records(title, known) -> None:
    """So that none of the two can be committed without the other."""
    page = page_of(known, read_records(RECORDS), accuracy.STEPS, "cpu")
    begin, end = (f"<!-- accuracy {title}: {word} -->" for word in ("begin", "end"))
    assert f"{begin}\n{page}\n{end}" in PAGE.read_text("utf-8")


def test_the_page_tells_the_machine_load_and_day_of_the_runs_not_of_now() -> None:
    rows = [ROW, Task("simclr", "simclr", "mnist"), Task("mine", "mine", "mnist-unlabelled")]

    def header(*changes: dict[str, object]) -> str:
        records = {
            key_of(row, 1, 1000, "cpu"): replace(RECORD, **change)
            for row, change in zip(rows, changes, strict=False)
        }
        return page_of(rows, records, 1000, "cpu").splitlines()[0]

    assert header({}, {"load": 1.26}) == (
        "1,000 steps on CPU. 8 cores. Load before a run: 0.5 to 1.3. Runs of 2026-01-01. "
        "Program versions: v."
    )
    several = header({"load": None}, {"machine": "2 cores", "measured": "2026-02-03"}, {})
    assert "2 cores. And: 8 cores. Load before a run: 0.5 to 0.5, not kept for 1 of 3." in several
    assert "Runs of 2026-01-01 to 2026-02-03." in several
    assert "The load before the runs was not kept." in header({"load": None})


def test_its_own_files_do_not_make_the_program_a_changed_one(tmp_path) -> None:
    def git(*words: str) -> None:
        known = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", *known, *words], cwd=tmp_path, check=True, capture_output=True)

    files = [tmp_path / name for name in ("bench/records.json", "docs/benchmarks.md", "model.py")]
    for path in files:
        path.parent.mkdir(exist_ok=True)
        path.write_text("old")
    git("init")
    git("add", ".")
    git("commit", "-m", "all")
    for path in files[:2]:
        path.write_text("new")
    assert program_version("3f2a9c1d04be-dirty", tmp_path) == "3f2a9c1d04be"
    files[2].write_text("new")
    assert program_version("3f2a9c1d04be-dirty", tmp_path) == "3f2a9c1d04be-dirty"
    assert program_version("3f2a9c1d04be", tmp_path) == "3f2a9c1d04be"
