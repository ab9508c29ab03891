"""When an alarm begins, when it ends, and that one odd line does neither."""

import itertools
from collections.abc import Callable

import pytest
from run_folders import make_run, write_status

from ssl_core.methods.alarms import Alarm, History
from ssl_core.runs import alarms
from ssl_core.runs.alarms import active_alarms, alarms_of, first_row, supervised_low
from ssl_core.runs.folder import REQUEST, RunFolder
from ssl_core.runs.phase_starts import PhaseStart
from ssl_core.runs.request import RunRequest
from ssl_core.runs.shared_alarms import SHARED
from ssl_core.runs.status import Results, RunStatus, State
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.support.history import history


def pattern(text: str) -> Callable[[int], bool]:
    """A check that says yes at the rows marked x."""
    return lambda row: text[row] == "x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("......", None),
        ("xx", None),
        ("...xxx", 3),
        ("...xx.", None),
        ("...xxxxxx.", 3),
        ("...xxxxxx..", 3),
        ("...xxxxxx...", None),
        ("...xxx.xxx", 3),
        ("x.x.x.x.x.x.", None),
        ("xxxxxx", 0),
        ("xxx...xxxx", 6),
    ],
)
def test_three_rows_begin_an_alarm_and_three_end_it(text: str, expected: int | None) -> None:
    assert first_row(pattern(text), len(text)) == expected


def test_the_start_is_found_in_a_long_run_without_looking_at_every_row() -> None:
    looked = []

    def on(row: int) -> bool:
        looked.append(row)
        return row >= 12_345

    assert first_row(on, 100_000) == 12_345
    assert len(looked) < 150


def test_going_to_and_fro_makes_no_flicker() -> None:
    text = "....xxxx" + "x.xx.x..x.xxx.xx..x." * 2
    states = [first_row(pattern(text), rows) is not None for rows in range(1, len(text) + 1)]
    changes = sum(one != other for one, other in itertools.pairwise(states))
    assert changes == 1, "it began, and no line after that ended it"


def curve_run(
    workspace: Workspace, values: list[float], guide: float | None = None, run: str = "run-1"
) -> RunFolder:
    folder = make_run(workspace, run, steps=400)
    writer = RunWriter(folder.path)
    if guide is not None:
        writer.guides({"usage": {"ln 10": guide}})
    for number, value in enumerate(values, 1):
        writer.metrics(10 * number, 0.5 * number, 64 * number, {"usage/head 1": value})
    writer.close()
    return folder


def test_an_alarm_of_a_run_says_since_when_and_ends_with_its_cause(workspace: Workspace) -> None:
    folder = curve_run(workspace, [2.3] * 20 + [0.2] * 20, guide=2.3)
    (found,) = active_alarms(folder, folder.request())
    assert found.alarm.name == "usage-collapse"
    assert found.since == 230, "the median of five lines turns with the third low one"
    folder = curve_run(workspace, [2.3] * 20 + [0.2] * 20 + [2.3] * 20, 2.3, "healed")
    assert active_alarms(folder, folder.request()) == []


def test_a_run_without_figures_has_no_alarm(workspace: Workspace) -> None:
    folder = make_run(workspace)
    assert active_alarms(folder, folder.request()) == []


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[History]:
    """Every history that a check is shown, in order; the only alarm there is."""
    shown: list[History] = []
    spy = Alarm("spy", "Spy", "None.", lambda past: bool(shown.append(past)))
    monkeypatch.setattr(alarms, "alarms_of", lambda method: (spy,))
    return shown


def test_a_check_sees_the_run_up_to_its_row_alone(
    workspace: Workspace, seen: list[History]
) -> None:
    folder = curve_run(workspace, [float(number) for number in range(10)])
    request = folder.request()
    active_alarms(folder, request)
    newest = seen[0]
    assert newest.last("usage/head 1") == 9.0
    assert newest.recent("usage/head 1", 3) == [7.0, 8.0, 9.0]
    assert newest.middle("usage/head 1", 11) is None
    assert (newest.steps, newest.classes) == (100, len(request.classes))
    assert newest.share_done == pytest.approx(min(1.0, 100 / (request.steps or 1)))
    assert newest.group("usage/") == ("usage/head 1",)
    assert newest.settings == request.configuration
    assert seen[1].last("usage/head 1") == 8.0


def test_what_is_published_seldom_is_compared_at_its_own_step(
    workspace: Workspace, seen: list[History]
) -> None:
    folder = make_run(workspace)
    writer = RunWriter(folder.path)
    for row in range(10):
        values = {"often": float(row)} | ({"seldom": 0.5} if row in (2, 6) else {})
        writer.metrics(10 * (row + 1), 1.0, 1, values)
    writer.close()
    active_alarms(folder, folder.request())
    by_row = {past.steps: past for past in seen}
    assert by_row[100].read_until("often", 3, "seldom") == [4.0, 5.0, 6.0]
    assert by_row[100].middle_at("often", 3, "seldom") == 5.0
    assert by_row[100].middle_at("often", 8, "seldom") is None, "too few before it"
    assert by_row[100].middle_at("often", 3, "never") is None


def test_a_phase_that_begins_anew_is_not_compared_with_the_one_before(
    workspace: Workspace,
) -> None:
    folder = make_run(workspace, steps=1200)
    writer = RunWriter(folder.path)

    def publish(rows: range, accuracy: float, phases: list[int]) -> set[str]:
        writer.phases([PhaseStart(f"phase {step}", step) for step in phases])
        for row in rows:
            figures = {"accuracy/validation": accuracy, "accuracy/validation_high": accuracy + 0.05}
            writer.metrics(10 * (row + 1), 1.0, 1, figures)
        return {found.alarm.name for found in active_alarms(folder, folder.request())}

    assert publish(range(20), 0.9, [0]) == set()
    assert publish(range(20, 40), 0.5, [0, 200]) == set(), "new weights begin low"
    assert publish(range(40, 60), 0.3, [0, 200]) == {"validation-fell"}, "the same weights fell"
    assert publish(range(60, 60), 0.3, [0]) == {"validation-fell"}
    assert publish(range(60, 70), 0.3, [0, 200, 600]) == set()
    writer.close()


def test_values_that_are_no_numbers_are_left_out(workspace: Workspace) -> None:
    values = [1.0, float("nan"), 2.0, float("inf")]
    folder = curve_run(workspace, values)
    series = alarms.metric_series(folder.path)
    assert series.newest("usage/head 1", 10, 3) == [1.0, 2.0]
    assert series.newest("nothing", 10, 3) == []


def test_an_alarm_of_a_method_stands_for_the_shared_one_of_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = Alarm("memorised", "Mine", "None.", lambda past: True)
    spec = type("Spec", (), {"alarms": (own,)})
    monkeypatch.setattr(alarms, "method_named", lambda name: spec)
    found = alarms_of("any")
    assert found[0] is own
    assert len(found) == len(SHARED)


@pytest.mark.parametrize("method", ["supervised", "posts", "headline"])
def test_a_head_that_rules_is_told_once(method: str) -> None:
    curves = {"share/classification": [0.97] * 9, "share/group": [0.03] * 9}
    ringing = [alarm for alarm in alarms_of(method) if alarm.check(history(curves))]
    assert [alarm.title for alarm in ringing] == ["One head shapes the features nearly alone"]


def asked_again(folder: RunFolder, **changes: object) -> RunRequest:
    """The request of a run with other facts, written in its place."""
    request = folder.request().model_copy(update=changes)
    (folder.path / REQUEST).write_text(request.model_dump_json())
    return request


def ended(folder: RunFolder, interval: tuple[float, float], state: State = "finished") -> None:
    results = Results(validation_accuracy=sum(interval) / 2, validation_interval=interval)
    write_status(folder, RunStatus(state=state, results=results))


def test_a_run_is_compared_with_the_supervised_one_on_the_same_labels(
    workspace: Workspace,
) -> None:
    folder = make_run(workspace, "fixmatch-1", steps=100)
    request = asked_again(folder, method="fixmatch")
    writer = RunWriter(folder.path)
    for row in range(10):
        writer.metrics(10 * (row + 1), 1.0, 1, {"accuracy/validation": 0.7})
    writer.close()

    def names() -> set[str]:
        return {found.alarm.name for found in active_alarms(folder, request)}

    assert supervised_low(folder, request) is None
    for run, interval, changes in (
        ("other-method", (0.99, 1.0), {"method": "autoencoder"}),
        ("other-seed", (0.98, 1.0), {"seed": 1}),
        ("other-items", (0.97, 1.0), {"fingerprint": "11"}),
        ("other-labels", (0.96, 1.0), {"labels": request.labels.model_copy(update={"train": 4})}),
    ):
        other = make_run(workspace, run)
        asked_again(other, **changes)
        ended(other, interval)
    stopped = make_run(workspace, "stopped")
    ended(stopped, (0.95, 1.0), "stopped")
    assert supervised_low(folder, request) is None
    assert names() == set()
    baseline = make_run(workspace, "baseline")
    ended(baseline, (0.8, 0.9))
    assert supervised_low(folder, request) == 0.8
    assert names() == {"below-supervised"}
    assert supervised_low(baseline, baseline.request()) is None, "it is the baseline"


def test_a_history_of_nothing_knows_nothing() -> None:
    empty = history({})
    assert (empty.last("a"), empty.recent("a", 3), empty.middle("a", 1)) == (None, [], None)
