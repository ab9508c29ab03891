"""Affine changes of whole batches, and the partner of an image."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from ssl_core.methods.pairs import PairHyperparameters
from ssl_core.training.augmentation.affine import warped
from ssl_core.training.augmentation.pairs import pair, partners

SEED = tf.constant([7, 3])


def by_scipy(image, turn, zoom, shear, shift) -> np.ndarray:
    """The same change of one (height, width) image, read off place by place; outside is 0."""
    # On (x right, y down): zoom first, then shear, then a turn that is counter-clockwise as seen.
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    forward = rotation @ np.array([[1, shear[0]], [shear[1], 1]]) @ np.diag([zoom[1], zoom[0]])
    back = np.linalg.inv(forward)[::-1, ::-1]  # scipy has rows first
    centre = (np.array(image.shape) - 1) / 2
    offset = centre - back @ (centre + np.array(shift))
    return ndimage.affine_transform(image, back, offset, order=1, mode="constant")


def test_it_is_the_affine_change_it_says() -> None:
    generator = np.random.default_rng(0)
    images = ndimage.gaussian_filter(generator.random((6, 9, 12)), (0, 1, 1))
    images[:, 0] = images[:, -1] = images[:, :, 0] = images[:, :, -1] = 0.0
    turn, shift = generator.uniform(-1, 1, 6), generator.uniform(-2, 2, (6, 2))
    zoom, shear = generator.uniform(0.7, 1.4, (6, 2)), generator.uniform(-0.3, 0.3, (6, 2))
    changes = [tf.constant(part, tf.float32) for part in (turn, zoom, shear, shift)]
    found = warped(tf.constant(images[..., None], tf.float32), *changes, fill="CONSTANT")
    expected = [by_scipy(*one) for one in zip(images, turn, zoom, shear, shift, strict=True)]
    assert np.allclose(found.numpy()[..., 0], expected, atol=1e-4)
    assert np.abs(np.array(expected) - images).max() > 0.1


def test_nothing_asked_for_changes_nothing_and_turns_go_counter_clockwise() -> None:
    images = np.zeros((2, 5, 5, 1), np.uint8)
    images[:, 2, 4] = 200  # to the right of the centre
    assert np.array_equal(warped(tf.constant(images)), images)
    turned = warped(tf.constant(images), turn=tf.constant([np.pi / 2, -np.pi / 2], tf.float32))
    assert turned.dtype == tf.uint8
    assert np.argwhere(turned.numpy()[0, ..., 0]).tolist() == [[0, 2]]
    assert np.argwhere(turned.numpy()[1, ..., 0]).tolist() == [[4, 2]]
    moved = warped(tf.constant(images), shift=tf.constant([[1.0, -2.0]] * 2), fill="CONSTANT")
    assert np.argwhere(moved.numpy()[0, ..., 0]).tolist() == [[3, 2]]


def digits() -> np.ndarray:
    images = np.zeros((64, 20, 20, 1), np.uint8)
    images[:, 6:14, 8:12] = 180
    return images


def test_partners_are_a_function_of_the_seed_and_differ_from_one_another() -> None:
    images, settings = tf.constant(digits()), PairHyperparameters()
    first, again = pair(images, SEED, settings), pair(images, SEED, settings)
    other = pair(images, SEED + tf.constant([0, 1]), settings)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(np.unique(first.numpy().reshape(64, -1), axis=0)) > 60
    assert first.shape == images.shape
    assert first.dtype == tf.uint8


def test_each_change_can_be_switched_off() -> None:
    nothing = {"pair_rotation": 0.0, "pair_shear": 0.0, "pair_crop": 1.0, "pair_contrast": 0.0}
    images = tf.constant(digits())
    assert np.array_equal(pair(images, SEED, PairHyperparameters(**nothing)), images)
    for name in nothing:
        value = {"pair_rotation": 30.0}.get(name, 0.5)
        settings = PairHyperparameters(**{**nothing, name: value})
        assert not np.array_equal(pair(images, SEED, settings), images), name


def test_a_part_lies_within_the_image_and_is_not_smaller_than_asked() -> None:
    # A ramp: the lowest and highest place that a partner shows are read off its columns.
    ramp = np.tile(np.arange(0, 240, 4, dtype=np.uint8), (200, 60, 1))[..., None]
    settings = PairHyperparameters(pair_rotation=0, pair_shear=0, pair_crop=0.5, pair_contrast=0)
    found = pair(tf.constant(ramp), SEED, settings).numpy()[:, 30, :, 0].astype(int)
    shown = (found[:, -1] - found[:, 0]) / (ramp[0, 0, -1, 0] - ramp[0, 0, 0, 0])
    assert shown.min() == pytest.approx(0.5, abs=0.03)
    assert shown.max() == pytest.approx(1.0, abs=0.03)
    assert np.median(found[:, 0]) > 4
    # Nothing outside was filled in: the ramp goes on to the last column.
    assert (np.diff(found, axis=1).min(axis=1) >= 1).mean() > 0.9


def test_contrast_keeps_the_mean_where_nothing_is_cut_off() -> None:
    settings = PairHyperparameters(pair_rotation=0, pair_shear=0, pair_crop=1, pair_contrast=0.5)
    images = np.random.default_rng(1).integers(100, 150, (40, 12, 12, 3), np.uint8)
    found = pair(tf.constant(images), SEED, settings).numpy().astype(float)
    assert np.allclose(found.mean(axis=(1, 2, 3)), images.mean(axis=(1, 2, 3)), atol=0.5)
    factors = found.std(axis=(1, 2, 3)) / images.std(axis=(1, 2, 3))
    assert factors.min() < 0.7
    assert factors.max() > 1.3


def test_partners_are_mirrored_where_it_is_switched_on() -> None:
    still = {"pair_rotation": 0.0, "pair_shear": 0.0, "pair_crop": 1.0, "pair_contrast": 0.0}
    images = np.random.default_rng(2).integers(0, 255, (64, 9, 8, 3), np.uint8)
    settings = PairHyperparameters(**still, augment_mirror=True)
    found = pair(tf.constant(images), SEED, settings).numpy()
    mirrored = (found == images[:, :, ::-1]).all(axis=(1, 2, 3))
    kept = (found == images).all(axis=(1, 2, 3))
    assert (mirrored | kept).all()
    assert 0.25 < mirrored.mean() < 0.75


def test_partners_to_look_at_are_always_the_same() -> None:
    items = digits().astype(np.float32) / 255.0
    first = partners(items, PairHyperparameters())
    assert np.array_equal(first, partners(items, PairHyperparameters()))
    assert first.dtype == np.float32
    assert 0 <= first.min() < first.max() <= 1
