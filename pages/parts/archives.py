"""The whole workspace as one file: pack it, and bring a packed one back."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pages.parts.archiveboard import archive_board
from pages.parts.archivewords import in_words, names
from pages.parts.looks import quiet
from pages.parts.pathfield import path_field, source_field
from pages.parts.session import guarded, workspace
from pages.parts.uploader import upload_field
from pages.parts.uploads import remove_upload, uploaded_location
from pages.parts.words import ago, count, plain, short, size
from ssl_core.errors import UserError
from ssl_core.files import stamp
from ssl_core.packing.contents import Contents, contents_of_archive, contents_of_workspace
from ssl_core.packing.jobs import start_packing, start_unpacking
from ssl_core.packing.places import new_file, other_workspace
from ssl_core.workspace import Workspace

DOWNLOAD, UPLOAD, PATH = "Download", "Upload", "A path on this machine"
HERE, OTHER = "Into this workspace", "Into another one"
_CHOSEN = "archive_to_unpack"  # the path of the archive that is looked at
_UPLOADS = "archive_upload_number"  # counts up, so that the field is empty again afterwards
_SEEN = "archive_upload_seen"
_MOST_SENTENCES = 8
_SECONDS = 10  # that the contents of the workspace are not counted again


def whole_workspace() -> None:
    """Packings and unpackings that go on, and the two ways to begin one."""
    archive_board()
    left, right = st.columns(2)
    with left, st.container(border=True, key="hf-card-pack"):
        st.subheader("Pack this workspace", anchor=False)
        with guarded():
            _pack()
    with right, st.container(border=True, key="hf-card-unpack"):
        st.subheader("Bring a packed one back", anchor=False)
        with guarded():
            _unpack()


def _pack() -> None:
    contents = _of_workspace(str(workspace().root))
    if not contents.units:
        quiet("There is nothing to pack yet.")
        return
    quiet(
        f"One file with {in_words(contents.units)}: {size(contents.total)} before packing. "
        "Nothing here is changed."
    )
    _told("Left out", contents.left_out)
    way = _choice([DOWNLOAD, PATH], "pack-way", "Where the file goes")
    if way == PATH:
        typed = path_field(
            "pack-path", "File to write", "/home/me/handful.zip", "Pack", ":material/archive:"
        )
        if typed is not None:
            start_packing(workspace(), new_file(typed))
            st.rerun()
    elif st.button("Pack", type="primary", icon=":material/archive:", key="pack"):
        start_packing(workspace())
        st.rerun()


def _unpack() -> None:
    chosen = st.session_state.get(_CHOSEN)
    if chosen is None:
        _choose()
        return
    try:
        contents = _of_archive(chosen)
    except UserError:
        _forget()  # it went away; the next look begins with another file
        raise
    _offer(chosen, contents)


def _choose() -> None:
    """The archive, sent to this machine or already on it."""
    quiet("A file that was packed here or on another machine. What is in it is shown first.")
    if _choice([UPLOAD, PATH], "unpack-way", "Where the file is") == PATH:
        found = source_field(
            "unpack-path", "/home/me/handful.zip", "Look inside", ":material/search:"
        )
        if found is not None:
            _look_inside(str(found))
        return
    number = st.session_state.get(_UPLOADS, 0)
    batch = upload_field(f"archive-upload-{number}", "Drop a packed workspace here", (".zip",))
    if batch and batch != st.session_state.get(_SEEN):
        st.session_state[_SEEN] = batch
        st.session_state[_UPLOADS] = number + 1
        _look_inside(str(uploaded_location(workspace(), batch)))


def _look_inside(location: str) -> None:
    try:
        _of_archive(location)
    except UserError:
        remove_upload(workspace(), location)
        raise
    st.session_state[_CHOSEN] = location
    st.rerun()


def _offer(chosen: str, contents: Contents) -> None:
    """What is in the archive, what would become of what is here, and the button."""
    quiet(
        f"{short(Path(chosen).name)}, packed {ago(contents.created)}: {in_words(contents.units)}, "
        f"{size(contents.total)} unpacked."
    )
    _told("Not in it", contents.left_out)
    taken = contents.taken(workspace())
    if _choice([HERE, OTHER], "unpack-into", "Where it goes") == HERE:
        if _into_this(taken):
            _start(chosen, workspace())
    else:
        quiet(
            "A new or empty folder, or another workspace that has none of this. The open workspace "
            "stays as it is."
        )
        typed = path_field(
            "unpack-folder", "Folder", "/home/me/workspace", "Unpack", ":material/unarchive:"
        )
        if typed is not None:
            _start(chosen, other_workspace(typed, workspace()))
    if st.button("Another file", key="unpack-other"):
        _forget()
        st.rerun()


def _into_this(taken: list[str]) -> bool:
    """What would become of what is here, and whether the button was pressed."""
    if taken:
        st.warning(
            plain(
                f"Here already: {names(taken)}. Nothing is ever replaced, so this file cannot come "
                "into this workspace. Unpack it into another one, or delete these here first."
            ),
            icon=":material/block:",
        )
    else:
        quiet("None of it is here already. All of it is added, nothing is replaced.")
    icon = ":material/unarchive:"
    return st.button("Unpack", type="primary", icon=icon, key="unpack", disabled=bool(taken))


def _start(chosen: str, into: Workspace) -> None:
    start_unpacking(workspace(), Path(chosen), into)
    st.session_state.pop(_CHOSEN, None)  # an upload is removed by the job
    st.rerun()


def _forget() -> None:
    """Let go of the chosen archive, with the upload that it came in."""
    remove_upload(workspace(), st.session_state.pop(_CHOSEN))


def _told(what: str, sentences: Sequence[str]) -> None:
    """The first of them, and how many more there are."""
    for sentence in sentences[:_MOST_SENTENCES]:
        quiet(f"{what}: {short(sentence, 200)}")
    if len(sentences) > _MOST_SENTENCES:
        quiet(f"{what}: {count(len(sentences) - _MOST_SENTENCES)} more.")


def _choice(options: list[str], key: str, title: str) -> str:
    chosen: str | None = st.segmented_control(
        title, options, default=options[0], required=True, key=key, label_visibility="collapsed"
    )
    return chosen or options[0]


@st.cache_data(ttl=_SECONDS, max_entries=2, show_spinner=False)
def _of_workspace(root: str) -> Contents:
    return contents_of_workspace(Workspace(Path(root)))


def _of_archive(location: str) -> Contents:
    return _read_archive(location, stamp(Path(location)))


@st.cache_data(max_entries=2, show_spinner="Looking inside …")
def _read_archive(location: str, changed: int) -> Contents:
    return contents_of_archive(Path(location), workspace())
