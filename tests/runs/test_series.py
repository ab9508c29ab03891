import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from ssl_core.runs.series import AXES, MetricSeries, metric_series


def line(step: int, **values: float | None) -> str:
    named = {name.replace("__", "/"): value for name, value in values.items()}
    row = {"step": step, "seconds": step / 10, "images": step * 64, "values": named}
    return json.dumps(row) + "\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def test_a_reader_gets_only_what_was_added_since_its_cursor(path: Path) -> None:
    path.write_text(line(1, loss=3.0) + line(2, loss=2.0, accuracy=0.5))
    series = MetricSeries(path)
    series.refresh()
    first = series.reply(0, 0, "step")
    assert first["reset"] is True
    assert first["series"] == {"loss": ([1, 2], [3.0, 2.0]), "accuracy": ([2], [0.5])}
    with path.open("a") as stream:
        stream.write(line(3, loss=1.0))
    series.refresh()
    later = series.reply(int(str(first["cursor"])), int(str(first["generation"])), "images")
    assert later["reset"] is False
    assert later["series"] == {"loss": ([192], [1.0])}
    same = series.reply(int(str(later["cursor"])), int(str(later["generation"])), "step")
    assert same["series"] == {}


def test_a_torn_last_line_is_left_for_the_next_time(path: Path) -> None:
    whole = line(1, loss=3.0)
    path.write_text(whole + line(2, loss=2.0)[:20])
    series = MetricSeries(path)
    series.refresh()
    assert series.size == len(whole)
    path.write_text(whole + line(2, loss=2.0))
    series.refresh()
    assert series.curve("loss")[1].tolist() == [3.0, 2.0]


def test_lines_that_a_resume_blanked_disappear_from_a_reader_that_had_them(path: Path) -> None:
    lines = [line(step, loss=float(step)) for step in range(1, 6)]
    path.write_text("".join(lines))
    series = MetricSeries(path)
    series.refresh()
    known = series.reply(0, 0, "step")
    blanked = [" " * (len(text) - 1) + "\n" for text in lines[3:]]
    replaced = path.with_name("new")
    replaced.write_text("".join([*lines[:3], *blanked, line(4, loss=40.0)]))
    replaced.replace(path)
    series.refresh()
    reply = series.reply(int(str(known["cursor"])), int(str(known["generation"])), "step")
    assert reply["reset"] is True
    assert reply["series"] == {"loss": ([1, 2, 3, 4], [1.0, 2.0, 3.0, 40.0])}


def test_a_file_that_shrank_or_went_away_starts_again(path: Path) -> None:
    path.write_text(line(1, loss=3.0) + line(2, loss=2.0))
    series = MetricSeries(path)
    series.refresh()
    path.write_text(line(1, loss=9.0))
    series.refresh()
    assert series.curve("loss")[1].tolist() == [9.0]
    path.unlink()
    series.refresh()
    assert series.names() == []


def test_damaged_lines_and_missing_values_spoil_nothing(path: Path) -> None:
    path.write_text(
        line(1, loss=1.0) + "{broken\n" + "7\n" + line(2, loss=None) + line(3, loss=2.0)
    )
    series = MetricSeries(path)
    series.refresh()
    steps, values = series.curve("loss")
    assert steps.tolist() == [1, 2, 3]
    assert np.isnan(values[1])
    reply = series.reply(0, 0, "step")
    assert reply["series"] == {"loss": ([1, 2, 3], [1.0, None, 2.0])}
    json.dumps(reply, allow_nan=False)


def test_steps_lie_between_the_rows_around_them_whatever_a_resume_blanked(path: Path) -> None:
    lines = [line(step, loss=1.0) for step in (10, 20, 30, 40)]
    lines[2] = " " * (len(lines[2]) - 1) + "\n"
    path.write_text("".join(lines) + "\n".join([" " * 9] * 20) + "\n")
    series = MetricSeries(path)
    assert series.places_of([], "images") == []
    assert series.places_of([5], "images") == [0.0], "no row is known yet"
    series.refresh()
    steps = [5, 20, 29, 40, 99]
    assert series.places_of(steps, "images") == [min(step, 40) * 64 for step in steps]
    with path.open("a") as stream:
        stream.write(line(50, loss=1.0))
    series.refresh()
    assert series.places_of([50], "seconds") == [5.0]


@pytest.mark.timed
def test_the_places_of_many_steps_in_a_long_run_are_found_at_once(path: Path) -> None:
    path.write_text(line(1, loss=1.0))
    series = MetricSeries(path)
    series.refresh()
    for axis in AXES:
        series._axes[axis].extend(range(2, 1_000_001))
    took = []
    for _ in range(5):
        start = time.process_time()
        found = series.places_of([10, 20, 700_000], "images")
        took.append(time.process_time() - start)
    assert found == [10.0, 20.0, 700_000.0]
    assert sorted(took)[2] < 0.03, f"median of five {sorted(took)[2]:.3f} s (goal: 0.02 s)"


def test_a_recent_value_is_the_median_so_that_one_odd_line_says_nothing(path: Path) -> None:
    series = MetricSeries(path)
    assert series.recent("throughput") is None
    speeds = [1.0, 1.0, 50.0, 52.0, None, 51.0, 900.0]
    path.write_text(
        "".join(
            json.dumps({"step": step, "seconds": step, "images": 1, "values": {"throughput": one}})
            + "\n"
            for step, one in enumerate(speeds, 1)
        )
    )
    series.refresh()
    assert series.recent("throughput", lines=5) == 51.5


def test_a_reply_stays_small_and_keeps_the_extremes(path: Path) -> None:
    generator = np.random.default_rng(0)
    names = [f"loss__{letter}" for letter in "abcdefgh"] + ["share__a", "share__b"]
    rows = generator.random((20_000, len(names))).round(6)
    rows[7_777, 0] = 99.0
    rows[:, 9] = 1 - rows[:, 8]
    path.write_text(
        "".join(
            line(step, **dict(zip(names, row, strict=True)))
            for step, row in enumerate(rows.tolist(), 1)
        )
    )
    series = MetricSeries(path)
    series.refresh()
    reply = series.reply(0, 0, "seconds")
    assert len(json.dumps(reply, separators=(",", ":"))) < 40_000
    curves = reply["series"]
    assert isinstance(curves, dict)
    assert max(curves["loss/a"][1]) == 99.0
    assert curves["share/a"][0] == curves["share/b"][0], "stacked lines keep the same rows"
    summed = np.add(curves["share/a"][1], curves["share/b"][1])
    assert summed == pytest.approx(np.ones(len(summed)), abs=1e-5)


def test_readers_in_many_threads_see_whole_rows(path: Path) -> None:
    path.write_text("")
    failures: list[str] = []

    def read() -> None:
        for _ in range(300):
            series = metric_series(path.parent)
            steps, values = series.curve("loss")
            if steps.tolist() != values.tolist():
                failures.append("a row was torn")

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for step in range(1, 300):
        with path.open("a") as stream:
            stream.write(line(step, loss=float(step)))
    for reader in readers:
        reader.join()
    assert not failures
    assert metric_series(path.parent).last("loss") == 299.0
