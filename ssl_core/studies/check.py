"""Whether a study can be done."""

from collections.abc import Iterator

from ssl_core.datasets.dataset import open_dataset
from ssl_core.errors import UserError
from ssl_core.labels.given import GivenLabels, label_order
from ssl_core.labels.store import open_labels
from ssl_core.methods import method_named
from ssl_core.runs.plan import RunPlan, check_plan
from ssl_core.studies.settings import StudySettings
from ssl_core.workspace import Workspace

MOST_RUNS = 500
MOST_DRAWS = 20
FEWEST_LABELS = 2


def runs_of_settings(settings: StudySettings) -> int:
    """How many runs a study makes."""
    curves = len(settings.all_methods) * len(settings.budgets) * settings.draws
    return (curves + settings.ceiling) * len(settings.seeds)


def check_settings(workspace: Workspace, settings: StudySettings) -> list[str]:
    """The reasons for which a study is impossible, in plain words; none where it is fine."""
    try:
        wrong = list(_numbers(settings)) or list(_methods(settings))
        return wrong or list(_material(workspace, settings))
    except UserError as error:
        return [str(error)]


def _numbers(settings: StudySettings) -> Iterator[str]:
    budgets = settings.budgets
    if not settings.methods:
        yield "No method is given. Choose one or more."
    if not budgets or list(budgets) != sorted(set(budgets)):
        yield (
            f"Received the label budgets {', '.join(map(str, budgets)) or 'none'}. Expected "
            "numbers of labels that grow, such as 20, 50, 100."
        )
    elif budgets[0] < FEWEST_LABELS:
        yield f"Received a budget of {budgets[0]} labels, expected at least {FEWEST_LABELS}."
    if not 1 <= settings.draws <= MOST_DRAWS:
        yield f"Received {settings.draws} draws, expected 1 to {MOST_DRAWS}."
    elif settings.kind == "hand" and settings.draws > 1:
        yield (
            f"Labels in the order in which they were given make one draw, received "
            f"{settings.draws}. Ask for 1 draw and several seeds, or simulate with reference "
            "labels."
        )
    number = runs_of_settings(settings)
    if number > MOST_RUNS:
        yield (
            f"The study would make {number:,} runs, at most {MOST_RUNS} are made. Choose fewer "
            "methods, budgets, draws or seeds."
        )


def _methods(settings: StudySettings) -> Iterator[str]:
    absent = {*settings.configurations, *settings.own_steps} - set(settings.all_methods)
    if absent:
        yield (
            f"Settings are given for {', '.join(sorted(absent))}, and the study compares "
            f"{', '.join(settings.all_methods)}. Leave them out, or add the method."
        )
    for name in settings.all_methods:
        needs = method_named(name).needs
        if not needs.uses_items or needs.heads[0] > 1:
            yield (
                f"{method_named(name).title} does not answer one question about every item, so it "
                "has no accuracy to compare. Leave it out."
            )


def _material(workspace: Workspace, settings: StudySettings) -> Iterator[str]:
    """Expects methods that are known."""
    dataset = open_dataset(workspace, settings.dataset)
    store = open_labels(dataset)
    order, held_out = label_order(dataset, store, settings.kind, 0)
    most, smallest = settings.budgets[-1], settings.budgets[0]
    if most > len(order):
        known = "reference labels are known" if settings.kind == "reference" else "labels are given"
        yield (
            f"A budget of {most:,} labels cannot be filled: {len(order):,} {known} outside the "
            "test and the held-out part. Choose smaller budgets, or label more."
        )
        return
    if settings.ceiling and not len(label_order(dataset, store, "reference", 0)[0]):
        yield (
            f"{dataset.manifest.name} came without reference labels, so there is no ceiling to "
            "train. Leave it out."
        )
    items = tuple([*order[:smallest].tolist(), *held_out.tolist()])
    given = GivenLabels(kind=settings.kind, items=items, title=f"{smallest} labels")
    told = set()
    for method in settings.all_methods:
        plan = RunPlan(
            dataset=settings.dataset,
            method=method,
            configuration=settings.configurations.get(method, {}),
            steps=settings.steps_of(method),
            seeds=settings.seeds,
            device=settings.device,
            given=given,
        )
        for reason in check_plan(workspace, plan):
            if reason not in told:  # most are about all methods
                told.add(reason)
                yield reason
