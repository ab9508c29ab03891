"""A study of label costs: methods, numbers of labels, draws and seeds, and the runs they make."""

import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.errors import UserError
from ssl_core.files import replace_bytes
from ssl_core.labels.given import GivenLabels, label_order
from ssl_core.labels.store import open_labels
from ssl_core.runs.plan import RunPlan
from ssl_core.runs.request import StudyCell
from ssl_core.studies.check import MOST_RUNS, check_settings, runs_of_settings
from ssl_core.studies.settings import StudySettings
from ssl_core.workspace import Workspace, checked_identifier

STUDY = "study.json"


class Cell(NamedTuple):
    """One run of a study. budget: None for all reference labels."""

    method: str
    budget: int | None
    draw: int
    seed: int


class Study(BaseModel):
    """`study.json`: written when the study is made, and again when it is paused or goes on."""

    model_config = ConfigDict(frozen=True)
    format: int = 1
    name: str
    identity: str
    created: str  # ISO 8601, UTC
    dataset_name: str
    noun_plural: str  # "images" or "texts"
    fingerprint: str
    settings: StudySettings
    orders: tuple[tuple[int, ...], ...]  # items by draw: a budget takes the first of them
    held_out: tuple[int, ...]  # items whose labels every run gets for its test figure
    paused: bool = False

    def cells(self) -> Iterator[Cell]:
        """All runs in the order in which they are made: one draw after the other, last the ceiling.

        Stopped early, a study so has whole curves of fewer draws.
        """
        asked = self.settings
        for draw in range(asked.draws):
            for budget in asked.budgets:
                for method in asked.all_methods:
                    for seed in asked.seeds:
                        yield Cell(method, budget, draw, seed)
        if asked.ceiling:
            for seed in asked.seeds:
                yield Cell(asked.baseline, None, 0, seed)

    def plan(self, dataset: Dataset, cell: Cell) -> RunPlan:
        """What the run of a cell is asked to do."""
        return RunPlan(
            dataset=self.settings.dataset,
            method=cell.method,
            configuration=self.settings.configurations.get(cell.method, {}),
            steps=self.settings.steps_of(cell.method),
            seeds=(cell.seed,),
            device=self.settings.device,
            given=self._labels(dataset, cell),
            cell=StudyCell(
                study=self.name, identity=self.identity, budget=cell.budget, draw=cell.draw
            ),
        )

    def _labels(self, dataset: Dataset, cell: Cell) -> GivenLabels:
        """A smaller budget of the same draw is part of every larger one, each label in its role."""
        if cell.budget is None:
            order, held_out = label_order(dataset, open_labels(dataset), "reference", 0)
            items = tuple([*order.tolist(), *held_out.tolist()])
            return GivenLabels(kind="reference", items=items, title="all reference labels")
        kind = self.settings.kind
        items = (*self.orders[cell.draw][: cell.budget], *self.held_out)
        title = "the oldest labels" if kind == "hand" else f"reference labels, draw {cell.draw + 1}"
        return GivenLabels(kind=kind, items=items, title=title)


def create_study(workspace: Workspace, settings: StudySettings, name: str = "") -> Study:
    """Write the folder of a study, without starting anything; the same again is the same study.

    name: an identifier; empty for one made of the settings. Raises UserError where it cannot be
    done or another study has the name.
    """
    settings = settings.in_order()
    chosen = checked_identifier(name or settings.name)
    known = workspace.studies / chosen / STUDY
    if known.exists():
        study = read_study(workspace, chosen)
        if study.settings != settings:
            raise UserError(
                f"There is a study {chosen!r} with other settings. Choose another name."
            )
        return study
    reasons = check_settings(workspace, settings)
    if reasons:
        raise UserError(" ".join(reasons))
    study = _new(open_dataset(workspace, settings.dataset), settings, chosen)
    known.parent.mkdir(parents=True, exist_ok=True)
    write_study(workspace, study)
    return study


def _new(dataset: Dataset, settings: StudySettings, name: str) -> Study:
    """The items are chosen now: what is labelled or corrected later does not move them."""
    store, most = open_labels(dataset), max(settings.budgets)
    drawn = [label_order(dataset, store, settings.kind, draw) for draw in range(settings.draws)]
    return Study(
        name=name,
        identity=secrets.token_hex(6),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        dataset_name=dataset.manifest.name,
        noun_plural=dataset.manifest.noun_plural,
        fingerprint=dataset.manifest.fingerprint,
        settings=settings,
        orders=tuple(tuple(order[:most].tolist()) for order, _ in drawn),
        held_out=tuple(drawn[0][1].tolist()),
    )


def write_study(workspace: Workspace, study: Study) -> None:
    path = workspace.studies / study.name / STUDY
    replace_bytes(path, study.model_dump_json(indent=1).encode())


def read_study(workspace: Workspace, name: str) -> Study:
    """Raises UserError where there is none, or it is damaged."""
    path = workspace.studies / checked_identifier(name) / STUDY
    if not path.exists():
        raise UserError(f"There is no study {name!r} in this workspace. Look in the list of them.")
    return _read(path)


def list_studies(workspace: Workspace, dataset: str | None = None) -> list[Study]:
    """Every readable study, newest first; with `dataset` only those on it."""
    found = []
    for path in workspace.studies.glob(f"*/{STUDY}"):
        with suppress(UserError):
            found.append(_read(path))
    chosen = [one for one in found if dataset in (None, one.settings.dataset)]
    return sorted(chosen, key=lambda one: (one.created, one.name), reverse=True)


def _read(path: Path) -> Study:
    try:
        study = Study.model_validate_json(path.read_bytes())
        # It may come from elsewhere, and is written again to the folder that has this name.
        if study.name != path.parent.name:
            raise ValueError(f"the study in {path.parent.name} is called {study.name[:60]!r}")
        if runs_of_settings(study.settings) > MOST_RUNS:
            raise ValueError("more runs than a study may make")
        return study
    except (OSError, ValueError) as error:
        raise UserError(
            f"The study {path.parent.name!r} is damaged: its {STUDY} cannot be read. Delete its "
            "folder and make it again; finished runs stay in the list of runs."
        ) from error
