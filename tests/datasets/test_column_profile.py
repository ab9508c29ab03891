"""What the columns of a table of texts are taken for, and what a person may choose instead."""

import io

import pytest

from ssl_core.datasets.column_roles import ROLES, columns_with, positive_class, role_of
from ssl_core.datasets.readers import column_profile
from ssl_core.datasets.readers.cells import number_in
from ssl_core.datasets.readers.source import TextSource
from ssl_core.datasets.text_columns import TargetColumn, TextColumns, heads_of, parsed_target
from ssl_core.datasets.text_preview import TextPreview, preview_texts
from ssl_core.errors import UserError


def preview(lines: list[str]) -> TextPreview:
    content = "\n".join(lines).encode()
    return preview_texts(TextSource("CSV", "t.csv", lambda: io.BytesIO(content)))


def made(rows: int = 40) -> TextPreview:
    """Every kind of column at once."""
    header = "id,words,stars,spam,price,split,same,user_id,note,label"
    lines = [
        f"r{i},a text of several words {i},{i % 5},{'No' if i % 2 else 'yes'},{i * 1.5},"
        f"{'test' if i % 4 == 0 else 'train'},1,u{i % 7},free {i},{i / 7:.3f}"
        for i in range(rows)
    ]
    return preview([header, *lines])


def test_each_column_is_taken_for_what_it_looks_like() -> None:
    likely = made().likely
    assert likely.text == "words"
    assert likely.name == "id"
    assert likely.numeric == ("price",)
    assert likely.targets == (
        TargetColumn(column="stars", kind="categorical"),
        TargetColumn(column="spam", kind="binary"),
        TargetColumn(column="label", kind="regression"),
    )
    assert likely.split == "split"
    assert [role_of(column, likely) for column in ("same", "user_id", "note")] == ["ignored"] * 3


def test_a_column_called_text_comes_before_a_longer_one() -> None:
    assert preview(["biography,text", "very much longer than the other,hi"]).likely.text == "text"
    assert preview(["biography,note", "very much longer,hi"]).likely.text == "biography"


def test_a_table_of_numbers_has_no_texts() -> None:
    with pytest.raises(UserError, match="no column of texts"):
        preview(["a,b", "1,2", "3,n/a"])


def test_without_a_usable_row() -> None:
    with pytest.raises(UserError, match=r"no row that can be used.*line 2: its number of cells"):
        preview(["a,b", "1"])
    with pytest.raises(UserError, match="no row that can be used"):
        preview(["text,b"])


@pytest.mark.parametrize(("limit", "value"), [("_MOST_ROWS", 10), ("_MOST_LETTERS", 300)])
def test_a_long_table_is_looked_at_in_part(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    assert not made().at_least
    monkeypatch.setattr(column_profile, limit, value)
    found = made()
    assert found.at_least
    assert 0 < found.count <= 10
    assert found.likely.text == "words"


def test_numbers_with_decimal_commas() -> None:
    found = preview(["text;price", *(f"a text {i};{i},5" for i in range(30))])
    assert found.likely.numeric == ("price",)
    assert (found.column("price").lowest, found.column("price").highest) == (0.5, 29.5)


@pytest.mark.parametrize("cell", ["inf", "1e999", "4e38", "nan", "1_000", "", "x", "1,5", "9" * 65])
def test_what_is_no_number(cell: str) -> None:
    assert number_in(cell, decimal_comma=False) is None


def test_uses_that_a_person_chooses() -> None:
    found = made()
    roles = {title: role_of(title, found.likely) for title in found.header}
    assert columns_with(found, roles, {}, None) == found.likely
    roles |= {"price": "regression", "label": "ignored", "note": "text", "words": "ignored"}
    chosen = columns_with(found, roles, {"price": "euro", "stars": "x"}, "spam")
    assert chosen.text == "note"
    assert chosen.numeric == ()
    assert [(one.column, one.unit) for one in chosen.targets] == [
        ("spam", ""),
        ("stars", ""),
        ("price", "euro"),
    ]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"words": "ignored"}, "No column is used as the text"),
        ({"note": "text"}, "2 columns are used as the text: 'words', 'note'"),
        ({"stars": "binary"}, "has 5 values, and a binary target has two"),
        ({"stars": "split", "split": "ignored"}, "more than the names of splits, for example '0'"),
    ],
)
def test_uses_that_contradict(change: dict[str, str], complaint: str) -> None:
    found = made()
    roles = {title: role_of(title, found.likely) for title in found.header}
    with pytest.raises(UserError, match=complaint):
        columns_with(found, {**roles, **change}, {}, None)


def test_every_role_can_be_taken() -> None:
    found = made()
    assert {role_of(title, found.likely) for title in found.header} == set(ROLES)


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        ("no yes", "yes"),
        ("YES no", "YES"),
        ("False true", "true"),
        ("1 0", "1"),
        ("positive Negative", "positive"),
        ("spam ham", "spam"),
    ],
)
def test_the_positive_class(values: str, positive: str) -> None:
    found = preview(["text,b", *(f"some text {i},{values.split()[i % 2]}" for i in range(6))])
    assert positive_class(found.column("b")) == positive


def test_targets_as_typed() -> None:
    assert parsed_target("a:b:regression:years old") == TargetColumn(
        column="a:b", kind="regression", unit="years old"
    )
    assert parsed_target("regression:binary").column == "regression"
    for text in ("age", "age:", ":binary", "age:number", "age:binaryx"):
        with pytest.raises(UserError, match="cannot be read"):
            parsed_target(text)


def test_heads_have_different_names_and_begin_with_one_that_has_classes() -> None:
    targets = [("Age (years)", "regression"), ("1. Größe", "binary"), ("größe", "categorical")]
    columns = TextColumns(
        text="t",
        targets=tuple(TargetColumn.model_validate({"column": c, "kind": k}) for c, k in targets),
    )
    heads = heads_of(columns, [("a", "b"), (), ("c",)])
    assert [head.name for head in heads] == ["gr_sse", "age_years", "gr_sse_2"]
    assert [head.kind for head in heads] == ["binary", "regression", "categorical"]
    alone = columns.without(["1. Größe", "größe"])
    assert [head.name for head in heads_of(alone, [()])] == ["class", "age_years"]
    assert [head.name for head in heads_of(TextColumns(text="t"), [])] == ["class"]
