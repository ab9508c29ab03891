"""What a cell of a table says: a number, a split, nothing."""

import math
import re

_NOTHING = ("na", "n/a", "nan", "null", "none", "-", "?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)
_LARGEST = 3.4e38  # float32
_LONGEST_NUMBER = 64  # letters
_SPLITS = {
    **dict.fromkeys(("", "train", "training"), "train"),
    **dict.fromkeys(("valid", "val", "validation", "dev"), "train"),
    **dict.fromkeys(("test", "testing"), "test"),
    **dict.fromkeys(("unlabelled", "unlabeled"), "unlabelled"),
}
VALIDATION_WORDS = ("valid", "val", "validation", "dev")


def means_nothing(cell: str) -> bool:
    """Whether a word such as NA stands where a number is expected."""
    return cell.strip().lower() in _NOTHING


def number_in(cell: str, decimal_comma: bool) -> float | None:
    """The finite number in the cell; None where there is none.

    decimal_comma: whether "3,5" is a number, as in files whose cells are separated by ;
    """
    text = cell.strip()
    if len(text) > _LONGEST_NUMBER or "_" in text:
        return None
    if decimal_comma and _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= _LARGEST else None


def split_in(cell: str) -> str | None:
    """The split that the cell names, of dataset.SPLITS; None for an unknown word."""
    return _SPLITS.get(cell.strip().lower())
