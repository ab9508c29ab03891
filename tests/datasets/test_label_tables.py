"""CSV tables of reference labels: odd ones are understood, problems are reported by row."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from source_files import imported, is_clean, plain_png, reasons, write_tree, write_zip

from ssl_core.datasets.readers import folder as folder_module
from ssl_core.datasets.readers import zipped as zipped_module
from ssl_core.datasets.readers.detect import open_source
from ssl_core.datasets.readers.label_table import TABLE_BYTES, read_label_table
from ssl_core.datasets.readers.source import FileSource
from ssl_core.errors import UserError
from ssl_core.workspace import Workspace

FILES = {"1.png": plain_png(1), "2.png": plain_png(2), "10.png": plain_png(3)}


@pytest.mark.parametrize(
    "content",
    [
        b"file,label\n1.png,cat\n2.png,dog\n",
        b"\xef\xbb\xbffile,label\r\n1.png,cat\r\n2.png,dog\r\n",
        b"filename;class\n1.png;cat\n2.png;dog\n",
        b"Image\tClass\n1.png\tcat\n2.png\tdog\n",
        b'id,file_name,category\n7,"1.png","cat"\n8,"2.png",dog\n\n',
        "file,label\n1.png,cat\n2.png,dog\n".encode("utf-16"),
        b"label,path\ncat,./1.png\ndog,some\\folder\\2.png\n".replace(b"some\\folder\\", b".\\"),
    ],
)
def test_odd_tables_are_understood(content: bytes) -> None:
    assert read_label_table(content, "t.csv").classes == {"1.png": "cat", "2.png": "dog"}


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_other_encodings_are_read(encoding: str) -> None:
    content = "file;label\nä.png;Kätzchen\n".encode(encoding)
    assert read_label_table(content, "t.csv").classes == {"ä.png": "Kätzchen"}


def test_the_guard_against_formulas_is_taken_away() -> None:
    content = b"file,label\n'=1.png,'@home\n'quoted'.png,cat\n"
    expected = {"=1.png": "@home", "'quoted'.png": "cat"}
    assert read_label_table(content, "t.csv").classes == expected


def test_formulas_and_markup_stay_text() -> None:
    content = b'file,label\n1.png,"=HYPERLINK(""http://x"")"\n2.png,<script>\n'
    assert list(read_label_table(content, "t.csv").classes.values()) == [
        '=HYPERLINK("http://x")',
        "<script>",
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "no column for the file"),
        (b"file,colour\n1.png,red\n", "no column for the label.*file, colour"),
        (b"a,b\n1,2\n", "no column for the file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\xff\xfe", r"t\.csv"),
        (b'file,label\n"' + b"x" * (2 << 20), r"t\.csv is not a table"),
    ],
)
def test_what_is_no_table_is_refused_by_name(content: bytes, expected: str) -> None:
    with pytest.raises(UserError, match=expected):
        read_label_table(content, "t.csv")


def test_a_table_as_the_source(workspace: Workspace, tmp_path: Path) -> None:
    rows = b"file,label\n1.png,cat\n2.png,dog\n10.png,cat\n10.png,dog\ngone.png,cat\n2.png\n,cat\n"
    folder = write_tree(tmp_path / "source", {**FILES, "labels.csv": rows})
    dataset = imported(workspace, folder / "labels.csv")
    assert dataset.item_names == ["1.png", "2.png", "10.png"]
    assert dataset.manifest.classes == ("cat", "dog")
    assert dataset.reference_labels.tolist() == [0, 1, -1]
    left_out = reasons(dataset)
    assert "two different classes" in left_out["10.png"]
    assert "no such image" in left_out["gone.png"]
    assert "too few columns" in left_out["labels.csv, row 7"]
    assert "empty" in left_out["labels.csv, row 8"]
    assert dataset.manifest.notes == ("2 of 3 images got their class from labels.csv.",)


def test_a_table_beside_the_source(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "source", {f"deep/{name}": file for name, file in FILES.items()})
    table = tmp_path / "t.csv"
    table.write_bytes(b"file,label\n1.png,cat\nsource/deep/2.png,no\ndeep/10.png,dog\n")
    dataset = imported(workspace, folder, labels_csv=table)
    assert dataset.reference_labels.tolist() == [0, -1, 1]


def test_a_missing_table_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "source", FILES)
    with pytest.raises(UserError, match="no table of labels"):
        imported(workspace, folder, labels_csv=tmp_path / "gone.csv")
    assert is_clean(workspace)


def test_strange_class_names_are_kept_as_text(workspace: Workspace, tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", "🐱", "قطة", "x" * 10_000, "=1+1", "a\u202eb"]
    rows = "".join(f"{i}.png;{name}\n" for i, name in enumerate(names))
    files = {f"{i}.png": plain_png(i) for i in range(len(names))}
    files["t.csv"] = f"file;label\n{rows}".encode()
    dataset = imported(workspace, write_tree(tmp_path / "source", files))
    classes = [dataset.manifest.classes[index] for index in dataset.reference_labels]
    assert classes[:3] == names[:3]
    assert classes[3] == "x" * 99 + "…"
    assert classes[4:] == ["=1+1", "a b"]
    assert any("10000 characters" in note for note in dataset.manifest.notes)


def test_a_table_that_cannot_be_used_is_named(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "images", FILES)
    table = tmp_path / "table.csv"
    for path in (table, tmp_path):
        with pytest.raises(UserError, match=rf"no table of labels .*{path.name}"):
            open_source(folder, path)
    table.write_text("file,label\n1.png,cat\n")
    np.save(tmp_path / "images.npy", np.zeros((3, 4, 4), np.uint8))
    with pytest.raises(UserError, match=r"images\.npy holds arrays, and table\.csv names files"):
        open_source(tmp_path / "images.npy", table)


@pytest.mark.parametrize("archive", [False, True])
def test_only_the_table_that_is_used_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive: bool
) -> None:
    module = zipped_module if archive else folder_module
    asked: list[int] = []
    read_start = module._read_start

    def counted(*arguments: Any) -> bytes:
        asked.append(arguments[-1])
        return read_start(*arguments)

    monkeypatch.setattr(module, "_read_start", counted)
    notes = {f"notes{i}.csv": b"time,place\n1,here\n" for i in range(5)}
    rows = b"file,label\n1.png,cat\n" + b"x.png,dog\n" * 10_000
    files = {**FILES, **notes, "labels.csv": rows}
    place = write_zip(tmp_path / "set.zip", files) if archive else write_tree(tmp_path / "s", files)
    source = open_source(place)
    assert isinstance(source, FileSource)
    assert [file.label for file in source.files] == ["cat", None, None]
    assert [limit > TABLE_BYTES for limit in asked].count(True) == 1
    assert max(sorted(asked)[:-1]) <= 1 << 16
    asked.clear()
    with_classes = {"a/1.png": FILES["1.png"], "b/2.png": FILES["2.png"], **notes}
    other = tmp_path / "other"
    open_source(write_zip(other, with_classes) if archive else write_tree(other, with_classes))
    assert asked == []


def test_a_typed_table_does_not_read_its_siblings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = b"file,label\n1.png,cat\n"
    folder = write_tree(tmp_path / "source", {**FILES, "labels.csv": rows, "other.csv": rows})
    monkeypatch.setattr(folder_module, "_read_start", lambda *_: pytest.fail("a sibling was read"))
    source = open_source(folder / "labels.csv")
    assert isinstance(source, FileSource)
    assert source.files[0].label == "cat"


def test_a_table_above_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "source", {**FILES, "labels.csv": b"file,label\n1.png,cat\n"})
    with (folder / "labels.csv").open("r+b") as stream:
        stream.truncate(TABLE_BYTES + 1)
    with pytest.raises(UserError, match=r"labels\.csv has more than 64 MB"):
        open_source(folder / "labels.csv")
    source = open_source(folder)
    assert isinstance(source, FileSource)
    assert {entry.reason for entry in source.skipped} == {"a table has at most 64 MB"}


def test_a_damaged_table_in_an_archive_does_not_stop_the_images(tmp_path: Path) -> None:
    rows = b"file,label\n" + b"".join(b"%d.png,cat\n" % number for number in range(500))
    path = write_zip(tmp_path / "set.zip", {**FILES, "labels.csv": rows})
    content = bytearray(path.read_bytes())
    content[content.find(b"labels.csv") + 60] ^= 0xFF
    path.write_bytes(content)
    source = open_source(path)
    assert isinstance(source, FileSource)
    assert [file.label for file in source.files] == [None] * 3
    assert [entry.file for entry in source.skipped] == ["labels.csv"]


def test_further_columns_of_numbers_are_kept(workspace: Workspace, tmp_path: Path) -> None:
    rows = b"id,file,label,label_id,weight,depth,note,same\n"
    rows += b"1,1.png,cat,0,3.5,,ok,1\n2,2.png,dog,1,n/a,7,no,1\n3,gone.png,dog,1,9,9,9,1\n"
    folder = write_tree(tmp_path / "source", {**FILES, "labels.csv": rows})
    dataset = imported(workspace, folder)
    assert dataset.manifest.columns == ("weight", "depth")  # label_id would give the answer away
    assert dataset.numeric is not None
    assert dataset.item_names == ["1.png", "2.png", "10.png"]
    expected = np.float32([[3.5, np.nan], [np.nan, 7], [np.nan, np.nan]])
    np.testing.assert_array_equal(dataset.numeric, expected)
    assert any("weight, depth" in note for note in dataset.manifest.notes)


def test_numbers_beside_the_images_are_part_of_the_fingerprint(
    workspace: Workspace, tmp_path: Path
) -> None:
    prints = set()
    for number, column in enumerate(["", ",3", ",4"]):
        header = "file,label,weight" if column else "file,label"
        rows = f"{header}\n1.png,cat{column}\n2.png,dog{',1' if column else ''}\n"
        folder = write_tree(tmp_path / f"{number}", {**FILES, "labels.csv": rows.encode()})
        prints.add(imported(workspace, folder, f"set {number}").manifest.fingerprint)
    assert len(prints) == 3
