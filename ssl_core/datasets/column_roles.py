"""The use of each column as one word, as a form offers it."""

from collections.abc import Mapping
from typing import Literal, get_args

from ssl_core.datasets.readers.cells import split_in
from ssl_core.datasets.readers.column_profile import Column
from ssl_core.datasets.text_answers import binary_order
from ssl_core.datasets.text_columns import TargetColumn, TextColumns
from ssl_core.datasets.text_preview import TextPreview
from ssl_core.errors import UserError

Role = Literal["text", "numeric", "categorical", "binary", "regression", "split", "name", "ignored"]
ROLES: tuple[Role, ...] = get_args(Role)
TARGET_ROLES = ("categorical", "binary", "regression")


def role_of(column: str, columns: TextColumns) -> Role:
    """What `columns` uses the column for."""
    single: dict[str | None, Role] = {
        columns.split: "split",
        columns.name: "name",
        columns.text: "text",
    }
    if column in single:
        return single[column]
    if column in columns.numeric:
        return "numeric"
    kinds: dict[str, Role] = {target.column: target.kind for target in columns.targets}
    return kinds.get(column, "ignored")


def columns_with(
    preview: TextPreview, roles: Mapping[str, Role], units: Mapping[str, str], main: str | None
) -> TextColumns:
    """The uses that a person chose, checked against what the columns hold.

    roles: column -> role. units: column -> unit, of regression targets. main: the column of the
    main head, None for the first target that is no regression. Raises UserError.
    """
    text = _single(roles, "text")
    if text is None:
        raise UserError("No column is used as the text. Choose “text” for one of them.")
    targets = [
        TargetColumn.model_validate(
            {"column": column, "kind": role, "unit": units.get(column, "")}
            if role == "regression"
            else {"column": column, "kind": role}
        )
        for column, role in roles.items()
        if role in TARGET_ROLES
    ]
    for target in targets:
        if target.kind == "binary":
            _check_binary(preview.column(target.column))
    split = _single(roles, "split")
    if split is not None:
        _check_split(preview.column(split))
    return TextColumns(
        text=text,
        name=_single(roles, "name"),
        numeric=tuple(column for column, role in roles.items() if role == "numeric"),
        targets=tuple(sorted(targets, key=lambda target: target.column != main)),
        split=split,
    )


def positive_class(column: Column) -> str | None:
    """The positive one of exactly two values; None where there are not two."""
    return binary_order(column.classes)[1] if len(column.values) == 2 else None


def _single(roles: Mapping[str, Role], wanted: Role) -> str | None:
    found = [column for column, role in roles.items() if role == wanted]
    if len(found) > 1:
        listed = ", ".join(repr(column) for column in found[:5])
        raise UserError(f"{len(found)} columns are used as the {wanted}: {listed}. Choose one.")
    return found[0] if found else None


def _check_binary(column: Column) -> None:
    if len(column.values) != 2:
        held = "many values" if column.many else f"{len(column.values)} values"
        raise UserError(
            f"The column {column.title!r} has {held}, and a binary target has two. Choose "
            "“categorical” or another use."
        )


def _check_split(column: Column) -> None:
    strange = next((value for value in column.values if split_in(value) is None), None)
    if column.many or strange is not None:
        found = f", for example {strange[:40]!r}" if strange is not None else ""
        raise UserError(
            f"The column {column.title!r} holds more than the names of splits{found}. Expected "
            "train, test and unlabelled."
        )
