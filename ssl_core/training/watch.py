"""What is looked at now and then while a method trains: validation, gradient shares, pictures."""

import time

import numpy as np

from ssl_core.runs.writer import RunWriter
from ssl_core.training.checkpoints import Arrays
from ssl_core.training.data import TrainingData
from ssl_core.training.evaluation import AveragedNetwork, Score, evaluate
from ssl_core.training.gradients import gradient_shares
from ssl_core.training.model import Batch, MethodModel
from ssl_core.training.panels import Panel, confusion_panel
from ssl_core.training.progress import EVALUATION_SECONDS, EVALUATIONS, Cadence
from ssl_core.training.state import weights_of

PROBE_IMAGES = 16
# Shares of the running time that looking may cost; with checkpoints they stay below 3 %.
VALIDATION_SHARE, GRADIENT_SHARE, PANEL_SHARE = 0.01, 0.004, 0.006


class Watch:
    """Looks at a model in training without changing anything that its next step depends on."""

    def __init__(
        self,
        model: MethodModel,
        data: TrainingData,
        class_names: tuple[str, ...],
        probe: Batch,
        writer: RunWriter,
    ) -> None:
        self.averaged = AveragedNetwork(model)
        self.best_step: int | None = None
        self.best_accuracy: float | None = None
        self.best: Arrays | None = None
        self._model, self._data, self._writer = model, data, writer
        self._class_names = class_names
        self._probe = probe
        self._images = _probe_images(data)
        self._validation = Cadence(EVALUATION_SECONDS, VALIDATION_SHARE)
        self._gradients = Cadence(EVALUATION_SECONDS, GRADIENT_SHARE)
        self._panels = Cadence(EVALUATION_SECONDS, PANEL_SHARE)
        self._score: Score | None = None

    def plan(self, steps: int) -> None:
        """Spread the looks over a run of `steps`."""
        for cadence in (self._validation, self._gradients, self._panels):
            cadence.steps = max(1.0, steps / EVALUATIONS)

    def look(self, step: int, last: bool = False) -> dict[str, float]:
        """Metrics of what is due after `step` steps; pictures that are due are published.

        At the last step everything is due.
        """
        values: dict[str, float] = {}
        if last or self._validation.due(step):
            values |= self._timed(self._validation, step, self._validate)
        if last or self._gradients.due(step):
            values |= self._timed(self._gradients, step, self._share)
        if last or self._panels.due(step):
            values |= self._timed(self._panels, step, self._draw)
        return values

    def _timed(self, cadence: Cadence, step: int, action) -> dict[str, float]:
        started = time.monotonic()
        values = action(step)
        first = cadence.last_step == 0 and cadence.cost == 0.0
        cadence.done(step, started)
        if first:
            cadence.cost = 1e-9  # most of the first time was compiling, which is not done again
        return values

    def _validate(self, step: int) -> dict[str, float]:
        """Score the averaged weights on the validation labels, and keep them if none were better.

        The latest of equals is kept: with few labels many evaluations are equal, and the later
        weights have seen more.
        """
        self.averaged.refresh()
        data = self._data
        score = evaluate(self.averaged, data.images, data.validation, len(self._class_names))
        self._score = score
        if score is None:
            return {}
        if self.best_accuracy is None or score.accuracy >= self.best_accuracy:
            self.best_accuracy, self.best_step = score.accuracy, step
            self.best = weights_of(self.averaged.network)
        return {
            "loss/validation": score.loss,
            "accuracy/validation": score.accuracy,
            "accuracy/validation_low": score.interval[0],
            "accuracy/validation_high": score.interval[1],
            "count/validation": float(score.count),
        }

    def _share(self, step: int) -> dict[str, float]:
        shares = gradient_shares(self._model, self._probe)
        return {f"share/{name}": share for name, share in shares.items()}

    def _draw(self, step: int) -> dict[str, float]:
        panels: list[Panel] = self._model.panels(self._images)
        if self._score is not None:
            confusion = confusion_panel(self._score.confusion, self._class_names)
            panels += [confusion] if confusion is not None else []
            self._score = None  # the same matrix is not published a second time
        for panel in panels:
            self._writer.panel(panel.name, panel.info(), step, panel.payload)
        return {}


def _probe_images(data: TrainingData) -> np.ndarray:
    """The same 16 images for every run on a dataset: spread evenly over the pool.

    Returns (n, height, width, channels), float32 in [0, 1].
    """
    source = data.pool if len(data.pool) else data.labelled
    chosen = source[np.linspace(0, len(source) - 1, PROBE_IMAGES).astype(np.int64)]
    return data.images[np.unique(chosen)].astype(np.float32) / 255.0
