"""Names that came with a person's files, made safe to store and to show as plain text."""

import re
import unicodedata
from collections.abc import Iterable

from ssl_core.errors import UserError

CLASS_LIMIT = 1000  # of a dataset, by folders, by a table and by hand
CLASS_NAME_LIMIT = 100  # characters
FILE_NAME_LIMIT = 300  # characters
# Written before text that a spreadsheet would run as a formula, and taken away when read back.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_DIGITS = re.compile(r"(\d+)")


def plain_text(name: str, limit: int = FILE_NAME_LIMIT) -> str:
    """`name` as valid Unicode without control characters, at most `limit` characters.

    Markup, emoji and right-to-left letters stay as they are: names are text everywhere.
    Characters that reorder the text around them are dropped.
    """
    valid = name.encode("utf-8", "replace").decode("utf-8")
    kept = "".join(" " if _is_control(letter) else letter for letter in valid)
    composed = unicodedata.normalize("NFC", kept).strip()
    return composed if len(composed) <= limit else composed[: limit - 1] + "…"


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sort key that puts "2" before "10" and does not mix up numbers and words."""
    return [
        (0, int(part), part) if part.isdecimal() and len(part) < 19 else (1, 0, part)
        for part in _DIGITS.split(name)
        if part
    ]


def class_names(raw: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """The class name to store for each distinct name of a source, and notes for the person.

    Longer names than 100 characters are shortened; where two become equal a number is added.
    Raises UserError for more than 1,000 classes.
    """
    stored: dict[str, str] = {}
    taken: set[str] = set()
    distinct = sorted(set(raw), key=natural_key)
    if len(distinct) > CLASS_LIMIT:
        raise UserError(
            f"There are {len(distinct):,} classes, for example {plain_text(distinct[0], 40)!r}; at "
            f"most {CLASS_LIMIT:,} are possible. Put the images of one class into one folder."
        )
    notes: list[str] = []
    for name in distinct:
        base = plain_text(name, CLASS_NAME_LIMIT) or "(no name)"
        chosen, number = base, 2
        while chosen in taken:
            chosen, number = f"{base[: CLASS_NAME_LIMIT - 8]} ({number})", number + 1
        stored[name] = chosen
        taken.add(chosen)
        if len(name) > CLASS_NAME_LIMIT:
            notes.append(
                f"A class name of {len(name)} characters was shortened to {CLASS_NAME_LIMIT}: "
                f"{chosen[:40]}…"
            )
    return stored, notes


def _is_control(letter: str) -> bool:
    category = unicodedata.category(letter)
    reorders = "\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069"
    return category in ("Cc", "Zl", "Zp", "Cs") or reorders


def without_guard(text: str) -> str:
    """`text` without the apostrophe that keeps spreadsheets from running it."""
    guarded = text.startswith("'") and text[1:].startswith(FORMULA_STARTS)
    return text[1:] if guarded else text


def with_guard(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
