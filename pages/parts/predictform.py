"""What is predicted: the run that is asked, and where the new items come from."""

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.pathfield import source_field
from pages.parts.runtext import listed_name
from pages.parts.session import guarded, workspace
from pages.parts.uploader import upload_field
from pages.parts.uploads import IMAGE_ENDINGS, INSIDE, uploaded_location
from pages.parts.words import counted, plain, short
from ssl_core.errors import UserError
from ssl_core.methods import uses_items
from ssl_core.predictions.jobs import numbers_beside, start_prediction
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.listing import RunSummary
from ssl_core.runs.saved_model import NetworkInput, network_input

RUN = "predicting-run"
UPLOAD, PATH = "Upload", "A path on this machine"
_UPLOADS = "prediction_upload_number"  # counts up, so that the field is empty again afterwards
_SEEN = "prediction_upload_seen"
_TEXT_COLUMN = "prediction-text-column"
_TEXT_ENDINGS = (".csv", ".tsv", ".zip")


def runs_to_ask(runs: list[RunSummary]) -> list[RunSummary]:
    """The runs that have a model to ask about items."""
    return [
        run for run in runs if run.status.state == "finished" and uses_items(run.request.method)
    ]


def choose_run_to_ask(runs: list[RunSummary]) -> RunSummary:
    """The run whose model is asked; `?run=` in the address names it. runs: at least one."""
    known = {run.run: run for run in runs}
    asked = st.query_params.get("run")
    if st.session_state.get(RUN) not in known:
        st.session_state[RUN] = asked if asked in known else runs[0].run
    chosen = st.selectbox(
        "Run to ask",
        list(known),
        key=RUN,
        format_func=lambda run: listed_name(known[run]),
        persist_state="session",
    )
    return known[chosen]


def noun_of_items(run: RunSummary) -> str:
    """What the run is asked about, in the plural."""
    try:
        return "texts" if _taken_by(run).texts else "images"
    except UserError:
        return "items"


def new_items(run: RunSummary) -> None:
    """Where the new items come from. The prediction starts as soon as they are there."""
    takes = _taken_by(run)
    way = st.segmented_control(
        "Where the new items come from",
        [UPLOAD, PATH],
        default=UPLOAD,
        required=True,
        key="prediction-way",
        label_visibility="collapsed",
    )
    column = None
    if takes.texts:
        column = st.text_input(
            "Column of texts", placeholder="the likely one", key=_TEXT_COLUMN, width=320
        )
    if way == PATH:
        _typed(run, column)
    else:
        _uploaded(run, takes, column)
    quiet(_taken(takes))
    if takes.texts and takes.means:
        numbers = ", ".join(numbers_beside(workspace(), run.request))
        quiet(f"It also reads numbers beside each text, from the columns {numbers}.")


def _taken_by(run: RunSummary) -> NetworkInput:
    return network_input(RunFolder(workspace().runs / run.run))


def _uploaded(run: RunSummary, takes: NetworkInput, column: str | None) -> None:
    number = st.session_state.get(_UPLOADS, 0)
    prompt = "a .csv file" if takes.texts else "images, a folder or a zip of them"
    endings = _TEXT_ENDINGS if takes.texts else (*IMAGE_ENDINGS, ".zip")
    batch = upload_field(f"prediction-upload-{number}", f"Drop {prompt} here", endings)
    if batch and batch != st.session_state.get(_SEEN):
        st.session_state[_SEEN] = batch
        st.session_state[_UPLOADS] = number + 1
        with guarded():
            location = uploaded_location(workspace(), batch)
            files = sum(path.is_file() for path in location.rglob("*"))
            name = counted(files, "file") if location.name == INSIDE else location.name
            _begin(run, str(location), name, column)


def _typed(run: RunSummary, column: str | None) -> None:
    with guarded():
        location = source_field(
            "prediction-path", "/home/me/new", "Predict", ":material/play_arrow:"
        )
        if location is not None:
            _begin(run, str(location), location.name, column)


def _begin(run: RunSummary, location: str, name: str, column: str | None) -> None:
    start_prediction(workspace(), run.run, location, name, (column or "").strip() or None)
    st.toast(f"Predicting {plain(short(name))}.")
    st.rerun()


def _taken(takes: NetworkInput) -> str:
    """What the network is given of an item."""
    if takes.texts:
        return (
            f"A CSV file with a text in each row; the first {counted(takes.shape[0], 'word')} of "
            "each are read, as in the training."
        )
    height, width, channels = takes.shape
    colour = "grey" if channels == 1 else "colour"
    return (
        "Image files, a folder or a zip archive. Each image is brought to the size of the "
        f"training, {height} × {width} pixels, {colour}: scaled until it just fits, on black."
    )
