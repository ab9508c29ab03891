"""Before an import: what is inside, what it will look like, its name and its size."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

import streamlit as st

from pages.parts.looks import facts, quiet
from pages.parts.session import guarded, workspace
from pages.parts.text_form import text_columns_form
from pages.parts.uploads import remove_upload
from pages.parts.words import count, counted, plain, short
from ssl_core.datasets.importer import ImportSource
from ssl_core.datasets.jobs import start_import
from ssl_core.datasets.paths import allowed_source
from ssl_core.datasets.preview import Preview, preview_source
from ssl_core.datasets.text_preview import TextPreview
from ssl_core.datasets.thumbnails import data_url

_SOURCE = "import_source"
_PREVIEW = "import_preview"
_SIDE = "import-side"
_SMALLEST_SIDE, _LARGEST_SIDE = 8, 512  # pixels
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Source:
    """Files that were found and not yet imported."""

    location: str
    name: str


def chosen_source() -> Source | None:
    """The files waiting for their import in this tab."""
    return st.session_state.get(_SOURCE)


def take_source(source: Source | None) -> None:
    """Go on to the preview of `source`, or back with None."""
    st.session_state[_SOURCE] = source
    st.session_state.pop(_PREVIEW, None)
    st.rerun()


def begin(source: ImportSource) -> None:
    """Start the import in the background; its progress is shown at the top of the page."""
    start_import(workspace(), source)
    st.session_state[_SOURCE] = None
    st.session_state.pop(_PREVIEW, None)
    st.toast(f"Import of {plain(short(source.name))} started. See the top of the page.")
    st.rerun()


def import_form() -> None:
    """Preview and settings of the chosen source."""
    source = chosen_source()
    if source is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"Import {plain(short(Path(source.location).name, 50))}", anchor=False)
        if st.button("Choose other files", key="import-back", icon=":material/arrow_back:"):
            remove_upload(workspace(), source.location)
            take_source(None)
    side = st.session_state.get(_SIDE)  # known before its field is drawn
    with guarded():
        preview = preview_of(source.location, int(side) if side else None)
        if isinstance(preview, TextPreview):
            text_form(source, preview)
        else:
            image_form(source, preview)


def image_form(source: Source, preview: Preview) -> None:
    """Name, size and labels of images, and how they will look."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        name = _name_field(source)
        side = st.number_input(
            "Side, pixels",
            _SMALLEST_SIDE,
            _LARGEST_SIDE,
            None,
            placeholder="own size",
            key=_SIDE,
            width=150,
            help="All images become squares with this side. Empty: their own size where all are "
            "equal, else the median side.",
        )
        labels = st.text_input(
            "CSV of reference labels", placeholder="path, optional", key="import-labels"
        )
    show_preview(preview)
    if _import_button():
        begin(
            ImportSource(
                location=source.location,
                name=name.strip(),
                size=int(side) if side else None,
                labels_csv=str(allowed_source(labels.strip())) if labels.strip() else None,
            )
        )


def text_form(source: Source, preview: TextPreview) -> None:
    """Name of the texts, and what each column is for."""
    name = _name_field(source)
    columns = text_columns_form(preview)
    if _import_button(disabled=columns is None):
        begin(ImportSource(location=source.location, name=name.strip(), columns=columns))


def _name_field(source: Source) -> str:
    return st.text_input("Name", source.name, max_chars=_LONGEST_NAME, key="import-name")


def _import_button(disabled: bool = False) -> bool:
    return st.button(
        "Import",
        type="primary",
        key="import-start",
        icon=":material/download:",
        disabled=disabled,
    )


def preview_of(location: str, side: int | None) -> Preview | TextPreview:
    """The preview, made once for each size asked for. Raises UserError."""
    key = (location, side)
    known = st.session_state.get(_PREVIEW)
    if known is None or known[0] != key:
        with st.spinner("Looking inside …"):
            known = (key, preview_source(location, side))
        st.session_state[_PREVIEW] = known
    return known[1]


def show_preview(preview: Preview) -> None:
    """What was found, and some images before and after."""
    facts(
        {
            "Kind": preview.kind,
            "Images": count(preview.count),
            "Classes": count(len(preview.classes)) if preview.classes else "none",
            **{f"Split “{name}”": count(number) for name, number in preview.splits.items()},
            "Sizes": sizes_in_short(preview.sizes),
        }
    )
    if preview.classes:
        names = ", ".join(short(name, 24) for name in preview.classes[:20])
        quiet(f"Classes: {names}{' …' if len(preview.classes) > 20 else ''}")
    quiet(" ".join((preview.resize_rule, *preview.notes)))
    if preview.skipped:
        quiet(f"{counted(preview.skipped, 'file')} will be left out; the reasons come afterwards.")
    pairs = "".join(
        f'<figure><div class="both"><img src="{data_url(before)}" alt="before">'
        f'<span aria-hidden="true">→</span><img class="after" src="{data_url(after)}" alt="after">'
        f"</div><figcaption>{escape(short(name, 60))}</figcaption></figure>"
        for name, before, after in preview.samples
    )
    st.html(f'<div class="hf-pairs">{pairs}</div>')


def sizes_in_short(sizes: dict[str, int]) -> str:
    """'32 × 32' where all are equal, else how many sizes there are."""
    if len(sizes) == 1:
        return next(iter(sizes))
    return f"{len(sizes)} different"
