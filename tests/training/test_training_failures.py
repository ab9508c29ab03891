"""How an end is told to a person."""

import errno

import pytest

from ssl_core.errors import UserError
from ssl_core.training.failures import NotFinite, explained


class ResourceExhaustedError(Exception):
    """Has the name of TensorFlow's."""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UserError("Label some images."), "Label some images."),
        (NotFinite(["reconstruction"], 40), "reconstruction loss was no longer a number"),
        (MemoryError(), "Memory ran out"),
        (ResourceExhaustedError("OOM when allocating tensor"), "smaller batch size"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (OSError(errno.EROFS, "Read-only file system"), "cannot be written"),
        (RuntimeError("CUDA_ERROR_LAUNCH_FAILED: unspecified"), "GPU stopped working"),
        (RuntimeError("/secret/path exploded"), "(RuntimeError). The log has the details"),
    ],
)
def test_every_end_has_plain_words(error: Exception, words: str) -> None:
    told = explained(error)
    assert words in told
    assert "Traceback" not in told
    assert "/secret" not in told
