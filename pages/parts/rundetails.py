"""What is worth reading of one run: its figures, its settings, its log."""

import streamlit as st

from pages.parts.looks import facts, quiet
from pages.parts.runtext import accuracy_text, budget, method_title
from pages.parts.words import ago, count, counted, duration, plain, share
from ssl_core.runs.devices import device_title
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import RunRequest
from ssl_core.runs.status import RunStatus

LOG_LINES = 40


def subtitle(request: RunRequest) -> str:
    """Method, data, labels and budget of a run in one line."""
    labels = request.labels
    parts = [
        method_title(request.method),
        request.dataset_name,
        f"{counted(sum(labels.per_class.values()), 'label')} ({count(labels.train)} to train on, "
        f"{count(labels.validation)} to validate, {count(labels.held_out)} held out)",
        f"seed {request.seed}",
        budget(request),
        device_title(request.device),
        ago(request.created),
    ]
    return " · ".join(part for part in parts if part)


def has_results(status: RunStatus) -> bool:
    """Whether the run ended with a figure to show."""
    results = status.results
    return results.test_accuracy is not None or results.validation_accuracy is not None


def show_results(status: RunStatus) -> None:
    """The figures of a finished run, each with its interval and what it was measured on."""
    results = status.results
    speed = status.images_seen / status.seconds if status.seconds else 0
    facts(
        {
            "Test accuracy": accuracy_text(results.test_accuracy, results.test_interval),
            "Validation accuracy": accuracy_text(
                results.validation_accuracy, results.validation_interval
            ),
            "Training time": duration(status.seconds),
            "Images seen": count(status.images_seen),
            "Speed": f"{count(round(speed))} images/s",
        }
    )
    quiet(_explained(status))


def _explained(status: RunStatus) -> str:
    """What the figures are and are not."""
    results = status.results
    text = "Both are of the averaged weights after the last step; brackets hold 95 % intervals. "
    if results.test_accuracy is None:
        text += "There is nothing to test on: label more images, or add a test split. "
    else:
        text += f"Test: {counted(results.test_count, 'image')}, {results.test_source}. "
    if results.selected_test_accuracy is not None and results.selected_step is not None:
        text += (
            f"The weights of step {count(results.selected_step)}, best on validation, reach "
            f"{share(results.selected_test_accuracy)} on the same images."
        )
    return text


def show_details(folder: RunFolder, request: RunRequest) -> None:
    """Settings and the tail of the log, folded away."""
    with st.expander("Settings and labels", icon=":material/tune:"):
        left, right = st.columns(2)
        left.table(
            {
                "setting": [plain(name.replace("_", " ")) for name in request.configuration],
                "value": [_plain_value(value) for value in request.configuration.values()],
            }
        )
        right.table(
            {
                "class": [plain(name) for name in request.labels.per_class],
                "labels": [count(number) for number in request.labels.per_class.values()],
            }
        )
    with st.expander("Log", icon=":material/notes:"):
        st.fragment(_log, key="log")(folder)


def _log(folder: RunFolder) -> None:
    quiet(f"The last {LOG_LINES} lines of {folder.run}/log.txt")
    with st.container(height=320, autoscroll=True, border=False):
        st.code(folder.log_tail(LOG_LINES) or "The log is empty.", language=None)
    st.button("Read again", icon=":material/refresh:", key=f"log-{folder.run}")


def _plain_value(value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else plain(str(value))
