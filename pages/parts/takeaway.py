"""The model of a finished run as a file: made in the background, then downloaded."""

import streamlit as st

from pages.parts.downloads import model_link
from pages.parts.jobcards import EVERY, part_done
from pages.parts.looks import quiet
from pages.parts.session import guarded, show_error, workspace
from pages.parts.words import plain
from ssl_core.datasets.progress import FINAL_STATES, ImportProgress
from ssl_core.exports.contents import FORMAT_TITLES, FORMATS, ModelFormat
from ssl_core.exports.jobs import cancel_export, export_progress, latest_export, start_export
from ssl_core.methods import uses_items
from ssl_core.runs.listing import RunSummary

_WHAT: dict[ModelFormat, str] = {
    "keras": "For Python with Keras; it can be trained on.",
    "savedmodel": "For TensorFlow Serving, TensorFlow.js and Lite.",
    "onnx": "For onnxruntime: small, quick, in many languages, without TensorFlow.",
}


def can_be_taken_away(run: RunSummary) -> bool:
    """Whether a run has a model that answers about items."""
    return run.status.state == "finished" and uses_items(run.request.method)


def take_away_button(run: RunSummary) -> None:
    """Opens the dialog; nothing where the run has no model to give."""
    if can_be_taken_away(run) and st.button(
        "Take the model away", icon=":material/ios_share:", key=f"take-away-{run.run}"
    ):
        _dialog(run)


@st.dialog("Take the model away")
def _dialog(run: RunSummary) -> None:
    st.markdown(
        "One zip: the model, the names of its classes, a model card with its figures and their "
        "intervals, and a script of ten lines that runs it on a file."
    )
    form: ModelFormat = st.radio(
        "Format", FORMATS, format_func=lambda key: FORMAT_TITLES[key], key=f"format-{run.run}"
    )
    quiet(_WHAT[form])
    with guarded():
        job = latest_export(workspace(), run.run, form)
        there = job is not None and _state(job).state == "finished"
        st.fragment(_export, run_every=None if there else EVERY)(run, form)


def _state(job: str) -> ImportProgress:
    return export_progress(workspace(), job)


def _export(run: RunSummary, form: ModelFormat) -> None:
    """The button, the progress, or the file, as far as it is."""
    with guarded():
        job = latest_export(workspace(), run.run, form)
        if job is None:
            _begin(run, form, "Make the file")
            return
        progress = _state(job)
        if progress.state == "finished":
            model_link(job)
            quiet("It is kept here for a day. Licence: yours to choose, see the model card.")
        elif progress.state in FINAL_STATES:
            if progress.message:
                show_error(progress.message)
            _begin(run, form, "Try again")
        else:
            st.progress(part_done(progress), text=plain(stage_line(progress)))
            if st.button("Cancel", key=f"cancel-{job}"):
                cancel_export(workspace(), job)


def stage_line(progress: ImportProgress) -> str:
    """'Stage 2 of 3: writing the model'."""
    if not progress.total:
        return "Starting …"
    return f"Stage {progress.done + 1} of {progress.total}: {progress.phase}"


def _begin(run: RunSummary, form: ModelFormat, label: str) -> None:
    if st.button(label, type="primary", key=f"make-{run.run}-{form}"):
        start_export(workspace(), run.run, form)
        st.rerun(scope="fragment")
