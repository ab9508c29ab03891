"""Which methods are compared with a bare `fit`, and on what."""

from pathlib import Path

import numpy as np
import pytest

from bench import throughput
from bench.tasks import Material
from bench.throughput import Place, place_of
from ssl_core.methods import catalogue
from ssl_core.workspace import Workspace

SAMPLE = Place(Workspace(Path("sample")), "sample")


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Name and source of what was imported, in place of importing it."""
    made: list[tuple[str, str]] = []

    def prepare(folder: Path, name: str, material: Material, draw: int) -> tuple[Workspace, str]:
        made.append((name, material.source))
        return Workspace(folder / name), f"{name}-{draw}"

    monkeypatch.setattr(throughput, "prepare", prepare)
    return made


def test_every_method_has_a_row(prepared, monkeypatch) -> None:
    monkeypatch.setattr(throughput, "labelled_sample", Workspace)
    monkeypatch.setattr(throughput, "cost_row", lambda place, method: method)
    monkeypatch.setattr(throughput, "pair_rows", lambda workspace: ["pairs"])
    assert throughput._measured() == [*catalogue(), "pairs"]


def test_a_method_is_trained_on_a_material_that_it_can_learn_from(prepared, tmp_path) -> None:
    assert place_of("gaussian_mine", SAMPLE, tmp_path) == SAMPLE
    assert place_of("iic", SAMPLE, tmp_path) == SAMPLE
    assert prepared == []
    assert place_of("hard_cascade", SAMPLE, tmp_path).dataset == "mnist-two-heads-1"
    place_of("posts", SAMPLE, tmp_path)
    assert prepared == [("mnist-two-heads", "sample"), ("posts", "posts")]


def test_a_row_tells_the_speed_of_the_run_beside_that_of_the_bare_fit(monkeypatch) -> None:
    class Nothing:
        images_per_step = 512
        model = writer = property(lambda self: self)

        def close(self) -> None:
            pass

    seconds = np.array([[0.5] * 4, [0.51] * 4])
    monkeypatch.setattr(throughput, "session_of", lambda *about: (Nothing(), None))
    monkeypatch.setattr(throughput, "in_turn", lambda *about: seconds)
    monkeypatch.setattr(throughput, "publishing_cost", lambda *about: 0.02)
    row = throughput.cost_row(SAMPLE, "gaussian_mine")
    assert row.figure.startswith("+4.0 % of time: input +2.0 %")
    assert row.figure.endswith("985 pairs/s in a run, 1,024 in a bare fit")
    assert row.met is True
    assert "texts/s" in throughput.cost_row(SAMPLE, "posts").figure
    assert "images/s" in throughput.cost_row(SAMPLE, "soft_switch").figure
