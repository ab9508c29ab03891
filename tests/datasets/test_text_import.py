"""From a CSV file of texts to a dataset, and back out of it."""

import csv
from pathlib import Path

import numpy as np
import pytest
from source_files import imported, is_clean, plain_png, write_tree, write_zip

from ssl_core.datasets.dataset import Dataset, list_datasets, open_dataset
from ssl_core.datasets.importer import CancelledError, ImportSource, run_import
from ssl_core.datasets.readers.detect import open_source
from ssl_core.datasets.readers.source import FileSource, TextSource
from ssl_core.datasets.text_columns import TargetColumn, TextColumns
from ssl_core.errors import UserError
from ssl_core.workspace import Workspace

ROWS = """id,text,age,gender,group,hour,split
p1,"first, with a comma",31,male,b,7,train
p2,"second
with a line break",,female,a,,test
p3,dritter Text 🐱,54.5,,c,n/a,unlabelled
p4,,20,male,a,1,train
p5,fifth,old,female,,13,val
"""
COLUMNS = TextColumns(
    text="text",
    name="id",
    numeric=("hour",),
    targets=(
        TargetColumn(column="age", kind="regression", unit="years"),
        TargetColumn(column="gender", kind="binary"),
        TargetColumn(column="group", kind="categorical"),
    ),
    split="split",
)


def import_rows(
    workspace: Workspace, folder: Path, rows: str = ROWS, columns: TextColumns | None = COLUMNS
) -> Dataset:
    path = folder / "posts.csv"
    path.write_text(rows, encoding="utf-8")
    source = ImportSource(location=str(path), name="posts", columns=columns)
    return open_dataset(workspace, run_import(workspace, source).identifier)


def test_what_is_imported_is_read_back(workspace: Workspace, tmp_path: Path) -> None:
    dataset = import_rows(workspace, tmp_path)
    manifest = dataset.manifest
    assert (manifest.kind, manifest.noun_plural, manifest.shape) == ("texts", "texts", (0, 0, 0))
    assert dataset.texts == [
        "first, with a comma",
        "second\nwith a line break",
        "dritter Text 🐱",
        "fifth",
    ]
    assert dataset.texts_of([3, 1]) == ["fifth", "second\nwith a line break"]
    assert dataset.item_names == dataset.names_of(range(4)) == ["p1", "p2", "p3", "p5"]
    assert manifest.splits == {"train": 2, "test": 1, "unlabelled": 1}
    assert manifest.columns == ("hour",)
    assert dataset.numeric is not None
    assert isinstance(dataset.numeric, np.memmap)
    np.testing.assert_array_equal(dataset.numeric, np.float32([[7], [np.nan], [np.nan], [13]]))
    assert [entry.file for entry in manifest.skipped] == ["posts.csv, line 6"]
    assert any("'old' in line 7" in note for note in manifest.notes)
    assert any("1 validation texts" in note for note in manifest.notes)


def test_heads_and_their_reference_answers(workspace: Workspace, tmp_path: Path) -> None:
    dataset = import_rows(workspace, tmp_path)
    heads = dataset.manifest.all_heads
    assert [(head.name, head.title, head.kind) for head in heads] == [
        ("gender", "Gender", "binary"),
        ("age", "Age", "regression"),
        ("group", "Group", "categorical"),
    ]
    assert dataset.manifest.classes == heads[0].classes == ("female", "male")
    assert heads[1].unit == "years"
    assert dataset.reference_of("gender").tolist() == [1, 0, -1, 0]
    assert dataset.reference_of("gender").dtype == np.int32
    # The third text is unlabelled: its answers are none, whatever the file says.
    np.testing.assert_array_equal(dataset.reference_of("age"), [31.0, np.nan, np.nan, np.nan])
    assert dataset.reference_of("group").tolist() == [1, 0, -1, -1]
    with pytest.raises(UserError, match=r"without answers to 'mood'\. Known: gender, age, group"):
        dataset.reference_of("mood")


def test_images_are_no_texts_and_texts_no_images(
    workspace: Workspace, tmp_path: Path, make_dataset: object
) -> None:
    texts = import_rows(workspace, tmp_path)
    with pytest.raises(UserError, match="holds texts, and images were asked for"):
        _ = texts.images
    images = make_dataset()  # type: ignore[operator]
    with pytest.raises(UserError, match="holds images, and texts were asked for"):
        _ = images.texts
    with pytest.raises(UserError, match="holds images"):
        images.texts_of([0])
    assert images.numeric is None
    assert [head.name for head in images.manifest.all_heads] == ["class"]
    assert images.manifest.all_heads[0].classes == ("a", "b", "c")
    assert images.reference_of("class").tolist() == images.reference_labels.tolist()


@pytest.mark.parametrize(
    ("old", "new"),
    [("fifth", "sixth"), (",7,", ",8,"), ("31,male", "32,male"), ("male,b", "male,a")],
)
def test_any_change_gives_another_fingerprint(
    workspace: Workspace, tmp_path: Path, old: str, new: str
) -> None:
    first = import_rows(workspace, tmp_path).manifest.fingerprint
    path = tmp_path / "posts.csv"
    path.write_text(ROWS.replace(old, new), encoding="utf-8")
    again = ImportSource(location=str(path), name="other", columns=COLUMNS)
    assert run_import(workspace, again).fingerprint != first


def test_the_same_texts_twice_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    import_rows(workspace, tmp_path)
    source = ImportSource(location=str(tmp_path / "posts.csv"), name="again", columns=COLUMNS)
    with pytest.raises(UserError, match="These texts are already here, as the dataset 'posts'"):
        run_import(workspace, source)


def test_without_targets_a_person_adds_the_classes(workspace: Workspace, tmp_path: Path) -> None:
    dataset = import_rows(workspace, tmp_path, columns=TextColumns(text="text"))
    assert [head.name for head in dataset.manifest.all_heads] == ["class"]
    assert dataset.reference_labels.tolist() == [-1] * 4
    assert dataset.item_names == ["line 2", "line 3", "line 5", "line 7"]
    assert dataset.manifest.splits == {"train": 4}
    assert dataset.numeric is None


def test_a_number_alone_is_never_the_main_head(workspace: Workspace, tmp_path: Path) -> None:
    columns = TextColumns(text="text", targets=COLUMNS.targets[:1])
    dataset = import_rows(workspace, tmp_path, columns=columns)
    assert [head.name for head in dataset.manifest.all_heads] == ["class", "age"]
    np.testing.assert_array_equal(dataset.reference_of("age"), [31, np.nan, 54.5, np.nan])


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ({"text": "body"}, "no column 'body'. Its columns are: id, text"),
        ({"text": "text", "name": "text"}, "'text' is given two uses"),
        ({"text": "text", "targets": [("group", "binary")]}, "line 5: 'c' is value number 3"),
        ({"text": "text", "targets": [("hour", "categorical", "h")]}, "has the unit 'h'"),
        ({"text": "text", "split": "id"}, "None of the rows.*line 2: its split is 'p1'"),
    ],
)
def test_uses_that_do_not_fit(
    workspace: Workspace, tmp_path: Path, columns: dict[str, object], complaint: str
) -> None:
    targets = columns.pop("targets", [])
    fields = [dict(zip(("column", "kind", "unit"), one, strict=False)) for one in targets]
    chosen = TextColumns.model_validate({**columns, "targets": fields})
    with pytest.raises(UserError, match=complaint):
        import_rows(workspace, tmp_path, columns=chosen)
    assert is_clean(workspace)
    assert list_datasets(workspace) == []


def test_a_binary_target_with_one_value(workspace: Workspace, tmp_path: Path) -> None:
    columns = TextColumns(text="text", targets=(TargetColumn(column="b", kind="binary"),))
    with pytest.raises(UserError, match=r"has only 'x'\. Expected two values"):
        import_rows(workspace, tmp_path, "text,b\none,x\ntwo,x\n", columns)


def test_too_many_classes(workspace: Workspace, tmp_path: Path) -> None:
    columns = TextColumns(text="text", targets=(TargetColumn(column="b", kind="categorical"),))
    rows = "text,b\n" + "".join(f"text,c{i}\n" for i in range(1001))
    with pytest.raises(UserError, match=r"line 1,002: 'c1000' is value number 1,001"):
        import_rows(workspace, tmp_path, rows, columns)


def test_texts_in_a_zip_and_in_a_folder(workspace: Workspace, tmp_path: Path) -> None:
    files = {"data/posts.csv": ROWS.encode(), "readme.txt": b"x"}
    archive = imported(workspace, write_zip(tmp_path / "set.zip", files), "zipped")
    assert archive.manifest.count == 4
    assert {entry.file for entry in archive.manifest.skipped} == {
        "readme.txt",
        "data/posts.csv, line 6",
    }
    changed = {**files, "data/posts.csv": ROWS.replace("fifth", "sixth").encode()}
    folder = imported(workspace, write_tree(tmp_path / "folder", changed), "folder")
    assert folder.texts[3] == "sixth"


def test_several_tables_and_no_images(tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "set", {"train.csv": b"text\nx\n", "test.csv": b"text\ny\n"})
    with pytest.raises(UserError, match="2 tables and no images in this folder"):
        open_source(folder)


def test_a_table_of_image_labels_stays_what_it_is(tmp_path: Path) -> None:
    table = b"id,label,comment\n1.png,cat,a long comment about the picture\n2.png,dog,\n"
    folder = write_tree(tmp_path / "set", {"1.png": plain_png(), "2.png": plain_png(9)})
    write_tree(folder, {"labels.csv": table})
    for path in (folder, folder / "labels.csv"):
        found = open_source(path)
        assert isinstance(found, FileSource)
        assert [file.label for file in found.files] == ["cat", "dog"]
    assert isinstance(open_source(folder / "labels.csv", texts=True), TextSource)
    addresses = b"text,label,image\nhello,x,https://example.org/1.png\n"
    write_tree(folder, {"posts.csv": addresses})
    assert isinstance(open_source(folder / "posts.csv"), TextSource)


def test_options_of_images_are_refused_for_texts(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text(ROWS)
    with pytest.raises(UserError, match="have no size in pixels"):
        imported(workspace, tmp_path / "posts.csv", size=32)
    with pytest.raises(UserError, match=r"holds texts, and posts\.csv names files"):
        imported(workspace, tmp_path / "posts.csv", labels_csv=tmp_path / "posts.csv")
    folder = write_tree(tmp_path / "images", {"a.png": plain_png()})
    with pytest.raises(UserError, match="holds images, and uses of columns were given"):
        run_import(workspace, ImportSource(location=str(folder), name="x", columns=COLUMNS))


def test_a_cancelled_import_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text\n" + "word\n" * 5000)
    source = ImportSource(location=str(path), name="x", columns=TextColumns(text="text"))
    with pytest.raises(CancelledError):
        run_import(workspace, source, cancelled=lambda: True)
    assert is_clean(workspace)


def test_damaged_texts_are_told(workspace: Workspace, tmp_path: Path) -> None:
    dataset = import_rows(workspace, tmp_path)
    path = dataset.folder / "texts.jsonl"
    path.write_bytes(path.read_bytes()[:40])
    for ask in (lambda: dataset.texts, lambda: dataset.texts_of([3])):
        with pytest.raises(UserError, match=r"damaged: texts\.jsonl"):
            ask()
    path.unlink()
    with pytest.raises(UserError, match=r"damaged: texts\.jsonl cannot be read"):
        dataset.texts_of([0])


def test_the_same_text_in_two_splits_is_told(workspace: Workspace, tmp_path: Path) -> None:
    rows = "text,split\nsame,train\nsame,test\nother,test\n"
    columns = TextColumns(text="text", split="split")
    notes = import_rows(workspace, tmp_path, rows, columns).manifest.notes
    assert any("1 of 2 texts of the test split are also in another split" in one for one in notes)


def test_a_hundred_thousand_rows(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "stars", "price"])
        for i in range(100_000):
            writer.writerow([f"wörter number {i} " + "word " * 40, i % 5, i / 3])
    dataset = imported(workspace, path, "large")
    assert dataset.manifest.count == 100_000
    assert dataset.manifest.columns == ("price",)
    assert dataset.texts_of([99_999])[0].startswith("wörter number 99999 ")
