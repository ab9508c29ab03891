"""What is done to images that are to be put right again."""

import keras
import numpy as np
import pytest

from ssl_core.training.networks.corruption import corrupted

IMAGES = np.random.default_rng(0).random((64, 12, 8, 3), np.float32)


def changed(kind: str, amount: float, seed=0) -> np.ndarray:
    return keras.ops.convert_to_numpy(corrupted(IMAGES, kind, amount, seed))


def test_an_integer_seed_gives_the_same_draw_and_a_generator_new_ones() -> None:
    for kind in ("gaussian", "cutout"):
        assert np.array_equal(changed(kind, 0.3), changed(kind, 0.3))
        draws = keras.random.SeedGenerator(1)
        assert not np.array_equal(changed(kind, 0.3, draws), changed(kind, 0.3, draws))


def test_nothing_is_nothing() -> None:
    assert np.array_equal(changed("none", 0.5), IMAGES)
    assert np.array_equal(changed("gaussian", 0.0), IMAGES)
    assert np.array_equal(changed("cutout", 0.0), IMAGES)


def test_gaussian_noise_has_its_deviation() -> None:
    noise = changed("gaussian", 0.3) - IMAGES
    assert noise.std() == pytest.approx(0.3, rel=0.02)
    assert abs(noise.mean()) < 0.01


def test_a_hole_is_a_rectangle_of_its_size_in_the_mean_intensity() -> None:
    found = changed("cutout", 0.5)
    holes = (found != IMAGES).any(axis=3)
    for image, drawn, hole in zip(IMAGES, found, holes, strict=True):
        rows, columns = hole.any(axis=1), hole.any(axis=0)
        assert np.array_equal(hole, rows[:, None] & columns[None, :])
        assert 1 <= rows.sum() <= 6
        assert 1 <= columns.sum() <= 4
        assert np.allclose(drawn[hole], image.mean(), atol=1e-6)
    # Not the same place in every image, and whole where it does not reach over an edge.
    assert len({hole.tobytes() for hole in holes}) > 20
    assert holes.any(axis=2).sum(axis=1).max() == 6
