"""Which version of the code a run was made with."""

import subprocess
import tomllib
from functools import cache

from ssl_core.workspace import PROJECT_ROOT


@cache
def code_version() -> str:
    """The git commit ("3f2a9c1d04be", with "-dirty" where files were changed), else the release.

    Never fails: a copy without git and without its project file is "unknown".
    """
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        if (PROJECT_ROOT / ".git").exists() and answer.stdout.strip():
            return answer.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        pass
    return _release()


def _release() -> str:
    try:
        project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        return str(project["project"]["version"])
    except (OSError, ValueError, KeyError):
        return "unknown"
