"""The rules for classes: names, colours, keys."""

import colorsys
import re
import unicodedata
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.names import CLASS_LIMIT
from ssl_core.errors import UserError

NAME_LENGTH = 100
MOST_CLASSES = CLASS_LIMIT  # reference classes become classes to answer with
# Streamlit answers "c" (clear the cache) and "r" (run again) itself.
RESERVED_LETTERS = "cr"
KEYS = "1234567890" + "".join(
    letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in RESERVED_LETTERS
)
# Middle lightness, so that each stands out from a white and from a near-black page.
PALETTE = (
    "#2f7ed8",
    "#e8772e",
    "#2a9d5c",
    "#d6455d",
    "#8a5fd0",
    "#a9793f",
    "#d65db1",
    "#1fa2a8",
    "#9aa51f",
    "#6c7a92",
    "#c99a06",
    "#5b6ee1",
)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_GOLDEN_TURN = 0.618034  # successive hues stay far apart, however many there are


class LabelClass(BaseModel):
    """One class that people may answer with. Its identifier never changes and is never reused."""

    model_config = ConfigDict(frozen=True)
    identifier: int
    name: str
    colour: str  # "#rrggbb"
    key: str  # "1".."9", "0", then letters; "" where the keys have run out
    reference: int | None  # index in the classes that the head came with


def keys_for(names: Sequence[str]) -> list[str]:
    """The key of each class, in the order shown; "" where the keys have run out.

    A class whose name is a digit has that digit, or the digit pressed for a picture of a seven
    would label it six. The others take what is left, in order: 1 to 9, 0, then letters.
    """
    free = [key for key in KEYS if not (key.isdigit() and key in names)]
    remaining = iter(free)
    return [name if len(name) == 1 and name in KEYS[:10] else next(remaining, "") for name in names]


def default_colour(position: int) -> str:
    """The colour of the class at `position`: from the palette, then generated."""
    if position < len(PALETTE):
        return PALETTE[position]
    turn = position - len(PALETTE)
    lightness = (0.42, 0.55, 0.48)[turn % 3]
    red, green, blue = colorsys.hls_to_rgb((turn * _GOLDEN_TURN) % 1.0, lightness, 0.55)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def checked_colour(colour: str) -> str:
    """`colour` in lower case. Raises UserError where it is not of the form #rrggbb."""
    if not _COLOUR.fullmatch(colour):
        raise UserError(f"{colour[:30]!r} is not a colour. Expected # and six digits, as #2f7ed8.")
    return colour.lower()


def checked_name(name: str, what: str = "class name") -> str:
    """`name` without spaces around it. Raises UserError where it cannot name a class.

    `what` is said of it in the sentence. Any script and emoji are fine; control characters, line
    breaks and the invisible marks that turn the direction of the text after them are not.
    """
    trimmed = unicodedata.normalize("NFC", name).strip()
    if not trimmed:
        raise UserError(f"The {what} is empty. Type at least one character.")
    if len(trimmed) > NAME_LENGTH:
        raise UserError(
            f"The {what} {trimmed[:20]!r}... has {len(trimmed):,} characters. "
            f"Expected at most {NAME_LENGTH}."
        )
    if any(_is_control(character) for character in trimmed):
        raise UserError(
            f"The {what} {trimmed[:40]!r} contains a control character. Type it without."
        )
    return trimmed


def usable_names(names: Sequence[str]) -> list[str]:
    """`names` made valid and different from each other, as the first classes of a dataset.

    Names that come with data cannot be refused, so they are shortened and cleaned.
    """
    usable: list[str] = []
    taken: set[str] = set()
    for index, name in enumerate(names):
        plain = "".join(" " if _is_control(character) else character for character in name)
        base = unicodedata.normalize("NFC", plain).strip()[:NAME_LENGTH].strip()
        base = base or f"class {index + 1}"
        chosen, copy = base, 1
        while chosen in taken:
            copy += 1
            ending = f" ({copy})"
            chosen = base[: NAME_LENGTH - len(ending)] + ending
        taken.add(chosen)
        usable.append(chosen)
    return usable


def _is_control(character: str) -> bool:
    """Control characters, lone surrogates, line and paragraph breaks, direction overrides."""
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or "\u202a" <= character <= "\u202e"
        or "\u2066" <= character <= "\u2069"
    )
