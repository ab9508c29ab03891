"""What a finished run is measured with."""

import numpy as np
from support.heads import make_texts

from ssl_core.labels.draw import draw_labels
from ssl_core.labels.snapshot import take_snapshot
from ssl_core.labels.store import open_labels
from ssl_core.runs.folder import RunFolder
from ssl_core.training.data import training_data
from ssl_core.training.truth import FROM_TEST_SPLIT, area_figure, figure_truth
from ssl_core.workspace import Workspace
from tests.support.runs import make_run


def test_the_test_split_is_known_for_heads_of_every_kind(workspace: Workspace) -> None:
    dataset = make_texts(workspace, count=60, test=12)
    store = open_labels(dataset)
    for head in ("topic", "urgent", "age"):
        draw_labels(dataset, store, 3, 0, head)
    heads = take_snapshot(dataset, store, 0, 0, ("topic", "urgent", "age")).heads
    run = RunFolder(make_run(workspace, dataset, heads=heads, classes=heads[0].classes))
    data = training_data(dataset, run.labels(), np.asarray(dataset.numeric))
    truth = figure_truth(dataset, run.request(), data)
    tested = np.arange(48, 60)
    assert (truth.source, truth.head) == (FROM_TEST_SPLIT, "topic")
    assert np.array_equal(truth.test.values, tested % 3)
    assert np.array_equal(truth.others["urgent"].values, tested % 2)
    assert np.array_equal(truth.others["age"].items, tested)
    assert np.allclose(truth.others["age"].values, 20 + tested / 2)


def test_the_area_of_a_head_with_two_classes() -> None:
    answers = np.array([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3], [0.2, 0.8]])
    assert area_figure("urgent", answers, np.array([0, 0, 1, 1])) == {"auroc/urgent": 0.75}
    assert area_figure("urgent", answers, np.array([1, 1, 1, 1])) == {}, "no negative"
    assert area_figure("topic", np.eye(3)[[0, 1, 2]], np.array([0, 1, 2])) == {}, "three classes"
    assert area_figure("urgent", np.empty((0, 2)), np.empty(0, np.int32)) == {}
