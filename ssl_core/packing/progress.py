"""How far the packing of a workspace has come."""

from collections.abc import Callable

Progress = Callable[[int, int], None]  # bytes done, bytes in all


class Counter:
    """Counts bytes and tells them on."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def add(self, size: int) -> None:
        """size: bytes more; a file that grew meanwhile does not bring it past the whole."""
        self._done += size
        self._progress(min(self._done, self._total), self._total)
