"""Training takes the cores that nobody else wants, so that labelling keeps its pace beside it."""

import os
from contextlib import suppress
from pathlib import Path

VARIABLE, USUAL = "HANDFUL_NICE", 10  # from 0, like any other program, to 19, last of all
_OWN_GROUP = Path("/proc/self/autogroup")


def step_back() -> None:
    """Lower the priority of this process and of all that it starts.

    Where the system shares the cores out among sessions first (Linux, autogroup), the session's
    priority is what counts. What a system does not offer, or a value that is none, changes nothing.
    """
    with suppress(OSError, ValueError, AttributeError):
        steps = min(19, max(0, int(os.environ.get(VARIABLE, USUAL))))
        os.nice(steps)
        if steps and os.getsid(0) == os.getpid():  # never that of the program that called
            _OWN_GROUP.write_text(str(steps))
