"""One training from its folder to its results. Importing this imports Keras and TensorFlow."""

import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path

import keras

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.errors import UserError
from ssl_core.methods import build_model, method_named, validated
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.phase_starts import PhaseStart
from ssl_core.runs.request import RunRequest
from ssl_core.runs.status import Results
from ssl_core.runs.writer import RunWriter
from ssl_core.training.backend import prepare_backend, steps_per_execution
from ssl_core.training.checkpoints import CheckpointStore
from ssl_core.training.data import TrainingData, task_of, training_data
from ssl_core.training.diagnostics import classifier_guides
from ssl_core.training.finish import finished
from ssl_core.training.inputs import inputs_of
from ssl_core.training.lifecycle import StopFlag
from ssl_core.training.model import Batch, MethodModel
from ssl_core.training.optimizer import CosineToZero, make_optimizer
from ssl_core.training.phases import Span, begun, phase_at
from ssl_core.training.pipeline import Stream, batches
from ssl_core.training.progress import (
    MEASURED_LINES,
    MEASURED_SECONDS,
    Progress,
    longest_seconds,
    planned_steps,
    steps_of_a_line,
    whole_executions,
)
from ssl_core.training.publisher import Publisher
from ssl_core.training.state import restored
from ssl_core.training.truth import NOTHING_TO_MAP, figure_truth, hidden_labels, mapping_labels
from ssl_core.training.watch import Watch, probe_of
from ssl_core.workspace import Workspace

CHECKPOINTS = "checkpoints"
FIT_SECONDS = 60.0  # after that long, the length of a line is measured again
PROBE_ROWS = 32
log = logging.getLogger(__name__)


@dataclass
class Session:
    """Everything that one training needs at hand."""

    request: RunRequest
    dataset: Dataset
    data: TrainingData
    model: MethodModel
    schedule: CosineToZero
    watch: Watch
    publisher: Publisher
    writer: RunWriter
    progress: Progress
    stop: StopFlag


def train(folder: Path, writer: RunWriter, progress: Progress, stop: StopFlag) -> Results:
    """Train the run in `folder` to its end, from its newest checkpoint where it has one.

    Raises Stopped after a checkpoint when it was asked to stop, NotFinite, UserError, OSError.
    """
    session = prepared(folder, writer, progress, stop)
    stop.check()
    session.publisher.announce("compiling")
    progress.started = time.monotonic()
    try:
        fit_all(session)
        session.publisher.save()
    finally:
        progress.earlier_seconds, progress.started = progress.seconds, None
    if not progress.complete:
        stop.check()
    session.publisher.announce("evaluating")
    known = session.dataset, session.request, session.data
    mapping = mapping_labels(*known) if session.model.named_afterwards else NOTHING_TO_MAP
    return finished(session.watch, session.data, figure_truth(*known), mapping, writer, stop)


def prepared(folder: Path, writer: RunWriter, progress: Progress, stop: StopFlag) -> Session:
    """Open the data, build the model, and put back the newest checkpoint."""
    request = RunFolder(folder).request()
    prepare_backend(request.device, request.seed)
    dataset = _same_dataset(Workspace(folder.parent.parent), request)
    configuration = validated(method_named(request.method), request.configuration)
    inputs, vocabulary = inputs_of(dataset, configuration, folder)
    data = training_data(dataset, RunFolder(folder).labels(), inputs, request.heads)
    task = task_of(dataset, request, data, len(vocabulary))
    model: MethodModel = build_model(request.method, configuration, task)
    schedule = CosineToZero(configuration.learning_rate, request.steps)
    on_tensorflow = keras.backend.backend() == "tensorflow"
    model.compile(
        optimizer=make_optimizer(configuration, schedule),
        # On the CPU XLA compiles TensorFlow's convolutions slowly and runs them no faster.
        jit_compile=False if on_tensorflow else "auto",
        steps_per_execution=steps_per_execution(request.device),
    )
    batch = _first_batch(data, model, request.seed)
    model.build_for(batch)
    model.optimizer.build(model.trainable_variables)
    names = tuple(known.name for known in request.classes)
    probe = probe_of(data, hidden_labels(dataset, request), names, request.all_heads)
    watch = Watch(model, data, probe, batch, writer)
    writer.guides(classifier_guides(model) | model.guides)
    store = CheckpointStore(folder / CHECKPOINTS)
    publisher = Publisher(writer, progress, stop, watch, store)
    publisher.set_model(model)
    session = Session(
        request, dataset, data, model, schedule, watch, publisher, writer, progress, stop
    )
    _resume(session, store)
    return session


def _resume(session: Session, store: CheckpointStore) -> None:
    """Go back to the newest whole checkpoint; what was published after it is dropped."""
    newest = store.newest()
    progress, watch = session.progress, session.watch
    progress.step, progress.images, progress.earlier_seconds = 0, 0, 0.0
    progress.steps, progress.measured = session.request.steps, 0
    progress.longest = longest_seconds(session.request.minutes)
    if newest is not None:
        facts = newest.facts
        restored(session.model, newest.state)
        progress.step, progress.images = facts.step, facts.images
        progress.earlier_seconds = facts.seconds
        progress.steps, progress.measured = facts.steps, facts.measured
        watch.best_step, watch.best_accuracy = facts.best_step, facts.best_accuracy
        watch.best = newest.best
        log.info("going on from step %d", facts.step)
    progress.look_at_clock()
    if progress.steps is not None:
        watch.plan(progress.steps)
    _enter(session, _span_of_now(session))
    session.writer.truncate_metrics(progress.step)


def fit_all(session: Session) -> None:
    """Train to the last step or until asked to stop. Each `fit` is a stretch of a few lines."""
    progress, publisher, model = session.progress, session.publisher, session.model
    while not progress.complete and not session.stop.raised:
        span = _span_of_now(session)
        session.watch.span = span
        if span.first == progress.step and span.first > 0:
            _begin(session, span)
        first = progress.step
        count, lines = _next_stretch(session, span)
        steps = range(first, first + count * lines)
        model.fit(
            batches(
                session.data,
                model.streams(),
                model.configuration,
                session.request.seed,
                steps,
                (span.first, span.end),
            ),
            steps_per_epoch=count,
            epochs=lines,
            shuffle=False,
            verbose=0,
            callbacks=[publisher],
        )
        _fix_total(session)


def _span_of_now(session: Session) -> Span:
    """The phase of the next step. A count of steps that comes late never leaves a phase behind:
    the next one begins with the step after, so that each is begun at its first step.
    """
    progress = session.progress
    return phase_at(session.model.phases, progress.step, progress.steps, progress.measured)


def _begin(session: Session, span: Span) -> None:
    """Enter a later phase: its model, its schedule, an optimizer that has forgotten the last."""
    keras.utils.set_random_seed((session.request.seed + span.first) % 2**32)
    session.publisher.announce(f"preparing {span.phase.name}")
    averaged = session.watch.averaged
    averaged.refresh()
    session.model.begin(
        span.phase, session.data, lambda items: averaged.probabilities(session.data, items)
    )
    session.model.optimizer.restart()
    _enter(session, span)


def _enter(session: Session, span: Span) -> None:
    """Make the model take the steps of a phase; what Keras compiled was for the one before."""
    model, progress = session.model, session.progress
    session.schedule.plan(span.steps, span.phase.rate)
    if len(model.phases) > 1:
        spans = begun(model.phases, progress.step, progress.steps, progress.measured)
        session.writer.phases([PhaseStart(one.phase.name, one.first) for one in spans])
    if model.phase != span.phase:
        model.phase = span.phase
        model.train_function = None
        session.watch.batch = _first_batch(session.data, model, session.request.seed)
        session.publisher.steps_per_second = None


def _next_stretch(session: Session, span: Span) -> tuple[int, int]:
    """Steps in a line and how many such lines to train now.

    The first few lines are as short as can be, so that the first figure is on screen at once.
    """
    progress, speed = session.progress, session.publisher.steps_per_second
    remaining = None if span.end is None else span.end - progress.step
    together = session.model.steps_per_execution
    if speed is None:
        count = whole_executions(1, together, remaining)
        return count, min(MEASURED_LINES, (remaining or math.inf) // count)
    count = whole_executions(steps_of_a_line(speed, remaining), together, remaining)
    if remaining is None:
        return count, max(1, math.ceil(MEASURED_SECONDS * speed / count))
    return count, max(1, min(remaining // count, math.ceil(FIT_SECONDS * speed / count)))


def _fix_total(session: Session) -> None:
    """Give a budget in minutes its number of steps, once, as soon as the speed is known."""
    progress, speed = session.progress, session.publisher.steps_per_second
    minutes = session.request.minutes
    first_lines = MEASURED_LINES * session.model.steps_per_execution
    measured = progress.step > first_lines and speed is not None
    if progress.steps is not None or minutes is None or not measured:
        return
    progress.steps = planned_steps(minutes, progress.seconds, progress.step, speed)
    progress.measured = progress.step
    # There is a step left at least: where the time is over its line is the last, and looked at.
    progress.overtime = False
    session.watch.plan(progress.steps)
    _enter(session, _span_of_now(session))
    # The other backends read the total when they compile the step, so it is compiled again.
    if keras.backend.backend() != "tensorflow":
        session.model.train_function = None


def _first_batch(data: TrainingData, model: MethodModel, seed: int) -> Batch:
    """The first batch of the phase, at most 32 rows of each stream, to look at gradients with."""
    streams = tuple(
        Stream(s.name, s.source, min(s.batch_size, PROBE_ROWS), s.views) for s in model.streams()
    )
    first = next(iter(batches(data, streams, model.configuration, seed, range(1))))
    return keras.tree.map_structure(
        lambda tensor: keras.ops.convert_to_tensor(tensor.numpy()), first
    )


def _same_dataset(workspace: Workspace, request: RunRequest) -> Dataset:
    """The dataset that the run was made with. Raises UserError where it is another one now."""
    dataset = open_dataset(workspace, request.dataset)
    if dataset.manifest.fingerprint != request.fingerprint:
        raise UserError(
            f"The dataset {request.dataset!r} is no longer the one this run was made with. "
            "Start a new run."
        )
    return dataset
