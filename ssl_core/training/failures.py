"""Ways a training ends early, and how they are told to a person. Light: no framework here."""

import errno

from ssl_core.errors import UserError

LESS_MEMORY = (
    "Choose a smaller batch size or network, or end other programs; "
    "resume continues from the last checkpoint."
)


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """The person asked the run to stop."""


class NotFinite(Exception):  # noqa: N818 - named for what was seen
    """A loss became NaN or infinite."""

    def __init__(self, terms: list[str], step: int) -> None:
        super().__init__(f"{', '.join(terms)} at step {step}")
        self.terms = terms
        self.step = step


def explained(error: BaseException) -> str:
    """Why a run failed and what to do, in a sentence or two. No trace, no path of the program."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, NotFinite):
        return (
            f"The {' and '.join(error.terms)} loss was no longer a number before step "
            f"{error.step}. Start a new run with a learning rate ten times smaller; the last good "
            "checkpoint was kept."
        )
    if isinstance(error, MemoryError) or _speaks_of(error, "ResourceExhausted", "OOM when"):
        return f"Memory ran out. {LESS_MEMORY}"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full. Make room, then resume: it continues from the last checkpoint."
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return "The folder of the run cannot be written to. Make it writable, then resume."
    if _speaks_of(error, "No space left on device"):
        return "The disk is full. Make room, then resume: it continues from the last checkpoint."
    if _speaks_of(error, "CUDA", "cuDNN", "CUDNN"):
        return (
            "The GPU stopped working for this run. Close other programs that use it and resume, "
            "or start a new run on the CPU. The log has the details."
        )
    return f"An unexpected error ended the run ({type(error).__name__}). The log has the details."


def _speaks_of(error: BaseException, *marks: str) -> bool:
    text = f"{type(error).__name__}: {error}"
    return any(mark in text for mark in marks)
