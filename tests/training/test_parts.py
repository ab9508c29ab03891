"""How many images go through a network together, in predictions and in every look."""

import keras
import numpy as np
import pytest

from ssl_core.training import parts
from ssl_core.training.parts import batch_size, in_parts, joined
from tests.support.training import cases, compiled, data_for, small_probe

ASK_NOTHING = ("fixmatch", "pseudo_label", "supervised")  # their looks show at most views
TOGETHER = 16  # images in the tests of looks: as many as are shown
ON_IMAGES = {
    name: spec
    for name, spec in cases().items()
    if spec.needs.item == "image" and spec.needs.uses_items
}


@pytest.mark.parametrize(
    ("count", "sides", "expected"),
    [
        (60, (28, 28), 64),
        (10_000, (28, 28), 256),
        (10_000, (64, 64), 256),
        (10_000, (96, 96), 113),
        (10_000, (512, 512), 4),
        (60, (512, 512), 4),
        (10_000, (2048, 1024), 1),
    ],
)
def test_large_images_are_predicted_fewer_at_a_time(
    count: int, sides: tuple[int, int], expected: int
) -> None:
    assert batch_size(count, sides) == expected


def test_parts_are_whole_and_in_order() -> None:
    items = np.arange(10 * 400 * 400, dtype=np.float32).reshape(10, 400, 400)
    assert [len(part) for part in in_parts(items)] == [6, 4]
    assert np.array_equal(joined(list(in_parts(items))), items)
    noise = np.zeros((10, 3))
    assert [len(part) for part in in_parts(noise, (400, 400))] == [6, 4]
    first, second = joined([(part[:, 0], {"a": part}) for part in in_parts(items)])
    assert np.array_equal(first, items[:, 0])
    assert np.array_equal(second["a"], items)


@pytest.mark.parametrize("name", ON_IMAGES)
def test_no_look_takes_more_images_at_once_than_memory_holds(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    spec = ON_IMAGES[name]
    model, probe = compiled(spec), small_probe(data_for(spec))
    assert len(probe.sample) > 2 * TOGETHER
    whole = model.look(probe).figures
    height, width, _ = probe.sample.shape[1:]
    monkeypatch.setattr(parts, "PIXELS_TOGETHER", TOGETHER * height * width)
    taken, call = [], keras.layers.Conv2D.call

    def noted(self, inputs):
        taken.append(inputs.shape[0])
        return call(self, inputs)

    monkeypatch.setattr(keras.layers.Conv2D, "call", noted)
    assert model.look(probe).figures == pytest.approx(whole, abs=1e-4)
    assert max(taken, default=0) <= TOGETHER
    assert bool(taken) == (spec.name not in ASK_NOTHING), "whether a look asks a network"
