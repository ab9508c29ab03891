"""The shared networks: sizes known from elsewhere, any side of image, and the saved form."""

from itertools import pairwise
from pathlib import Path

import keras
import numpy as np
import pytest

from ssl_core.training.networks.backbones import backbone
from ssl_core.training.networks.decoders import decoder, halvings
from ssl_core.training.networks.heads import classifier_head, inference_network


@pytest.mark.parametrize(
    ("shape", "end", "parameters"),
    [((24, 24, 1), (3, 3, 512), 1_553_664), ((32, 32, 3), (4, 4, 512), 1_554_816)],
)
def test_the_wide_network_has_its_published_size(shape, end, parameters: int) -> None:
    trunk = backbone("vgg-f", shape)
    assert trunk.output_shape[1:] == end
    assert trunk.count_params() == parameters


def test_the_residual_network_has_its_published_size() -> None:
    trunk = backbone("wrn-28-2", (32, 32, 3))
    assert trunk.output_shape[1:] == (8, 8, 128)
    trainable = sum(int(np.prod(weight.shape)) for weight in trunk.trainable_weights)
    # 1,467,610 with the dense layer from 128 features to 10 classes.
    assert trainable + 128 * 10 + 10 == 1_467_610


def test_the_small_network() -> None:
    # Convolutions with their biases, and four values a channel of batch normalisation.
    channels = (1, 32, 64, 128, 128)
    pairs = pairwise(channels)
    expected = sum(9 * before * after + 5 * after for before, after in pairs)
    assert backbone("vgg-small", (28, 28, 1)).count_params() == expected


@pytest.mark.parametrize("shape", [(28, 28, 1), (33, 17, 3), (5, 2, 1), (1, 1, 1)])
@pytest.mark.parametrize("name", ["vgg-small", "wrn-28-2"])
def test_any_image_is_brought_back_to_its_own_shape(name, shape) -> None:
    trunk = backbone(name, shape)
    redraw = decoder(trunk.output_shape[1:], shape)
    images = np.zeros((2, *shape), np.float32)
    assert redraw(trunk(images)).shape == images.shape


def test_halvings() -> None:
    assert halvings((28, 28), (4, 4)) == [(28, 28), (14, 14), (7, 7), (4, 4)]
    assert halvings((5, 1), (2, 1)) == [(5, 1), (3, 1), (2, 1)]
    with pytest.raises(ValueError, match="never"):
        halvings((8, 8), (5, 5))


def test_a_saved_network_needs_none_of_this_package(tmp_path: Path) -> None:
    trunk = backbone("vgg-small", (8, 8, 1))
    head = classifier_head(trunk.output_shape[1:], 3)
    network = inference_network(trunk, head)
    network.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    modules = {type(layer).__module__ for layer in loaded._flatten_layers()}
    assert all(module.startswith("keras.") for module in modules)
    images = np.random.default_rng(0).random((4, 8, 8, 1)).astype(np.float32)
    probabilities = network.predict_on_batch(images)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert np.array_equal(loaded.predict_on_batch(images), probabilities)
