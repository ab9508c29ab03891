"""Two runs on the same test items, and the items on which runs differ."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.errors import UserError
from ssl_core.labels.store import open_labels
from ssl_core.runs.disagreement import disagreement, worth_labelling
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.paired import PairedTest, paired_test, verdict
from ssl_core.stats import mcnemar
from ssl_core.workspace import Workspace
from tests.support.runs import make_run

MakeDataset = Callable[..., Dataset]


def answered(
    workspace: Workspace, dataset: Dataset, wrong: list[int], sure: float = 0.9, **changes: object
) -> RunFolder:
    """A run that is right on all items but `wrong`."""
    path: Path = make_run(workspace, dataset, **changes)
    classes = len(dataset.manifest.classes)
    said = np.asarray(dataset.reference_labels).copy()
    said[wrong] = (said[wrong] + 1) % classes
    rows = np.full((len(said), classes), (1 - sure) / (classes - 1))
    rows[np.arange(len(said)), said] = sure
    np.savez(path / "predictions.npz", probabilities=rows.astype(np.float16), predicted=said)
    return RunFolder(path)


def counts(only_first: int, only_second: int) -> PairedTest:
    return PairedTest(100, only_first, only_second, 7, 0, "held-out hand labels", False)


@pytest.mark.parametrize(
    ("first", "second", "chance"),
    # 1 of 6 or fewer, both tails: 2 * (1 + 6) / 2^6; 0 of 5: 2 / 2^5; a draw is never unlikely.
    [(1, 5, 14 / 64), (0, 5, 2 / 32), (4, 4, 1.0), (0, 0, 1.0), (1, 0, 1.0)],
)
def test_the_chance_of_a_difference_by_hand(first: int, second: int, chance: float) -> None:
    assert mcnemar(first, second) == pytest.approx(chance)


def test_the_test_is_symmetric_and_twice_the_lower_tail() -> None:
    for first, second in ((31, 12), (3, 20), (50, 49)):
        assert mcnemar(first, second) == pytest.approx(mcnemar(second, first))
        tail = 2 * binom.cdf(min(first, second), first + second, 0.5)
        assert mcnemar(first, second) == pytest.approx(min(1.0, tail))
    with pytest.raises(ValueError):
        mcnemar(-1, 3)


def test_two_runs_are_counted_on_the_test_split_alone(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset(count=60, test=20)
    # 40 to 59 is the test split; 3 and 4 are training items and must not count.
    one = answered(workspace, dataset, [40, 41, 42, 3, 4])
    other = answered(workspace, dataset, [42, 43])
    test = paired_test(dataset, open_labels(dataset), one, other)
    assert (test.both, test.only_first, test.only_second, test.neither) == (16, 1, 2, 1)
    assert test.count == 20
    assert test.left_out == 0
    assert test.winner == "nobody"
    back = paired_test(dataset, open_labels(dataset), other, one)
    assert (back.only_first, back.only_second, back.chance) == (2, 1, test.chance)


def test_held_out_labels_that_only_one_run_has_are_left_out(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset(count=60, test=0)
    one, other = (answered(workspace, dataset, []) for _ in range(2))
    arrays = other.labels()
    held = np.flatnonzero(arrays["roles"] == 2)
    assert len(held) > 2
    values = np.asarray(arrays["values"]).copy()
    values[held[1]] = (values[held[1]] + 1) % 3  # relabelled between the two runs
    kept = np.delete(np.arange(len(values)), held[0])
    np.savez(
        other.path / "labels.npz",
        **{name: (values if name == "values" else array)[kept] for name, array in arrays.items()},
    )
    test = paired_test(dataset, open_labels(dataset), one, other)
    assert test.left_out == 2
    assert test.count == len(held) - 2


def test_what_cannot_be_compared_is_told(workspace: Workspace, make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    unfinished, done = RunFolder(make_run(workspace, dataset)), answered(workspace, dataset, [])
    with pytest.raises(UserError, match="has not finished"):
        paired_test(dataset, open_labels(dataset), done, unfinished)
    with pytest.raises(UserError, match="One run cannot disagree"):
        disagreement(dataset, [done], test_split=False)
    with pytest.raises(UserError, match="has no answers"):
        disagreement(dataset, [done, unfinished], test_split=False)


@pytest.mark.parametrize(
    ("only_first", "only_second", "words"),
    [
        (31, 12, "A is right on 31 images on which B is wrong, the other way round 12."),
        (31, 12, "in 0.54 % of cases: A is better."),
        (12, 31, "B is better."),
        (6, 5, "a tie, as far as 118 images can tell."),
        (0, 0, "no difference"),
        (90, 0, "less than 0.01 % of cases"),
        (1, 2, "A is right on 1 image on which"),
    ],
)
def test_the_verdict_in_words(only_first: int, only_second: int, words: str) -> None:
    assert words in verdict(counts(only_first, only_second), "A", "B", "image")


def test_the_items_that_all_are_surest_of_come_first(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset(count=60, test=20)
    one = answered(workspace, dataset, [1, 2, 45], sure=0.9)
    other = answered(workspace, dataset, [2, 3], sure=0.6)
    with np.load(other.path / "predictions.npz") as archive:
        rows, said = archive["probabilities"], archive["predicted"]
    rows[3] = np.float16([0.02, 0.03, 0.95])  # item 3 is the only one that both are sure of
    said[3] = 2
    np.savez(other.path / "predictions.npz", probabilities=rows, predicted=said)
    found = disagreement(dataset, [one, other], test_split=False)
    assert found.items.tolist() == [3, 1], "2 is wrong in both, 45 is a test item"
    assert found.compared == 40
    (item, said_of_it), *_ = found.rows(0, 1)
    assert item == 3
    assert [answer for answer, _ in said_of_it] == ["a", "c"]
    assert said_of_it[1][1] == pytest.approx(0.95, abs=0.01)
    assert disagreement(dataset, [one, other], test_split=True).items.tolist() == [45]
    assert disagreement(dataset, [one, other], test_split=False, sure=0.8).items.tolist() == [3]


def test_runs_that_number_their_classes_differently_are_compared_by_class(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    one, other = (answered(workspace, dataset, []) for _ in range(2))
    request = other.request()
    turned = request.model_copy(update={"classes": request.classes[::-1]})
    (other.path / "request.json").write_text(turned.model_dump_json())
    found = disagreement(dataset, [one, other], test_split=False)
    assert set(dataset.reference_labels[found.items].tolist()) == {0, 2}, "'b' stays in the middle"


def test_held_out_labelled_and_test_items_are_not_sent_to_be_labelled(
    make_dataset: MakeDataset,
) -> None:
    dataset = make_dataset(count=60, test=0)
    everything = np.arange(60)
    free = worth_labelling(dataset, everything, {0, 1})
    assert set(free) == set(everything[~dataset.held_out].tolist()) - {0, 1}
    tested = make_dataset(count=60, test=20, name="tested")
    assert not (np.asarray(tested.splits)[worth_labelling(tested, everything, ())] == TEST).any()
