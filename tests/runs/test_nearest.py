"""Pictures of several runs at one step."""

import pytest

from ssl_core.runs.folder import PanelInfo
from ssl_core.runs.nearest import nearest_step, shared_panels, steps_of


def panel(name: str, *steps: int, kind: str = "matrix") -> PanelInfo:
    return PanelInfo(name, kind, name.title(), "", False, list(steps), {})


@pytest.mark.parametrize(
    ("wanted", "found"),
    [(0, 10), (10, 10), (14, 10), (15, 10), (16, 20), (39, 40), (999, 40), (30, 20)],
)
def test_the_nearest_step_of_two_as_near_the_earlier(wanted: int, found: int) -> None:
    assert nearest_step([10, 20, 40], wanted) == found


def test_pictures_that_two_runs_share_at_all_steps_of_any() -> None:
    one = {info.name: info for info in (panel("confusion", 1, 5), panel("alone", 1))}
    grid = panel("odd", 3, kind="image_grid")
    other = {info.name: info for info in (panel("confusion", 2, 5), grid)}
    third = {"odd": panel("odd", 3)}
    assert shared_panels([one, other, third]) == {"confusion": "Confusion"}
    alone = {"confusion": "Confusion", "alone": "Alone"}
    assert shared_panels([one, other, third], fewest=1) == alone, "a name of two kinds is none"
    assert steps_of([one["confusion"], other["confusion"]]) == [1, 2, 5]
