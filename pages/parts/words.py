"""Numbers and names as people read them. Pure functions, no streamlit calls."""

import re
from datetime import UTC, datetime

THIN_SPACE = "\u2009"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=])")
_LINK = re.compile(r"(?i)\b(https?|www)(?=[:.])|(?=@)")
_WORD_JOINER = "\u2060"  # invisible, and ends what could become a link
_LONGEST_NAME = 60


def count(number: int) -> str:
    """12345 -> '12 345' with a thin space between the thousands."""
    return f"{number:,}".replace(",", THIN_SPACE)


def counted(number: int, one: str, many: str | None = None) -> str:
    """(1, 'image') -> '1 image'; (3, 'image') -> '3 images'."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def size(number: float) -> str:
    """A number of bytes: 62190935 -> '62.2 MB' (decimal units)."""
    amount = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    raise AssertionError("unreachable")


def duration(seconds: float) -> str:
    """A length of time in seconds: 0.42 -> '0.4 s', 75 -> '1 min 15 s', 7300 -> '2 h 1 min'."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def share(value: float, digits: int = 1) -> str:
    """A share in [0, 1] as per cent: 0.934 -> '93.4 %'."""
    return f"{100 * value:.{digits}f}{THIN_SPACE}%"


def ago(moment: str, now: datetime | None = None) -> str:
    """An ISO 8601 time: 'just now', '5 min ago', '3 h ago', else the date; '' if unreadable.

    No line is broken within the number and its unit.
    """
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return ""
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    seconds = ((now or datetime.now(UTC)) - then).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)}\u00a0min\u00a0ago"
    if seconds < 86400:
        return f"{int(seconds // 3600)}\u00a0h\u00a0ago"
    return then.strftime("%Y-%m-%d")


def setting_words(name: str) -> str:
    """The name of a hyperparameter in words: 'ema_momentum' -> 'EMA momentum'."""
    words = name.replace("_", " ").replace("beta1", "β₁")
    return words.replace("ema ", "EMA ") if words.startswith("ema ") else words


def plain(text: str) -> str:
    """`text` for a place where streamlit reads Markdown, so that it is shown letter by letter.

    Without this a file or class name could draw links, colours, or an image fetched from outside.
    """
    unlinked = _LINK.sub(lambda found: found.group() + _WORD_JOINER, " ".join(text.split()))
    return _MARKDOWN.sub(r"\\\1", unlinked)


def short(name: str, longest: int = _LONGEST_NAME) -> str:
    """`name`, with its middle left out where it is longer than `longest` letters."""
    if len(name) <= longest:
        return name
    tail = longest // 3
    return f"{name[: longest - tail - 1]}…{name[-tail:]}"
