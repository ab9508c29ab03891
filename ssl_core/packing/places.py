"""Where the dashboard may write an archive, or a workspace that it unpacks.

Whoever reaches the dashboard's port could otherwise write anywhere on this machine; the command
line is not limited.
"""

import os
from pathlib import Path

from ssl_core.datasets.paths import SOURCES_VARIABLE, allowed_folders
from ssl_core.errors import UserError
from ssl_core.workspace import PROJECT_ROOT, Workspace


def new_file(typed: str) -> Path:
    """The file that is to be written, in a folder that is there. Raises UserError."""
    path = _allowed(typed)
    if path.exists():
        raise UserError(f"{path} is there already, and nothing is replaced. Choose another name.")
    if not path.parent.is_dir():
        raise UserError(f"There is no folder {path.parent}. Make it first, or choose another one.")
    return path


def other_workspace(typed: str, open_one: Workspace) -> Workspace:
    """The workspace in a new or empty folder, or one that is there. Raises UserError."""
    root = _allowed(typed)
    if root != open_one.root and root.is_relative_to(open_one.root):
        raise UserError(f"{root} lies inside the open workspace. Choose a folder outside of it.")
    if root.is_relative_to(PROJECT_ROOT) and not root.is_relative_to(PROJECT_ROOT / "data"):
        raise UserError(f"{root} lies inside the program. Choose a folder outside of it.")
    workspace = Workspace(root)
    empty = not root.exists() or (root.is_dir() and not any(root.iterdir()))
    # Together these are made by nothing else; a folder `datasets` alone many programs have.
    rooms = (workspace.datasets, workspace.imports, workspace.runs, workspace.locks)
    if not empty and not all(room.is_dir() for room in rooms):
        raise UserError(
            f"{root} holds other things and is no workspace. Choose a new or empty folder."
        )
    return workspace


def _allowed(typed: str) -> Path:
    """The path that was typed, links resolved. Raises UserError outside the allowed folders."""
    path = Path(os.path.expanduser(typed.strip()))
    folders = allowed_folders()
    try:
        resolved = path.resolve()
        allowed = path.is_absolute() and any(map(resolved.is_relative_to, folders))
    except (OSError, RuntimeError, ValueError):
        allowed = False
    if not allowed:
        listed = ", ".join(str(folder) for folder in folders)
        raise UserError(
            f"Received the path {typed[:200]!r}. Expected a full path inside the folders that the "
            f"dashboard may use: {listed}. More with the variable {SOURCES_VARIABLE}."
        )
    return resolved
