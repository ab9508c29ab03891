"""A file of labels that a person asked for, written whole or not at all."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from ssl_core.errors import UserError
from ssl_core.files import is_special, replacing

AT_ONCE = 200  # items read and written together
Progress = Callable[[int, int], None]  # items done, items in all


def no_progress(done: int, total: int) -> None:
    """For a caller that shows none."""


@contextlib.contextmanager
def written_file(path: Path | str) -> Iterator[BinaryIO]:
    """A stream whose content becomes the file at `path` when the block ends.

    Raises UserError where it cannot be written; what lay there before is then untouched.
    """
    target = Path(path).resolve()
    if is_special(target):
        raise UserError(f"{target} is a folder or a device. Expected the path of a file to write.")
    try:
        with replacing(target) as stream:
            yield stream
    except OSError as error:
        raise UserError(
            f"{target} cannot be written: {error.strerror}. Choose a folder that you may write to."
        ) from error
