"""The strong augmentation: what it may change, and what it must leave."""

import numpy as np
import pytest
import tensorflow as tf

from ssl_core.methods.base import ImageHyperparameters
from ssl_core.training.augmentation import AUGMENTATIONS
from ssl_core.training.augmentation.strong import LARGEST, _hole, _intensities, _shapes, strong

SEED = tf.constant([7, 3])
PLAIN = ImageHyperparameters()


def images(count: int = 64, channels: int = 1, side: int = 16) -> np.ndarray:
    """Bright, asymmetric shapes on black."""
    generator = np.random.default_rng(0)
    found = np.zeros((count, side, side, channels), np.uint8)
    found[:, 3:12, 3:6] = generator.integers(60, 200, (count, 1, 1, channels))
    found[:, 9:12, 3:11] = 250
    return found


def amounts(count: int, **chosen: float) -> dict[str, tf.Tensor]:
    """The named amounts for every image, 0 for all others."""
    named = {name.replace("_", " "): value for name, value in chosen.items()}
    assert named.keys() <= LARGEST.keys()
    return {name: tf.fill((count,), np.float32(named.get(name, 0.0))) for name in LARGEST}


@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_a_function_of_the_seed_and_keeps_type_and_shape(channels: int) -> None:
    given = images(channels=channels)
    found = strong(tf.constant(given), SEED, PLAIN)
    assert found.dtype == tf.uint8
    assert found.shape == given.shape
    assert np.array_equal(found, strong(tf.constant(given), SEED, PLAIN))
    other = strong(tf.constant(given), SEED + 1, PLAIN).numpy()
    changed = (found.numpy() != other).any(axis=(1, 2, 3))
    assert changed.mean() > 0.9


def test_the_shape_is_known_before_it_runs() -> None:
    traced = tf.function(lambda given: strong(given, SEED, PLAIN)).get_concrete_function(
        tf.TensorSpec((None, 16, 16, 1), tf.uint8)
    )
    assert tuple(traced.outputs[0].shape) == (None, 16, 16, 1)


def test_every_image_changes_in_its_own_way_and_more_than_weakly() -> None:
    given = np.repeat(images(1), 64, axis=0)
    distances = {}
    for name in ("weak", "strong"):
        found = AUGMENTATIONS[name](tf.constant(given), SEED, PLAIN).numpy()
        assert len(np.unique(found.reshape(64, -1), axis=0)) > 16
        here = np.sort(found.reshape(64, -1).astype(float), axis=1)  # where a pixel is counts not
        distances[name] = np.abs(here - np.sort(given.reshape(64, -1), axis=1)).mean()
    assert distances["strong"] > 3 * distances["weak"]


def test_it_mirrors_only_where_it_is_switched_on() -> None:
    given = images()
    mirroring = ImageHyperparameters(augment_mirror=True)
    found = strong(tf.constant(given), SEED, mirroring).numpy()
    as_it_is = strong(tf.constant(given), SEED, PLAIN).numpy()
    mirrored = strong(tf.constant(given[:, :, ::-1]), SEED, PLAIN).numpy()
    kept = (found == as_it_is).all(axis=(1, 2, 3))
    turned = (found == mirrored).all(axis=(1, 2, 3))
    assert (kept | turned).all()
    assert 0.25 < turned.mean() < 0.75


def test_amounts_of_nothing_change_nothing() -> None:
    given = images(4, channels=3).astype(np.float32)
    nothing = amounts(4)
    assert np.array_equal(_intensities(_shapes(tf.constant(given), nothing), nothing), given)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"brightness": 0.5}, lambda x: np.minimum(1.5 * x, 255)),
        ({"brightness": -0.7}, lambda x: 0.3 * x),
        ({"contrast": -0.5}, lambda x: x - 0.5 * (x - x.mean(axis=(1, 2, 3), keepdims=True))),
        ({"colour": -0.9}, lambda x: 0.1 * x + 0.9 * x.mean(axis=3, keepdims=True)),
        ({"posterise": 4.0}, lambda x: x - x % 16),
        ({"solarise": 128.0}, lambda x: np.where(x >= 128, 255 - x, x)),
        ({"solarise": -56.0}, lambda x: np.where(x >= 200, 255 - x, x)),
    ],
)
def test_each_change_of_intensities_is_what_it_says(chosen: dict, expected) -> None:
    given = images(4, channels=3).astype(np.float32)
    found = _intensities(tf.constant(given), amounts(4, **chosen))
    assert np.allclose(found, expected(given), atol=0.51)  # whole intensities
    assert not np.allclose(found, given, atol=2.0)


def test_less_sharp_is_blurred_and_sharper_is_the_opposite() -> None:
    given = images(1).astype(np.float32)
    inside = (0, 4, 4, 0)  # all of its neighbours count in the mean
    mean = given[0, 3:6, 3:6, 0].mean()
    for amount in (-0.9, 0.5):
        found = _intensities(tf.constant(given), amounts(1, sharpness=amount)).numpy()
        wanted = np.clip(given[inside] + amount * (given[inside] - mean), 0, 255)
        assert found[inside] == pytest.approx(wanted, abs=0.51)
    edge = (0, 2, 4, 0)  # above the bar: blurring lets light out
    blurred = _intensities(tf.constant(given), amounts(1, sharpness=-0.9)).numpy()
    assert blurred[edge] > 10 > given[edge]


def test_a_shift_to_the_right_moves_to_the_right() -> None:
    given = images(2).astype(np.float32)
    found = _shapes(tf.constant(given), amounts(2, shift_right=0.25)).numpy()
    assert np.allclose(found[:, :, 4:], given[:, :, :-4], atol=1e-3)
    down = _shapes(tf.constant(given), amounts(2, shift_down=0.125)).numpy()
    assert np.allclose(down[:, 2:], given[:, :-2], atol=1e-3)


def test_the_hole_is_at_most_half_the_side_and_anywhere() -> None:
    draws = tf.random.stateless_uniform((2000, 3), SEED)
    holes = _hole(draws, 20, 30).numpy()[..., 0]
    rows, columns = holes.any(axis=2).sum(axis=1), holes.any(axis=1).sum(axis=1)
    assert rows.max() == 10
    assert columns.max() == 15
    assert (holes.sum(axis=(1, 2)) == rows * columns).all()
    assert holes.any(axis=0).all()
    assert rows.min() <= 1
