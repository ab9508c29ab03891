"""Waiting for work that is done in a process of its own."""

import time
from collections.abc import Callable

from ssl_core.datasets.progress import FINAL_STATES, ImportProgress


def ended(look: Callable[[], ImportProgress], seconds: float = 200) -> ImportProgress:
    """How a job ended."""
    end = time.monotonic() + seconds
    while (progress := look()).state not in FINAL_STATES:
        assert time.monotonic() < end, progress
        time.sleep(0.05)
    return progress
