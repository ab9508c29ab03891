"""The callback between `fit` and the run folder. An epoch is one line of metrics."""

import logging
import math
import time

import keras

from ssl_core.runs.writer import RunWriter
from ssl_core.training.checkpoints import Checkpoint, CheckpointStore, Facts
from ssl_core.training.failures import NotFinite
from ssl_core.training.lifecycle import StopFlag, publish_progress
from ssl_core.training.progress import Cadence, Progress
from ssl_core.training.state import all_finite, captured
from ssl_core.training.watch import Watch

CHECKPOINT_SECONDS = 30.0
CHECKPOINT_SHARE = 0.005
LOG_SECONDS = 5.0
log = logging.getLogger(__name__)


class Publisher(keras.callbacks.Callback):
    """Counts steps after every batch; publishes after every epoch.

    Keras resets its metrics when an epoch begins, so what an epoch logs is the mean since the
    last line, on any backend.
    """

    def __init__(
        self,
        writer: RunWriter,
        progress: Progress,
        stop: StopFlag,
        watch: Watch,
        checkpoints: CheckpointStore,
    ) -> None:
        super().__init__()
        self.steps_per_second: float | None = None
        self._writer, self._progress, self._stop = writer, progress, stop
        self._watch, self._checkpoints = watch, checkpoints
        self._checkpoint_cadence = Cadence(CHECKPOINT_SECONDS, CHECKPOINT_SHARE)
        self._log_cadence = Cadence(LOG_SECONDS, 1.0)
        self._first_line = True
        self._announced = ""
        self._began = 0.0
        self._first_step = 0

    def on_epoch_begin(self, epoch, logs=None):
        self._began = time.monotonic()
        self._first_step = self._progress.step

    def on_train_batch_end(self, batch, logs=None):
        # The last of several steps in one call may lie beyond the end of the line.
        done = self._first_step + min(batch + 1, self.params["steps"])
        self._progress.images += (done - self._progress.step) * self.model.images_per_step
        self._progress.step = done
        if self._stop.raised:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        progress = self._progress
        if self._announced != self.model.phase.name:
            self.announce(self.model.phase.name)
        progress.look_at_clock()
        steps = progress.step - self._first_step
        per_second = steps / max(1e-9, time.monotonic() - self._began)
        values = self._training_values(logs or {})
        self._refuse_not_finite(values)
        values |= self._weighted_shares(values)
        if self.model.images_per_step:
            values["throughput"] = per_second * self.model.images_per_step
        values["learning_rate"] = float(self.model.optimizer.learning_rate)
        if self._first_line:  # of this process: its speed is that of compiling
            values.pop("throughput", None)
            self._first_line = False
        else:
            self.steps_per_second = per_second
        # Looking at the very first line of a run would only make it later.
        if self._first_step > 0 or progress.complete:
            values |= self._watch.look(progress.step, last=progress.complete)
        self._writer.metrics(progress.step, progress.seconds, progress.images, values)
        if self._checkpoint_cadence.due(progress.step):
            started = time.monotonic()
            self.save()
            self._checkpoint_cadence.done(progress.step, started)
        if self._log_cadence.due(progress.step) or progress.complete:
            self._log(values)
            self._log_cadence.done(progress.step, time.monotonic())
        if progress.complete:
            self.model.stop_training = True

    def save(self) -> None:
        """Write a checkpoint of the weights as they are now. Raises NotFinite, OSError."""
        progress, watch = self._progress, self._watch
        state = captured(self.model)
        if not all_finite(state):
            raise NotFinite(["total"], progress.step)
        facts = Facts(
            step=progress.step,
            steps=progress.steps,
            seconds=progress.seconds,
            images=progress.images,
            best_step=watch.best_step,
            best_accuracy=watch.best_accuracy,
            measured=progress.measured,
        )
        self._checkpoints.write(Checkpoint(facts, state, watch.best))

    def announce(self, phase: str) -> None:
        """Say what the run is doing now; after the next line of metrics, that it is training."""
        self._announced = phase
        publish_progress(self._writer, self._progress, phase=phase)

    def _training_values(self, logs: dict) -> dict[str, float]:
        """What Keras logged, under the published names."""
        model = self.model
        values = {"loss/total": float(logs["loss"])}
        values |= {model.loss_name(term): float(logs[term]) for term in model.phase.terms}
        measured = [name for name in model.measures if float(model.means[name].count.numpy())]
        values |= {name: float(logs[name]) for name in measured}
        rows = float(logs["rows"])
        if rows > 0:
            values |= {"accuracy/train": float(logs["accuracy"]), "count/train": rows}
        return values

    def _weighted_shares(self, values: dict[str, float]) -> dict[str, float]:
        """Share of each weighted term in the loss, by size; nothing where there is but one."""
        model = self.model
        sizes = {
            term: abs(float(model.weight_of(term)) * values[model.loss_name(term)])
            for term in model.phase.terms
        }
        total = sum(sizes.values())
        if len(sizes) < 2 or not total:
            return {}
        return {f"weighted/{term}": size / total for term, size in sizes.items()}

    def _refuse_not_finite(self, values: dict[str, float]) -> None:
        named = {term: values[self.model.loss_name(term)] for term in self.model.phase.terms}
        guilty = [term for term, value in named.items() if not math.isfinite(value)]
        if guilty or not math.isfinite(values["loss/total"]):
            raise NotFinite(guilty or ["total"], self._progress.step)

    def _log(self, values: dict[str, float]) -> None:
        shown = ("loss/total", "accuracy/train", "accuracy/validation", "throughput")
        figures = ", ".join(f"{name} {values[name]:.4g}" for name in shown if name in values)
        log.info("step %d of %s: %s", self._progress.step, self._progress.steps or "?", figures)
