"""What is said of a label when it is looked at again. Pure functions, no streamlit calls."""

from datetime import UTC, datetime

from pages.parts.reference_answers import number
from pages.parts.words import ago
from ssl_core.heads import Head
from ssl_core.labels.events import Answer
from ssl_core.labels.review import PastEvent
from ssl_core.labels.store import LabelStore

WAYS = {
    "hand": "by hand",
    "grid": "in the grid",
    "cluster": "by cluster",
    "accepted": "accepted from a run",
    "imported": "imported",
    "csv": "from a CSV file",
    "drawn": "drawn from reference labels",
    "adopted": "adopted from reference labels",
}
_PEOPLE = {
    "csv": "CSV file",
    "class-folders": "class folders",
    "reference": "reference labels",
    "review": "review",
}


def way(origin: str) -> str:
    """How a label was given, in words."""
    return WAYS.get(origin, origin)


class Names:
    """The names of people and classes of one dataset, read once a page."""

    def __init__(self, store: LabelStore) -> None:
        self._store = store
        self._heads = {head.name: head for head in store.heads()}
        self._classes = {
            one.identifier: one.name for name in self._heads for one in store.classes(name)
        }
        self._people: dict[str, str] = dict(_PEOPLE)

    def person(self, person: str) -> str:
        """What to call a person."""
        if person not in self._people:
            self._people[person] = self._store.name_of(person)
        return self._people[person]

    def head(self, head: str) -> Head:
        """The head of this name."""
        return self._heads[head]

    def answer(self, head: str, value: Answer) -> str:
        """An answer: the name of its class, or the number with its unit."""
        if self._heads[head].kind == "regression":
            return f"{number(float(value))} {self._heads[head].unit}".strip()
        return self._classes.get(int(value), "a class that is gone")

    def event(self, event: PastEvent) -> str:
        """One line of a history: 'cat · Ann · in the grid · 3 h ago'."""
        if event.kind == "undo":
            what = "taken back"
        elif event.kind == "skip":
            what = "skipped"
        elif event.value is None:
            what = "label taken away"
        else:
            what = self.answer(event.head, event.value)
        if len(self._heads) > 1:
            what = f"{self._heads[event.head].title}: {what}"
        parts = [what, self.person(event.person)]
        if event.kind == "label":
            parts.append(way(event.origin))
        return " · ".join([*parts, when(event.created)])


def when(created: float) -> str:
    """Seconds since 1970 as a time ago."""
    return ago(datetime.fromtimestamp(created, UTC).isoformat())
