"""What every screen shares: the workspace, the chosen dataset, and how errors are told."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

import streamlit as st

from pages.parts.labelboard.routes import forget_opened
from pages.parts.words import count, plain, short
from ssl_core.datasets.dataset import MANIFEST, Dataset, Manifest, list_datasets, open_dataset
from ssl_core.errors import UserError
from ssl_core.labels.store import forget_labels
from ssl_core.workspace import Workspace

_CHOICE = "chosen_dataset"  # the widget's own value
_WANTED = "wanted_dataset"  # asked for by a page, taken up at the next run
_SEEN = "dataset_in_address"  # what the address said when we last wrote it
_LOG_BYTES = 1_000_000


def workspace() -> Workspace:
    """The workspace of this server ($HANDFUL_WORKSPACE, else data/workspace)."""
    return Workspace.open()


def datasets() -> list[Manifest]:
    """The manifests of all complete datasets, newest first; read again only when one changed."""
    space = workspace()
    files = sorted(space.datasets.glob(f"*/{MANIFEST}"))
    stamps = []
    for path in files:
        try:
            stamps.append((path.parent.name, path.stat().st_mtime_ns))
        except OSError:
            continue
    return _manifests(str(space.root), tuple(stamps))


@st.cache_resource(max_entries=4, show_spinner=False)
def _manifests(root: str, stamps: tuple[tuple[str, int], ...]) -> list[Manifest]:
    return list_datasets(Workspace(Path(root)))


@st.cache_resource(max_entries=8, show_spinner=False)
def _opened(root: str, identifier: str, stamp: str) -> Dataset:
    return open_dataset(Workspace(Path(root)), identifier)


def current_dataset() -> Dataset | None:
    """The chosen dataset, opened; None while the workspace holds none.

    The choice lives in the address (`?dataset=`) and follows the person from page to page.
    """
    chosen = _decide(datasets())
    if chosen is None:
        return None
    return opened(next(found for found in datasets() if found.identifier == chosen))


def opened(manifest: Manifest) -> Dataset:
    """The dataset that a manifest describes, kept open between reruns."""
    return _opened(str(workspace().root), manifest.identifier, _stamp(manifest))


def _stamp(manifest: Manifest) -> str:
    return manifest.fingerprint + manifest.created


def forget_dataset(manifest: Manifest) -> None:
    """Let go of all that this process keeps open of a dataset, so that deleting frees the disk.

    A file that is mapped or open keeps its room on the disk after its name is gone.
    """
    space = workspace()
    folder = space.datasets / manifest.identifier
    forget_labels(folder)
    forget_opened(folder / MANIFEST)
    _opened.clear(str(space.root), manifest.identifier, _stamp(manifest))


def select_dataset(identifier: str) -> None:
    """Make `identifier` the chosen dataset from the next run on."""
    st.session_state[_WANTED] = identifier


def forget_choice() -> None:
    """Let the choice fall on another dataset without a word, after this one was deleted."""
    st.session_state.pop(_CHOICE, None)
    st.query_params.pop("dataset", None)


def dataset_selector() -> None:
    """The choice of the dataset, for the sidebar of every page."""
    known = {found.identifier: found for found in datasets()}
    chosen = _decide(list(known.values()))
    if chosen is None:
        return
    st.selectbox(
        "Dataset",
        list(known),
        key=_CHOICE,
        format_func=lambda key: f"{short(known[key].name, 40)} · {count(known[key].count)}",
    )
    chosen = st.session_state[_CHOICE]
    if st.query_params.get("dataset") != chosen:
        st.query_params["dataset"] = chosen
    st.session_state[_SEEN] = chosen


def _decide(manifests: list[Manifest]) -> str | None:
    """Which dataset is meant: what a page asked for, then a new address, then the last choice."""
    state = st.session_state
    known = [found.identifier for found in manifests]
    wanted = state.pop(_WANTED, None)
    asked = st.query_params.get("dataset")
    if wanted in known:
        state[_CHOICE] = wanted
    elif asked in known and (asked != state.get(_SEEN) or _CHOICE not in state):
        state[_CHOICE] = asked  # a run that was cut short may have lost the widget's value
    elif state.get(_CHOICE) not in known:
        missing = state.get(_CHOICE) or asked
        if missing and known:
            st.toast(f"There is no dataset {plain(short(missing))} any more.")
        state[_CHOICE] = known[0] if known else None
    chosen: str | None = state.get(_CHOICE)
    state[_SEEN] = chosen
    return chosen


def show_error(error: Exception | str) -> None:
    """A sentence for a person, shown letter by letter."""
    st.error(plain(str(error)), icon=":material/error:")


@contextmanager
def guarded() -> Iterator[None]:
    """Show a UserError raised inside as its sentence and go on after the block."""
    try:
        yield
    except UserError as error:
        show_error(error)


def tell(error: Exception) -> bool:
    """The application's answer to an exception no page caught: a sentence, never a stack trace."""
    if isinstance(error, UserError):
        show_error(error)
        return True
    where = log_file()
    _logger(where).error("Unexpected error in a page", exc_info=error)
    st.error(
        "Something went wrong on this page. Nothing you labelled is lost. Reload the page; if it "
        f"happens again, the details are in {plain(str(where))}",
        icon=":material/error:",
    )
    return True


def log_file() -> Path:
    """Where unexpected errors of the dashboard are written."""
    return workspace().root / "log" / "dashboard.txt"


@st.cache_resource(show_spinner=False)
def _logger(path: Path) -> logging.Logger:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("handful.dashboard")
    logger.handlers = [handler]
    return logger
