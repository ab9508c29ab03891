"""What lies in a workspace, in words. Pure functions, no streamlit calls."""

from collections.abc import Sequence

from pages.parts.words import count, counted, short

_NOUNS = {
    "datasets": ("dataset", "datasets"),
    "runs": ("run", "runs"),
    "predictions": ("prediction", "predictions"),
    "studies": ("study", "studies"),
}
_MOST_NAMES = 8


def in_words(units: Sequence[str]) -> str:
    """('datasets/digits', 'runs/a', 'runs/b') -> '1 dataset (digits), 2 runs'."""
    rooms: dict[str, list[str]] = {}
    for unit in units:
        room, _, name = unit.partition("/")
        rooms.setdefault(room, []).append(name)
    parts = [
        counted(len(rooms[room]), *nouns)
        + (f" ({names(rooms[room])})" if room == "datasets" else "")
        for room, nouns in _NOUNS.items()
        if room in rooms
    ]
    return ", ".join(parts)


def names(units: Sequence[str]) -> str:
    """The first of them by name, and how many more there are."""
    shown = ", ".join(short(unit, 50) for unit in units[:_MOST_NAMES])
    more = len(units) - _MOST_NAMES
    return f"{shown} and {count(more)} more" if more > 0 else shown
