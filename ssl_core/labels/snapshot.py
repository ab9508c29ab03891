"""The labels that a run is given, each with its role."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.labels.store import LabelStore
from ssl_core.runs.request import SnapshotSummary, TrainedClass

TRAIN_ROLE, VALIDATION_ROLE, HELD_OUT_ROLE = range(3)


@dataclass(frozen=True)
class Snapshot:
    """Labels as a run sees them. Later changes to the store do not reach it.

    items: (n,), int64, index into the dataset, ascending, none of the test split.
    values: (n,), int32, index into `classes`.
    roles: (n,), uint8: 0 train, 1 validation, 2 held-out.
    classes: every class that the person offers, also one without a label yet.
    """

    items: NDArray[np.int64]
    values: NDArray[np.int32]
    roles: NDArray[np.uint8]
    classes: tuple[TrainedClass, ...]
    summary: SnapshotSummary


@dataclass(frozen=True)
class UsableLabels:
    """The labels of one moment, before any role is drawn; items, values, classes as `Snapshot`.

    held_out: (n,), bool, fixed by the dataset.
    """

    items: NDArray[np.int64]
    values: NDArray[np.int32]
    held_out: NDArray[np.bool_]
    classes: tuple[TrainedClass, ...]
    last_event: int
    taken: datetime


def take_snapshot(
    dataset: Dataset, store: LabelStore, validation_share: float, seed: int
) -> Snapshot:
    """The labels of now, with their roles."""
    return draw_roles(usable_labels(dataset, store), validation_share, seed)


def usable_labels(dataset: Dataset, store: LabelStore) -> UsableLabels:
    """The labels of now that a run may be given: of live classes, none of the test split."""
    last_event = store.last_event()
    current = store.current()
    live = store.classes()
    index_of = {one.identifier: index for index, one in enumerate(live)}
    # A class merged between the two reads is left for the next snapshot.
    usable = np.asarray(dataset.splits)[current.items] != TEST
    usable &= np.isin(current.values, list(index_of))
    items = current.items[usable]
    values = np.array([index_of[value] for value in current.values[usable].tolist()], np.int32)
    classes = tuple(
        TrainedClass(identifier=one.identifier, name=one.name, colour=one.colour) for one in live
    )
    held_out = dataset.held_out[items]
    return UsableLabels(items, values, held_out, classes, last_event, datetime.now(UTC))


def draw_roles(labels: UsableLabels, validation_share: float, seed: int) -> Snapshot:
    """A snapshot of `labels`. Held-out items stay held out; validation is drawn by `seed`.

    `validation_share` in [0, 0.5] is the share of each class's other labels that is kept from
    training, rounded; at least one label of a class stays in training, and never fewer than half.
    """
    roles = _roles(labels.held_out, labels.values, validation_share, seed)
    counts = np.bincount(labels.values, minlength=len(labels.classes))
    summary = SnapshotSummary(
        title=f"{len(labels.items):,} labels, {labels.taken.astimezone():%Y-%m-%d %H:%M}",
        taken=labels.taken.isoformat(timespec="seconds"),
        train=int(np.count_nonzero(roles == TRAIN_ROLE)),
        validation=int(np.count_nonzero(roles == VALIDATION_ROLE)),
        held_out=int(np.count_nonzero(roles == HELD_OUT_ROLE)),
        per_class={one.name: int(counts[index]) for index, one in enumerate(labels.classes)},
        last_event=labels.last_event,
    )
    return Snapshot(labels.items, labels.values, roles, labels.classes, summary)


def _roles(
    held_out: NDArray[np.bool_], values: NDArray[np.int32], validation_share: float, seed: int
) -> NDArray[np.uint8]:
    """(n,), uint8 role of each label; the draw in one class does not depend on the others."""
    roles = np.where(held_out, HELD_OUT_ROLE, TRAIN_ROLE).astype(np.uint8)
    for value in np.unique(values).tolist():
        members = np.flatnonzero((values == value) & ~held_out)
        wanted = int(validation_share * len(members) + 0.5)
        wanted = min(wanted, len(members) // 2)
        chosen = np.random.default_rng([seed, value]).permutation(members)[:wanted]
        roles[chosen] = VALIDATION_ROLE
    return roles
