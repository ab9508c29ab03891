"""Two runs asked the same questions: is one of them better, or is it chance?"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.store import LabelStore
from ssl_core.runs.confusion import run_confusion
from ssl_core.runs.folder import RunFolder
from ssl_core.stats import mcnemar

CHANCE = 0.05  # a difference that chance makes less often than this is called one
Winner = Literal["first", "second", "nobody"]


@dataclass(frozen=True)
class PairedTest:
    """How two runs did on the same test items; the four counts add up to `count`."""

    both: int  # items that both have right
    only_first: int  # the first has right and the second wrong
    only_second: int
    neither: int
    left_out: int  # items that only one of them was tested on, or with another truth
    source: str  # where the truth comes from, for a person
    uses_reference_labels: bool

    @property
    def count(self) -> int:
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def chance(self) -> float:
        """How often a difference at least this large comes by chance, in [0, 1]."""
        return mcnemar(self.only_first, self.only_second)

    @property
    def winner(self) -> Winner:
        """Who is better; nobody where chance explains the difference."""
        if self.chance >= CHANCE:
            return "nobody"
        return "first" if self.only_first > self.only_second else "second"


def paired_test(
    dataset: Dataset, store: LabelStore, first: RunFolder, second: RunFolder
) -> PairedTest:
    """Count two finished runs of one dataset on the items that both are tested on.

    The truth is that of their test figures. Held-out hand labels may have grown or changed between
    two runs: only items that both know with the same class count. Raises UserError where there is
    nothing to count.
    """
    one, other = _marked(dataset, store, first), _marked(dataset, store, second)
    if one.head != other.head:
        raise UserError(
            f"The runs answer different questions, {one.head!r} and {other.head!r}. Choose two "
            "runs with the same first question."
        )
    _, here, there = np.intersect1d(one.items, other.items, return_indices=True)
    same = one.truth[here] == other.truth[there]
    if not same.any():
        raise UserError(
            "The two runs have no test item in common. Train both on the same labels, then "
            "compare them."
        )
    a, b = one.right[here][same], other.right[there][same]
    everything = len(np.union1d(one.items, other.items))
    return PairedTest(
        both=int(np.count_nonzero(a & b)),
        only_first=int(np.count_nonzero(a & ~b)),
        only_second=int(np.count_nonzero(~a & b)),
        neither=int(np.count_nonzero(~a & ~b)),
        left_out=everything - int(np.count_nonzero(same)),
        source=one.source,
        uses_reference_labels=one.uses_reference_labels,
    )


def verdict(test: PairedTest, first: str, second: str, noun: str) -> str:
    """The test in words. first, second: names of the runs; noun: "image" or "text"."""
    if test.only_first + test.only_second == 0:
        return f"Both are right and wrong on the same {_counted(test.count, noun)}: no difference."
    told = (
        f"{first} is right on {_counted(test.only_first, noun)} on which {second} is wrong, the "
        f"other way round {test.only_second:,}. "
    )
    told += f"Chance alone makes a difference at least this large in {_often(test.chance)}: "
    if test.winner == "nobody":
        return f"{told}a tie, as far as {_counted(test.count, noun)} can tell."
    return f"{told}{first if test.winner == 'first' else second} is better."


@dataclass(frozen=True)
class _Marked:
    """Test items of a run. items: (n,) ascending; truth: (n,) identifiers; right: (n,) bool."""

    head: str
    items: NDArray[np.int64]
    truth: NDArray[np.int64]
    right: NDArray[np.bool_]
    source: str
    uses_reference_labels: bool


def _marked(dataset: Dataset, store: LabelStore, folder: RunFolder) -> _Marked:
    """Raises UserError where the run cannot be tested."""
    found = run_confusion(dataset, store, folder)
    if found is None:
        raise UserError(
            f"{folder.title()} cannot be tested: it has not finished, answers in no classes, or "
            "there is no test item with a known class. Let it finish, or label more."
        )
    request = folder.request()
    order = np.argsort(found.items, kind="stable")
    identifiers = np.array([kind.identifier for kind in request.classes], np.int64)
    return _Marked(
        request.all_heads[0].name,
        found.items[order],
        identifiers[found.truth[order]],
        (found.truth == found.answers)[order],
        found.source,
        found.uses_reference_labels,
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _often(chance: float) -> str:
    """A chance in [0, 1] as per cent of cases: '0.5 % of cases'."""
    if chance < 0.0001:
        return "less than 0.01 % of cases"
    return f"{100 * chance:.2g} % of cases" if chance < 0.1 else f"{100 * chance:.0f} % of cases"
