"""The alarms of invariant information clustering: each with what it must stay silent at."""

import math

import pytest

from ssl_core.methods import catalogue
from tests.support.history import history
from tests.support.training import compiled

SPEC = catalogue()["iic"]
GUIDES = {"mi": {"ln 10": 2.3026, "one pair merged": 2.1640, "two merged": 2.0253}}


def rings(name: str, curves: dict[str, list[float]], **about: object) -> bool:
    (alarm,) = [one for one in SPEC.alarms if one.name == name]
    return alarm.check(history(curves, **{"share_done": 0.9, "guides": GUIDES, **about}))


def lasting(values: dict[str, float]) -> dict[str, list[float]]:
    return {name: [value] * 5 for name, value in values.items()}


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [
        ("nothing-shared", {"mi/head 1": 0.01, "mi/head 2": 0.02}, {"mi/head 1": 1.5}),
        ("merged-clusters", {"mi/head 1": 1.9, "mi/head 2": 1.8}, {"mi/head 1": 2.15}),
        # A run on MNIST: head 5 had a pair merged; head 4, which was chosen, had not.
        (
            "merged-clusters",
            {"mi/head 5": 2.0131 + 0.05, "usage_inference/head 5": 2.165},
            {
                "mi/head 4": 2.1405,
                "usage_inference/head 4": 2.2878,
                "mi/head 5": 2.0131,
                "usage_inference/head 5": 2.165,
            },
        ),
        (
            "modes-differ",
            {"usage/head 1": 2.28, "usage_inference/head 1": 1.78},
            {"usage/head 1": 2.28, "usage_inference/head 1": 2.2},
        ),
        ("sorted-by-brightness", {"clusters/ink": 0.9}, {"clusters/ink": 0.35}),
    ],
)
def test_an_alarm_knows_its_failure(name: str, bad: dict, good: dict) -> None:
    assert rings(name, lasting(bad))
    assert not rings(name, lasting(good))
    assert not rings(name, {})


@pytest.mark.parametrize(
    ("clusters", "merged", "apart"), [(2, 0.3, 0.4), (3, 0.8, 0.9), (4, 0.6, 1.2)]
)
def test_few_clusters_can_be_merged_too(clusters: int, merged: float, apart: float) -> None:
    guides = compiled(SPEC, clusters=clusters).guides
    assert rings("merged-clusters", lasting({"mi/head 1": merged}), guides=guides)
    assert not rings("merged-clusters", lasting({"mi/head 1": apart}), guides=guides)
    early = {"guides": guides, "share_done": 0.6}
    assert not rings("merged-clusters", lasting({"mi/head 1": merged}), **early)
    fewer = {"guides": guides, "classes": clusters - 1}
    shared = rings("merged-clusters", lasting({"mi/head 1": merged}), **fewer)
    assert shared == (clusters == 2), "more clusters than classes share them"


def test_the_modes_are_compared_at_the_same_step_and_in_one_phase() -> None:
    apart = lasting({"usage/head 1": 2.28, "usage_inference/head 1": 1.78})
    assert rings("modes-differ", apart)
    # In fine-tuning there is no use in training.
    assert not rings("modes-differ", apart, lines_of_phase=lambda metric: 0)
    nothing = [math.nan] * 5
    later = {
        "usage/head 1": [1.78] * 5 + [2.28] * 5,
        "usage_inference/head 1": [1.78] * 5 + nothing,
    }
    assert not rings("modes-differ", later), "looked at before more clusters came into use"
