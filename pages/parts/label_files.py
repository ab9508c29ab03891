"""Labels from a file, and all labels into one: a table, tasks of Label Studio, class folders."""

import tempfile
from pathlib import Path

import streamlit as st

from pages.parts.looks import named, quiet
from pages.parts.session import guarded
from pages.parts.words import counted
from ssl_core.datasets.dataset import Dataset
from ssl_core.heads import Head
from ssl_core.labels.class_folders_import import import_class_folders
from ssl_core.labels.csv_files import CsvReport, import_csv
from ssl_core.labels.exports import export_labels
from ssl_core.labels.label_studio import labelling_config
from ssl_core.labels.label_studio_import import import_label_studio
from ssl_core.labels.store import LabelStore

_MEGABYTES = 200  # of an upload
_MOST_BYTES = 200_000_000  # of labelled images; beyond them no browser takes part
_PLACES = {".json": "Task", ".zip": "Entry"}  # what the numbers in a report count
_FORMS = {
    ".csv": ("CSV", "text/csv", "One row an answer."),
    ".json": (
        "Label Studio",
        "application/json",
        "Tasks of Label Studio with the images inside, one annotation a person.",
    ),
    ".zip": (
        "Class folders",
        "application/zip",
        "A zip with one folder a class; labelled images of the test split are left out.",
    ),
}


def label_files(dataset: Dataset, store: LabelStore, head: Head) -> str:
    """Both ways. Returns a sentence where labels were taken from a file, else ""."""
    named("Labels as a file")
    said = _take(dataset, store, head)
    st.divider()
    _give(dataset, store, head)
    return said


def _take(dataset: Dataset, store: LabelStore, head: Head) -> str:
    noun = dataset.manifest.noun
    answer = "the number" if head.kind == "regression" else "the name of its class"
    name = "name or number" if noun == "text" else "file name or number"
    article = "a" if noun == "text" else "an"
    several = " A column “head” may name another question." if len(store.heads()) > 1 else ""
    folders = head.kind != "regression"
    zipped = f"; or a zip with one folder a class, whose files are called as the {noun}s are"
    quiet(
        f"A CSV with one row {article} {noun}, its {name} and {answer}; or tasks that Label Studio "
        f"exported as JSON{zipped if folders else ''}.{several}"
    )
    upload = st.file_uploader(
        "File of labels",
        ["csv", "tsv", "txt", "json", *(["zip"] if folders else [])],
        key="labels-csv",
        max_upload_size=_MEGABYTES,
        label_visibility="collapsed",
    )
    if st.button("Take these labels", key="take-csv", disabled=upload is None) and upload:
        with guarded():
            ending = Path(upload.name.lower()).suffix
            report = _read(dataset, store, upload.getvalue(), head.name, ending)
            return file_sentence(report, _PLACES.get(ending, "Line"))
    return ""


def _read(dataset: Dataset, store: LabelStore, content: bytes, head: str, ending: str) -> CsvReport:
    """Store the answers in the bytes of an upload."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"labels{ending}"
        path.write_bytes(content)
        take = {".json": import_label_studio, ".zip": import_class_folders}.get(ending, import_csv)
        return take(dataset, store, path, head)


def file_sentence(report: CsvReport, place: str) -> str:
    """What came of a file, with the first reasons for what was left out of it.

    place: what the numbers in the report count, "Line", "Task" or "Entry".
    """
    sentence = f"{counted(report.labelled, 'label')} taken over."
    if report.skipped:
        reasons = " ".join(
            f"{place} {row.line}{f', {row.file}' if row.file else ''}: {row.reason}"
            for row in report.skipped[:3]
        )
        sentence += f" {counted(report.skipped_count, 'answer')} left out. {reasons}"
    return sentence


def _give(dataset: Dataset, store: LabelStore, head: Head) -> None:
    forms = [form for form in _FORMS if form != ".zip" or head.kind != "regression"]
    form = st.segmented_control(
        "Form",
        forms,
        default=".csv",
        required=True,
        key=f"labels-form-{head.kind == 'regression'}",
        format_func=lambda one: _FORMS[one][0],
        label_visibility="collapsed",
    )
    _, mime, said = _FORMS[form or ".csv"]
    quiet(said.replace("images", dataset.manifest.noun_plural))
    labelled = sum(store.total(one.name) for one in store.heads())
    height, width, channels = dataset.manifest.shape
    if form != ".csv" and labelled * height * width * channels > _MOST_BYTES:
        quiet("These are many; the command line writes them without a browser:")
        st.code(f"python -m ssl_core labels {dataset.identifier} --out labels{form}")
        return
    st.download_button(
        "Download all labels",
        lambda: _written(dataset, store, head.name, form or ".csv"),
        f"{dataset.identifier}-labels{form}",
        mime,
        icon=":material/download:",
        key="download-labels",
        on_click="ignore",
        disabled=not labelled,
    )
    if form == ".json":
        with st.expander("The labelling screen that a Label Studio project needs for them"):
            st.code(labelling_config(dataset, store), language="xml")


def _written(dataset: Dataset, store: LabelStore, head: str, form: str) -> bytes:
    """All labels in this form."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"labels{form}"
        export_labels(dataset, store, path, head)
        return path.read_bytes()
