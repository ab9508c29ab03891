"""From a row of a label file to the item that it speaks of."""

from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.names import plain_text, without_guard
from ssl_core.labels.csv_reading import CsvRow


class ItemFinder:
    """Finds items of one dataset by name or number."""

    def __init__(self, dataset: Dataset) -> None:
        self._noun = dataset.manifest.noun
        self._nouns = dataset.manifest.noun_plural
        self._count = dataset.manifest.count
        self._names = dataset.item_names
        self._by_name: dict[str, int | None] = {}  # None: several items have the name
        self._by_last_part: dict[str, int | None] = {}
        for item, name in enumerate(dataset.item_names):
            last = name.rsplit("/", 1)[-1]
            self._by_name[name] = None if name in self._by_name else item
            self._by_last_part[last] = None if last in self._by_last_part else item

    def find(self, row: CsvRow) -> tuple[int | None, str]:
        """The item, or None and why there is none. The file's name goes before the number."""
        item = self._numbered(row.item)
        spellings = _spellings(row.file)
        # In another dataset, or with another order of its files, a number is another item.
        if item is not None and (not row.file or _names_of(self._names[item]) & set(spellings)):
            return item, ""
        if not row.file and not row.item:
            return None, "It names no file."
        if not row.file:
            return None, f"There is no item {row.item[:20]!r}; expected 0 to {self._count - 1}."
        for plain in spellings:
            for known in (self._by_name, self._by_last_part):
                if plain in known:
                    match = known[plain]
                    several = (
                        f"Several {self._nouns} have this name; give the path or the item number."
                    )
                    return match, "" if match is not None else several
        return None, f"No {self._noun} of the dataset has this name."

    def _numbered(self, text: str) -> int | None:
        """The item with this number, where it is one of the dataset."""
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            return None
        return int(text) if int(text) < self._count else None


def _names_of(name: str) -> set[str]:
    """A file's whole name and its last part."""
    return {name, name.rsplit("/", 1)[-1]}


def _spellings(file: str) -> list[str]:
    """The names that a cell may stand for: as it is, without a guard, from Windows, composed."""
    names = (file, without_guard(file), file.replace("\\", "/"), plain_text(file))
    return [name.removeprefix("./") for name in names]
