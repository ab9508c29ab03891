"""What is shown of the clusters while they form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np
from numpy.typing import NDArray

from ssl_core.stats import entropy
from ssl_core.training import clusters as measure
from ssl_core.training.panels import Panel, bars, matrix
from ssl_core.training.parts import in_parts, joined
from ssl_core.training.probe import Probe, Seen

if TYPE_CHECKING:
    from ssl_core.methods.iic.model import ClusteringModel

TRAINING_ROWS = 128  # pairs at most that the use of clusters in training mode is counted on


def looked_at(model: ClusteringModel, probe: Probe) -> Seen:
    """Figures of all heads and pictures of the one that would be chosen now."""
    changed = model.partners.of(probe.sample)
    features, first = _asked(model, probe.sample)
    joint = measure.joint_distribution(first, _asked(model, changed)[1])
    head = model.best_head(joint)
    chosen = first[:, head]
    found = np.argmax(chosen, axis=1)
    usage = first.mean(axis=0)
    ink = probe.sample.reshape(len(probe.sample), -1).mean(axis=1)
    figures = {f"mi/head {n + 1}": float(v) for n, v in enumerate(measure.information(joint))}
    figures |= {f"usage_inference/head {n + 1}": float(v) for n, v in enumerate(entropy(usage))}
    figures |= {
        "clusters/live": float(measure.live_clusters(usage[head])),
        "clusters/ink": measure.explained_by(found, ink),
    }
    figures |= {
        f"{name}/reference": value
        for name, value in measure.agreement(found, probe.reference).items()
    }
    in_training = _in_training_mode(model, probe.sample, changed)[:, head].mean(axis=0)
    pictures = (
        _use(in_training, usage[head], head),
        _joint(joint[head], head),
        measure.montage(probe.sample, chosen),
        *_aligned(first, probe),
    )
    return Seen(figures, pictures, (features, first[:, model.head]))


def _asked(model: ClusteringModel, items: NDArray) -> tuple[NDArray, NDArray]:
    """Features (n, d) and what all heads answer (n, heads, clusters), in inference mode."""
    return joined([model.asked(part) for part in in_parts(items)])


def _in_training_mode(
    model: ClusteringModel, images: NDArray, changed: NDArray
) -> NDArray[np.float32]:
    """(n, heads, clusters): answers with the statistics of the batch, as a step computes them.

    Of no more pairs than a step has, which memory is known to hold.
    """
    rows = min(TRAINING_ROWS, model.configuration.batch_size)
    batch = np.concatenate([images[:rows], changed[:rows]])
    trunk = model.trunk
    features, _ = trunk.stateless_call(
        [weight.value for weight in trunk.trainable_variables],
        [weight.value for weight in trunk.non_trainable_variables],
        batch,
        training=True,
    )
    answers = keras.ops.convert_to_numpy(model.heads(features, training=False))
    return answers[: len(answers) // 2]


def _use(in_training: NDArray, in_inference: NDArray, head: int) -> Panel:
    names = [str(number + 1) for number in range(len(in_inference))]
    return bars(
        "cluster_use",
        "Use of the clusters",
        f"How much of the images each cluster of head {head + 1} gets from the weights in "
        "training: with the statistics of the batch, as in a step, and with moving statistics, "
        "as in inference mode. They should be alike.",
        names,
        {"training": in_training, "inference": in_inference},
        "share of the images",
        "share",
        {"equal parts": 1 / len(names)},
        title_x="cluster",
    )


def _joint(joint: NDArray, head: int) -> Panel:
    names = [f"cluster {number + 1}" for number in range(len(joint))]
    return matrix(
        "joint",
        "Image and partner",
        f"How often head {head + 1} puts an image into the cluster of the row and its partner into "
        "that of the column. All on the diagonal, in equal parts, is the aim.",
        np.round(joint, 4),
        (names, names),
        ("image", "partner"),
        "share",
    )


def _aligned(first: NDArray, probe: Probe) -> list[Panel]:
    """Clusters against classes for each head: hidden labels where there are any, else by hand."""
    hidden = bool(np.any(probe.reference >= 0))
    labels = probe.reference if hidden else probe.labels
    if not np.any(labels >= 0):
        return []
    return [
        measure.aligned_matrix(
            f"head_{head + 1}",
            f"Head {head + 1}: clusters and classes",
            np.argmax(first[:, head], axis=1),
            labels,
            probe.classes,
            first.shape[2],
            uses_reference_labels=hidden,
        )
        for head in range(first.shape[1])
    ]
