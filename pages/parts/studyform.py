"""What a new study of label costs is to do, as widgets."""

import re

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.planform import device_choice, seeds_choice
from pages.parts.runtext import method_title
from pages.parts.session import show_error, workspace
from pages.parts.studysettings import method_settings, steps_text
from pages.parts.words import counted
from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.given import LabelKind
from ssl_core.labels.store import open_labels
from ssl_core.methods import catalogue
from ssl_core.runs.plan import MOST_STEPS
from ssl_core.studies.check import MOST_DRAWS, runs_of_settings
from ssl_core.studies.progress import advance
from ssl_core.studies.settings import StudySettings
from ssl_core.studies.study import Study, create_study

_KINDS: dict[LabelKind, str] = {
    "reference": "Reference labels",
    "hand": "Your labels",
}
_FIRST = ("pseudo_label", "fixmatch")  # that are ticked at first


def new_study(dataset: Dataset) -> Study | None:
    """The form; the study once it has been started."""
    with st.container(border=True, key="hf-card-new-study"):
        left, right = st.columns(2, gap="large")
        with left:
            kind = _kind(dataset)
            methods = st.multiselect(
                "Methods", _methods(dataset), default=_ticked(dataset), key="study-methods",
                format_func=method_title,
                help="The supervised baseline always takes part: it is what the others are read "
                "against.",
            )  # fmt: skip
            budgets = st.text_input(
                "Numbers of labels", value="20, 50, 100", key="study-budgets",
                help="How many labels the runs get. A smaller number is part of every larger one.",
            )  # fmt: skip
            ceiling = st.toggle(
                "Also train on all reference labels", key="study-ceiling",
                disabled=not dataset.manifest.classes,
                help="The most that labelling everything could bring: the ceiling of the chart.",
            )  # fmt: skip
        with right:
            draws = 1
            if kind == "reference":
                draws = st.number_input(
                    "Draws", 1, MOST_DRAWS, 3, 1, key="study-draws",
                    help="Other choices of the labels. Three or more show how much is luck.",
                )  # fmt: skip
            seeds, problem = seeds_choice()
            steps = st.number_input("Steps of each run", 1, MOST_STEPS, 300, 100, key="study-steps")
            device = device_choice()
        numbers, wrong = _numbers(budgets)
        settings = StudySettings(
            dataset=dataset.identifier, kind=kind, methods=tuple(methods), budgets=numbers,
            draws=int(draws), seeds=seeds, steps=int(steps), device=device, ceiling=ceiling,
        )  # fmt: skip
        if settings.methods:
            settings = settings.model_copy(update=method_settings(settings))
        return _start(settings, problem or wrong)


def _start(settings: StudySettings, problem: str) -> Study | None:
    """The button, and what it would do or why it is shut."""
    if problem:
        show_error(problem)
    elif settings.methods:
        number = runs_of_settings(settings)
        quiet(
            f"Makes {counted(number, 'run')} of {steps_text(settings)} each, one after "
            "the other on the device. They go on when you close this page; labels given later do "
            "not reach them."
        )
    shut = bool(problem) or not settings.methods
    if not st.button("Start the study", type="primary", key="start-study", disabled=shut):
        return None
    try:
        study = create_study(workspace(), settings)
        advance(workspace(), study.name)
    except UserError as error:
        show_error(error)
        return None
    return study


def _kind(dataset: Dataset) -> LabelKind:
    """Where the labels come from; no question where there is one answer."""
    labelled = open_labels(dataset).total()
    kinds: list[LabelKind] = ["reference"] if dataset.manifest.classes else []
    kinds += ["hand"] if labelled or not kinds else []
    if len(kinds) == 1:
        quiet(f"Labels: {_KINDS[kinds[0]].lower()}.")
        return kinds[0]
    chosen = st.segmented_control(
        "Labels", kinds, default=kinds[0], required=True, key="study-kind",
        format_func=lambda kind: _KINDS[kind],
        help="Reference labels: labelling is simulated, with the labels that came with the data. "
        "Your labels: the oldest first.",
    )  # fmt: skip
    return chosen or kinds[0]


def _methods(dataset: Dataset) -> list[str]:
    """The methods that can take part and answer one question about each item."""
    noun = dataset.manifest.noun
    return [
        spec.name
        for spec in catalogue().values()
        if spec.needs.item in ("any", noun)
        and spec.needs.uses_items
        and spec.needs.heads[0] == 1
        and spec.name != "supervised"
    ]


def _ticked(dataset: Dataset) -> list[str]:
    known = _methods(dataset)
    return [name for name in _FIRST if name in known] or known[:1]


def _numbers(text: str) -> tuple[tuple[int, ...], str]:
    """'20, 50' -> (20, 50), and what is wrong with it (empty where nothing is)."""
    parts = [part for part in re.split(r"[,;\s]+", text) if part]
    wrong = next((part for part in parts if not re.fullmatch(r"\d{1,9}", part)), None)
    if wrong is not None:
        return (), (
            f"Numbers of labels: received {wrong[:40]!r}, expected whole numbers such as "
            "20, 50, 100."
        )
    return tuple(sorted({int(part) for part in parts})), ""
