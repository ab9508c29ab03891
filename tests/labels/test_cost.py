"""What labels took."""

import pytest
from label_events import label, undo

from ssl_core.heads import Head
from ssl_core.labels.batches import OF_FILE
from ssl_core.labels.cost import pace_of
from ssl_core.labels.store import LabelStore


def test_no_time_is_no_pace(store: LabelStore) -> None:
    store.append([label(1, 1), label(2, 1, origin="csv", seconds=3)])
    assert pace_of(store) is None


def test_the_mean_is_over_all_ways_in_which_people_label(store: LabelStore) -> None:
    """1.5 + 0.5 s by hand and 100 grid labels of 0.02 s: 4 s for 102 labels and a changed one."""
    store.append([label(0, 1, seconds=1.0), label(1, 2, seconds=0.5), label(0, 2, seconds=0.5)])
    grid = {"origin": "grid", "batch": "b", "seconds": 0.04}
    store.append([label(item, 1, **grid) for item in range(2, 27)])
    store.append([label(item, 1, **{**grid, "batch": "c"}) for item in range(27, 52)])
    pace = pace_of(store)
    assert pace is not None
    assert pace.labels == 53
    assert pace.mean == pytest.approx(4 / 53)
    assert pace.of_items[0] == pytest.approx(1.5)  # both answers to it
    assert pace.of_items[30] == pytest.approx(0.04)
    assert 55 not in pace.of_items


def test_what_people_did_not_give_or_took_back_does_not_count(store: LabelStore) -> None:
    store.add_head(Head(name="side", title="Side", kind="binary", classes=("l", "r")))
    gone = label(5, 1, seconds=70)
    store.append([label(0, 1, seconds=2, origin="cluster"), label(1, 1, seconds=4), gone])
    store.append([label(2, 1, seconds=50, origin="csv"), label(3, 1, seconds=9, origin="imported")])
    of_file = {"origin": "hand", "batch": f"{OF_FILE}1"}
    store.append([label(item, 1, seconds=30, **of_file) for item in (6, 7)])
    side = store.classes("side")[0].identifier
    store.append([label(0, side, head="side", seconds=8), label(1, None, seconds=6), undo(gone)])
    pace = pace_of(store)
    assert pace is not None
    assert (pace.labels, pace.mean) == (2, pytest.approx(3))
    assert pace.of_items == {0: pytest.approx(2), 1: pytest.approx(4)}


def test_a_pause_is_cut_to_ten_times_the_median_act_of_its_way(store: LabelStore) -> None:
    """By hand 1, 9, 11 and 3600 s: the median is 10 s, so the pause counts 100 s. A batch is one
    act: its labels are no pauses beside each other, and a single one in the grid is none beside it.
    """
    for item, seconds in enumerate((1, 9, 11, 3600)):
        store.append([label(item, 1, seconds=seconds)])
    batch = [label(item, 1, origin="grid", batch="b", seconds=0.02) for item in range(10, 60)]
    store.append([*batch, label(4, 1, origin="grid", seconds=5)])
    pace = pace_of(store)
    assert pace is not None
    assert pace.of_items[3] == pytest.approx(100)
    assert pace.of_items[4] == pytest.approx(5)
    assert pace.mean == pytest.approx((1 + 9 + 11 + 100 + 50 * 0.02 + 5) / 55)


def test_less_than_a_minute_is_no_pause(store: LabelStore) -> None:
    """Three clusters picked in 2 s, and one of 40 images that took its time."""
    for item in range(3):
        store.append([label(item, 1, origin="cluster", batch=f"{item}", seconds=2)])
    whole = {"origin": "cluster", "batch": "b", "seconds": 1}
    store.append([label(item, 1, **whole) for item in range(10, 50)])
    pace = pace_of(store)
    assert pace is not None
    assert pace.mean == pytest.approx((6 + 40) / 43)
