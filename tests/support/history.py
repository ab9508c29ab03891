"""A history of metrics for tests of alarms."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ssl_core.methods.alarms import History


def history(curves: Mapping[str, Sequence[float]], **about: Any) -> History:
    """What a run that published `curves` (oldest value first) would hand to a check.

    The curves end at the same line; NaN stands for a line without the metric.
    about: fields of History such as steps, share_done, classes, settings, guides.
    """

    def read(metric: str, points: int, lines_later: int = 0) -> list[float]:
        curve = list(curves.get(metric, ()))
        known = [value for value in curve[: len(curve) - lines_later] if math.isfinite(value)]
        return known[max(0, len(known) - points) :]

    def read_until(metric: str, points: int, other: str) -> list[float]:
        places = [
            later
            for later, value in enumerate(reversed(curves.get(other, ())))
            if math.isfinite(value)
        ]
        return read(metric, points, places[0]) if places else []

    return History(
        read=read,
        read_until=read_until,
        names=tuple(curves),
        **{"steps": 1000, "share_done": 0.5, **about},
    )
