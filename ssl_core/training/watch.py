"""What is looked at now and then while a method trains: validation, gradient shares, pictures."""

import time

import numpy as np
from numpy.typing import NDArray

from ssl_core.runs.request import TrainedHead
from ssl_core.runs.writer import RunWriter
from ssl_core.training.checkpoints import Arrays
from ssl_core.training.data import TrainingData, as_network_input, evenly
from ssl_core.training.diagnostics import diagnosed
from ssl_core.training.embedding import embedding_panels
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.gradients import gradient_figures
from ssl_core.training.model import Batch, MethodModel, classes_known
from ssl_core.training.panels import Panel
from ssl_core.training.phases import Span
from ssl_core.training.probe import Answered, Known, Probe
from ssl_core.training.progress import EVALUATION_SECONDS, EVALUATIONS, Cadence
from ssl_core.training.state import weights_of
from ssl_core.training.validation import validated, validation_figures

PROBE_IMAGES, PROBE_SAMPLE = 16, 512
# Shares of the running time that looking may cost; with checkpoints they stay near 3 %.
VALIDATION_SHARE, GRADIENT_SHARE, PANEL_SHARE = 0.01, 0.004, 0.012


class Watch:
    """Looks at a model in training without changing anything that its next step depends on."""

    def __init__(
        self,
        model: MethodModel,
        data: TrainingData,
        probe: Probe,
        batch: Batch,
        writer: RunWriter,
    ) -> None:
        self.averaged = AveragedNetwork(model)
        self.best_step: int | None = None
        self.best_accuracy: float | None = None
        self.best: Arrays | None = None
        self._model, self._data, self._writer = model, data, writer
        self.batch = batch  # of the phase
        self.span: Span | None = None  # of the phase, once there is one
        self._probe, self._sample = probe, sample_of(data)
        self._validation = Cadence(EVALUATION_SECONDS, VALIDATION_SHARE)
        self._gradients = Cadence(EVALUATION_SECONDS, GRADIENT_SHARE)
        self._panels = Cadence(EVALUATION_SECONDS, PANEL_SHARE)
        self._pictures: tuple[Panel, ...] = ()  # of the newest validation, until published
        self._settled: int | None = None  # the step at which the method was last settled

    @property
    def model(self) -> MethodModel:
        """What is being trained."""
        return self._model

    @property
    def named_afterwards(self) -> bool:
        """Whether classes come in only when the method is settled."""
        return self._model.named_afterwards

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
            first = self._validation.last_step == 0
            values |= self._timed(self._validation, step, self._validate)
            if first:
                self._validation.cost = 0.0  # most of it was compiling, which is not done again
        if last or self._gradients.due(step):
            values |= self._timed(self._gradients, step, self._share)
        if last or self._panels.due(step):
            values |= self._timed(self._panels, step, self._draw)
        return values

    def _timed(self, cadence: Cadence, step: int, action) -> dict[str, float]:
        started = time.monotonic()
        values = action(step)
        cadence.done(step, started)
        return values

    def _validate(self, step: int) -> dict[str, float]:
        """Score the averaged weights on the validation labels, and keep them if none were better.

        The latest of equals is kept: with few labels many evaluations are equal, and the later
        weights have seen more.
        """
        data = self._data
        known = (data.validation, *(one.validation for one in data.others.values()))
        if not (self._model.answers_items and any(map(len, known))):
            return {}
        if not classes_known(self._model, self._probe):
            return {}
        self.averaged.refresh()
        figures = self._settle_once(step)
        found = validated(self.averaged, data, self._probe)
        self._pictures = found.panels
        accuracy = found.score.accuracy if found.score else None
        if accuracy is not None and accuracy >= (self.best_accuracy or 0.0):
            self.best_accuracy, self.best_step = accuracy, step
            self.best = weights_of(self.averaged.network)
        return figures | validation_figures(found)

    def settle(self, known: Known) -> dict[str, float]:
        """Fit what the method fits without gradients, for the averaged weights of now."""
        figures = self._model.settle(self.averaged.network, known, self._probe.sample)
        self.averaged.refresh()
        return figures

    def _settle_once(self, step: int) -> dict[str, float]:
        """Settle with the labels that are trained on, unless it was done at this step."""
        if self._settled == step:
            return {}
        self._settled = step
        return self.settle(self._probe.labelled)

    def _share(self, step: int) -> dict[str, float]:
        x, y = self.batch
        span, done = self.span, 0.0
        if span is not None and span.steps:
            done = min(1.0, (step - span.first) / span.steps)
        return gradient_figures(self._model, ({**x, "done": np.float32([done])}, y))

    def _draw(self, step: int) -> dict[str, float]:
        self.averaged.refresh()
        figures = self._settle_once(step) if self._model.named_afterwards else {}
        seen = self._model.look(self._probe)
        maps = embedding_panels(self._model, self._probe, seen.embedded)
        told = diagnosed(self.averaged, self._model, self._data, self._probe, self._sample)
        for panel in (*seen.panels, *told.panels, *maps, *self._pictures):
            self._writer.panel(panel.name, panel.info(), step, panel.payload)
        self._pictures = ()  # the same picture is not published a second time
        return figures | told.figures | seen.figures


def probe_of(
    data: TrainingData,
    reference: NDArray[np.int32],
    classes: tuple[str, ...],
    heads: tuple[TrainedHead, ...],
) -> Probe:
    """The same items for every run on a dataset, spread evenly over the pool.

    Samples are mixed, so that a part from their beginning is a sample as well, however the items
    of the dataset are sorted. reference: (count,), int32, hidden labels, -1 where unknown.
    """
    sample = sample_of(data)
    labelled = _mixed_sample(np.flatnonzero(data.labels >= 0))
    places = _mixed_sample(np.arange(len(data.validation), dtype=np.int64))
    validation = data.validation.items[places]
    return Probe(
        few=as_network_input(data.inputs[evenly(_source(data), PROBE_IMAGES)]),
        sample=as_network_input(data.inputs[sample]),
        labels=data.labels[sample],
        reference=reference[sample],
        labelled=Known(as_network_input(data.inputs[labelled]), data.labels[labelled]),
        validation=Known(as_network_input(data.inputs[validation]), data.validation.values[places]),
        classes=classes,
        heads=heads,
        answered=_answered(data, heads),
    )


def sample_of(data: TrainingData) -> NDArray[np.int64]:
    """The items of `Probe.sample`."""
    return _mixed_sample(_source(data))


def _source(data: TrainingData) -> NDArray[np.int64]:
    return data.pool if len(data.pool) else data.labelled


def _answered(data: TrainingData, heads: tuple[TrainedHead, ...]) -> Answered | None:
    """At most PROBE_SAMPLE items with a validation label of any head, those of most heads first."""
    if len(heads) < 2:
        return None
    known = [data.validation, *(data.others[head.name].validation for head in heads[1:])]
    items, counts = np.unique(np.concatenate([one.items for one in known]), return_counts=True)
    order = _mixed(np.arange(len(items), dtype=np.int64))
    items = items[order[np.argsort(-counts[order], kind="stable")]][:PROBE_SAMPLE]
    labels = {}
    for head, one in zip(heads, known, strict=True):
        nothing = np.nan if head.kind == "regression" else -1
        answers = dict(zip(one.items.tolist(), one.values.tolist(), strict=True))
        labels[head.name] = np.array([answers.get(item, nothing) for item in items.tolist()])
    return Answered(as_network_input(data.inputs[items]), labels)


def _mixed_sample(items: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most PROBE_SAMPLE of `items`, evenly spread, in an order that is always the same."""
    return _mixed(evenly(items, PROBE_SAMPLE))


def _mixed(items: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.random.default_rng(0).permutation(items)
