"""What an import says about a dataset beside its items."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import SkippedFile
from ssl_core.heads import Head


@dataclass(frozen=True)
class Description:
    """What the manifest says beside the figures that come from the items themselves."""

    identifier: str
    name: str
    source: str
    classes: Sequence[str] = ()
    resize_rule: str = ""
    original_sizes: dict[str, int] = field(default_factory=dict)
    skipped: Sequence[SkippedFile] = ()
    skipped_count: int | None = None
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Beside:
    """What lies beside the items: further answers and numbers, in the order of the items.

    references: of each head after the first, (count,), int32 or float64 as in `reference_of`.
    numeric: (count, columns), float32, NaN = missing.
    """

    heads: tuple[Head, ...] = ()  # the main head first; empty for images with classes alone
    references: Mapping[str, NDArray[np.int32] | NDArray[np.float64]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    numeric: NDArray[np.float32] | None = None

    def add_to(self, digest: "hashlib._Hash") -> None:
        """Make it part of a fingerprint. Nothing beside adds nothing: old fingerprints hold."""
        if not self.heads and not self.columns:
            return
        heads = [head.model_dump(mode="json") for head in self.heads]
        digest.update(json.dumps([heads, list(self.columns)]).encode())
        for _, answers in sorted(self.references.items()):
            digest.update(answers.tobytes())
        if self.numeric is not None:
            digest.update(self.numeric.tobytes())


NOTHING_BESIDE = Beside()
