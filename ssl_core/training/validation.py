"""How the averaged weights answer the validation labels of every head, in figures and pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ssl_core.runs.confusion import MATRIX_LIMIT
from ssl_core.runs.request import TrainedHead
from ssl_core.stats import confusion_matrix
from ssl_core.training.data import LabelledItems, TrainingData
from ssl_core.training.diagnostics import calibration_gap, reliability_panel
from ssl_core.training.evaluation import PROBABILITIES, AveragedNetwork, Score, score
from ssl_core.training.panels import Panel, confusion_panel, matrix, scatter
from ssl_core.training.probe import Probe
from ssl_core.training.truth import area_figure, figures_of_heads


@dataclass(frozen=True)
class Validation:
    """What the validation labels say at one moment."""

    score: Score | None  # of the main head, None where it has no validation labels
    figures: dict[str, float]  # beside the score, under published names
    panels: tuple[Panel, ...]


def validated(network: AveragedNetwork, data: TrainingData, probe: Probe) -> Validation:
    """Ask the network about every item with a validation label of any head, each once."""
    asked = {name: one.validation for name, one in data.others.items()}
    items = np.unique(
        np.concatenate([data.validation.items, *(known.items for known in asked.values())])
    )
    if len(items) == 0:
        return Validation(None, {}, ())
    answers = network.answers(data, items)
    placed = {name: _placed(known, items) for name, known in asked.items()}
    main = _placed(data.validation, items)
    of_main = answers[PROBABILITIES][main.items]
    found = score(of_main, main.values, len(probe.classes))
    panels = [confusion_panel(found.confusion, probe.classes)] if found is not None else []
    panels += reliability_panel(of_main, main.values)
    panels += [
        head_panel(head, answers[head.name][placed[head.name].items], placed[head.name].values)
        for head in probe.heads[1:]
        if head.name in answers and len(placed[head.name])
    ]
    figures = area_figure(probe.heads[0].name, of_main, main.values)
    figures |= figures_of_heads(answers, tuple(asked), placed)
    gap = calibration_gap(of_main, main.values)
    figures |= {} if gap is None else {"calibration/gap": gap}
    return Validation(found, figures, tuple(panel for panel in panels if panel is not None))


def _placed(known: LabelledItems, items: NDArray[np.int64]) -> LabelledItems:
    """The same labels, with the place of each item in `items`, sorted, for its number."""
    return LabelledItems(np.searchsorted(items, known.items), known.values)


def head_panel(head: TrainedHead, answers: NDArray, labels: NDArray) -> Panel | None:
    """A further head on its validation labels: a matrix of classes, or numbers against numbers.

    answers: (n, classes), or (n, 1) in the unit of the head. labels: (n,).
    """
    if head.kind == "regression":
        unit = f", {head.unit}" if head.unit else ""
        return scatter(
            f"numbers_{head.name}",
            f"{head.title}: prediction against label",
            "One point a validation label. On the dashed line the prediction of the averaged "
            "weights is the label.",
            np.stack([labels, answers[:, 0]], axis=1),
            ["validation"] * len(labels),
            (f"label{unit}", f"prediction{unit}"),
            diagonal=True,
        )
    names = tuple(known.name for known in head.classes)
    if len(names) > MATRIX_LIMIT:
        return None
    return matrix(
        f"confusion_{head.name}",
        f"Confusion on the validation labels: {head.title}",
        "Row: the label. Column: what the averaged weights say.",
        confusion_matrix(labels.astype(np.int32), answers.argmax(axis=1), len(names)),
        (names, names),
        ("label", "prediction"),
    )


def validation_figures(found: Validation) -> dict[str, float]:
    """What is published of a validation."""
    main = found.score
    if main is None:
        return found.figures
    return found.figures | {
        "loss/validation": main.loss,
        "accuracy/validation": main.accuracy,
        "accuracy/validation_low": main.interval[0],
        "accuracy/validation_high": main.interval[1],
        "count/validation": float(main.count),
    }
