"""What is said of a classifier while it trains, against values worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from ssl_core.methods import catalogue
from ssl_core.training.data import LabelledItems
from ssl_core.training.diagnostics import (
    calibration_gap,
    classifier_guides,
    confidence_panel,
    coverage_panel,
    diagnosed,
    reliability_panel,
    skew_figures,
    sure_answers,
    use_entropy,
)
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.validation import validated
from ssl_core.training.watch import sample_of
from tests.support.training import compiled, small_data, small_probe

NAMES = ("a", "b", "c")


def sure(confidences: list[float], answers: list[int]) -> np.ndarray:
    """(n, 3) probabilities with these confidences, the rest shared evenly."""
    found = np.repeat((1 - np.array(confidences))[:, None] / 2, 3, axis=1)
    found[np.arange(len(answers)), answers] = confidences
    return found


def test_entropy_of_use() -> None:
    assert use_entropy(np.eye(3)) == pytest.approx(math.log(3))
    assert use_entropy(sure([1.0] * 4, [1] * 4)) == 0.0
    assert use_entropy(sure([1.0, 1.0], [0, 2])) == pytest.approx(math.log(2))


def test_the_gap_is_confidence_less_the_share_right() -> None:
    answers = sure([0.9] * 10, [0] * 10)
    assert calibration_gap(answers, np.array([0] * 6 + [1] * 4)) == pytest.approx(0.3)
    assert calibration_gap(answers, np.zeros(10, np.int32)) == pytest.approx(-0.1)
    assert calibration_gap(answers[:9], np.zeros(9, np.int32)) is None


def test_the_curve_has_equal_parts_from_unsure_to_sure() -> None:
    order = np.random.default_rng(0).permutation(30)
    confidences = np.array([0.5] * 10 + [0.7] * 10 + [0.9] * 10)[order]
    labels = np.array([0] * 4 + [1] * 6 + [0] * 5 + [1] * 5 + [0] * 9 + [1])[order]
    (panel,) = reliability_panel(sure(list(confidences), [0] * 30), labels)
    assert panel.payload["series"] == {"validation": {"x": [0.5, 0.7, 0.9], "y": [0.4, 0.5, 0.9]}}
    assert panel.payload["diagonal"] is True
    assert reliability_panel(sure([0.5] * 19, [0] * 19), labels[:19]) == []


def test_an_answer_is_sure_by_the_threshold_of_its_class() -> None:
    answers = sure([0.9, 0.9, 0.5, 0.5], [0, 1, 1, 2])
    kept, right = sure_answers(answers, np.array([0.95, 0.8, 0.5]), np.array([0, 1, 0, -1]))
    assert kept.tolist() == [False, True, False, True]
    assert np.array_equal(right, [1.0, 1.0, 0.0, np.nan], equal_nan=True)


def test_the_bars_of_each_class() -> None:
    answers = np.array([0, 0, 0, 1, 1])
    kept = np.array([True, True, False, False, False])
    right = np.array([1.0, 0.0, 1.0, 1.0, np.nan])
    (panel,) = coverage_panel(answers, kept, right, NAMES, curves=True)
    assert panel.payload["series"] == {
        "coverage": [pytest.approx(2 / 3, abs=1e-5), 0.0, None],
        "precision": [0.5, None, None],
    }
    assert panel.uses_reference_labels
    (blind,) = coverage_panel(answers, kept, np.full(5, np.nan), NAMES, curves=True)
    assert set(blind.payload["series"]) == {"coverage"}
    assert not blind.uses_reference_labels
    assert coverage_panel(answers, kept, right, tuple(map(str, range(500))), curves=True) == []


def test_the_lines_of_the_histogram_are_the_thresholds() -> None:
    answers = sure([1.0, 0.41], [0, 1])
    panel = confidence_panel(answers, np.full(3, 0.95, np.float32), "images", curves=True)
    assert panel.payload["lines"] == {"threshold": pytest.approx(0.95)}
    assert panel.payload["series"]["images"][-1] == 1
    assert sum(panel.payload["series"]["images"]) == 2
    several = confidence_panel(answers, np.array([0.2, 0.5, 0.4]), "images", curves=True)
    assert several.payload["lines"] == {"lowest threshold": 0.2, "highest threshold": 0.5}
    assert confidence_panel(answers, None, "images", curves=False).payload["lines"] == {}


def seen_of(method: str, **values: object):
    data = small_data()
    model = compiled(catalogue()[method], **values)
    network = AveragedNetwork(model)
    network.refresh()
    return diagnosed(network, model, data, small_probe(data), sample_of(data))


def test_every_classifier_is_diagnosed() -> None:
    seen = seen_of("supervised")
    assert set(seen.figures) == {"usage/predictions"}
    assert [panel.name for panel in seen.panels] == ["confidence"]
    model = compiled(catalogue()["supervised"])
    assert classifier_guides(model) == {"usage": {"ln 3": pytest.approx(math.log(3))}}


def test_a_method_with_thresholds_shows_its_pseudo_labels() -> None:
    seen = seen_of("fixmatch", threshold=0.0)
    assert [panel.name for panel in seen.panels] == ["confidence", "pseudo_labels"]
    assert 0 <= seen.figures["pseudo/precision"] <= 1
    # Nothing is sure enough: there is nothing whose share right could be given.
    assert "pseudo/precision" not in seen_of("fixmatch", threshold=1.0).figures


@pytest.mark.parametrize(
    ("method", "settings", "curves"),
    [
        ("supervised", {}, False),
        ("fixmatch", {}, True),
        ("pseudo_label", {"mode": "online"}, True),
        ("pseudo_label", {"mode": "staged"}, False),
    ],
)
def test_curves_of_the_weights_in_training_are_named_where_there_are_some(
    method: str, settings: dict[str, str], curves: bool
) -> None:
    helps = [panel.help for panel in seen_of(method, **settings).panels]
    assert all("averaged weights answer" in help_text for help_text in helps)
    assert ["in training" in help_text for help_text in helps] == [curves] * len(helps)
    if curves:
        assert "curve of mean confidence" in helps[0]
        assert "curve of coverage" in helps[1]


def test_calibration_is_told_with_every_validation() -> None:
    data = small_data(count=60)
    rest = np.arange(12, 42)
    data = replace(data, validation=LabelledItems(rest, (rest % 3).astype(np.int32)))
    network = AveragedNetwork(compiled(catalogue()["supervised"]))
    network.refresh()
    found = validated(network, data, small_probe(data))
    answers = network.probabilities(data, rest)
    gap = answers.max(axis=1).mean() - (answers.argmax(axis=1) == rest % 3).mean()
    assert found.figures["calibration/gap"] == pytest.approx(gap, abs=1e-6)
    assert [panel.name for panel in found.panels] == ["confusion", "reliability"]
    few = replace(data, validation=LabelledItems(rest[:6], (rest[:6] % 3).astype(np.int32)))
    assert "calibration/gap" not in validated(network, few, small_probe(few)).figures


def test_hand_labels_do_not_count_as_pseudo_labels() -> None:
    data = small_data()
    data.labels[:] = np.arange(len(data.labels)) % 3
    model = compiled(catalogue()["fixmatch"], threshold=0.0)
    network = AveragedNetwork(model)
    seen = diagnosed(network, model, data, small_probe(data), sample_of(data))
    assert "pseudo/precision" not in seen.figures


def test_what_finds_clusters_is_not_diagnosed() -> None:
    model = compiled(catalogue()["iic"])
    data = small_data()
    network = AveragedNetwork(model)
    assert not diagnosed(network, model, data, small_probe(data), sample_of(data)).panels
    assert classifier_guides(model) == {}


def test_the_skew_of_pseudo_labels_is_against_the_labels_given() -> None:
    labels = np.repeat([0, 1, 2], [10, 5, 5]).astype(np.int32)
    alike = skew_figures(np.repeat([0, 1, 2], [200, 100, 100]), labels, 3)
    assert alike["skew/pseudo"] == pytest.approx(0.0, abs=0.01)
    assert alike["pseudo/least"] == 1.0
    starved = skew_figures(np.repeat([0, 1, 2], [200, 196, 4]), labels, 3)
    assert starved["pseudo/least"] == pytest.approx(0.04)
    p, q = np.array([201, 197, 5]) / 403, np.array([11, 6, 6]) / 23
    assert starved["skew/pseudo"] == pytest.approx(float((p * np.log(p / q)).sum()))


def test_little_is_said_of_few_pseudo_labels() -> None:
    labels = np.array([0] * 9 + [1], np.int32)
    assert skew_figures(np.zeros(9, np.int64), labels, 2) == {}
    assert skew_figures(np.zeros(90, np.int64), labels[:0], 2) == {}
    few = skew_figures(np.zeros(90, np.int64), labels, 2)
    assert few["pseudo/least"] == 1.0, "of class 1 only nine are expected: none may be chance"
    unlabelled = skew_figures(np.zeros(900, np.int64), labels, 3)
    assert unlabelled["pseudo/least"] == 0.0, "of class 1, of which 90 are expected"
