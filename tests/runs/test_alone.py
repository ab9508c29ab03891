"""A head of a run on several is compared with the run that learned it alone, and no other."""

from math import hypot

import numpy as np
import pytest
from run_folders import make_run, write_status

from ssl_core.runs.alarms import active_alarms
from ssl_core.runs.alone import alarms_of_heads, alone_low, lowest_equal
from ssl_core.runs.folder import LABELS, REQUEST, RunFolder
from ssl_core.runs.request import TrainedClass, TrainedHead
from ssl_core.runs.status import Results, RunStatus, State
from ssl_core.runs.writer import RunWriter
from ssl_core.stats import wilson_interval
from ssl_core.workspace import Workspace
from tests.support.history import history

CLASSES = tuple(
    TrainedClass(identifier=index, name=name, colour="#123456")
    for index, name in ((1, "a"), (2, "b"))
)
COARSE = TrainedHead(name="coarse", title="Coarse", kind="categorical", classes=CLASSES)
FINE = TrainedHead(name="fine", title="Fine", kind="categorical", classes=CLASSES)
AGE = TrainedHead(name="age", title="Age", kind="regression", unit="years")
COUNT, CHECKED = 300, 100
ITEMS = {"coarse": np.arange(COUNT), "fine": np.arange(50, 50 + COUNT), "age": np.arange(COUNT)}
ROLES = (np.arange(COUNT) < CHECKED).astype(np.uint8)


def labels_of(heads: tuple[TrainedHead, ...]) -> dict[str, np.ndarray]:
    arrays = {}
    for place, head in enumerate(heads):
        before = f"{head.name}/" if place else ""
        arrays |= {f"{before}items": ITEMS[head.name], f"{before}values": ITEMS[head.name] % 2}
        arrays |= {f"{before}roles": ROLES}
    return arrays


def run_on(
    workspace: Workspace, run: str, *heads: TrainedHead, method: str = "supervised", seed: int = 0
) -> RunFolder:
    folder = make_run(workspace, run, steps=100)
    changes = {"heads": heads, "classes": heads[0].classes, "method": method, "seed": seed}
    request = folder.request().model_copy(update=changes)
    (folder.path / REQUEST).write_text(request.model_dump_json())
    np.savez(folder.path / LABELS, **labels_of(heads))
    return folder


def ended(folder: RunFolder, right: int, state: State = "finished") -> RunFolder:
    interval = wilson_interval(right, CHECKED)
    results = Results(validation_accuracy=right / CHECKED, validation_interval=interval)
    write_status(folder, RunStatus(state=state, results=results))
    return folder


def low_of(several: RunFolder, head: str) -> float | None:
    return alone_low(several, several.request(), head)


@pytest.mark.parametrize("right", [0, 3, 60, 90, 100])
def test_worse_is_beyond_the_interval_of_the_difference(right: int) -> None:
    accuracy, low = right / CHECKED, wilson_interval(right, CHECKED)[0]
    limit = lowest_equal(accuracy, low, 80)
    for other in range(81):
        share = other / 80
        # Newcombe 1998, method 10: d - sqrt((p1 - l1)^2 + (u2 - p2)^2) > 0.
        spread = hypot(accuracy - low, wilson_interval(other, 80)[1] - share)
        worse = accuracy - share - spread > 0
        assert worse is (limit is not None and share < limit)
    assert (limit is None) is (right in (0, 3))
    assert lowest_equal(accuracy, low, 0) is None


def test_the_head_is_compared_with_the_run_on_the_same_labels_alone(workspace: Workspace) -> None:
    several = run_on(workspace, "several", COARSE, FINE, AGE)
    assert low_of(several, "fine") is None
    ended(run_on(workspace, "other-seed", FINE, seed=1), 99)
    ended(run_on(workspace, "other-method", FINE, method="fixmatch"), 99)
    ended(run_on(workspace, "other-head", COARSE, AGE), 99)
    ended(run_on(workspace, "stopped", FINE), 99, "stopped")
    items = run_on(workspace, "other-items", FINE)
    (items.path / REQUEST).write_text(
        items.request().model_copy(update={"fingerprint": "11"}).model_dump_json()
    )
    ended(items, 99)
    fewer = ended(run_on(workspace, "fewer-labels", FINE), 99)
    np.savez(fewer.path / LABELS, **{k: v[:-1] for k, v in labels_of((FINE,)).items()})
    turned = ended(run_on(workspace, "turned-labels", FINE), 99)
    turned_labels = labels_of((FINE,))
    np.savez(turned.path / LABELS, **{**turned_labels, "values": 1 - turned_labels["values"]})
    merged = FINE.model_copy(update={"classes": CLASSES[::-1]})
    ended(run_on(workspace, "other-classes", merged), 99)
    (ended(run_on(workspace, "no-labels", FINE), 99).path / LABELS).unlink()
    assert low_of(several, "fine") is None
    ended(run_on(workspace, "alone", FINE.model_copy(update={"title": "Anew"})), 80)
    expected = lowest_equal(0.8, wilson_interval(80, CHECKED)[0], CHECKED)
    assert low_of(several, "fine") == expected
    ended(run_on(workspace, "newer", FINE), 90)
    assert low_of(several, "fine") > expected, "the newest counts"
    assert low_of(several, "coarse") is None


def test_texts_are_compared_with_the_same_method_alone(workspace: Workspace) -> None:
    several = run_on(workspace, "several", COARSE, FINE, method="posts")
    ended(run_on(workspace, "other", FINE, method="headline"), 90)
    assert low_of(several, "fine") is None
    ended(run_on(workspace, "alone", FINE, method="posts"), 90)
    assert low_of(several, "fine") is not None


def test_only_heads_with_classes_of_several_have_the_alarm(workspace: Workspace) -> None:
    several = run_on(workspace, "several", COARSE, FINE, AGE).request()
    assert [alarm.title for alarm in alarms_of_heads(several)] == [
        "Coarse: less right than the run on this head alone",
        "Fine: less right than the run on this head alone",
    ]
    assert alarms_of_heads(run_on(workspace, "one", FINE).request()) == ()


def test_the_latest_evaluations_are_all_worse_and_late(workspace: Workspace) -> None:
    several = run_on(workspace, "several", COARSE, FINE).request()
    coarse, fine = alarms_of_heads(several)
    asked = {"coarse": None, "fine": 0.7}
    curves = {"accuracy/fine": [0.6] * 5, "accuracy/validation": [0.1] * 5}

    def rings(values: list[float], done: float = 0.9) -> bool:
        past = history({"accuracy/fine": values}, share_done=done, alone_low=asked.get)
        return fine.check(past)

    assert rings([0.6] * 5)
    assert not rings([0.6] * 5, done=0.7), "it may still come"
    assert not rings([0.6] * 4), "too few"
    assert not rings([0.6] * 4 + [0.71]), "one of them is within"
    assert rings([0.9] + [0.6] * 5)
    assert not coarse.check(history(curves, share_done=1.0, alone_low=asked.get)), "none alone"
    assert not fine.check(history(curves, share_done=1.0)), "no run to compare with"
    main = history(curves, share_done=1.0, alone_low={"coarse": 0.7}.get)
    assert coarse.check(main)
    assert not fine.check(main)


def test_a_finished_run_names_the_head_that_is_worse_than_alone(workspace: Workspace) -> None:
    several = run_on(workspace, "several", COARSE, FINE)
    writer = RunWriter(several.path)
    for row in range(12):
        values = {"accuracy/validation": 0.85, "accuracy/fine": 0.7}
        writer.metrics(10 * (row + 1), 1.0, 1, values)
    writer.close()

    def titles() -> list[str]:
        return [one.alarm.title for one in active_alarms(several, several.request())]

    assert titles() == []
    ended(run_on(workspace, "alone-coarse", COARSE), 90)
    ended(run_on(workspace, "alone-fine", FINE), 80)
    assert titles() == [], "both within the interval"
    ended(run_on(workspace, "again", FINE), 90)
    assert titles() == ["Fine: less right than the run on this head alone"]
