"""Labels from and to CSV, as programs and people write it."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.errors import UserError
from ssl_core.labels.csv_files import COLUMNS, export_csv, import_csv
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.workspace import Workspace
from tests.labels.label_events import label

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    return make_dataset(classes=("cat", "dög", "=SUM(A1)"))


def names(store: LabelStore) -> dict[int, str]:
    name_of = {one.identifier: one.name for one in store.classes()}
    current = store.current()
    pairs = zip(current.items.tolist(), current.values.tolist(), strict=True)
    return {item: name_of[value] for item, value in pairs}


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_separators_and_line_ends(
    dataset: Dataset, tmp_path: Path, encoding: str, separator: str, end: str
) -> None:
    rows = [
        ("File", "Label"),
        ("00003.png", "cat"),
        ("./00004.png", " dög "),
        ('"00005.png"', "cat"),
    ]
    text = end.join(separator.join(row) for row in rows) + end
    store = open_labels(dataset)
    report = import_csv(dataset, store, written(tmp_path, text.encode(encoding)))
    assert names(store) == {3: "cat", 4: "dög", 5: "cat"}
    assert (report.labelled, report.per_class, report.skipped_count) == (3, {"cat": 2, "dög": 1}, 0)
    assert {label.origin for label in store.recent()} == {"csv"}


@pytest.mark.parametrize(
    "text",
    [
        "item,label\n3,cat\n",
        "index;x;class\n3;;cat\n",
        "00003.png,cat\n",
        "seconds,label,image\n1,cat,C:\\00003.png\n".replace("C:\\", ""),
        "\n\nfilename,category\n\n00003.png,cat",
    ],
)
def test_headings(dataset: Dataset, tmp_path: Path, text: str) -> None:
    store = open_labels(dataset)
    assert import_csv(dataset, store, written(tmp_path, text.encode())).labelled == 1
    assert names(store) == {3: "cat"}


def test_every_row_left_out_has_its_reason(dataset: Dataset, tmp_path: Path) -> None:
    lines = [
        "file,item,label",
        "00001.png,,cat",
        "00002.png,,bird",
        "nowhere.png,,cat",
        ",999,cat",
        ",-1,cat",
        ",,cat",
        "00003.png,,",
        "00004.png,,cat",
        "00004.png,,dög",
        "00001.png,,cat",
        "00005.png",
    ]
    store = open_labels(dataset)
    report = import_csv(dataset, store, written(tmp_path, "\n".join(lines).encode()))
    assert names(store) == {1: "cat"}
    assert report.labelled == 1
    assert report.skipped_count == 9
    reasons = {row.line: row.reason for row in report.skipped}
    assert list(reasons) == [3, 4, 5, 6, 7, 8, 9, 10, 12]
    assert "no class 'bird'" in reasons[3]
    assert "No image" in reasons[4]
    assert "0 to 59" in reasons[5]
    assert "names no file" in reasons[7]
    assert "no label" in reasons[8]
    assert "different labels" in reasons[9]
    assert "different labels" in reasons[10]


def test_a_time_comes_back_and_what_is_none_costs_no_label(
    dataset: Dataset, make_dataset: MakeDataset, tmp_path: Path
) -> None:
    store, path = open_labels(dataset), tmp_path / "labels.csv"
    one = store.classes()[0].identifier
    store.append([label(3, one, seconds=1.25), label(4, one)])
    export_csv(dataset, store, path)
    other = make_dataset(name="other", classes=("cat", "dög", "=SUM(A1)"))
    import_csv(other, open_labels(other), path)
    assert times(open_labels(other)) == {3: 1.25, 4: None}
    odd = ["-1", "nan", "inf", "86401", "soon", "1e400", ""]
    rows = [f"{item},cat,{seconds}" for item, seconds in enumerate([*odd, "0", "86400"])]
    report = import_csv(
        dataset, store, written(tmp_path, "\n".join(["item,label,seconds", *rows]).encode())
    )
    assert (report.labelled, report.skipped_count) == (9, 0)
    assert times(store) == {**dict.fromkeys(range(7)), 7: 0.0, 8: 86_400.0}


def times(store: LabelStore) -> dict[int, float | None]:
    return {one.item: one.seconds for one in store.recent()}


def test_an_empty_schema_takes_its_classes_from_the_file(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = make_dataset(name="bare", reference=False)
    store = open_labels(dataset)
    text = f"file,label\n00001.png,zebra\n00002.png,ape\n00003.png,{'x' * 500}\nno.png,ghost\n"
    report = import_csv(dataset, store, written(tmp_path, text.encode()))
    assert [one.name for one in store.classes()] == ["zebra", "ape"]
    assert (report.labelled, report.skipped_count) == (2, 2)
    again = import_csv(dataset, store, written(tmp_path, b"file,label\n00004.png,bird\n"))
    assert (again.labelled, again.skipped_count) == (0, 1)


def test_a_wrong_label_column_does_not_become_a_thousand_classes(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = make_dataset(count=400, name="bare", reference=False)
    text = "file,label\n" + "".join(f"{item:05d}.png,v{item}\n" for item in range(400))
    with pytest.raises(UserError, match="400 different labels"):
        import_csv(dataset, open_labels(dataset), written(tmp_path, text.encode()))
    assert open_labels(dataset).classes() == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"a,b,c\n1,2,3\n", "Expected a heading"),
        (b"file\n1.png\n", "Expected a heading"),
        (b"label,x\ncat,1\n", "Expected a heading"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not a text file"),
        (b'file,label\n"' + b"x" * 200_000, "not a CSV file"),
    ],
)
def test_files_that_are_no_table_of_labels(
    dataset: Dataset, tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(UserError, match=reason):
        import_csv(dataset, open_labels(dataset), written(tmp_path, content))
    with pytest.raises(UserError, match="cannot be read"):
        import_csv(dataset, open_labels(dataset), tmp_path / "missing.csv")


def test_what_is_exported_can_be_imported_again(
    dataset: Dataset, make_dataset: MakeDataset, tmp_path: Path
) -> None:
    store = open_labels(dataset)
    text = "item,label\n1,cat\n2,dög\n3,'=SUM(A1)\n50,=SUM(A1)\n"
    assert import_csv(dataset, store, written(tmp_path, text.encode())).labelled == 4
    target = tmp_path / "out.csv"
    assert export_csv(dataset, store, target) == 4
    with target.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert tuple(rows[0]) == COLUMNS
    assert [row[:5] for row in rows[1:]] == [
        ["1", "00001.png", "cat", "csv", "csv"],
        ["2", "00002.png", "dög", "csv", "csv"],
        ["3", "00003.png", "'=SUM(A1)", "csv", "csv"],
        ["50", "00050.png", "'=SUM(A1)", "csv", "csv"],
    ]
    other = make_dataset(classes=("cat", "dög", "=SUM(A1)"), name="other")
    assert import_csv(other, open_labels(other), target).labelled == 4
    assert names(open_labels(other)) == names(store)


def test_files_are_found_by_path_or_by_a_last_part_that_is_unique(
    dataset: Dataset, workspace: Workspace, tmp_path: Path
) -> None:
    paths = [f"train/{'a' if item % 2 else 'b'}/{item // 2}.png" for item in range(59)]
    lines = "".join(json.dumps(name) + "\n" for name in [*paths, "only.png"])
    (dataset.folder / "names.jsonl").write_text(lines)
    dataset = open_dataset(workspace, dataset.identifier)
    files = ["train/a/3.png", "3.png", "train\\b\\4.png", "x/only.png", "only.png"]
    text = "file,label\n" + "".join(f"{file},cat\n" for file in files)
    report = import_csv(dataset, open_labels(dataset), written(tmp_path, text.encode()))
    assert sorted(names(open_labels(dataset))) == [7, 8, 59]
    assert [row.line for row in report.skipped] == [3, 5]
    assert "Several images" in report.skipped[0].reason


def test_an_export_to_nowhere_is_told(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        export_csv(dataset, open_labels(dataset), tmp_path / "no" / "out.csv")
    with pytest.raises(UserError, match="folder or a device"):
        export_csv(dataset, open_labels(dataset), tmp_path)


def test_devices_are_neither_read_nor_replaced(dataset: Dataset, tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link):
        with pytest.raises(UserError, match="folder or a device"):
            import_csv(dataset, open_labels(dataset), path)
        with pytest.raises(UserError, match="folder or a device"):
            export_csv(dataset, open_labels(dataset), path)
    assert pipe.is_fifo()
    assert link.is_symlink()


def test_the_file_of_a_row_goes_before_its_number(dataset: Dataset, tmp_path: Path) -> None:
    text = "item,file,label\n1,00002.png,cat\n5,gone.png,cat\n7,00007.png,cat\nx,00009.png,cat\n"
    report = import_csv(dataset, open_labels(dataset), written(tmp_path, text.encode()))
    assert sorted(names(open_labels(dataset))) == [2, 7, 9]
    assert [row.line for row in report.skipped] == [3]


def test_a_number_tells_files_of_one_name_apart(
    dataset: Dataset, workspace: Workspace, tmp_path: Path
) -> None:
    lines = "".join(json.dumps(f"{item}/same.png") + "\n" for item in range(60))
    (dataset.folder / "names.jsonl").write_text(lines)
    dataset = open_dataset(workspace, dataset.identifier)
    text = "item,file,label\n4,same.png,cat\n"
    import_csv(dataset, open_labels(dataset), written(tmp_path, text.encode()))
    assert sorted(names(open_labels(dataset))) == [4]


def test_decomposed_letters_of_a_file_name_are_found(
    dataset: Dataset, workspace: Workspace, tmp_path: Path
) -> None:
    lines = "".join(json.dumps(f"caf\u00e9 {item}.png") + "\n" for item in range(60))
    (dataset.folder / "names.jsonl").write_text(lines)
    dataset = open_dataset(workspace, dataset.identifier)
    text = "file,label\ncafe\u0301 4.png,cat\n"
    import_csv(dataset, open_labels(dataset), written(tmp_path, text.encode()))
    assert sorted(names(open_labels(dataset))) == [4]
