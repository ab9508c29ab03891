"""In which order the chosen kinds of run are shown."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.parts.runtext import labels_count, method_title
from ssl_core.runs.comparison import RunGroup

_KEYS: dict[str, Callable[[RunGroup], tuple[float | str, ...]]] = {
    "accuracy": lambda group: (-(group.accuracy.mean if group.accuracy else -1.0),),
    "method": lambda group: (method_title(group.request.method),),
    "labels": lambda group: (labels_count(group.request) or 0,),
    "training time": lambda group: (sum(r.status.seconds for r in group.runs) / len(group.runs),),
}
_AS_TICKED = "newest"


def in_chosen_order(groups: Sequence[RunGroup]) -> list[RunGroup]:
    """The groups sorted as the person wants: the best, the first by name or the least on top."""
    if len(groups) < 2:
        return list(groups)
    order = st.segmented_control(
        "Sorted by", [_AS_TICKED, *_KEYS], default=_AS_TICKED, required=True, key="group-order",
    )  # fmt: skip
    key = _KEYS.get(order or _AS_TICKED)
    return sorted(groups, key=key) if key else list(groups)
