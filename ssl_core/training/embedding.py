"""A map of what a network makes of the same images: near each other what is alike to it."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from ssl_core.training.model import MethodModel, classes_known
from ssl_core.training.panels import Panel, scatter
from ssl_core.training.parts import in_parts, joined
from ssl_core.training.probe import Probe

SIDE = 14  # pixels: images are thinned to about this for the map of their pixels
TITLES = ("first direction", "second direction")
HELP = (
    "Features of the same images at every step, on the plane of their two widest directions: "
    "images that are alike to the network lie near each other. "
)


def embedding_panels(
    model: MethodModel, probe: Probe, known: tuple[NDArray, NDArray] | None = None
) -> tuple[Panel, ...]:
    """The map in the colours of the answers and, where there are any, of the reference labels.

    known: what `embedded` says of the sample, where it was asked before. None for a method that
    has no one vector an image.
    """
    found = embedded(model, probe.sample) if known is None else known
    if found is None or len(probe.sample) < 2:
        return ()
    features, logits = found
    places = steady_plane(features, _pixels(probe.sample))
    names = _names_of_answers(model, probe, logits.shape[1])
    answers = logits.argmax(axis=1) if names else np.full(len(places), -1)
    panels = [
        scatter(
            "map",
            "Map of the features",
            f"{HELP}Colours: what the network answers.",
            places,
            [names[answer] if names else "images" for answer in answers],
            TITLES,
        )
    ]
    if np.any(probe.reference >= 0):
        groups = [probe.classes[k] if k >= 0 else "unknown" for k in probe.reference]
        panels.append(
            scatter(
                "map_reference",
                "Map of the features, true classes",
                f"{HELP}Colours: reference labels, which the training does not see.",
                places,
                groups,
                TITLES,
                uses_reference_labels=True,
            )
        )
    return tuple(panels)


def embedded(model: MethodModel, items: NDArray) -> tuple[NDArray, NDArray] | None:
    """Features (n, d) and logits (n, answers) of network inputs (n, ...).

    None where the method has none.
    """
    parts = [model.embed(part) for part in in_parts(items)]
    known = [part for part in parts if part is not None]
    return joined(known) if known else None


def _names_of_answers(model: MethodModel, probe: Probe, count: int) -> tuple[str, ...]:
    """Of the columns of the logits; none where they say nothing."""
    if model.answers_clusters:
        return tuple(f"cluster {number}" for number in range(1, count + 1))
    return probe.classes if classes_known(model, probe) else ()


def _pixels(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, pixels) of thinned images: enough for their two widest directions."""
    step = max(1, min(images.shape[1:3]) // SIDE)
    return images[:, ::step, ::step].reshape(len(images), -1)


def steady_plane(vectors: NDArray[np.floating], anchor: NDArray[np.floating]) -> NDArray:
    """Vectors (n, d) on the plane of their two widest directions, (n, 2).

    Directions have no sign, and change places when their widths cross; so the plane is turned and
    mirrored to lie as near as can be to that of `anchor` (n, e), which is the same at every step
    (orthogonal Procrustes, Schönemann 1966), and a map does not flip from one step to the next.
    """
    places, fixed = _plane(vectors), _plane(anchor)
    left, _, right = np.linalg.svd(places.T @ fixed)
    return places @ (left @ right)


def _plane(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Principal components, (n, 2): from products of columns or of rows, whichever are fewer."""
    centred = np.asarray(vectors, np.float64)
    centred = centred - centred.mean(axis=0)
    if centred.shape[1] < 2:
        return np.pad(centred, ((0, 0), (0, 1)))
    by_rows = len(centred) < centred.shape[1]
    products = centred @ centred.T if by_rows else centred.T @ centred
    last = len(products) - 1
    widths, directions = eigh(products, subset_by_index=(last - 1, last))
    directions, widths = directions[:, ::-1], np.maximum(widths[::-1], 0.0)
    return directions * np.sqrt(widths) if by_rows else centred @ directions
