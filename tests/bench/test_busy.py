"""What is said of two trainings beside a measurement."""

import pytest

from bench.busy import made


def test_the_steps_of_each_method_are_told() -> None:
    assert made([10, 3], [25, 4]) == "supervised (15 steps) and fixmatch (1 steps)"


def test_a_training_that_stood_still_spoils_the_measurement() -> None:
    with pytest.raises(RuntimeError, match="fixmatch did not train"):
        made([10, 3], [25, 3])
