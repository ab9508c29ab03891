"""Methods that read no labels, or learn without them: names, cards and figures say so."""

import pytest
from changed_runs import change_labels, change_results, change_status
from fake_runs import digits_dataset, fake_run
from pages_under_test import opened_page, texts

from pages.parts.groupview import group_names
from pages.parts.overview import next_step, take_overview
from pages.parts.runtable import run_table
from pages.parts.runtext import default_name, labels_text
from ssl_core.labels.draw import draw_labels
from ssl_core.labels.store import open_labels
from ssl_core.methods import catalogue, uses_items
from ssl_core.runs.comparison import group_over_seeds
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.listing import list_runs
from tests.support.heads import make_texts
from tests.support.runs import READS_NOTHING

NAMED_AFTERWARDS = [name for name, spec in catalogue().items() if spec.needs.named_afterwards]
REFERENCE = "reference labels of the training split"


@pytest.fixture
def dataset(workspace):
    return digits_dataset(workspace, count=120, test=40)


def without_labels(folder, mapping=REFERENCE):
    """As if the run had been started before anything was labelled."""
    names = RunFolder(folder).request().labels.per_class
    change_labels(folder, per_class=dict.fromkeys(names, 0), train=0, validation=0)
    change_results(folder, mapping=mapping)


def test_a_method_that_reads_no_labels_is_not_named_after_them(workspace, dataset):
    for method in (READS_NOTHING, "supervised"):
        fake_run(workspace, dataset, method, method=method)
    runs = list_runs(workspace)
    names = [default_name(run.request) for run in runs]
    assert ["labels" in name for name in names] == [uses_items(run.request.method) for run in runs]
    assert sorted("100 labels" in labels_text(run.request) for run in runs) == [False, True]
    grouped = group_names(group_over_seeds(runs))
    assert sorted("labels" in name for name in grouped) == [False, True]
    table = run_table(runs).set_index("method")
    assert table.loc["supervised", "labels"] == 100
    assert table["labels"].isna().to_dict() == {"supervised": False, READS_NOTHING: True}
    assert ",100," in table.to_csv(), "a whole number"


def test_labels_do_not_part_runs_that_never_read_them(workspace, dataset):
    for method in (READS_NOTHING, "supervised"):
        for seed in (1, 2):
            about = {"method": method, "seed": seed, "labels": 40 * seed}
            fake_run(workspace, dataset, f"{method}-{seed}", **about)
    groups = group_over_seeds(list_runs(workspace))
    seeds = sorted((group.request.method, group.seeds) for group in groups)
    assert seeds == [(READS_NOTHING, (1, 2)), ("supervised", (1,)), ("supervised", (2,))]


def test_the_train_page_offers_it_last_with_no_word_of_labels(workspace):
    dataset = make_texts(workspace)
    fake_run(workspace, dataset, "reads-nothing", method=READS_NOTHING)
    page = opened_page("train", dataset.identifier)
    assert not page.exception
    assert uses_items(page.session_state["method"]), "never the first choice"
    assert "Labels it will get" in texts(page)
    assert not [box for box in page.selectbox if box.key == "labels-of"], "no labels to take again"
    page.button(key=f"choose-{READS_NOTHING}").click().run()
    assert not page.exception
    words = texts(page)
    assert "Labels it will get" not in words
    assert "neither labels nor texts" in words
    assert "Labels given later" not in words
    assert not page.multiselect
    assert "Question" not in [box.label for box in page.selectbox]
    assert not page.button(key="start").disabled
    assert not page.info


def test_its_result_says_that_it_looks_at_nothing(workspace, dataset):
    folder = fake_run(workspace, dataset, "done", method=READS_NOTHING)
    bare = {"test_accuracy": None, "validation_accuracy": None}
    change_results(folder, **bare, figures={"mi/truth": 0.5})
    change_status(folder, images_seen=0)
    words = texts(opened_page("watch", run="done"))
    assert "This method looks at nothing of the dataset" in words
    assert "Its method reads no labels" in words
    assert "to train on" not in words


@pytest.mark.parametrize("method", NAMED_AFTERWARDS)
def test_answers_that_no_label_gave_classes_ask_for_labels(workspace, dataset, method):
    folder = fake_run(workspace, dataset, "done", method=method)
    without_labels(folder, mapping="")
    accuracies = {"test_accuracy": None, "validation_accuracy": None}
    change_results(folder, **accuracies, selected_test_accuracy=None)
    words = texts(opened_page("watch", run="done"))
    asked = "No label gave its answers their classes: label some images and train again."
    assert asked in words
    assert "add a test split" not in words
    assert "averaged weights" not in words, "there is no figure to explain"
    change_results(folder, mapping=REFERENCE)
    words = texts(opened_page("watch", run="done"))
    assert asked not in words
    assert "There is nothing to test on" in words


def test_while_it_trains_no_accuracy_is_awaited(workspace, dataset):
    for method in (READS_NOTHING, "supervised"):
        about = {"state": "running", "share_done": 0.5, "alive": True}
        folder = fake_run(workspace, dataset, method, method=method, **about)
        (folder / "metrics.jsonl").write_text("")
        words = texts(opened_page("watch", run=method))
        assert "Training time" in words
        assert ("Validation accuracy" in words) == uses_items(method)


def test_labels_that_only_such_a_run_was_given_have_been_seen_by_none(workspace, dataset):
    draw_labels(dataset, open_labels(dataset), per_class=3, seed=1)
    for method, screen in ((READS_NOTHING, "train"), ("supervised", "watch")):
        fake_run(workspace, dataset, method, method=method)
        seen = take_overview(dataset.identifier)
        assert next_step(seen).screen == screen
    assert len(seen.runs) == 2, "they are listed all the same"


@pytest.mark.parametrize("method", NAMED_AFTERWARDS)
def test_answers_mapped_with_reference_labels_are_marked_everywhere(workspace, dataset, method):
    without_labels(fake_run(workspace, dataset, "bare", method=method))
    page = opened_page("watch", run="bare")
    assert not page.exception
    words = texts(page)
    assert "no labels" in words
    assert "0 labels" not in words
    assert f"mapped to classes with {REFERENCE}" in words
    assert "uses reference labels" in words
    assert "Figures of clusters" not in words, "there are none"
    assert "mapped with reference labels" in texts(opened_page("home"))
    assert run_table(list_runs(workspace))["mapped with"].tolist() == [REFERENCE]


def test_answers_learned_from_labels_are_not_mapped(workspace, dataset):
    """Negative control of the marks."""
    fake_run(workspace, dataset, "base")
    assert "mapped" not in texts(opened_page("watch", run="base"))
    assert "mapped" not in texts(opened_page("home"))
    page = opened_page("compare")
    assert not any("Mapped" in title for title in page.table[0].value)
    assert "mapped with" not in page.dataframe[0].proto.column_order


@pytest.mark.parametrize("method", NAMED_AFTERWARDS)
def test_the_train_page_says_what_maps_the_answers_without_labels(workspace, dataset, method):
    page = opened_page("train")
    assert "It trains without labels" not in texts(page), "the yardstick needs them"
    page.button(key=f"choose-{method}").click().run()
    assert "by reference labels of the training split" in texts(page)
    assert not page.button(key="start").disabled
    draw_labels(dataset, open_labels(dataset), per_class=3, seed=1)
    assert "It trains without labels" not in texts(page.run())


def test_figures_of_heads_are_called_test_figures(workspace, dataset):
    """Those that a method measures by itself are not: only heads are counted on the test split."""
    folder = fake_run(workspace, dataset, "done")
    figures = {"accuracy/class": 0.5, "auroc/class": 0.7, "nmi/clusters": 0.3}
    change_results(folder, figures=figures)
    words = texts(opened_page("watch", run="done"))
    assert "Test accuracy: Class" in words
    assert "Test AUROC: Class" in words
    assert ">Normalised MI: clusters" in words


def test_numbers_of_the_table_over_seeds_stay_in_one_line(workspace, dataset):
    for seed in (1, 2, 3):
        folder = fake_run(workspace, dataset, f"run-{seed}", seed=seed, method="iic")
        # Three times 0.8 has a mean that differs from 0.8 in its last bit.
        change_results(folder, figures={"nmi/clusters": 0.8, "probe/accuracy": 0.8})
    page = opened_page("compare")
    groups, further = page.table[0].value, page.table[1].value
    for cells in (groups.iloc[0, 1:], further.iloc[0, 1:]):
        assert not any(" " in cell or "\u2009" in cell for cell in cells)
    assert further.iloc[0, 1:].tolist() == ["0.8\u00a0±\u00a00", "80.0\u00a0±\u00a00.0\u202f%"]
