"""What groups are called in metrics, whatever a person calls them."""

import re
from dataclasses import replace

import numpy as np
import pytest

from ssl_core.methods import catalogue
from ssl_core.runs.confusion import MATRIX_LIMIT
from ssl_core.runs.request import TrainedClass
from ssl_core.runs.writer import RunWriter
from ssl_core.training.routing import branch_panels, gate_figures, gate_panels, group_names
from tests.conftest import MakeDataset
from tests.support.runs import make_run
from tests.support.training import compiled, data_for, small_probe

NAMES = ("Animal", "T-shirt/top", "véhicule", "entropy")


def test_names_are_plain_and_each_another() -> None:
    assert group_names(NAMES) == ("animal", "t_shirt_top", "vehicule", "entropy_4")
    assert group_names(("動物", "Animal", "animal", "a" * 90)) == (
        "group_1",
        "animal",
        "animal_3",
        "a" * 40,
    )
    taken = group_names(("a 3", "A", "a", "a!"))
    assert len(set(taken)) == 4, taken


@pytest.mark.parametrize("method", ["soft_switch", "hard_cascade"])
def test_a_run_can_publish_them(workspace, make_dataset: MakeDataset, method: str) -> None:
    spec = catalogue()[method]
    model, probe = compiled(spec), small_probe(data_for(spec))
    writer = RunWriter(make_run(workspace, make_dataset()))
    for names in (NAMES[:2], NAMES[2:]):
        classes = tuple(
            TrainedClass(identifier=place + 1, name=name, colour="#123456")
            for place, name in enumerate(names)
        )
        group = probe.heads[1].model_copy(update={"classes": classes})
        seen = model.look(replace(probe, heads=(probe.heads[0], group)))
        writer.metrics(1, 1.0, 1, seen.figures)
        assert {f"gate/{name}" for name in group_names(names)} < set(seen.figures)
        (by_answer,) = [panel for panel in seen.panels if panel.name == "gate_by_answer"]
        assert by_answer.payload["columns"] == list(names), "panels keep the names"
    writer.close()


def test_more_answers_than_a_matrix_shows_have_none() -> None:
    weights = np.full((3, 2), 0.5)
    for count, drawn in ((MATRIX_LIMIT, 2), (MATRIX_LIMIT + 1, 1)):
        classes = tuple(map(str, range(count)))
        assert len(gate_panels(weights, np.arange(3), ("a", "b"), classes)) == drawn


def test_a_group_called_entropy_does_not_hide_the_entropy() -> None:
    found = gate_figures(np.array([[1.0, 0.0], [0.5, 0.5]]), ("entropy", "b"))
    assert found["gate/entropy"] == pytest.approx(np.log(2) / 2, abs=1e-6)
    assert found["gate/entropy_1"] == 0.75
    assert all(re.fullmatch("gate/[a-z0-9_]+", name) for name in found)


def test_each_branch_is_counted_on_the_items_of_its_group() -> None:
    coarse = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, -1, 0])
    fine = np.array([0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 4, 0, -1])
    answer = np.array([0, 0, 1, 1, 0, 2, 0, 0, 0, 0, 4, 4, 4, 4, 0, 0])
    given = np.array([0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 4, 4, 4, 4, 0, 0])
    (panel,) = branch_panels((fine, coarse), answer, given, ("a", "b", "c"))
    assert panel.payload["names"] == ["a", "b", "c"]
    assert panel.payload["series"] == {
        "as it is sent": [0.8, 0.2, None],
        "sent the right way": [1.0, 0.6, None],
    }, "of four items nothing is said"
    assert not panel.uses_reference_labels
    many = tuple(map(str, range(MATRIX_LIMIT + 1)))
    assert branch_panels((fine, coarse), answer, given, many) == ()


def test_the_pool_is_not_called_unlabelled() -> None:
    """It holds the labelled images as well."""
    for panel in gate_panels(np.full((3, 2), 0.5), np.arange(3), ("a", "b"), ("x", "y", "z")):
        assert "nlabelled" not in panel.help
        assert "of the pool" in panel.help
