"""Which phase a step belongs to, and what the optimizer keeps when the next one begins."""

import keras
import numpy as np
import pytest

from ssl_core.methods import catalogue
from ssl_core.training.phases import Phase, begun, phase_at
from tests.support.training import compiled, fitted, small_data

THREE = (Phase("one", 0.5, ("a",)), Phase("two", 0.25, ("b",)), Phase("three", 0.25, ("c",)))


@pytest.mark.parametrize(
    ("step", "name", "first", "end"),
    [(0, "one", 0, 5), (4, "one", 0, 5), (5, "two", 5, 8), (7, "two", 5, 8), (8, "three", 8, 10)],
)
def test_every_step_belongs_to_one_phase(step: int, name: str, first: int, end: int) -> None:
    span = phase_at(THREE, step, 10)
    assert (span.phase.name, span.first, span.end) == (name, first, end)


def test_the_phases_cover_every_run_without_a_gap() -> None:
    for steps in range(1, 40):
        spans = [phase_at(THREE, step, steps) for step in range(steps)]
        assert all(span.first <= step < span.end for step, span in enumerate(spans))
        assert spans[-1].end == steps
        lengths = {span.phase.name: span.steps for span in spans}
        assert sum(lengths.values()) == steps


def test_what_prepares_the_others_has_a_step_however_short_the_run() -> None:
    two = (Phase("clustering", 0.1, ("a",)), Phase("fine-tuning", 0.9, ("b",)))
    for steps in range(1, 12):
        assert phase_at(two, 0, steps).phase.name == "clustering"
    found = [(span.phase.name, span.first, span.end) for span in begun(two, 4, 4)]
    assert found == [("clustering", 0, 1), ("fine-tuning", 1, 4)]


def test_after_the_last_step_the_last_phase_stays() -> None:
    assert phase_at(THREE, 10, 10).phase.name == "three"


def test_without_a_number_of_steps_the_first_phase_goes_on() -> None:
    span = phase_at(THREE, 10_000, None)
    assert (span.phase.name, span.end, span.steps) == ("one", None, None)


def test_the_phases_that_have_begun_are_those_up_to_that_of_the_next_step() -> None:
    for step, count in ((0, 1), (4, 1), (5, 2), (7, 2), (8, 3), (10, 3)):
        spans = begun(THREE, step, 10)
        assert [span.phase.name for span in spans] == ["one", "two", "three"][:count]
        assert spans[-1].phase == phase_at(THREE, step, 10).phase
    assert [span.first for span in begun(THREE, 10, 10)] == [0, 5, 8]
    assert [span.phase.name for span in begun(THREE, 10_000, None)] == ["one"]


def test_a_count_of_steps_that_comes_late_makes_the_first_phase_longer() -> None:
    """Seven of ten steps are done when they are counted: the rest is for the other phases."""
    spans = begun(THREE, 10, 10, 7)
    found = [(span.phase.name, span.first, span.end) for span in spans]
    assert found == [("one", 0, 7), ("two", 7, 8), ("three", 8, 10)]
    assert phase_at(THREE, 7, 10, 7).first == 7
    assert begun(THREE, 10, 10, 5) == begun(THREE, 10, 10), "in time: nothing changes"
    assert phase_at(THREE[:1], 7, 10, 7).first == 0, "a single phase goes on"
    for steps in range(2, 60):
        for least in range(1, steps):
            assert any(span.first == least for span in begun(THREE, steps, steps, least)) or (
                least < round(0.5 * steps)
            )


def test_a_restarted_optimizer_keeps_the_weights_and_forgets_the_rest() -> None:
    model = compiled(catalogue()["supervised"])
    fitted(model, small_data(), range(4))
    optimizer, weights = model.optimizer, model.get_weights()
    moved = [np.abs(keras.ops.convert_to_numpy(v)).max() for v in optimizer.variables]
    assert int(optimizer.iterations.numpy()) == 4
    assert max(moved) > 0
    optimizer.restart()
    assert int(optimizer.iterations.numpy()) == 0
    assert all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights(), strict=True))
    averages = optimizer.averages()
    for variable in model.trainable_variables:
        assert np.array_equal(variable.numpy(), averages[id(variable)].numpy())
    fresh = compiled(catalogue()["supervised"])
    for mine, its in zip(fresh.variables, model.variables, strict=True):
        mine.assign(its)  # the state of dropout too
    for one in (model, fresh):
        fitted(one, small_data(), range(2))
    for a, b in zip(model.trainable_variables, fresh.trainable_variables, strict=True):
        assert np.allclose(a.numpy(), b.numpy(), atol=1e-7)
