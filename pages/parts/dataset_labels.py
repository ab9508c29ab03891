"""Labels of a dataset other than by hand: drawn from the reference labels, adopted, from a CSV."""

import tempfile
from pathlib import Path

import streamlit as st

from pages.parts.looks import bars, facts, named, quiet, tag
from pages.parts.screens import go_to
from pages.parts.session import guarded
from pages.parts.words import count, counted, plain, short
from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.csv_files import CsvReport, export_csv, import_csv
from ssl_core.labels.draw import adopt_reference_labels, draw_labels
from ssl_core.labels.store import LabelStore, open_labels

_NOTICE = "labels_notice"  # what the last action did, shown after the rerun
_CSV_MEGABYTES = 50


def dataset_labels(dataset: Dataset) -> None:
    """Where labelling stands, and the ways to get labels without pressing keys."""
    store = open_labels(dataset)
    notice = st.session_state.pop(_NOTICE, None)
    if notice:
        st.success(plain(notice), icon=":material/check_circle:")
    show_counts(store)
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key="hf-card-simulated"):
        simulated(dataset, store)
    with right, st.container(border=True, key="hf-card-csv"):
        csv_files(dataset, store)


def show_counts(store: LabelStore) -> None:
    """How many labels each class has."""
    total, goal = store.total(), store.goal()
    seconds = store.median_seconds()
    facts(
        {
            "Labelled": count(total),
            "Goal": count(goal),
            "Median time a label": f"{seconds:.1f} s" if seconds is not None else "–",
        }
    )
    if total:
        numbers = store.counts()
        bars([(found.name, numbers.get(found.identifier, 0)) for found in store.classes()])
    if st.button("Label by hand", icon=":material/sell:", type="primary", key="labels-by-hand"):
        go_to("label", st.session_state.get("chosen_dataset"))


def simulated(dataset: Dataset, store: LabelStore) -> None:
    """Labels out of the reference labels: some drawn at random, or all of them adopted."""
    named("Simulated labelling", tag("uses reference labels", "reference"))
    if not dataset.manifest.classes:
        quiet("This dataset came without reference labels, so there is nothing to draw from.")
        return
    quiet(
        "For experiments: as if a person had labelled images picked at random. The labels are "
        "marked as drawn. The same seed draws the same images, and a larger number adds to them."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        each = st.number_input("Labels in each class", 1, 10_000, 10, key="draw-each", width=170)
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="draw-seed", width=130)
        if st.button(f"Label {count(each)} per class for me", key="draw"):
            with guarded():
                added = draw_labels(dataset, store, int(each), int(seed))
                done(f"{counted(added, 'image')} labelled from the reference labels.")
    quiet("Adopting takes every reference label outside the test split as if it were yours.")
    if st.button("Adopt all reference labels", key="adopt"):
        confirm_adoption(dataset, store)


@st.dialog("Adopt all reference labels?")
def confirm_adoption(dataset: Dataset, store: LabelStore) -> None:
    """Adoption ends the separation of reference labels from training, so it is asked twice."""
    outside = sum(number for split, number in dataset.manifest.splits.items() if split != "test")
    st.write(
        f"Up to {counted(outside, 'image')} of {plain(short(dataset.manifest.name))} get their "
        "reference label. Runs started afterwards train on them. Labels that you gave by hand stay."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Leave them apart", key="adopt-no"):
            st.rerun()
        if st.button("Adopt", type="primary", key="adopt-yes"):
            with guarded():
                added = adopt_reference_labels(dataset, store)
                done(f"{counted(added, 'reference label')} adopted.")


def csv_files(dataset: Dataset, store: LabelStore) -> None:
    """Labels from a CSV file, and all labels into one."""
    named("Labels as a CSV file")
    quiet("One row an image: its file name or number, and the name of its class.")
    upload = st.file_uploader(
        "CSV of labels",
        ["csv", "tsv", "txt"],
        key="labels-csv",
        max_upload_size=_CSV_MEGABYTES,
        label_visibility="collapsed",
    )
    with st.container(horizontal=True):
        if st.button("Take these labels", key="take-csv", disabled=upload is None) and upload:
            with guarded():
                report = read_upload(dataset, store, upload.getvalue())
                done(csv_sentence(report))
        st.download_button(
            "Download all labels",
            lambda: written_csv(dataset, store),
            f"{dataset.identifier}-labels.csv",
            "text/csv",
            icon=":material/download:",
            key="download-labels",
            on_click="ignore",
            disabled=store.total() == 0,
        )


def read_upload(dataset: Dataset, store: LabelStore, content: bytes) -> CsvReport:
    """Import the bytes of an uploaded CSV."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        path.write_bytes(content)
        return import_csv(dataset, store, path)


def written_csv(dataset: Dataset, store: LabelStore) -> bytes:
    """All labels as CSV."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        export_csv(dataset, store, path)
        return path.read_bytes()


def csv_sentence(report: CsvReport) -> str:
    """What came of a CSV, with the first reasons for rows left out."""
    sentence = f"{counted(report.labelled, 'image')} labelled."
    if report.skipped:
        reasons = " ".join(
            f"Line {row.line}{f', {row.file}' if row.file else ''}: {row.reason}"
            for row in report.skipped[:3]
        )
        sentence += f" {counted(report.skipped_count, 'row')} left out. {reasons}"
    return sentence


def done(sentence: str) -> None:
    """Tell what happened after the page has been drawn anew."""
    st.session_state[_NOTICE] = sentence
    st.rerun()
