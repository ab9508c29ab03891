"""Where everything of one person or team is kept."""

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from ssl_core.errors import UserError
from ssl_core.files import typed_path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SAMPLE_FOLDER = PROJECT_ROOT / "data" / "sample"
WORKSPACE_VARIABLE = "HANDFUL_WORKSPACE"
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


@dataclass(frozen=True)
class Workspace:
    """A folder with `datasets/`, `imports/`, `runs/`, `studies/`, `predictions/`, `exports/`,
    `archives/`, `locks/` and `downloads/` in it.

    Several processes may use one workspace at the same time.
    """

    root: Path

    @classmethod
    def open(cls, root: Path | str | None = None) -> "Workspace":
        """The workspace at `root`, else at $HANDFUL_WORKSPACE, else at data/workspace.

        Its folders are made where they are missing. Raises UserError where that is impossible.
        """
        chosen = root or os.environ.get(WORKSPACE_VARIABLE) or PROJECT_ROOT / "data" / "workspace"
        workspace = cls(typed_path(chosen).resolve())
        try:
            for folder in (
                workspace.datasets,
                workspace.imports,
                workspace.runs,
                workspace.studies,
                workspace.locks,
                workspace.downloads,
                workspace.predictions,
                workspace.exports,
                workspace.archives,
            ):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"The workspace folder {workspace.root} cannot be used: {error.strerror}. "
                "Choose a folder that you may write to."
            ) from error
        return workspace

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def imports(self) -> Path:
        return self.root / "imports"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def studies(self) -> Path:
        return self.root / "studies"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    @property
    def downloads(self) -> Path:
        return self.root / "downloads"

    @property
    def predictions(self) -> Path:
        return self.root / "predictions"

    @property
    def exports(self) -> Path:
        return self.root / "exports"

    @property
    def archives(self) -> Path:
        return self.root / "archives"


def identifier_of(name: str) -> str:
    """The folder name and URL part for a name that a person typed: a-z, 0-9, '-' and '_'.

    Raises UserError where nothing of the name can be kept.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    identifier = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:80]
    if not identifier:
        raise UserError(
            f"The name {name[:60]!r} has no letter or digit that a folder name can keep. "
            "Use at least one letter a-z or digit."
        )
    return identifier


def checked_identifier(text: str) -> str:
    """`text` if it is an identifier, so that it can be joined to a path. Raises UserError."""
    if not _IDENTIFIER.fullmatch(text):
        raise UserError(
            f"{text[:60]!r} is not a name used here. Expected letters a-z, digits, '-' or '_'."
        )
    return text
