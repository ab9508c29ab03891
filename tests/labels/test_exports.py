"""Labels as class folders, and the choice of a form by the ending of a file."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.class_folders import export_class_folders, folder_names
from ssl_core.labels.exports import export_labels
from ssl_core.labels.store import LabelStore, open_labels
from ssl_core.workspace import Workspace
from tests.labels.label_events import label
from tests.support.heads import make_texts

MakeDataset = Callable[..., Dataset]


def labelled(dataset: Dataset, *items: int) -> LabelStore:
    """Item k has class k modulo the number of classes."""
    store = open_labels(dataset)
    classes = store.classes()
    store.append([label(item, classes[item % len(classes)].identifier) for item in items])
    return store


def test_images_lie_in_the_folder_of_their_class_at_their_size(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = make_dataset(shape=(9, 7, 3))
    store = labelled(dataset, 0, 1, 4, 59)  # 59 is of the test split
    path = tmp_path / "labels.zip"
    assert export_class_folders(dataset, store, path) == 3
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [
            "a/0000000 00000.png",
            "b/0000001 00001.png",
            "b/0000004 00004.png",
        ]
        image = np.asarray(Image.open(io.BytesIO(archive.read("b/0000004 00004.png"))))
    assert np.array_equal(image, dataset.images[4])
    assert export_class_folders(dataset, store, path, with_test=True) == 4
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist()[-1] == "c/0000059 00059.png"


def test_no_class_name_leaves_its_folder() -> None:
    names = ["../up", "a/b", "A_b", "..", "con\x07", "cat ", "Cat", "=1", "日本"]
    made = folder_names(names)
    assert made == ["_up", "a_b", "A_b (2)", "class 4", "con_", "cat", "Cat (2)", "=1", "日本"]
    assert all("/" not in name and name.strip(".") for name in made)


def test_texts_are_written_as_texts(workspace: Workspace, tmp_path: Path) -> None:
    dataset = make_texts(workspace)
    store = labelled(dataset, 0, 1)
    path = tmp_path / "labels.zip"
    assert export_class_folders(dataset, store, path) == 2
    with zipfile.ZipFile(path) as archive:
        assert archive.read("money/0000001 row 3.txt").decode() == dataset.texts_of([1])[0]
    with pytest.raises(UserError, match="are numbers"):
        export_class_folders(dataset, store, path, "age")


def test_a_failed_export_leaves_the_old_file(make_dataset: MakeDataset, tmp_path: Path) -> None:
    dataset = make_dataset()
    store = labelled(dataset, 0, 1)
    path = tmp_path / "labels.zip"
    path.write_bytes(b"old")

    def full(done: int, total: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="No space left"):
        export_class_folders(dataset, store, path, progress=full)
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir() if found.is_file()] == ["labels.zip"]


def test_the_ending_chooses_the_form(make_dataset: MakeDataset, tmp_path: Path) -> None:
    dataset = make_dataset()
    store = labelled(dataset, 0, 1, 59)
    for ending, count, start in ((".csv", 3, b"item,"), (".JSON", 3, b"[\n{"), (".zip", 2, b"PK")):
        path = tmp_path / f"labels{ending}"
        assert export_labels(dataset, store, path) == count
        assert path.read_bytes().startswith(start)
    with pytest.raises(UserError, match="no ending that is known"):
        export_labels(dataset, store, tmp_path / "labels.xml")
