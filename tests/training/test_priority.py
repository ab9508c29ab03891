"""Training steps back behind what people do on the same machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

AUTOGROUP = Path("/proc/self/autogroup")
SAY = (
    "import os, pathlib; from ssl_core.training.priority import step_back; step_back();"
    "group = pathlib.Path('/proc/self/autogroup');"
    "print(os.nice(0), *(group.read_text() if group.exists() else '').split()[-1:])"
)


def priorities(value: str | None, own_session: bool = True) -> tuple[int, str]:
    """Of a process, and of its session's group, after it stepped back."""
    environment = {name: text for name, text in os.environ.items() if name != "HANDFUL_NICE"}
    if value is not None:
        environment["HANDFUL_NICE"] = value
    said = subprocess.run(
        [sys.executable, "-c", SAY],
        env=environment,
        start_new_session=own_session,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return int(said[0]) - os.nice(0), said[1] if len(said) > 1 else ""


@pytest.mark.parametrize(
    ("value", "steps"), [(None, 10), ("0", 0), ("4", 4), ("-5", 0), ("much", 0)]
)
def test_the_process_and_its_session_step_back(value: str | None, steps: int) -> None:
    before = os.nice(0)
    if before + steps > 19:
        pytest.skip("this process has stepped back itself")
    of_process, of_session = priorities(value)
    assert of_process == steps
    if AUTOGROUP.exists():
        assert of_session == str(steps)


def test_the_session_of_the_caller_keeps_its_priority() -> None:
    before = AUTOGROUP.read_text() if AUTOGROUP.exists() else ""
    priorities("4", own_session=False)
    assert (AUTOGROUP.read_text() if AUTOGROUP.exists() else "") == before
