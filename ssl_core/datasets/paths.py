"""Which places of this machine the dashboard may be pointed at."""

import os
from pathlib import Path

from ssl_core.errors import UserError
from ssl_core.workspace import PROJECT_ROOT

SOURCES_VARIABLE = "HANDFUL_SOURCES"


def allowed_folders() -> tuple[Path, ...]:
    """The home folder, the project's data, /data, /mnt, /media and those in $HANDFUL_SOURCES."""
    named = [part for part in os.environ.get(SOURCES_VARIABLE, "").split(os.pathsep) if part]
    usual = [Path.home(), PROJECT_ROOT / "data", Path("/data"), Path("/mnt"), Path("/media")]
    return tuple(folder.resolve() for folder in [*usual, *(Path(part) for part in named)])


def allowed_source(path: str | Path) -> Path:
    """The file or folder that was typed, links resolved, if the dashboard may read there.

    Whoever reaches the dashboard's port could otherwise look at any file of this machine; the
    command line is not limited. Raises UserError, the same one whether or not the path exists.
    """
    folders = allowed_folders()
    try:
        resolved = Path(path).expanduser().resolve()
    except (OSError, RuntimeError, ValueError):
        resolved = None
    if resolved is None or not any(resolved.is_relative_to(folder) for folder in folders):
        listed = ", ".join(str(folder) for folder in folders)
        raise UserError(
            f"The path {str(path)[:200]!r} lies outside the folders that the dashboard may read: "
            f"{listed}. Move the images there, or start Handful with {SOURCES_VARIABLE} set to "
            "their folder."
        )
    if not resolved.exists():
        raise UserError(f"There is no file or folder {str(path)[:200]!r}. Check the spelling.")
    return resolved
