"""CSV files as people and programs write them, and as nobody should."""

import io

import pytest

from ssl_core.datasets.limits import CSV_COLUMNS, FIELD_LETTERS, LINE_LETTERS, TEXT_LETTERS
from ssl_core.datasets.readers import csv_rows
from ssl_core.datasets.readers.csv_rows import CsvRows
from ssl_core.errors import UserError


def read(content: bytes) -> tuple[CsvRows, list[tuple[int, list[str]]]]:
    rows = CsvRows(io.BytesIO(content), "t.csv")
    return rows, list(rows)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_separators_and_line_endings(separator: str, ending: str) -> None:
    text = ending.join([f"a{separator}b", f'"x{separator}y"{separator}2', f"z{separator}3", ""])
    rows, found = read(text.encode())
    assert rows.header == ["a", "b"]
    assert found == [(2, [f"x{separator}y", "2"]), (3, ["z", "3"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    rows, found = read("täxt,b\nÄ 🐱 \u2028,1\n".encode(encoding))
    assert rows.header == ["täxt", "b"]
    assert found == [(2, ["Ä 🐱 \u2028", "1"])]


def test_line_breaks_in_quotation_marks_and_the_lines_after_them() -> None:
    rows, found = read(b'a,b\n"one\n\ntwo ""q""",1\n\n  ,\nx,2\nshort\n')
    assert found == [(2, ['one\n\ntwo "q"', "1"]), (7, ["x", "2"])]
    assert rows.skipped[0].file == "t.csv, line 8"


def test_rows_that_cannot_be_used_are_left_out_with_a_reason() -> None:
    long = b"x" * (TEXT_LETTERS + 1)
    broken = b'a,b\n1\n1,2,3\nn\0l,1\nbad \xe9,1\n"a" x,1\n' + long + b",1\ngood,1\n"
    rows, found = read(broken)
    assert found == [(8, ["good", "1"])]
    reasons = {entry.file.rsplit(" ", 1)[-1]: entry.reason for entry in rows.skipped}
    assert "number of cells is 1" in reasons["2"]
    assert "number of cells is 3" in reasons["3"]
    assert "NUL" in reasons["4"]
    assert "not UTF-8" in reasons["5"]
    assert "quotation marks" in reasons["6"]
    assert "more than 100,000 letters" in reasons["7"]
    assert rows.skipped_count == 6


def test_only_the_first_reasons_are_kept_but_all_are_counted() -> None:
    rows, found = read(b"a,b\n" + b"x\n" * 1500)
    assert not found
    assert (len(rows.skipped), rows.skipped_count) == (1000, 1500)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"\0\0\0\1,\0\n1,2\n", "NUL bytes in line 1"),
        (b'a,b\nx,1\n"never closed,2\nz,3\n', "line 3: a quotation mark is opened"),
        (b'a,b\nx,1\n"' + b"line\n" * (FIELD_LETTERS // 4), "line 3: a quotation mark is opened"),
        (b"a,b\n1,2\n" + b"x" * (LINE_LETTERS + 5), "line 3 has more than"),
        (b",".join([b"c"] * (CSV_COLUMNS + 1)), "201 columns"),
    ],
)
def test_files_that_are_refused_as_a_whole(content: bytes, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        read(content)


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "CSV_ROWS", 3)
    assert len(read(b"a\n1\n2\n3\n")[1]) == 3
    with pytest.raises(UserError, match="more than 3 rows"):
        read(b"a\n1\n2\n3\n4\n")


def test_headings_become_different_names() -> None:
    rows, _ = read(b"a,a,,a\xe2\x80\xaeb\nx,y,z,w\n")
    assert rows.header == ["a", "a (2)", "column 3", "a b"]
