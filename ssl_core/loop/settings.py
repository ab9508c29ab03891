"""What the loop of one dataset is told to do, and what it has done: `loop.json` beside its data."""

import secrets
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.files import read_json, write_json
from ssl_core.locks import only_one
from ssl_core.workspace import Workspace

LOOP = "loop.json"
DEFAULT_EVERY = 20  # new labels between two trainings
MOST_EVERY = 100_000
_LOCK_SECONDS = 30.0  # that another process is waited for


class LoopState(BaseModel):
    """The content of `loop.json`."""

    model_config = ConfigDict(frozen=True)
    identity: str = Field(default_factory=lambda: secrets.token_hex(8))
    method: str | None = None  # None: nobody has chosen one yet
    steps: int | None = None  # None: as many as the last run of the method
    every: int = DEFAULT_EVERY  # new labels after which a training is due by itself
    by_itself: bool = False  # whether it is
    asked: bool = False  # a person wants a training that has not begun yet
    after: int = 0  # number in the log of events that the newest training has seen
    runs: tuple[str, ...] = ()  # all trainings so far, the oldest first


def read_loop(dataset: Dataset) -> LoopState:
    """The state of the loop, a new one where there is none. Raises UserError: it is damaged."""
    try:
        return LoopState.model_validate(read_json(dataset.folder / LOOP))
    except FileNotFoundError:
        return LoopState()
    except (OSError, ValueError) as error:
        raise UserError(
            f"{LOOP} of the dataset {dataset.manifest.name!r} cannot be read. Delete that file: "
            "only the settings of its loop and the list of its trainings are lost."
        ) from error


def write_loop(dataset: Dataset, state: LoopState) -> None:
    """Keep `state`. Expects that the caller holds `loop_lock`. Raises UserError."""
    try:
        write_json(dataset.folder / LOOP, state.model_dump(mode="json"))
    except OSError as error:
        raise UserError(
            f"{LOOP} of the dataset {dataset.manifest.name!r} cannot be written: "
            f"{error.strerror}. Make room on the disk, or make the folder writable."
        ) from error


def change_loop(workspace: Workspace, dataset: Dataset, **changes: object) -> LoopState:
    """Replace some fields of the state; returns the new one.

    Raises UserError, also where another process keeps hold of the state.
    """
    what = f"The loop of {dataset.manifest.name!r}"
    with only_one(_lock_path(workspace, dataset), what, _LOCK_SECONDS):
        state = read_loop(dataset)
        changed = LoopState.model_validate({**state.model_dump(), **changes})
        if changed != state:
            write_loop(dataset, changed)
    return changed


def loop_lock(workspace: Workspace, dataset: Dataset, patience: float) -> FileLock:
    """Held while the state changes or a training is started, over all processes.

    patience: seconds to wait for it; 0 gives up at once with filelock.Timeout.
    """
    return FileLock(_lock_path(workspace, dataset), timeout=patience)


def _lock_path(workspace: Workspace, dataset: Dataset) -> Path:
    return workspace.locks / f"loop-{dataset.identifier}.lock"
