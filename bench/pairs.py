"""Pairs a second of the methods that learn from pairs, beside the usual generator.

The usual generator turns, cuts, resizes and re-lights one image after the other in Python, with
scikit-image. Both feed the same network with the same kind of pairs.
"""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from skimage import transform

from bench.report import Row
from bench.sessions import as_in_a_run, in_turn, session_of
from ssl_core.methods import catalogue
from ssl_core.methods.pairs import PairHyperparameters
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    from ssl_core.training.session import Session

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
    session, _ = session_of(workspace, method, 1.0)
    pairs = session.model.configuration.batch_size
    ours, usual = (lambda: as_in_a_run(session)), (lambda: usual_batches(session))
    fast, slow = pairs / in_turn(session, ours, usual)
    made, made_slowly = pairs * _alone(ours), pairs * _alone(usual)
    session.writer.close()
    factors = fast / slow
    how = "whole batches in TensorFlow beside one image at a time with scikit-image"
    return [
        Row(
            f"pairs through a step, {method}",
            f"{np.median(fast):.0f} pairs/s, {np.median(factors):.1f} times the usual generator "
            f"(median of {len(factors)}, {factors.min():.1f} to {factors.max():.1f})",
            f"at least {FACTOR:.0f} times",
            bool(np.median(factors) >= FACTOR),
            how,
        ),
        Row(
            f"pairs made, without a network, {method}",
            f"{made:.0f} pairs/s, {made / made_slowly:.0f} times the usual generator",
            "-",
            None,
            how,
        ),
    ]


def _alone(make: Callable[[], object]) -> float:
    """Batches a second without a network."""
    batches = iter(make())  # type: ignore[call-overload]
    next(batches)
    began = time.perf_counter()
    for _ in range(ALONE):
        next(batches)
    return ALONE / (time.perf_counter() - began)


def usual_batches(session: "Session") -> Iterator[Batch]:
    """The batches of a generator as it is usually written, with the names of ours."""
    model, data = session.model, session.data
    (stream,) = model.streams()
    x, y = next(iter(as_in_a_run(session)))
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
    turned = transform.rotate(image, generator.uniform(-most, most), mode="edge")
    share = generator.uniform(configuration.pair_crop, 1.0)
    rows, columns = max(1, round(share * height)), max(1, round(share * width))
    top, left = generator.integers(height - rows + 1), generator.integers(width - columns + 1)
    large = transform.resize(turned[top : top + rows, left : left + columns], image.shape)
    factor = generator.uniform(1 - configuration.pair_contrast, 1 + configuration.pair_contrast)
    mean = large.mean()
    return np.clip(mean + factor * (large - mean), 0.0, 1.0).astype(np.float32)


_VIEWS = {"none": unchanged, "pair": partner}
