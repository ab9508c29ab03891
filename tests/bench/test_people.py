"""What fifty people waited for, and that each of them does what a browser does."""

import sqlite3
from pathlib import Path

import pytest

from bench import people
from bench.labellers import Labeller, label_together
from tests.support.dashboard import dashboard

STORED = "SELECT person, item FROM events WHERE kind = 'label'"


def labeller(number: int, answered: list[float], seen: list[int]) -> Labeller:
    return Labeller(0, "digits", f"person-{number}", 3.0, answered=answered, seen=seen)


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> list[Labeller]:
    monkeypatch.setattr(people, "SECONDS", 6.0)
    return [labeller(0, [10.0, 20.0], [1, 2]), labeller(1, [10.0, 20.0], [3, 4])]


def verdicts(found: list[Labeller]) -> list[bool | None]:
    return [row.met for row in people.rows(found, 60_000)]


def test_quick_answers_without_errors_meet_every_aim(two: list[Labeller]) -> None:
    two[0].fetched = [5.0]
    assert verdicts(two) == [True, True, True, None]


def test_each_fault_is_a_miss_of_its_own_line(two: list[Labeller]) -> None:
    two[0].fetched = [5.0]
    two[1].answered = [10.0, 900.0]
    assert verdicts(two) == [False, True, True, None]
    two[1].answered = [10.0]  # a label that was never sent
    assert verdicts(two) == [True, False, True, None]
    two[1].answered, two[1].seen = [10.0, 20.0], [2, 3]
    assert verdicts(two) == [True, True, False, None]
    two[1].errors, two[1].seen = ["OSError: events answered 503"], [3, 4]
    assert verdicts(two) == [True, False, True, None]


def test_two_people_label_through_the_real_routes(tmp_path: Path) -> None:
    with dashboard(tmp_path / "workspace") as served:
        found = [Labeller(served.port, "sample", name, 1.0) for name in ("ana", "ben")]
        label_together(found, 3.0, 2.5)
    assert [one.errors for one in found] == [[], []]
    with sqlite3.connect(tmp_path / "workspace/datasets/sample/labels.sqlite") as connection:
        stored = connection.execute(STORED).fetchall()
    connection.close()
    assert sorted(stored) == sorted((one.person, item) for one in found for item in one.seen)
    assert all(len(one.answered) == len(one.seen) == 3 for one in found)
    assert len({item for _, item in stored}) == 6
