"""Settings that make a method without need of labels train on some."""

from ssl_core.labels.draw import draw_labels
from ssl_core.labels.store import open_labels
from ssl_core.runs.plan import RunPlan, check_plan, warnings_of_plan
from ssl_core.workspace import Workspace
from tests.conftest import MakeDataset

TUNED = {"finetune_share": 0.2}


def plan(**values: object) -> RunPlan:
    return RunPlan.model_validate({"dataset": "tiny", "method": "iic", "steps": 5, **values})


def test_fine_tuning_without_labels_is_refused(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    assert check_plan(workspace, plan()) == [], "clusters alone need no label"
    (reason,) = check_plan(workspace, plan(configuration=TUNED))
    assert reason == (
        "No image is labelled yet, and a part of this run trains on labels. Label at least one "
        "image of each class first, or set its finetune share to 0."
    )
    draw_labels(dataset, open_labels(dataset), 2, 0)
    assert check_plan(workspace, plan(configuration=TUNED)) == []
    few = "too few labels for a validation part"
    assert few in warnings_of_plan(workspace, plan(configuration=TUNED))[0]
    assert not any(few in one for one in warnings_of_plan(workspace, plan()))
