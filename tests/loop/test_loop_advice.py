"""When to stop labelling: verdicts of hand-made histories, each with its grounds."""

import pytest

from ssl_core.loop.advice import PAPER, Training, advise
from ssl_core.stats import wilson_interval


def history(*accuracies: float, changed: float = 0.005, count: int = 400) -> list[Training]:
    """Trainings 20 labels apart, each measured on `count` items."""
    made = []
    for number, accuracy in enumerate(accuracies):
        right = round(accuracy * count)
        low, high = wilson_interval(right, count)
        labels = 20 * (number + 1)
        moved = changed if number else None
        made.append(Training(f"run-{number}", labels, right / count, low, high, count, moved))
    return made


def test_without_a_training_it_says_to_begin() -> None:
    advice = advise([])
    assert advice.verdict == "begin"
    assert not advice.grounds


def test_without_anything_held_out_it_asks_for_labels() -> None:
    advice = advise([Training("a", 20), Training("b", 40, changed=0.2)])
    assert advice.verdict == "measure"
    assert "held out" in advice.text
    assert "20.0 %" in advice.grounds[0]


@pytest.mark.parametrize(("number", "missing"), [(1, "3 more trainings"), (3, "1 more training ")])
def test_few_trainings_say_nothing_yet(number: int, missing: str) -> None:
    advice = advise(history(*[0.9] * number))
    assert advice.verdict == "early"
    assert missing in advice.text


def test_a_level_accuracy_and_still_predictions_say_stop_with_their_grounds() -> None:
    advice = advise(history(0.90, 0.91, 0.90, 0.91))
    assert advice.verdict == "stop"
    accuracy, stability = advice.grounds
    low, high = wilson_interval(360, 400)
    assert "91.0 %" in accuracy
    assert "within the interval of 3 trainings ago" in accuracy
    assert f"{100 * low:.1f} % to {100 * high:.1f} %" in accuracy
    assert "60 labels earlier" in accuracy
    assert "0.5 % and the one before it 0.5 %" in stability
    assert PAPER in stability


def test_predictions_that_move_say_go_on_though_the_accuracy_is_level() -> None:
    advice = advise(history(0.90, 0.91, 0.90, 0.91, changed=0.01))
    assert advice.verdict == "go on"
    assert "predictions still move" in advice.text


def test_once_still_is_not_twice() -> None:
    *before, last = history(0.9, 0.9, 0.9, 0.9)
    assert advise([*before, last]).verdict == "stop"
    moved = Training(*[getattr(before[-1], name) for name in _BUT_CHANGED], changed=0.05)
    assert advise([*before[:-1], moved, last]).verdict == "go on"


_BUT_CHANGED = ("run", "labels", "accuracy", "low", "high", "count")


def test_an_accuracy_above_the_old_interval_says_go_on_even_with_still_predictions() -> None:
    advice = advise(history(0.80, 0.84, 0.87, 0.90))
    assert advice.verdict == "go on"
    assert "still rises" in advice.text
    assert "lies above the interval" in advice.grounds[0]


def test_a_fall_below_the_old_interval_says_look() -> None:
    advice = advise(history(0.90, 0.89, 0.85, 0.80))
    assert advice.verdict == "look"
    assert "lies below the interval" in advice.grounds[0]


def test_a_wide_interval_is_a_ground_that_names_how_many_labels_it_takes() -> None:
    wide = advise(history(0.8, 0.8, 0.8, 0.8, count=20))
    assert any("80 in place of 20" in ground for ground in wide.grounds)
    narrow = advise(history(0.8, 0.8, 0.8, 0.8, count=400))
    assert not any("in place of" in ground for ground in narrow.grounds)


def test_it_looks_three_trainings_back_and_no_further() -> None:
    assert advise(history(0.5, 0.9, 0.9, 0.9, 0.9)).verdict == "stop"
    assert advise(history(0.5, 0.9, 0.9, 0.9)).verdict == "go on"
