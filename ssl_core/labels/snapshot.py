"""The labels that a run is given, each with its role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.errors import UserError
from ssl_core.labels.classes import MOST_CLASSES
from ssl_core.labels.store import LabelStore
from ssl_core.runs.request import SnapshotSummary, TrainedClass, TrainedHead

TRAIN_ROLE, VALIDATION_ROLE, HELD_OUT_ROLE = range(3)
Values = NDArray[np.int32] | NDArray[np.float64]


@dataclass(frozen=True)
class UsableHead:
    """The labels of one head at one moment, before any role is drawn.

    items: (n,), int64, index into the dataset, ascending, none of the test split.
    values: (n,), int32, index into the classes of the head; of a regression head float64.
    """

    head: TrainedHead
    items: NDArray[np.int64]
    values: Values


@dataclass(frozen=True)
class HeadLabels(UsableHead):
    """The labels of one head as a run sees them. roles: (n,), uint8, as in `Snapshot`."""

    roles: NDArray[np.uint8]


@dataclass(frozen=True)
class UsableLabels:
    """The labels of one moment, before any role is drawn. `held_out` is fixed by the dataset.

    main: categorical or binary. held_out: (count,), bool, of every item of the dataset.
    order: (n,), int64, the items of `main` as they were chosen one after the other; None where
    they were not. reference: as in `SnapshotSummary`.
    """

    main: UsableHead
    others: tuple[UsableHead, ...]
    held_out: NDArray[np.bool_]
    last_event: int
    taken: datetime
    source: str = ""  # where they come from, where they are not all labels of the store
    order: NDArray[np.int64] | None = None
    reference: bool = False


@dataclass(frozen=True)
class Snapshot:
    """Labels as a run sees them. Later changes to the store do not reach it.

    items: (n,), int64, index into the dataset, ascending, none of the test split.
    values: (n,), int32, index into `classes`.
    roles: (n,), uint8: 0 train, 1 validation, 2 held-out; of an item the same in every head.
    head: the main one; its classes are all that the person offers, also without a label yet.
    others: the further heads, with items and roles of their own.
    """

    items: NDArray[np.int64]
    values: NDArray[np.int32]
    roles: NDArray[np.uint8]
    head: TrainedHead
    others: tuple[HeadLabels, ...]
    summary: SnapshotSummary

    @property
    def classes(self) -> tuple[TrainedClass, ...]:
        """The classes of the main head."""
        return self.head.classes

    @property
    def heads(self) -> tuple[TrainedHead, ...]:
        """All heads, the main one first; none where nobody has named a class yet."""
        return (self.head, *(other.head for other in self.others)) if self.classes else ()


def take_snapshot(
    dataset: Dataset,
    store: LabelStore,
    validation_share: float,
    seed: int,
    heads: Sequence[str] = (),
) -> Snapshot:
    """The labels of now, with their roles. `heads`: as for `usable_labels`."""
    return draw_roles(usable_labels(dataset, store, heads), validation_share, seed)


def usable_labels(dataset: Dataset, store: LabelStore, heads: Sequence[str] = ()) -> UsableLabels:
    """The labels of now that a run may be given: of live classes, none of the test split.

    heads: names, the first becomes the main one; empty for the main one of the dataset alone.
    Raises UserError where there is no such head.
    """
    last_event = store.last_event()
    main, *others = [_usable(dataset, store, name) for name in (heads or (store.head().name,))]
    taken = datetime.now(UTC)
    return UsableLabels(main, tuple(others), dataset.held_out, last_event, taken)


def _usable(dataset: Dataset, store: LabelStore, name: str) -> UsableHead:
    head, current, live = store.head(name), store.current(name), store.classes(name)
    usable = np.asarray(dataset.splits)[current.items] != TEST
    values: Values = current.values
    if head.kind != "regression":
        # A class merged between the two reads is left for the next snapshot.
        index_of = {one.identifier: index for index, one in enumerate(live)}
        usable &= np.isin(current.values, list(index_of))
        values = np.array([index_of.get(value, -1) for value in values.tolist()], np.int32)
    trained = TrainedHead(
        name=head.name,
        title=head.title,
        kind=head.kind,
        unit=head.unit,
        classes=tuple(
            TrainedClass(identifier=one.identifier, name=one.name, colour=one.colour)
            for one in live
        ),
    )
    return UsableHead(trained, current.items[usable], values[usable])


def draw_roles(labels: UsableLabels, validation_share: float, seed: int) -> Snapshot:
    """A snapshot of `labels`. Held-out items stay held out; validation is drawn by `seed`.

    `validation_share` in [0, 0.5] is the share of each class's other labels that is kept from
    training, rounded; at least one label of a class stays in training, and never fewer than half.
    Items that only further heads have labels of are drawn from together, by the same rule.
    Where `labels` have an order, it takes the place of the seed, and the role of an item hangs on
    those before it alone: with more labels of the same order none changes its role.
    """
    main = labels.main
    if main.values.dtype != np.int32:
        raise UserError(
            f"The first head {main.head.title!r} is answered with numbers. Expected one with "
            "classes first."
        )
    classes = main.values.astype(np.int32)
    role_of = np.where(labels.held_out, HELD_OUT_ROLE, TRAIN_ROLE).astype(np.uint8)
    class_of = np.full(len(role_of), -1, np.int32)
    class_of[main.items] = classes
    for index in np.unique(classes).tolist():
        if labels.order is None:
            _draw_validation(role_of, main.items[classes == index], validation_share, [seed, index])
        else:
            members = labels.order[class_of[labels.order] == index]
            _take_validation(role_of, members, validation_share)
    rest = [np.setdiff1d(other.items, main.items) for other in labels.others]
    if rest:
        _draw_validation(
            role_of, np.unique(np.concatenate(rest)), validation_share, [seed, MOST_CLASSES]
        )
    others = tuple(
        HeadLabels(other.head, other.items, other.values, role_of[other.items])
        for other in labels.others
    )
    roles = role_of[main.items]
    return Snapshot(main.items, classes, roles, main.head, others, _summary(labels, roles))


def _draw_validation(
    role_of: NDArray[np.uint8], items: NDArray[np.int64], share: float, key: list[int]
) -> None:
    """Give some of `items` (n,) the validation role in `role_of` (count,); the draw of one class
    does not depend on the others."""
    members = items[role_of[items] != HELD_OUT_ROLE]
    wanted = _wanted(share, len(members))
    role_of[np.random.default_rng(key).permutation(members)[:wanted]] = VALIDATION_ROLE


def _take_validation(role_of: NDArray[np.uint8], ordered: NDArray[np.int64], share: float) -> None:
    """As `_draw_validation`, of items (n,) in an order: one as soon as one more is wanted."""
    members = ordered[role_of[ordered] != HELD_OUT_ROLE]
    wanted = [_wanted(share, number) for number in range(len(members) + 1)]
    role_of[members[np.diff(wanted) > 0]] = VALIDATION_ROLE


def _wanted(share: float, number: int) -> int:
    """How many of `number` labels are for validation; with one label more, at most one more."""
    return min(int(share * number + 0.5), number // 2)


def _summary(labels: UsableLabels, roles: NDArray[np.uint8]) -> SnapshotSummary:
    main = labels.main
    counts = np.bincount(main.values.astype(np.int64), minlength=len(main.head.classes))
    return SnapshotSummary(
        title=f"{len(main.items):,} labels, "
        + (labels.source or f"{labels.taken.astimezone():%Y-%m-%d %H:%M}"),
        taken=labels.taken.isoformat(timespec="seconds"),
        train=int(np.count_nonzero(roles == TRAIN_ROLE)),
        validation=int(np.count_nonzero(roles == VALIDATION_ROLE)),
        held_out=int(np.count_nonzero(roles == HELD_OUT_ROLE)),
        per_class={one.name: int(counts[index]) for index, one in enumerate(main.head.classes)},
        others={other.head.title: len(other.items) for other in labels.others},
        last_event=labels.last_event,
        source=labels.source,
        reference=labels.reference,
    )
