"""Cards of the first screen: the next step, a dataset, the runs, the imports."""

import streamlit as st

from pages.parts.gallery import image_strip, strip_urls
from pages.parts.import_board import import_title
from pages.parts.looks import meter, named, quiet, tag
from pages.parts.overview import LabelCount, NextStep
from pages.parts.runtext import STATE_TAGS, is_alive, mapped_with, progress, run_name
from pages.parts.screens import go_to
from pages.parts.session import guarded, opened
from pages.parts.text_cards import strip_texts, text_strip
from pages.parts.words import ago, count, counted, duration, plain, share, short
from ssl_core.datasets.dataset import Manifest
from ssl_core.datasets.importer import ImportProgress
from ssl_core.runs.listing import RunSummary

_STRIP = 14  # thumbnails on a card
_LINES = 2  # texts on a card


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
    """A glimpse, counts and progress of labelling of one dataset."""
    with st.container(border=True, key=f"hf-card-{manifest.identifier}", gap="xsmall"):
        broken = [tag("labels cannot be read", "bad")] if labels and labels.problem else []
        named(short(manifest.name, 70), *broken)
        with guarded():
            _glimpse(manifest)
        quiet(contents(manifest))
        if labels is not None and not labels.problem:
            question = f": {short(labels.question, 40)}" if labels.question else ""
            quiet(labelled_text(labels.labelled, labels.goal) + question)
            meter(labels.labelled, labels.goal)
        with st.container(horizontal=True, gap="xsmall"):
            key = manifest.identifier
            if st.button("Label", key=f"label-{key}", icon=":material/sell:"):
                go_to("label", key)
            if st.button("Look", key=f"look-{key}", icon=":material/photo_library:"):
                go_to("data", key)


def _glimpse(manifest: Manifest) -> None:
    dataset = opened(manifest)
    if manifest.kind == "texts":
        text_strip(strip_texts(manifest.fingerprint, dataset, _LINES))
    else:
        image_strip(strip_urls(manifest.fingerprint, dataset, _STRIP), 44)


def labelled_text(labelled: int, goal: int) -> str:
    """'4 of 100 labelled'; past the goal '3 000 labelled (goal 100)'. goal: 0 for none."""
    if goal and labelled <= goal:
        return f"{count(labelled)} of {count(goal)} labelled"
    return f"{count(labelled)} labelled" + (f" (goal {count(goal)})" if goal else "")


def contents(manifest: Manifest) -> str:
    """'60 000 images of 28 × 28 pixels, 10 reference classes', '4 000 texts, 3 questions'."""
    parts = [counted(manifest.count, manifest.noun)]
    if manifest.kind == "images":
        parts[0] += f" of {manifest.shape[0]} × {manifest.shape[1]} pixels"
    if len(manifest.all_heads) > 1:
        parts.append(counted(len(manifest.all_heads), "question"))
    elif manifest.classes:
        parts.append(counted(len(manifest.classes), "reference class", "reference classes"))
    if manifest.columns:
        parts.append(counted(len(manifest.columns), "numeric column"))
    return ", ".join(parts)


def run_row(run: RunSummary) -> None:
    """One run: state, name, progress or result, and the way to it."""
    status = run.status
    with (
        st.container(border=True, key=f"hf-card-run-{run.run}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(width="stretch", gap="xsmall"):
            named(short(run_name(run), 70), tag(status.state, STATE_TAGS.get(status.state, "")))
            part = progress(run.request, status)
            if is_alive(status) and part is not None:
                st.progress(part)
            quiet(run_line(run))
        if st.button("Watch", key=f"watch-{run.run}"):
            go_to("watch", run.request.dataset, run.run)


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
        if results.mapping:
            parts.insert(1, f"mapped with {mapped_with(results)}")
    return " · ".join(part for part in parts if part)


def import_line(job: str, state: ImportProgress) -> None:
    """An import going on, without its controls."""
    part = min(1.0, state.done / state.total) if state.total else 0.0
    st.progress(part, text=plain(f"Importing {import_title(job)}: {state.phase}"))
