"""The accuracy benchmark: what it lists, what it keeps, and what it says of an aim."""

import math
from dataclasses import replace

import pytest

from bench import accuracy, accuracy_table
from bench.accuracy import Bench, chosen_tasks
from bench.accuracy_table import key_of, page_of, write_accuracy
from bench.real_runs import Record, recorded, stored
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

RECORD = Record(0.9, 0.88, {"mi/held-out": 0.14}, "", 20.0, 64_000, 2**29, 1000, "2026-01-01", "v")
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
    assert above("supervised").met([0.95, 0.95, 0.96], of_all) is True
    assert above("supervised").met([0.91, 0.92, 0.925], of_all) is False
    assert above("supervised").met([0.95], of_all) is None
    assert above("supervised").met([0.95, 0.96], {}) is None
    assert not_below("supervised").met([0.90, 0.91, 0.915], of_all) is True
    assert not_below("supervised").met([0.85, 0.86, 0.85], of_all) is False
    assert near(0.5, 0.03).met([0.48, 0.52], {}) is True
    assert near(0.5, 0.03).met([0.48, 0.54], {}) is False
    assert at_least(0.8).met([0.79, 0.82], {}) is True
    assert at_least(0.8).met([0.5, 0.82], {}) is False


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


def test_an_interrupted_benchmark_goes_on_where_it_was(tmp_path, trained) -> None:
    first = Bench(tmp_path, "cpu", quick=False)
    first.measure(ROW, 1, 1000, again=False)
    second = Bench(tmp_path, "cpu", quick=False)
    assert second.records == first.records
    second.measure(ROW, 1, 1000, again=False)
    second.measure(ROW, 2, 1000, again=False)
    assert trained == [("supervised", 1), ("supervised", 2)]
    second.measure(ROW, 1, 1000, again=True)
    second.measure(ROW, 1, 500, again=False)
    second.measure(replace(ROW, settings={"batch_size": 32}), 1, 1000, again=False)
    assert len(trained) == 5
    assert len(Bench(tmp_path, "cpu", quick=False).records) == 4


def test_a_quick_run_leaves_nothing_and_knows_nothing(tmp_path, trained) -> None:
    Bench(tmp_path, "cpu", quick=False).measure(ROW, 1, 1000, again=False)
    quick = Bench(tmp_path, "cpu", quick=True)
    assert quick.records == {}
    quick.measure(ROW, 1, 40, again=False)
    assert len(Bench(tmp_path, "cpu", quick=False).records) == 1


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


def test_records_survive_being_stored() -> None:
    assert recorded(stored(RECORD)) == RECORD
