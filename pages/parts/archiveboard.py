"""Packings and unpackings going on, done or failed."""

import streamlit as st

from pages.parts.downloads import archive_link
from pages.parts.jobcards import ACTIVE, EVERY, bytes_line, ended_card, going_card
from pages.parts.looks import named, quiet, tag
from pages.parts.session import guarded, workspace
from pages.parts.words import short, size
from ssl_core.datasets.progress import ImportProgress
from ssl_core.packing.jobs import ArchiveRequest, cancel_archive, dismiss_archive, list_archives


def archive_board() -> None:
    """All of them that were not dismissed; looks again by itself while one goes on."""
    going = any(progress.state in ACTIVE for _, _, progress in list_archives(workspace()))
    st.fragment(_board, run_every=EVERY if going else None)(going)


def _board(was_going: bool) -> None:
    with guarded():
        entries = list_archives(workspace())
        for job, asked, progress in entries:
            _card(job, asked, progress)
        if was_going and not any(progress.state in ACTIVE for _, _, progress in entries):
            st.rerun()  # what came in appears in the page and in the sidebar


def _card(job: str, asked: ArchiveRequest, progress: ImportProgress) -> None:
    title, space = short(asked.name), workspace()
    if progress.state in ACTIVE:
        going_card(job, title, progress, bytes_line(progress), lambda: cancel_archive(space, job))
    elif progress.state == "finished":
        _finished(job, asked, progress)
    else:
        what = "packing " if asked.kind == "pack" else "unpacking "
        ended_card(job, title, what, progress, lambda: dismiss_archive(space, job))


def _finished(job: str, asked: ArchiveRequest, progress: ImportProgress) -> None:
    state = "packed" if asked.kind == "pack" else "unpacked"
    with (
        st.container(border=True, key=f"hf-card-job-{job}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(width="stretch", gap="xsmall"):
            named(short(asked.name), tag(state, "good"))
            _outcome(job, asked, progress)
        if st.button("Dismiss", key=f"dismiss-{job}"):
            dismiss_archive(workspace(), job)
            st.rerun()


def _outcome(job: str, asked: ArchiveRequest, progress: ImportProgress) -> None:
    """Where the file or what was in it is now."""
    if asked.kind == "pack" and asked.location:
        quiet(f"Written to {asked.location}.")
    elif asked.kind == "pack":
        archive_link(job)
        quiet("Kept on this machine for a day.")
    elif asked.into == str(workspace().root):
        quiet(f"{size(progress.done)} were added to this workspace. Nothing was replaced.")
    else:
        quiet(
            f"{size(progress.done)} are in {asked.into}. To open it, start Handful with "
            f"HANDFUL_WORKSPACE={asked.into}."
        )
    if progress.message:
        quiet(progress.message)
