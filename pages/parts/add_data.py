"""The ways to add a dataset: a ready-made set, an upload, a path on this machine."""

from collections.abc import Callable

import streamlit as st

from pages.parts.import_form import Source, begin, chosen_source, import_form, take_source
from pages.parts.looks import named, quiet
from pages.parts.pathfield import source_field
from pages.parts.session import datasets, guarded, workspace
from pages.parts.uploader import upload_field
from pages.parts.uploads import INSIDE, LARGEST_UPLOAD, uploaded_location
from pages.parts.words import count
from ssl_core.datasets.catalogue import CATALOGUE, PREFIX, CatalogueEntry
from ssl_core.datasets.importer import ImportSource
from ssl_core.workspace import identifier_of

_UPLOAD = "upload_number"  # counts up, so that the field is empty again after an import
_SEEN = "upload_seen"
_COLUMNS = 3


def add_data() -> None:
    """Choose where images or texts come from, look inside, import."""
    ways: dict[str, Callable[[], None]] = {
        "Ready-made sets": ready_made,
        "Upload": uploaded,
        "A path on this machine": typed_path,
    }
    if chosen_source() is not None:
        import_form()
        return
    way = st.pills(
        "Where the data comes from",
        list(ways),
        default="Ready-made sets",
        required=True,
        key="add-way",
        label_visibility="collapsed",
    )
    ways[way or "Ready-made sets"]()


def ready_made() -> None:
    """Cards of the catalogue; a download starts only on request."""
    present = {manifest.identifier for manifest in datasets()}
    for first in range(0, len(CATALOGUE), _COLUMNS):
        columns = st.columns(_COLUMNS)
        for column, entry in zip(columns, CATALOGUE[first : first + _COLUMNS], strict=False):
            with column:
                known = entry.key in present or identifier_of(entry.title) in present
                catalogue_card(entry, known)


def catalogue_card(entry: CatalogueEntry, present: bool) -> None:
    """What a set is, how much would be downloaded, its licence, and the button."""
    with st.container(border=True, key=f"hf-card-set-{entry.key}", gap="xsmall", height="stretch"):
        named(entry.title)
        quiet(entry.description)
        bundled = not entry.megabytes
        weight = "Comes with Handful" if bundled else f"{count(entry.megabytes)} MB to download"
        quiet(f"{weight}. Licence: {entry.licence}")
        label = "Added" if present else "Add" if bundled else "Download and add"
        if st.button(label, key=f"add-{entry.key}", disabled=present):
            with guarded():
                begin(ImportSource(location=f"{PREFIX}{entry.key}", name=entry.title))


def uploaded() -> None:
    """Files of the person's own computer, sent to this machine."""
    number = st.session_state.get(_UPLOAD, 0)
    batch = upload_field(f"upload-{number}")
    quiet(
        "Class folders become reference labels; folders train, test and unlabeled become splits. "
        "A CSV file has a text in each row, or names image files and their classes. "
        f"At most {LARGEST_UPLOAD // 10**9} GB a file."
    )
    if batch and batch != st.session_state.get(_SEEN):
        st.session_state[_SEEN] = batch
        st.session_state[_UPLOAD] = number + 1
        with guarded():
            location = uploaded_location(workspace(), batch)
            name = "My data" if location.name == INSIDE else location.stem
            take_source(Source(str(location), name))


def typed_path() -> None:
    """A file or folder that this machine can read."""
    with guarded():
        location = source_field(
            "typed-path", "/home/me/images.zip", "Look inside", ":material/search:"
        )
        if location is not None:
            take_source(Source(str(location), location.stem.replace("_", " ")))
