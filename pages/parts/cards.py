"""Cards of the first screen: the next step, a dataset, the runs, the imports."""

import streamlit as st

from pages.parts.gallery import image_strip, strip_urls
from pages.parts.import_board import import_title
from pages.parts.looks import meter, named, quiet, tag
from pages.parts.overview import ACTIVE_RUN, LabelCount, NextStep
from pages.parts.screens import go_to
from pages.parts.session import opened
from pages.parts.words import ago, count, counted, duration, plain, share, short
from ssl_core.datasets.dataset import Manifest
from ssl_core.datasets.importer import ImportProgress
from ssl_core.runs.listing import RunSummary

_STRIP = 14  # thumbnails on a card
_STATE_TAGS = {"finished": "good", "running": "good", "failed": "bad"}


def next_step_card(step: NextStep, dataset: str | None) -> None:
    """The one obvious thing to do."""
    with (
        st.container(border=True, key="hf-card-next"),
        st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
        ),
    ):
        with st.container(width="stretch", gap="xsmall"):
            st.subheader(step.title, anchor=False)
            quiet(step.text)
        if st.button(
            step.button,
            type="primary",
            key="next-step",
            icon=":material/arrow_forward:",
            icon_position="right",
        ):
            go_to(step.screen, dataset)


def dataset_card(manifest: Manifest, labels: LabelCount | None) -> None:
    """Thumbnails, counts and progress of labelling of one dataset."""
    with st.container(border=True, key=f"hf-card-{manifest.identifier}", gap="xsmall"):
        broken = [tag("labels cannot be read", "bad")] if labels and labels.problem else []
        named(short(manifest.name, 70), *broken)
        image_strip(strip_urls(manifest.fingerprint, opened(manifest), _STRIP), 44)
        height, width, _ = manifest.shape
        quiet(
            f"{counted(manifest.count, 'image')} of {height} × {width} pixels"
            + (
                f", {counted(len(manifest.classes), 'reference class', 'reference classes')}"
                if manifest.classes
                else ""
            )
        )
        if labels is not None and not labels.problem:
            goal = f" of {count(labels.goal)}" if labels.goal else ""
            quiet(f"{count(labels.labelled)}{goal} labelled")
            meter(labels.labelled, labels.goal)
        with st.container(horizontal=True, gap="xsmall"):
            key = manifest.identifier
            if st.button("Label", key=f"label-{key}", icon=":material/sell:"):
                go_to("label", key)
            if st.button("Look", key=f"look-{key}", icon=":material/photo_library:"):
                go_to("data", key)


def run_row(run: RunSummary) -> None:
    """One run in a line: state, title, progress or result."""
    status = run.status
    with st.container(border=True, key=f"hf-card-run-{run.run}", gap="xsmall"):
        named(short(run.title, 70), tag(status.state, _STATE_TAGS.get(status.state, "")))
        if status.state in ACTIVE_RUN and status.steps:
            st.progress(min(1.0, status.step / status.steps))
        quiet(run_line(run))


def run_line(run: RunSummary) -> str:
    """What is worth knowing of a run, in one line."""
    status = run.status
    if status.state == "queued":
        return status.phase or "waits for its turn"
    if status.state == "running":
        steps = f" of {count(status.steps)}" if status.steps else ""
        return f"step {count(status.step)}{steps}, {duration(status.seconds)}"
    if status.state == "failed":
        return status.message or "stopped unexpectedly"
    parts = [short(run.request.dataset_name, 40), ago(run.request.created)]
    results = status.results
    if results.test_accuracy is not None:
        parts.insert(0, f"{share(results.test_accuracy)} right on {results.test_source}")
    return " · ".join(part for part in parts if part)


def import_line(job: str, progress: ImportProgress) -> None:
    """An import going on, without its controls."""
    part = min(1.0, progress.done / progress.total) if progress.total else 0.0
    st.progress(part, text=plain(f"Importing {import_title(job)}: {progress.phase}"))
