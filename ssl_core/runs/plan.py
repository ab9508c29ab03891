"""What a person asks to be trained, and whether that is possible."""

import shutil
from collections import Counter
from collections.abc import Iterator

import numpy as np
from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.dataset import TEST, Dataset, open_dataset
from ssl_core.errors import UserError
from ssl_core.labels.given import GivenLabels
from ssl_core.labels.reference import reference_indices
from ssl_core.labels.snapshot import (
    HELD_OUT_ROLE,
    TRAIN_ROLE,
    VALIDATION_ROLE,
    Snapshot,
    UsableLabels,
    draw_roles,
)
from ssl_core.labels.store import open_labels
from ssl_core.methods import method_named, validated
from ssl_core.methods.base import Hyperparameters, MethodSpec
from ssl_core.runs.devices import list_devices
from ssl_core.runs.plan_heads import (
    LabelSource,
    chosen_heads,
    label_source,
    wrong_head_settings,
    wrong_heads,
)
from ssl_core.runs.request import StudyCell
from ssl_core.workspace import Workspace

DEFAULT_STEPS = 1000
MOST_SEEDS = 50
MOST_STEPS = 10_000_000
MOST_MINUTES = 7 * 24 * 60
LEAST_FREE_BYTES = 500 * 1024 * 1024


class RunPlan(BaseModel):
    """One method on one dataset, once for each seed. `check_plan` says whether it can be done."""

    model_config = ConfigDict(frozen=True)
    dataset: str
    method: str
    configuration: dict[str, bool | int | float | str] = {}  # what differs from the defaults
    steps: int | None = None  # exactly one of steps and minutes
    minutes: float | None = None
    seeds: tuple[int, ...] = (0,)
    device: str = "cpu"
    labels_of: str | None = None  # a run whose labels are taken again; None: the labels of now
    heads: tuple[str, ...] = ()  # the main one first; empty: see `chosen_heads`
    given: GivenLabels | None = None  # chosen items, in place of `labels_of` or the labels of now
    cell: StudyCell | None = None  # of the study that asks


def check_plan(workspace: Workspace, plan: RunPlan) -> list[str]:
    """The reasons for which the plan is impossible, in plain words; none where it is fine."""
    return [*_budget(plan), *_seeds(plan), *_machine(workspace, plan), *_material(workspace, plan)]


def warnings_of_plan(workspace: Workspace, plan: RunPlan) -> list[str]:
    """What is possible but will disappoint, in plain words. Expects a plan that can be done."""
    spec, dataset = method_named(plan.method), open_dataset(workspace, plan.dataset)
    configuration = validated(spec, plan.configuration)
    snapshot = snapshot_for(workspace, plan, configuration, plan.seeds[0])
    learns = spec.needs.labels or configuration.setting_for_labels
    warnings = _missing_labels(snapshot) if learns else []
    if spec.needs.uses_items and not _has_test_figure(dataset, snapshot):
        noun, many = dataset.manifest.noun, dataset.manifest.noun_plural
        warnings.append(
            f"No test {noun} has a known answer, and no label is held out yet: the run shows no "
            f"test accuracy. Label more {many}."
        )
    return warnings


def _missing_labels(snapshot: Snapshot) -> list[str]:
    """What a method that learns from labels will lack, in plain words."""
    missing = []
    if not np.any(snapshot.roles == VALIDATION_ROLE):
        missing.append(
            "There are too few labels for a validation part: the run shows no validation accuracy."
        )
    trained = Counter(snapshot.values[snapshot.roles == TRAIN_ROLE].tolist())
    names = [kind.name for index, kind in enumerate(snapshot.classes) if not trained[index]]
    if names:
        missing.append(f"Without any label, and so never predicted: {_some(names)}.")
    bare = [one.head.title for one in snapshot.others if not np.any(one.roles == TRAIN_ROLE)]
    if bare:
        missing.append(f"All labels are held out, and so nothing is learned of: {_some(bare)}.")
    return missing


def _has_test_figure(dataset: Dataset, snapshot: Snapshot) -> bool:
    """Whether an item of the test split, or without one a held-out label, can be counted."""
    tested = np.asarray(dataset.splits) == TEST
    if not np.any(tested):
        return bool(np.any(snapshot.roles == HELD_OUT_ROLE))
    head = snapshot.head
    known = reference_indices(dataset, open_labels(dataset), head.classes, head.name)
    return bool(np.any(known[tested] >= 0))


def snapshot_for(
    workspace: Workspace, plan: RunPlan, configuration: Hyperparameters, seed: int
) -> Snapshot:
    """The labels that the plan asks for, divided for one seed. Raises UserError."""
    return draw_roles(labels_for(workspace, plan), configuration.validation_share, seed)


def labels_for(workspace: Workspace, plan: RunPlan) -> UsableLabels:
    """The labels of now, or those that an earlier run was given. Raises UserError.

    Expects heads that `check_plan` has nothing against.
    """
    source = _source(workspace, plan, open_dataset(workspace, plan.dataset))
    return source.usable(chosen_heads(method_named(plan.method), plan.heads, source))


def _source(workspace: Workspace, plan: RunPlan, dataset: Dataset) -> LabelSource:
    return label_source(workspace, dataset, plan.labels_of, plan.given)


def _budget(plan: RunPlan) -> Iterator[str]:
    if plan.steps is not None and plan.minutes is not None:
        yield "Both steps and minutes are given. Choose one of them."
    elif plan.steps is not None:
        if not 1 <= plan.steps <= MOST_STEPS:
            yield f"Steps: received {plan.steps}, expected 1 to {MOST_STEPS:,}."
    elif plan.minutes is None:
        yield "No budget is given. Choose a number of steps or of minutes."
    elif not 0 < plan.minutes <= MOST_MINUTES:  # NaN fails this too
        yield f"Minutes: received {plan.minutes:g}, expected more than 0, at most {MOST_MINUTES}."


def _seeds(plan: RunPlan) -> Iterator[str]:
    if not plan.seeds:
        yield "No seed is given. One seed makes one run."
    if len(plan.seeds) > MOST_SEEDS:
        yield f"{len(plan.seeds)} seeds are too many at once, expected at most {MOST_SEEDS}."
    twice = [str(seed) for seed, count in Counter(plan.seeds).items() if count > 1]
    if twice:
        yield f"Given twice: seed {_some(twice)}. The same seed gives the same result."
    wrong = [str(seed) for seed in plan.seeds if not 0 <= seed < 2**31]
    if wrong:
        yield f"Seed {_some(wrong)} is out of range, expected 0 to {2**31 - 1}."


def _machine(workspace: Workspace, plan: RunPlan) -> Iterator[str]:
    known = [device.name for device in list_devices()]
    if plan.device not in known:
        yield f"There is no device {plan.device[:40]!r} here. Expected one of: {', '.join(known)}."
    free = shutil.disk_usage(workspace.root).free
    if free < LEAST_FREE_BYTES:
        yield (
            f"The disk of the workspace has {free // 2**20} MB free, a run needs "
            f"{LEAST_FREE_BYTES // 2**20}. Delete runs or data sets that are no longer needed."
        )


def _material(workspace: Workspace, plan: RunPlan) -> Iterator[str]:
    """Method, settings, dataset and labels; the later ones only where the earlier are right."""
    try:
        spec = method_named(plan.method)
        configuration = validated(spec, plan.configuration)
    except UserError as error:
        yield str(error)
        return
    try:
        dataset = open_dataset(workspace, plan.dataset)
        splits = np.asarray(dataset.splits)
        _ = dataset.reference_labels  # damaged arrays raise here
        _ = dataset.images if dataset.manifest.kind == "images" else dataset.texts_of([0])
    except UserError as error:
        yield str(error)
        return
    except (OSError, ValueError):
        yield f"The dataset {plan.dataset!r} is damaged. Delete it and import it again."
        return
    if spec.needs.uses_items and not np.any(splits != TEST):
        yield (
            f"Every {dataset.manifest.noun} of the dataset belongs to the test split: there is "
            "none to train on."
        )
        return
    if spec.needs.item not in ("any", dataset.manifest.noun):
        yield (
            f"{spec.title} learns from {spec.needs.item}s, and this dataset holds "
            f"{dataset.manifest.noun_plural}. Choose another method or another dataset."
        )
        return
    yield from _labels(workspace, plan, spec, dataset, configuration)


def _labels(
    workspace: Workspace,
    plan: RunPlan,
    spec: MethodSpec,
    dataset: Dataset,
    configuration: Hyperparameters,
) -> Iterator[str]:
    noun, many = dataset.manifest.noun, dataset.manifest.noun_plural
    try:
        source = _source(workspace, plan, dataset)
        wrong = wrong_heads(spec, plan.heads, source)
        if not wrong:
            heads = chosen_heads(spec, plan.heads, source)
            wrong = list(wrong_head_settings(configuration, heads, source))
        if wrong:
            yield from wrong
            return
        setting = configuration.setting_for_labels
        if not spec.needs.labels and not setting:
            return
        if not source.labelled:
            first = f"Label at least one {noun} of each class first"
            if spec.needs.labels:
                yield f"No {noun} is labelled yet. {first}."
            else:
                words = setting.replace("_", " ")
                yield (
                    f"No {noun} is labelled yet, and a part of this run trains on labels. {first}, "
                    f"or set its {words} to 0."
                )
            return
        # The seed moves labels between training and validation, never a class out of training.
        snapshot = snapshot_for(workspace, plan, configuration, seed=0)
    except UserError as error:
        yield str(error)
        return
    trained = np.unique(snapshot.values[snapshot.roles == TRAIN_ROLE])
    if len(trained) == 0:
        yield (
            f"No label is left to train on: all labelled {many} belong to the test split or are "
            f"held out for the test figure. Label more {many}."
        )
    elif len(trained) < spec.needs.minimum_classes:
        names = _some([snapshot.classes[index].name for index in trained.tolist()])
        yield (
            f"Only {len(trained)} class has labels to train on ({names}), expected at least "
            f"{spec.needs.minimum_classes}. Label {many} of another class."
        )


def _some(names: list[str], most: int = 8) -> str:
    """The names as a list for a sentence, cut after a few."""
    shown = ", ".join(name[:40] for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
