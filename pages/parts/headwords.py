"""A head in words: how it is answered."""

from pages.parts.words import count
from ssl_core.heads import Head, HeadKind

KINDS: dict[HeadKind, str] = {
    "categorical": "one of several classes",
    "binary": "one of two classes",
    "regression": "a number",
}
_CLASSES_NAMED = 12


def answers_to(head: Head) -> str:
    """The unit of a number, or the classes, cut after a dozen."""
    if head.kind == "regression":
        return head.unit or "no unit"
    if not head.classes:
        return "no classes yet"
    more = len(head.classes) - _CLASSES_NAMED
    listed = ", ".join(head.classes[:_CLASSES_NAMED])
    return f"{listed} and {count(more)} more" if more > 0 else listed
