"""A further head that a person adds to a dataset: empty, or derived from the reference classes."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.files import replace_bytes
from ssl_core.heads import RESERVED_NAMES, Head, HeadKind, plain_name
from ssl_core.labels.head_table import BINARY_CLASSES
from ssl_core.labels.reference import reference_file
from ssl_core.labels.store import LabelStore

Group = tuple[str, tuple[str, ...]]  # a class of the new head, and those it is made of


def head_named(title: str, kind: HeadKind, classes: Sequence[str] = (), unit: str = "") -> Head:
    """A head as a person described it. Raises UserError where that is no head."""
    name = head_name(title)
    if kind == "binary" and not classes:
        classes = BINARY_CLASSES
    try:
        return Head(name=name, title=title.strip(), kind=kind, unit=unit, classes=tuple(classes))
    except ValidationError as error:
        reason = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise UserError(f"{reason[0].upper()}{reason[1:]}. Change the classes or the kind.") from (
            error
        )


def head_name(title: str) -> str:
    """The name of a head with this title, for files and arrays: a-z, 0-9 and _, a letter first.

    Raises UserError where nothing of the title can be kept.
    """
    name = plain_name(title)
    if not name or not name[0].isalpha():
        raise UserError(f"The name {title[:60]!r} cannot name a head. Expected a letter a-z first.")
    return f"{name}_head" if name in RESERVED_NAMES else name


def parsed_groups(text: str) -> list[Group]:
    """ "round=0,6,8,9; straight=1,4,7" -> [("round", ("0", "6", "8", "9")), ...].

    Raises UserError for a part without "=" or without classes.
    """
    groups = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, members = part.partition("=")
        classes = tuple(filter(None, (member.strip() for member in members.split(","))))
        if not equals or not name.strip() or not classes:
            raise UserError(
                f"Received {part[:60]!r}. Expected a new class, = and the classes that it is made "
                "of, for example round=0,6,8,9."
            )
        groups.append((name.strip(), classes))
    if not groups:
        raise UserError("No class is given. Expected for example round=0,6,8,9; straight=1,4,7.")
    return groups


def add_derived_head(
    dataset: Dataset, store: LabelStore, head: Head, groups: Sequence[Group]
) -> int:
    """Add `head`, whose reference answers follow from those of the main head; returns how many
    items have one.

    groups: each class of the new head with the reference classes of the main head that it stands
    for; classes in none of them give no answer. Neither images nor the main reference change, so
    the fingerprint stays. Raises UserError.
    """
    answers = _derived(dataset, groups)
    content = io.BytesIO()
    np.save(content, answers)
    file = reference_file(dataset, head.name)
    store.add_head(head.model_copy(update={"classes": tuple(name for name, _ in groups)}))
    try:
        file.parent.mkdir(exist_ok=True)
        replace_bytes(file, content.getvalue())
    except OSError as error:
        raise UserError(
            f"The head {head.title!r} was added, but its reference answers cannot be written: "
            f"{error.strerror}. Make room, then add it again under another name."
        ) from error
    return int(np.count_nonzero(answers >= 0))


def _derived(dataset: Dataset, groups: Sequence[Group]) -> NDArray[np.int32]:
    """(count,), int32: index of the group that the reference class belongs to, -1 = none."""
    known = dataset.manifest.classes
    lookup = np.full(len(known) + 1, -1, np.int32)  # last: no reference
    for index, (name, members) in enumerate(groups):
        for member in members:
            if member not in known:
                listed = ", ".join(known[:20]) or "none"
                raise UserError(f"There is no reference class {member[:40]!r}. Known: {listed}.")
            place = known.index(member)
            if lookup[place] >= 0:
                other = groups[int(lookup[place])][0]
                raise UserError(f"The class {member!r} is in both {other!r} and {name!r}.")
            lookup[place] = index
    derived: NDArray[np.int32] = lookup[np.asarray(dataset.reference_labels)]
    return derived
