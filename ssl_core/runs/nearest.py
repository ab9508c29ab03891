"""Pictures of several runs at one step, though each published at steps of its own."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from ssl_core.runs.folder import PanelInfo


def shared_panels(published: Sequence[Mapping[str, PanelInfo]], fewest: int = 2) -> dict[str, str]:
    """Name -> title of the panels that `fewest` runs or more have, in order of appearance.

    A name that stands for different kinds of picture is left out. published: by run.
    """
    found: dict[str, list[PanelInfo]] = {}
    for panels in published:
        for name, info in panels.items():
            found.setdefault(name, []).append(info)
    return {
        name: infos[0].title
        for name, infos in found.items()
        if len(infos) >= fewest and len({info.kind for info in infos}) == 1
    }


def steps_of(infos: Sequence[PanelInfo]) -> list[int]:
    """All steps that some run has a picture of, ascending."""
    return sorted({step for info in infos for step in info.steps})


def nearest_step(steps: Sequence[int], wanted: int) -> int:
    """The one of `steps` (ascending, one at least) nearest to `wanted`; of two, the earlier."""
    place = bisect_left(steps, wanted)
    around = steps[max(0, place - 1) : place + 1]
    return min(around, key=lambda step: (abs(step - wanted), step))
