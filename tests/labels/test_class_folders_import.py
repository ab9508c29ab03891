"""Labels from class folders in a zip: which items are meant, and what is left out and why."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ssl_core.datasets import zip_entries
from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.errors import UserError
from ssl_core.labels.batches import latest_batches, undo_batch
from ssl_core.labels.class_folders import export_class_folders
from ssl_core.labels.class_folders_import import import_class_folders
from ssl_core.labels.store import open_labels
from ssl_core.workspace import Workspace
from tests.labels.label_events import answers, label
from tests.labels.label_facts import facts
from tests.support.heads import make_texts

MakeDataset = Callable[..., Dataset]


def zipped(tmp_path: Path, *names: str) -> Path:
    """An archive of files that are no images at all."""
    path = tmp_path / "labels.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"no image")
    return path


def renamed(dataset: Dataset, *names: str) -> Dataset:
    """`dataset` with other names of its first files."""
    lines = (dataset.folder / "names.jsonl").read_text("utf-8").splitlines()
    lines[: len(names)] = [f'"{name}"' for name in names]
    (dataset.folder / "names.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return dataset


def given(dataset: Dataset) -> dict[int, str]:
    """Item -> name of its class."""
    return {int(str(item)): str(name) for item, _, name, *_ in facts(open_labels(dataset))}


def test_labels_come_back_from_the_folders_they_were_written_to(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    odd = ("a/b", "A_b", "cat ")
    dataset, other = make_dataset(classes=odd), make_dataset(classes=odd, name="other")
    store = open_labels(dataset)
    kinds = [one.identifier for one in store.classes()]
    store.append([label(item, kinds[item % 3]) for item in (0, 1, 2, 7, 59)])
    path = tmp_path / "labels.zip"
    assert export_class_folders(dataset, store, path, with_test=True) == 5
    report = import_class_folders(other, open_labels(other), path)
    assert (report.labelled, report.skipped_count) == (5, 0)
    assert report.per_class == {"a/b": 1, "A_b": 2, "cat": 2}
    assert given(other) == given(dataset)
    assert {fact[3:] for fact in facts(open_labels(other))} == {("class-folders", None, "imported")}
    (batch,) = latest_batches(open_labels(other))
    assert undo_batch(open_labels(other), batch.identifier, "anybody") == 5
    assert answers(open_labels(other)) == {}


def test_in_another_order_an_item_is_found_by_its_name_and_not_its_number(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = renamed(make_dataset(), "zebra.jpg", "twin.jpg", "twin.png")
    names = ("a/0000009 zebra.png", "b/0000000 00004.png", "c/0000050 twin.png", "c/0000003 x.png")
    report = import_class_folders(dataset, open_labels(dataset), zipped(tmp_path, *names))
    assert given(dataset) == {0: "a", 4: "b"}
    assert [row.line for row in report.skipped] == [3, 4]


def test_a_number_that_means_another_item_here_is_not_believed(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    """Files were added in front, and numbered names are of several folders."""
    old = renamed(make_dataset(), "cat/1.png", "dog/1.png", "dog/2.png")
    new = renamed(make_dataset(name="new"), "bird/1.png", "cat/1.png", "dog/1.png", "dog/2.png")
    manifest = new.folder / "dataset.json"
    other = open_dataset(Workspace(new.folder.parent.parent), new.identifier)
    told = other.manifest.model_copy(update={"fingerprint": "f" * 64})
    manifest.write_text(told.model_dump_json())
    new = open_dataset(Workspace(new.folder.parent.parent), new.identifier)
    kind = open_labels(old).classes()[0].identifier
    open_labels(old).append([label(item, kind) for item in (1, 2)])
    path = tmp_path / "labels.zip"
    export_class_folders(old, open_labels(old), path, with_test=True)
    report = import_class_folders(new, open_labels(new), path)
    assert given(new) == {3: "a"}, "the only file called 2.png"
    assert [row.line for row in report.skipped] == [1]


def test_files_are_found_by_their_path_or_their_last_part(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = renamed(make_dataset(), "a/1.png", "b/1.png", "a/2.png", "deep/er/3.png")
    names = ["all/a/1.png", "all/b/1.png", "all/c/2.png", "all/b/3.png", "all/c/1.png"]
    report = import_class_folders(dataset, open_labels(dataset), zipped(tmp_path, *names))
    assert given(dataset) == {0: "a", 1: "b", 2: "c", 3: "b"}
    (left,) = report.skipped
    assert (left.line, left.file) == (5, "all/c/1.png")
    assert left.reason.startswith("Several images have this name")


def test_every_entry_that_is_left_out_has_its_reason(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = make_dataset()
    names = [
        "a/00001.png", "bare.png", "a/gone.png", "dragon/00002.png", "../a/00003.png",
        "/a/00004.png", "b/00005.png", "c/00005.png", "a/", "__MACOSX/a/._1.png", "a/.DS_Store",
    ]  # fmt: skip
    path = zipped(tmp_path, *names)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("a/00006.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    report = import_class_folders(dataset, open_labels(dataset), path)
    assert given(dataset) == {1: "a"}
    assert (report.labelled, report.skipped_count) == (1, 8)
    reasons = {row.line: row.reason for row in report.skipped}
    assert reasons[2] == "It lies in no class folder."
    assert "No image of the dataset has this name." in reasons[3]
    assert "no class 'dragon'" in reasons[4]
    assert "climbs out of the archive" in reasons[5]
    assert "absolute path" in reasons[6]
    assert "different labels" in reasons[7]
    assert "different labels" in reasons[8]
    assert "it is a link" in reasons[12]


def test_an_empty_schema_takes_its_classes_from_the_folders(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = make_dataset(reference=False)
    path = zipped(tmp_path, "dög/00001.png", "cat/00002.png")
    assert import_class_folders(dataset, open_labels(dataset), path).labelled == 2
    assert given(dataset) == {1: "dög", 2: "cat"}


def test_texts_are_found_and_numbers_have_no_folders(workspace: Workspace, tmp_path: Path) -> None:
    dataset, other = make_texts(workspace), make_texts(workspace, name="again")
    store, path = open_labels(dataset), tmp_path / "labels.zip"
    store.append([label(item, store.classes()[item % 2].identifier) for item in (0, 1, 4)])
    yes = store.classes("urgent")[1].identifier
    store.append([label(5, yes, head="urgent")])
    export_class_folders(dataset, store, path)
    assert import_class_folders(other, open_labels(other), path).labelled == 3
    export_class_folders(dataset, store, path, "urgent")
    report = import_class_folders(other, open_labels(other), path, "urgent")
    assert report.per_class == {"urgent: yes": 1}
    expected = [fact[:3] for fact in facts(store)]
    assert [fact[:3] for fact in facts(open_labels(other))] == expected
    with pytest.raises(UserError, match="are numbers"):
        import_class_folders(other, open_labels(other), path, "age")


def test_no_entry_is_opened(
    make_dataset: MakeDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, path = make_dataset(), zipped(tmp_path, "a/00001.png")

    def opened(*_: object, **__: object) -> None:
        raise AssertionError("an entry was opened")

    monkeypatch.setattr(zipfile.ZipFile, "open", opened)
    assert import_class_folders(dataset, open_labels(dataset), path).labelled == 1


def test_archives_that_must_not_be_read_are_refused(
    make_dataset: MakeDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make_dataset()
    store, path = open_labels(dataset), zipped(tmp_path, "a/00001.png")
    monkeypatch.setattr(zip_entries, "TOTAL_LIMIT", 4)
    with pytest.raises(UserError, match="archive bomb"):
        import_class_folders(dataset, store, path)
    path.write_bytes(b"a,b")
    with pytest.raises(UserError, match="no zip archive"):
        import_class_folders(dataset, store, path)
    with pytest.raises(UserError, match="folder or a device"):
        import_class_folders(dataset, store, tmp_path)
    with pytest.raises(UserError, match="cannot be read"):
        import_class_folders(dataset, store, tmp_path / "gone.zip")
    assert answers(store) == {}
