"""Items that somebody sent to the front of everybody's queue, until they are answered."""

import sqlite3
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ssl_core.labels.head_table import find_head, read_heads

REASON_LENGTH = 200  # characters
_APART = 1e-6  # seconds between items sent together, so that they keep their order


def send(
    items: Sequence[int], reason: str, kept_aside: NDArray[np.bool_]
) -> Callable[[sqlite3.Connection], int]:
    """A write that sends `items` of a dataset, and returns how many were added.

    Left out: what was sent already, and items `kept_aside` (count,) for the test figure that
    nobody has answered the main head of yet, for those are drawn at random only
    (docs/decisions/0010).
    """

    def work(connection: sqlite3.Connection) -> int:
        main = find_head(read_heads(connection), None).name
        labelled = {
            item
            for (item,) in connection.execute(
                "SELECT DISTINCT item FROM current "
                "WHERE kind = 'label' AND value IS NOT NULL AND head = ?",
                (main,),
            )
        }
        now = time.time()
        rows = [
            (item, now + place * _APART, reason[:REASON_LENGTH])
            for place, item in enumerate(dict.fromkeys(items))
            if item in labelled or not kept_aside[item]
        ]
        (before,) = connection.execute("SELECT COUNT(*) FROM sent").fetchone()
        connection.executemany("INSERT OR IGNORE INTO sent VALUES (?, ?, ?)", rows)
        (after,) = connection.execute("SELECT COUNT(*) FROM sent").fetchone()
        return int(after - before)

    return work


def read_sent(connection: sqlite3.Connection) -> dict[int, str]:
    """Item -> why it was sent, the longest ago first; those sent together keep their order."""
    return dict(connection.execute("SELECT item, reason FROM sent ORDER BY created"))
