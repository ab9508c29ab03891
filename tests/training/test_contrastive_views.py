"""Random views: the same for the same seed, different for each image, and what each part does."""

import numpy as np
import pytest

from ssl_core.methods.views import ViewHyperparameters
from ssl_core.training.augmentation import AUGMENTATIONS

view = AUGMENTATIONS["contrastive"]
STILL = {
    "view_crop": 1.0,
    "view_rotation": 0.0,
    "view_shear": 0.0,
    "view_contrast": 0.0,
    "view_colour": 0.0,
}


def images(channels: int = 1, count: int = 12, side: int = 16) -> np.ndarray:
    shape = (count, side, side, channels)
    return np.random.default_rng(0).integers(60, 180, shape, dtype=np.uint8)


def viewed(pictures: np.ndarray, seed: tuple[int, int] = (3, 4), **settings) -> np.ndarray:
    return view(pictures, seed, ViewHyperparameters(**{**STILL, **settings})).numpy()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_view_is_a_function_of_its_seed(channels: int) -> None:
    default = ViewHyperparameters().model_dump()
    changes = {name: default[name] for name in STILL}
    first = viewed(images(channels), **changes)
    assert first.dtype == np.uint8
    assert first.shape == images(channels).shape
    assert np.array_equal(first, viewed(images(channels), **changes))
    assert not np.array_equal(first, viewed(images(channels), seed=(3, 5), **changes))


def test_equal_images_of_a_batch_get_views_of_their_own() -> None:
    same = np.repeat(images(count=1), 4, axis=0)
    for setting in ({}, {"view_rotation": 20.0}, {"view_shear": 0.3}, {"view_contrast": 0.4}):
        found = viewed(same, **setting)
        assert len({one.tobytes() for one in found}) == 4, setting


def test_with_whole_images_only_nothing_in_the_middle_leaves_the_view() -> None:
    spot = np.zeros((64, 33, 33, 1), np.uint8)
    spot[:, 14:19, 14:19] = 255
    found = viewed(spot).astype(float)
    rows, columns = np.mgrid[:33, :33]
    sizes = found.sum(axis=(1, 2, 3)) / spot[0].sum()
    assert sizes.min() > 0.6  # at most half of the area of the image is added around it
    assert sizes.max() < 1.15
    for one in found[..., 0]:
        centre = (one * rows).sum() / one.sum(), (one * columns).sum() / one.sum()
        assert np.abs(np.array(centre) - 16).max() < 0.2 * 33 + 0.5


def test_a_smaller_part_shows_things_larger() -> None:
    spot = np.zeros((64, 32, 32, 1), np.uint8)
    spot[:, 13:19, 13:19] = 255
    bright = viewed(spot, view_crop=0.3).astype(float).mean(axis=(1, 2, 3))
    assert bright.max() > 2 * spot[0].mean()
    assert bright.min() >= 0


def test_mirrored_only_where_that_is_switched_on() -> None:
    side = np.zeros((64, 16, 16, 1), np.uint8)
    side[:, :, :5] = 200
    left = viewed(side)[:, :, :8].mean(axis=(1, 2, 3)) > viewed(side)[:, :, 8:].mean(axis=(1, 2, 3))
    assert left.all()
    found = viewed(side, augment_mirror=True)
    left = found[:, :, :8].mean(axis=(1, 2, 3)) > found[:, :, 8:].mean(axis=(1, 2, 3))
    assert 0.2 < left.mean() < 0.8


def test_colours_change_and_luminance_stays() -> None:
    flat = np.tile(np.uint8([[[[150, 110, 90]]]]), (200, 6, 6, 1))
    found = viewed(flat, view_colour=0.4)[:, 3, 3].astype(float)
    luminance = found @ [0.299, 0.587, 0.114]
    assert np.abs(luminance - np.dot([150, 110, 90], [0.299, 0.587, 0.114])).max() < 2
    grey = np.ptp(found, axis=1) < 2
    assert 0.1 < grey.mean() < 0.35
    assert len(np.unique(found.round(), axis=0)) > 50
    one_channel = images(1)
    assert np.array_equal(viewed(one_channel, view_colour=0.4), viewed(one_channel))


def test_contrast_and_brightness_stay_within_their_range() -> None:
    flat = np.full((500, 4, 4, 1), 100, np.uint8)
    found = viewed(flat, view_contrast=0.4)[:, 0, 0, 0]
    assert found.min() >= 60
    assert found.max() <= 140
    assert found.min() < 70
    assert found.max() > 130
