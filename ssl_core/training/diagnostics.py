"""What the averaged weights of any classifier say of images nobody labelled, and how surely."""

import math

import numpy as np
from numpy.typing import NDArray

from ssl_core.runs.confusion import CURVE_FROM, FEWEST, MATRIX_LIMIT
from ssl_core.stats import divergence, entropy
from ssl_core.training.data import TrainingData
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.model import MethodModel, classes_known
from ssl_core.training.panels import Panel, bars, curve, histogram
from ssl_core.training.probe import Probe, Seen

SKEW, LEAST = "skew/pseudo", "pseudo/least"
ASKED = "pseudo/confidence"  # where the weights in training are asked about the pool too
BINS = 10
CONFIDENCE_BINS = 20
EXPECTED = 10  # pseudo-labels, of which even by chance more than one comes


def classifier_guides(model: MethodModel) -> dict[str, dict[str, float]]:
    """The line that the use of the classes is read against."""
    classes = model.task.classes
    return {"usage": {f"ln {classes}": math.log(classes)}} if _is_classifier(model) else {}


def _is_classifier(model: MethodModel) -> bool:
    return model.answers_items and not model.answers_clusters and model.task.classes > 1


def diagnosed(
    network: AveragedNetwork,
    model: MethodModel,
    data: TrainingData,
    probe: Probe,
    sample: NDArray[np.int64],
) -> Seen:
    """What a classifier says of a sample of the pool; nothing for other methods, nor where no
    label says what its answers mean.

    network: holds the averaged weights of now. sample: the items of `probe.sample`.
    """
    if not _is_classifier(model) or len(sample) == 0 or not classes_known(model, probe):
        return Seen()
    answers = network.probabilities(data, sample)
    figures = {"usage/predictions": use_entropy(answers)}
    limits, unit = model.thresholds, "texts" if model.task.vocabulary else "images"
    curves = ASKED in model.measures
    panels = [confidence_panel(answers, limits, unit, curves=curves)]
    if limits is not None:
        unknown = np.where(probe.labels < 0, probe.reference, -1)
        kept, right = sure_answers(answers, limits, unknown)
        precision = _mean(right[kept])
        figures |= {} if math.isnan(precision) else {"pseudo/precision": precision}
        named = answers.argmax(axis=1)
        figures |= skew_figures(named[kept], probe.labelled.labels, len(probe.classes))
        panels += coverage_panel(named, kept, right, probe.classes, curves=curves)
    return Seen(figures, tuple(panels))


def use_entropy(probabilities: NDArray) -> float:
    """Entropy of the mean answer in nats. probabilities: (n, classes)."""
    return float(entropy(probabilities.mean(axis=0, dtype=np.float64)))


def calibration_gap(probabilities: NDArray, labels: NDArray[np.int32]) -> float | None:
    """Mean confidence less the share right, in [-1, 1]; None for too few labels to say.

    probabilities: (n, classes). labels: (n,), index of a class.
    """
    if len(labels) < FEWEST:
        return None
    confidence, right = _confidence_and_hits(probabilities, labels)
    return float(confidence.mean() - right.mean())


def _confidence_and_hits(probabilities: NDArray, labels: NDArray) -> tuple[NDArray, NDArray]:
    return probabilities.max(axis=1).astype(np.float64), probabilities.argmax(axis=1) == labels


def reliability_panel(probabilities: NDArray, labels: NDArray[np.int32]) -> list[Panel]:
    """How often answers of a confidence are right; empty for too few labels for two points.

    The labels are divided into bins of equal size, because most answers of a network are sure.
    """
    if len(labels) < CURVE_FROM:
        return []
    count = min(BINS, len(labels) // FEWEST)
    confidence, right = _confidence_and_hits(probabilities, labels)
    parts = np.array_split(np.argsort(confidence, kind="stable"), count)
    x = np.array([confidence[part].mean() for part in parts])
    y = np.array([right[part].mean() for part in parts])
    return [
        curve(
            "reliability",
            "Reliability",
            f"On {len(labels)} validation labels, in {count} equal parts from unsure to "
            "sure. Below the dashed line it is surer than it is right.",
            {"validation": (x, y)},
            ("mean confidence", "share right"),
            diagonal=True,
        )
    ]


def confidence_panel(
    probabilities: NDArray, thresholds: NDArray | None, unit: str, *, curves: bool
) -> Panel:
    """How sure the answers (n, classes) are. thresholds: (classes,), where there are any.

    curves: whether the weights in training have a curve of mean confidence.
    """
    lines = {}
    if thresholds is not None:
        low, high = float(thresholds.min()), float(thresholds.max())
        lines = {"lowest threshold": low, "highest threshold": high}
        lines = {"threshold": high} if high - low < 1e-6 else lines
    other = " The curve of mean confidence is of those in training: the two differ."
    return histogram(
        "confidence",
        "Confidence on the pool",
        f"Probability of the likeliest class, for the same {len(probabilities)} {unit} of the pool "
        "at every step. The averaged weights answer." + (other if curves else ""),
        {unit: np.minimum(probabilities.max(axis=1), 1.0)},
        np.linspace(0.0, 1.0, CONFIDENCE_BINS + 1),
        "confidence",
        lines,
        unit=unit,
    )


def sure_answers(
    probabilities: NDArray, thresholds: NDArray, reference: NDArray[np.int32]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which answers reach the threshold of their class, and which are right: (n,) each.

    reference: (n,), -1 = unknown; whether such an answer is right is NaN.
    """
    answers = probabilities.argmax(axis=1)
    kept = probabilities.max(axis=1) >= thresholds[answers]
    return kept, np.where(reference >= 0, answers == reference, np.nan)


def skew_figures(
    pseudo: NDArray[np.integer], labels: NDArray[np.int32], classes: int
) -> dict[str, float]:
    """How unlike the spread of the labels that of the pseudo-labels is.

    pseudo: (n,), of the items that have one. labels: (m,), those that are trained on. The skew is
    in nats. The least: of all classes with labels that have at least EXPECTED pseudo-labels coming
    to them, the one that has the fewest: what it has of them, at most 1.
    """
    if len(pseudo) < EXPECTED or len(labels) == 0:
        return {}
    given, known = (np.bincount(part, minlength=classes) for part in (pseudo, labels))
    figures = {SKEW: divergence(given, known)}
    coming = len(pseudo) * known / known.sum()
    many = coming >= EXPECTED
    if many.any():
        figures[LEAST] = min(1.0, float((given[many] / coming[many]).min()))
    return figures


def coverage_panel(
    answers: NDArray,
    kept: NDArray[np.bool_],
    right: NDArray,
    classes: tuple[str, ...],
    *,
    curves: bool,
) -> list[Panel]:
    """Bars a class: how many of its answers are sure, and how many of those are right.

    answers, kept, right: (n,). curves: whether the curve of coverage is of the weights in
    training. Empty for more classes than can be read.
    """
    if len(classes) > MATRIX_LIMIT:
        return []
    places = [answers == number for number in range(len(classes))]
    series = {"coverage": np.array([_mean(kept[place].astype(float)) for place in places])}
    known = bool(np.isfinite(right).any())
    if known:
        series["precision"] = np.array([_mean(right[place & kept]) for place in places])
    text = "The averaged weights answer. Coverage: share of the answers with this class that reach "
    text += "the threshold. "
    if curves:
        text += "The curve of coverage is of those in training: the two differ. "
    more = "Precision: share of those that are right, by reference labels." if known else ""
    return [
        bars(
            "pseudo_labels",
            "Pseudo-labels by class",
            (text + more).strip(),
            classes,
            series,
            "share",
            "share",
            uses_reference_labels=known,
        )
    ]


def _mean(values: NDArray[np.float64]) -> float:
    """Of the known values (n,); NaN where there are none."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else math.nan
