"""Pairs a second of the methods that learn from pairs, beside the usual generator.

The usual generator turns, cuts, resizes and re-lights one image after the other in Python, with
scipy and Pillow, between two steps. Both feed the same network with the same kind of pairs.
"""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from bench.report import Row
from bench.sessions import bare_seconds, session_of
from ssl_core.methods import catalogue
from ssl_core.methods.pairs import PairHyperparameters
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    import tensorflow as tf

    from ssl_core.training.session import Session

PAIRS = 5  # of measurements
SECONDS = 5.0  # of one stretch
FIRST = 8  # steps, to compile and to see the speed
ALONE = 40  # batches without a network
FACTOR = 3.0
Batch = tuple[dict[str, NDArray], dict[str, NDArray]]


def pair_rows(workspace: Workspace) -> list[Row]:
    """Two rows a method of pairs: with its network, and the making of pairs alone."""
    names = [
        name
        for name, spec in catalogue().items()
        if issubclass(spec.configuration, PairHyperparameters)
    ]
    return [row for name in names for row in _of_method(workspace, name)]


def _of_method(workspace: Workspace, method: str) -> list[Row]:
    session, _ = session_of(workspace, method, 1000)
    pairs = session.model.configuration.batch_size
    ours, usual = (lambda: _ours(session)), (lambda: usual_batches(session))
    speeds = [_in_turn(session, ours, usual), (_alone(ours), _alone(usual))]
    whats = (f"pairs through a step, {method}", f"pairs made, without a network, {method}")
    aims = (FACTOR, None)
    session.writer.close()
    return [
        Row(
            what,
            f"{fast * pairs:.0f} pairs/s, {fast / slow:.1f} times the {slow * pairs:.0f} of the "
            "usual generator",
            f"at least {aim:.0f} times" if aim else "-",
            fast / slow >= aim if aim else None,
            "whole batches in TensorFlow beside one image at a time with scipy and Pillow",
        )
        for what, (fast, slow), aim in zip(whats, speeds, aims, strict=True)
    ]


def _in_turn(
    session: "Session",
    ours: Callable[[], "tf.data.Dataset"],
    usual: Callable[[], Iterator[Batch]],
) -> tuple[float, float]:
    """Steps a second with either input, medians, measured in turn on the same network."""
    bare_seconds(session, ours(), FIRST)
    speeds: tuple[list[float], list[float]] = ([], [])
    for _ in range(PAIRS):
        for make, found in zip((ours, usual), speeds, strict=True):
            step = bare_seconds(session, make(), FIRST) / FIRST
            count = max(FIRST, round(SECONDS / step))
            found.append(count / bare_seconds(session, make(), count))
    return float(np.median(speeds[0])), float(np.median(speeds[1]))


def _alone(make: Callable[[], object]) -> float:
    """Batches a second without a network."""
    batches = iter(make())  # type: ignore[call-overload]
    next(batches)
    began = time.perf_counter()
    for _ in range(ALONE):
        next(batches)
    return ALONE / (time.perf_counter() - began)


def _ours(session: "Session") -> "tf.data.Dataset":
    from ssl_core.training.pipeline import batches

    model = session.model
    return batches(session.data, model.streams(), model.configuration, 1, range(10**6))


def usual_batches(session: "Session") -> Iterator[Batch]:
    """The batches of a generator as it is usually written, with the names of ours."""
    model, data = session.model, session.data
    (stream,) = model.streams()
    x, y = next(iter(_ours(session)))
    rest = {name: value.numpy() for name, value in x.items() if name not in stream.views}
    labels = {name: value.numpy() for name, value in y.items()}
    generator = np.random.default_rng(0)
    while True:
        images = data.inputs[generator.choice(data.pool, stream.batch_size)]
        views = {
            view: np.stack(
                [_VIEWS[kind](image, generator, model.configuration) for image in images]
            )
            for view, kind in stream.views.items()
        }
        yield {**rest, **views}, labels


def unchanged(
    image: NDArray[np.uint8], generator: np.random.Generator, configuration: PairHyperparameters
) -> NDArray[np.float32]:
    return image.astype(np.float32) / 255.0


def partner(
    image: NDArray[np.uint8], generator: np.random.Generator, configuration: PairHyperparameters
) -> NDArray[np.float32]:
    """One image (height, width, channels) turned, cut, resized and in another contrast."""
    most, height, width = configuration.pair_rotation, *image.shape[:2]
    turned = ndimage.rotate(
        image, generator.uniform(-most, most), reshape=False, order=1, mode="nearest"
    )
    share = generator.uniform(configuration.pair_crop, 1.0)
    rows, columns = max(1, round(share * height)), max(1, round(share * width))
    top, left = generator.integers(height - rows + 1), generator.integers(width - columns + 1)
    part = turned[top : top + rows, left : left + columns]
    picture = Image.fromarray(part[..., 0] if part.shape[2] == 1 else part)
    large = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR), np.float32)
    large = large.reshape(image.shape) / 255.0
    factor = generator.uniform(1 - configuration.pair_contrast, 1 + configuration.pair_contrast)
    mean = large.mean()
    return np.clip(mean + factor * (large - mean), 0.0, 1.0)


_VIEWS = {"none": unchanged, "pair": partner}
