"""What is worth reading of one run: its figures, its settings, its log."""

from html import escape

import streamlit as st

from pages.parts.alarmlist import show_alarms
from pages.parts.chartplan import head_titles, items_word, units_of
from pages.parts.looks import facts, quiet, tag
from pages.parts.runtext import (
    accuracy_text,
    budget,
    figure_title,
    labels_count,
    labels_text,
    method_title,
    uses_reference_figure,
    uses_reference_labels,
)
from pages.parts.session import workspace
from pages.parts.words import ago, count, counted, duration, plain, setting_words, share
from ssl_core.methods import named_afterwards, uses_items
from ssl_core.runs.confusion import CURVE_FROM
from ssl_core.runs.devices import device_title
from ssl_core.runs.figures import group_of, value_text
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import RunRequest
from ssl_core.runs.series import metric_series
from ssl_core.runs.status import Results, RunStatus

LOG_LINES = 40


def subtitle(request: RunRequest) -> str:
    """Method, data, labels and budget of a run in one line."""
    parts = [
        method_title(request.method),
        request.dataset_name,
        labels_text(request),
        f"seed {request.seed}",
        budget(request),
        device_title(request.device),
        ago(request.created),
    ]
    return " · ".join(part for part in parts if part)


def show_results(folder: RunFolder, request: RunRequest, status: RunStatus) -> None:
    """The figures of a finished run, each with its interval and what it was measured on."""
    results, items = status.results, items_word(workspace(), request)
    accuracies = {
        "Test accuracy": (results.test_accuracy, results.test_interval),
        "Validation accuracy": (results.validation_accuracy, results.validation_interval),
    }
    # A dash says what is missing where nothing else was measured.
    wanted = bool(request.classes) and uses_items(request.method) and not results.figures
    shown = {
        title: accuracy_text(accuracy, interval)
        for title, (accuracy, interval) in accuracies.items()
        if accuracy is not None or wanted
    }
    units = units_of(request)
    heads = head_titles([request])
    titles = {name: figure_title(name, units, heads) for name in results.figures}
    shown |= {
        titles[name]: value_text(name, value, units) for name, value in results.figures.items()
    }
    marked = [name for name in titles if uses_reference_figure(name, results)]
    shown["Training time"] = duration(status.seconds)
    if status.images_seen:
        shown[f"{items.capitalize()} seen"] = count(status.images_seen)
    series = metric_series(folder.path)
    speed = series.recent("throughput", series.rows)
    if speed is not None:
        shown["Median speed"] = f"{count(round(speed))} {items}/s"
    facts(shown, {titles[name]: tag("reference labels", "reference") for name in marked})
    if results.mapping:
        named_mapping(results)
    quiet(_explained(request, status, items))
    show_alarms(folder, request)


def named_mapping(results: Results) -> None:
    """What gave its answers the names of classes."""
    text, badge = f"Its answers were mapped to classes with {results.mapping}", ""
    if uses_reference_labels(results):
        text += ", as there were no labels to train on"
        badge = tag("uses reference labels", "reference")
    if any(group_of(name).counted_on == "mapping" for name in results.figures):
        text += ". Figures of clusters are counted on the same labels, not on the test split"
    st.html(f'<p class="hf-quiet">{escape(text)}. {badge}</p>')


def _explained(request: RunRequest, status: RunStatus, items: str) -> str:
    """What the figures are and are not."""
    results, text = status.results, ""
    accuracies = (results.test_accuracy, results.validation_accuracy)
    if results.figures or any(accuracy is not None for accuracy in accuracies):
        text = "Figures are of the averaged weights after the last step"
        brackets = results.test_interval or results.validation_interval
        text += "; brackets hold 95 % intervals. " if brackets else ". "
    if results.test_accuracy is not None:
        number = counted(results.test_count, items.removesuffix("s"))
        text += f"Test: {number}, {results.test_source}. "
    elif not uses_items(request.method):
        text += "This method looks at nothing of the dataset. "
    elif request.classes and named_afterwards(request.method) and not results.mapping:
        text += f"No label gave its answers their classes: label some {items} and train again. "
    elif len(request.heads) > 1:
        text += f"Nothing tests the main question: label more {items}, or add a test split. "
    elif request.classes:
        text += f"There is nothing to test on: label more {items}, or add a test split. "
    else:
        text += "Without classes there is no accuracy. "
    best = results.selected_step
    if results.selected_test_accuracy is not None and best not in (None, status.step):
        text += (
            f"The weights of step {count(best)}, best on validation, reach "
            f"{share(results.selected_test_accuracy)} on the same {items}."
        )
    return text


def missing_pictures(request: RunRequest) -> str:
    """Why a picture that other runs have is not there; "" where none is missing."""
    labels = request.labels.validation
    if not labels_count(request) or not request.classes or labels >= CURVE_FROM:
        return ""
    return (
        f"No reliability curve: it takes {CURVE_FROM} validation labels, and this run has "
        f"{count(labels) if labels else 'none'}."
    )


def show_details(folder: RunFolder, request: RunRequest) -> None:
    """Settings and the tail of the log, folded away."""
    with st.expander("Settings and labels", icon=":material/tune:"):
        left, right = st.columns(2)
        left.table(
            {
                "Setting": [plain(setting_words(name)) for name in request.configuration],
                "Value": [_plain_value(value) for value in request.configuration.values()],
            }
        )
        labels = request.labels
        numbers = {**labels.per_class, **labels.others}
        given = labels_count(request)
        if given:
            right.table(
                {
                    "Class or question" if labels.others else "Class": [plain(n) for n in numbers],
                    "Labels": [count(number) for number in numbers.values()],
                }
            )
        else:
            with right:
                quiet("Its method reads no labels." if given is None else "It was given no labels.")
    st.fragment(_log, key="log")(folder)


def _log(folder: RunFolder) -> None:
    """Drawn once it is opened: its part of the browser takes longer than all charts of the page."""
    fold = st.expander(
        "Log", icon=":material/notes:", key=f"log-open-{folder.run}", on_change="rerun"
    )
    if not fold.open:
        return
    with fold:
        quiet(f"The last {LOG_LINES} lines of {folder.run}/log.txt")
        with st.container(height=320, autoscroll=True, border=False):
            st.code(folder.log_tail(LOG_LINES) or "The log is empty.", language=None)
        st.button("Read again", icon=":material/refresh:", key=f"log-{folder.run}")


def _plain_value(value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else plain(str(value) or "none")
