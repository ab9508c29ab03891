"""Streams of batches: what they hold, and that a step alone decides it."""

import numpy as np
import pytest
import tensorflow as tf

from ssl_core.errors import UserError
from ssl_core.methods.base import ImageHyperparameters
from ssl_core.training.augmentation.weak import reach, reflected, weak
from ssl_core.training.pipeline import Stream, batches, places
from tests.support.training import small_data

STREAMS = (
    Stream("labelled", "labelled", 5, {"labelled": "weak"}),
    Stream("unlabelled", "pool", 7, {"first": "weak", "second": "weak", "plain": "none"}),
)
SHARED = ImageHyperparameters()


def taken(steps: range, seed: int = 3) -> list:
    return list(batches(small_data(), STREAMS, SHARED, seed, steps).as_numpy_iterator())


def test_a_batch_holds_what_its_streams_say() -> None:
    data = small_data()
    x, y = taken(range(1))[0]
    assert set(x) == {"done", "labelled", "first", "second", "plain"}
    assert x["labelled"].shape == (5, 8, 8, 1)
    assert x["labelled"].dtype == np.float32
    assert all(part.min() >= 0 and part.max() <= 1 for part in x.values())
    assert np.array_equal(y["labelled"], data.labels[y["labelled_items"]])
    assert (y["unlabelled"] == -1).all()
    assert np.array_equal(x["plain"], data.inputs[y["unlabelled_items"]].astype(np.float32) / 255)
    assert not np.array_equal(x["first"], x["second"])
    assert set(y["unlabelled_items"]) <= set(data.pool)


def test_labels_of_the_pool_stay_away_even_where_they_are_known() -> None:
    items = np.concatenate([y["unlabelled_items"] for _, y in taken(range(20))])
    labels = np.concatenate([y["unlabelled"] for _, y in taken(range(20))])
    assert np.isin(items, small_data().labelled).any()
    assert (labels == -1).all()


def test_going_on_at_a_step_is_the_same_as_never_having_stopped() -> None:
    for (x, y), (other_x, other_y) in zip(taken(range(12))[7:], taken(range(7, 12)), strict=True):
        assert all(np.array_equal(x[view], other_x[view]) for view in x)
        assert all(np.array_equal(y[name], other_y[name]) for name in y)


def test_no_thread_tunes_the_pipeline() -> None:
    """TensorFlow waits for that thread when an iterator is given up, at times for half a minute."""
    made = batches(small_data(), STREAMS, SHARED, 1, range(2))
    assert made.options().autotune.enabled is False


def test_another_seed_gives_another_order() -> None:
    first, other = taken(range(1), seed=3)[0][1], taken(range(1), seed=4)[0][1]
    assert not np.array_equal(first["unlabelled_items"], other["unlabelled_items"])


@pytest.mark.parametrize(("size", "batch"), [(10, 4), (3, 8), (1, 5)])
def test_every_pass_takes_every_item_once(size: int, batch: int) -> None:
    steps = 3 * size
    order = np.concatenate([places(0, "a", size, step * batch, batch) for step in range(steps)])
    for begin in range(0, len(order) - size + 1, size):
        assert sorted(order[begin : begin + size]) == list(range(size))


def test_a_stream_without_items_is_refused() -> None:
    with pytest.raises(UserError, match="no labels to train on"):
        batches(small_data(labelled=0), STREAMS, SHARED, 0, range(1))


def test_reflection_does_not_repeat_the_edge() -> None:
    found = reflected(tf.range(-3, 7), 4).numpy().tolist()
    assert found == [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]
    assert reach(28, 0.125) == 4
    assert reach(1, 0.5) == 0


def test_weak_augmentation_is_a_shift_with_reflected_edges() -> None:
    image = np.arange(36, dtype=np.uint8).reshape(1, 6, 6, 1)
    padded = np.pad(image[0, :, :, 0], 2, mode="reflect")
    shifts = {padded[r : r + 6, c : c + 6].tobytes() for r in range(5) for c in range(5)}
    many = np.repeat(image, 200, axis=0)
    configuration = ImageHyperparameters(augment_shift=0.333)
    found = weak(tf.constant(many), tf.constant([1, 2]), configuration).numpy()[..., 0]
    assert {one.tobytes() for one in found} == shifts
    same = weak(tf.constant(many), tf.constant([1, 2]), configuration).numpy()[..., 0]
    assert np.array_equal(found, same)
    mirrored = ImageHyperparameters(augment_shift=0.0, augment_mirror=True)
    found = weak(tf.constant(many), tf.constant([1, 2]), mirrored).numpy()[..., 0]
    both = {image[0, :, :, 0].tobytes(), image[0, :, ::-1, 0].tobytes()}
    assert {np.ascontiguousarray(one).tobytes() for one in found} == both
