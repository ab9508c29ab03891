"""Cards of work in the background: going on, with a bar, or ended without a result."""

from collections.abc import Callable

import streamlit as st

from pages.parts.looks import named, quiet, tag
from pages.parts.words import count, size
from ssl_core.datasets.progress import ImportProgress

ACTIVE = ("waiting", "running")
EVERY = 0.7  # seconds between two looks while something goes on


def going_card(
    job: str, title: str, progress: ImportProgress, line: str, cancel: Callable[[], None]
) -> None:
    """What is done, how far it is, and a way to end it. line: below the bar."""
    with (
        st.container(border=True, key=f"hf-card-job-{job}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(width="stretch", gap="xsmall"):
            named(title, tag(progress.phase or progress.state))
            st.progress(part_done(progress))
            quiet(line)
        if st.button("Cancel", key=f"cancel-{job}"):
            cancel()
            st.rerun(scope="fragment")


def ended_card(
    job: str, title: str, what: str, progress: ImportProgress, dismiss: Callable[[], None]
) -> None:
    """What was cancelled or failed, and why. what: before the state, for example "import "."""
    with (
        st.container(border=True, key=f"hf-card-job-{job}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(width="stretch", gap="xsmall"):
            failed = progress.state == "failed"
            state = tag(f"{what}failed", "bad") if failed else tag(f"{what}cancelled")
            named(title, state)
            if progress.message:
                quiet(progress.message)
            quiet("Nothing of it was kept.")
        if st.button("Dismiss", key=f"dismiss-{job}"):
            dismiss()
            st.rerun()


def part_done(progress: ImportProgress) -> float:
    """In [0, 1], for the bar; 0 where it is not known how much there is to do."""
    return min(1.0, progress.done / progress.total) if progress.total else 0.0


def progress_line(progress: ImportProgress, noun: str = "") -> str:
    """'1 200 of 50 000 images · 1 600 a second · about 20 s left · 3 left out'.

    noun: what is counted, in the plural.
    """
    total = f" of {count(progress.total)}" if progress.total else ""
    parts = [f"{count(progress.done)}{total} {noun}".rstrip()]
    if progress.per_second > 0:
        parts.append(f"{count(round(progress.per_second))} a second")
    parts += _time_left(progress)
    if progress.skipped:
        parts.append(f"{count(progress.skipped)} left out")
    return " · ".join(parts)


def bytes_line(progress: ImportProgress) -> str:
    """'12.3 MB of 600.0 MB · 45.1 MB a second · about 13 s left'."""
    if not progress.total:
        return "One moment …"
    parts = [f"{size(progress.done)} of {size(progress.total)}"]
    if progress.per_second > 0:
        parts.append(f"{size(progress.per_second)} a second")
    return " · ".join([*parts, *_time_left(progress)])


def _time_left(progress: ImportProgress) -> list[str]:
    if not progress.total or progress.per_second <= 0:
        return []
    left = (progress.total - progress.done) / progress.per_second
    return [f"about {max(1, round(left))} s left"]
