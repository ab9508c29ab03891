"""Generators and discriminators of any size of image."""

import numpy as np
import pytest

from ssl_core.training.networks.discriminators import norm_free_discriminator, seed_discriminator
from ssl_core.training.networks.generators import doublings, generator
from ssl_core.training.networks.heads import classifier_head

SHAPES = [(28, 28, 1), (32, 32, 3), (33, 17, 3), (8, 8, 1), (3, 5, 1), (96, 96, 3)]


@pytest.mark.parametrize("shape", SHAPES)
def test_images_of_any_size_are_drawn_and_judged(shape) -> None:
    drawn = np.asarray(generator(shape, 7, 4)(np.ones((2, 7), np.float32)))
    assert drawn.shape == (2, *shape)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    for judge in (
        norm_free_discriminator("vgg-small", shape, 0.2),
        seed_discriminator(4, shape, 0.5),
    ):
        maps = judge(drawn)
        assert len(maps.shape) == 4
        assert judge.input_shape[1:] == shape


def test_the_sides_double_up_to_those_of_the_image() -> None:
    assert doublings((28, 28)) == [(4, 4), (7, 7), (14, 14), (28, 28)]
    assert doublings((32, 32)) == [(4, 4), (8, 8), (16, 16), (32, 32)]
    assert doublings((33, 5)) == [(3, 1), (5, 1), (9, 2), (17, 3), (33, 5)]
    assert doublings((2, 3)) == [(1, 2), (2, 3)]


def test_the_sizes_are_those_of_the_networks_they_are_named_after() -> None:
    assert generator((32, 32, 3), 100, 128).count_params() == 4_936_963
    assert generator((32, 32, 3), 100, 32).count_params() == 466_243
    trunk = seed_discriminator(64, (32, 32, 3), 0.5)
    head = classifier_head(trunk.output_shape[1:], 10)
    # 447,498 without the sixth convolution, which the published code by mistake does not use.
    sixth = 3 * 3 * 128 * 128 + 128 + 4 * 128
    assert trunk.count_params() + head.count_params() == 447_498 + sixth


def test_the_seed_discriminator_sees_intensities_from_minus_one_to_one() -> None:
    layer = seed_discriminator(4, (8, 8, 1), 0.5).layers[1]
    assert np.allclose(layer(np.array([0.0, 0.5, 1.0], np.float32)), [-1, 0, 1])


def names(network) -> list[str]:
    return [layer.name for layer in network.layers]


def test_the_feature_layer_has_no_batch_normalisation() -> None:
    """With it the mean of a feature over the batch would be a constant: nothing to match."""
    judge = norm_free_discriminator("vgg-small", (8, 8, 1), 0.2)
    assert not any("normal" in name for name in names(judge))
    judge = seed_discriminator(4, (8, 8, 1), 0.5)
    assert sum("normal" in name for name in names(judge)) == 5
    assert "conv2d" in names(judge)[-2]
    images = np.random.default_rng(0).random((16, 8, 8, 1), np.float32)
    one, other = (
        np.asarray(judge(part, training=True)).mean(axis=0) for part in (images, 0 * images)
    )
    assert not np.allclose(one, other, atol=1e-3)
