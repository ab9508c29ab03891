"""The settings of the methods of a study: chosen in its form, and told beside its curves."""

import streamlit as st

from pages.parts.form import Value, setting_text, settings_form
from pages.parts.runtext import method_title
from pages.parts.words import count, counted, plain
from ssl_core.methods import method_named
from ssl_core.runs.plan import MOST_STEPS
from ssl_core.studies.settings import StudySettings


def method_settings(settings: StudySettings) -> dict[str, object]:
    """What the person chose for each method, as the fields of `StudySettings` that hold it."""
    configurations: dict[str, dict[str, Value]] = {}
    own_steps: dict[str, int] = {}
    methods = settings.all_methods
    if st.toggle(
        "Choose settings for each method", key="study-own-settings",
        help="Steps, backbone and all other hyperparameters, as on the train page. Off: every "
        "method has its defaults.",
    ):  # fmt: skip
        for tab, method in zip(
            st.tabs([method_title(one) for one in methods]), methods, strict=True
        ):
            with tab:
                steps = st.number_input(
                    "Steps of its runs", 1, MOST_STEPS, None, 100, key=f"study-steps-{method}",
                    placeholder=f"{count(settings.steps)}, as all", width=240,
                    help="Empty: as many as the others. Methods are compared fairly over the same "
                    "number of steps.",
                )  # fmt: skip
                if steps is not None:
                    own_steps[method] = int(steps)
                configurations[method] = settings_form(method_named(method), "study-setting")
    return {"configurations": configurations, "own_steps": own_steps}


def steps_text(settings: StudySettings) -> str:
    """'300 steps', or '300 to 600 steps' where methods train for different numbers."""
    numbers = sorted({settings.steps_of(method) for method in settings.all_methods})
    if len(numbers) == 1:
        return counted(numbers[0], "step")
    return f"{count(numbers[0])} to {counted(numbers[-1], 'step')}"


def show_settings(settings: StudySettings) -> None:
    """A table: steps of each method, and what differs from its defaults."""
    st.subheader("Settings", anchor=False)
    methods = settings.all_methods
    st.table(
        {
            "": [plain(method_title(method)) for method in methods],
            "Steps": [count(settings.steps_of(method)) for method in methods],
            "Other than its defaults": [_changes(settings, method) for method in methods],
        },
        border="horizontal",
    )


def _changes(settings: StudySettings, method: str) -> str:
    changed = settings.configurations.get(method, {})
    return plain(", ".join(setting_text(*pair) for pair in changed.items())) or "–"
