"""A history of metrics for tests of alarms."""

from collections.abc import Mapping, Sequence
from typing import Any

from ssl_core.methods.alarms import History


def history(curves: Mapping[str, Sequence[float]], **about: Any) -> History:
    """What a run that published `curves` (oldest value first) would hand to a check.

    about: fields of History such as steps, share_done, classes, settings, guides.
    """
    return History(
        read=lambda metric, points: list(curves.get(metric, ()))[-points:],
        names=tuple(curves),
        **{"steps": 1000, "share_done": 0.5, **about},
    )
