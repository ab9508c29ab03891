"""Before an import of texts: the first rows, and what each column is for."""

import streamlit as st

from pages.parts.looks import facts, named, quiet
from pages.parts.session import show_error
from pages.parts.words import count, counted, short
from ssl_core.datasets.column_roles import (
    ROLES,
    TARGET_ROLES,
    Role,
    columns_with,
    positive_class,
    role_of,
)
from ssl_core.datasets.readers.column_profile import Column
from ssl_core.datasets.text_columns import TextColumns
from ssl_core.datasets.text_preview import TextPreview
from ssl_core.errors import UserError

_ROLE_TITLES: dict[Role, str] = {
    "text": "Text",
    "numeric": "Number beside the text",
    "categorical": "Target: one of several classes",
    "binary": "Target: one of two classes",
    "regression": "Target: a number",
    "split": "Split",
    "name": "Name of the text",
    "ignored": "Not used",
}
_WIDTHS = [5, 3, 2]
_LONGEST_CELL = 160  # letters
_LONGEST_HEADING = 30  # letters, in the table
_FEW = 6  # values named in a hint


def text_columns_form(preview: TextPreview) -> TextColumns | None:
    """Show what was found and let each column be used otherwise; None where uses contradict."""
    more = "at least " if preview.at_least else ""
    facts(
        {
            "Kind": preview.kind,
            "Rows": f"{more}{count(preview.count)}",
            "Columns": count(len(preview.columns)),
        }
    )
    if preview.skipped:
        quiet(f"{counted(preview.skipped, 'row')} will be left out: {'; '.join(preview.reasons)}")
    st.markdown("**The first rows**")
    st.dataframe(
        {
            column.title: [short(row[place], _LONGEST_CELL) for row in preview.rows]
            for place, column in enumerate(preview.columns)
        },
        hide_index=True,
        column_config={
            column.title: st.column_config.TextColumn(
                short(column.title, _LONGEST_HEADING),
                width="large" if column.title == preview.likely.text else "small",
            )
            for column in preview.columns
        },
    )
    st.markdown("**What each column is for**")
    quiet(
        "A target is a question that is asked of every text; its answers become reference labels "
        "and are kept apart from yours. Numbers beside the text are given to the method."
    )
    roles: dict[str, Role] = {}
    units: dict[str, str] = {}
    with st.container(border=True, key="hf-card-columns", gap="small"):
        for place, column in enumerate(preview.columns):
            roles[column.title] = _role_choice(place, column, preview.likely, units)
    main = _main_choice(roles)
    try:
        return columns_with(preview, roles, units, main)
    except UserError as error:
        show_error(error)
        return None


def _role_choice(place: int, column: Column, likely: TextColumns, units: dict[str, str]) -> Role:
    """One column: its name, what it holds, its use, and the unit of a number to predict."""
    left, middle, right = st.columns(_WIDTHS, vertical_alignment="center")
    with middle:
        role = st.selectbox(
            f"Use of {short(column.title)}",
            ROLES,
            index=ROLES.index(role_of(column.title, likely)),
            format_func=_ROLE_TITLES.__getitem__,
            key=f"column-role-{place}",
            label_visibility="collapsed",
        )
    with left, st.container(gap=None):
        named(column.title)
        quiet(hint(column, role))
    if role == "regression":
        with right:
            units[column.title] = st.text_input(
                f"Unit of {short(column.title)}",
                placeholder="unit, e.g. years",
                max_chars=40,
                key=f"column-unit-{place}",
                label_visibility="collapsed",
            )
    return role


def hint(column: Column, role: Role) -> str:
    """What a column holds, in a few words."""
    if not column.filled:
        return "empty"
    positive = positive_class(column)
    if role == "binary" and positive is not None:
        other = next(value for value in column.classes if value != positive)
        return f"{short(other, 40)} or {short(positive, 40)}; “{short(positive, 40)}” is positive"
    if role in TARGET_ROLES[:2] or 0 < len(column.values) <= _FEW:
        names = ", ".join(short(value, 24) for value in column.classes[:_FEW])
        dots = " …" if len(column.values) > _FEW else ""
        return f"{counted(len(column.values), 'value')}: {names}{dots}" if names else "many values"
    if column.is_number:
        return f"numbers from {column.lowest:g} to {column.highest:g}"
    return f"for example “{short(column.example, 90)}”"


def _main_choice(roles: dict[str, Role]) -> str | None:
    """Which question the test accuracy is about, asked where there is a choice."""
    classes = [column for column, role in roles.items() if role in ("categorical", "binary")]
    if len(classes) < 2:
        return None
    return st.selectbox(
        "Main question",
        classes,
        key="column-main",
        format_func=short,
        help="The test accuracy of a run is about this one. The others are learned beside it.",
        width=420,
    )
