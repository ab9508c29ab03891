"""Arrays of images in NumPy, IDX, MATLAB and STL-10 files: odd ones accepted, bad ones refused."""

import gzip
import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
import scipy.io
from numpy.typing import NDArray
from source_files import imported, is_clean, ramp

from ssl_core.errors import UserError
from ssl_core.workspace import Workspace

GREY = ramp(12, 6, 5)
COLOUR = ramp(12, 6, 5, 3)
LABELS = np.arange(12) % 3


def idx(values: NDArray[np.uint8], code: int = 8) -> bytes:
    """`values` as an IDX file."""
    return (
        bytes([0, 0, code, values.ndim])
        + struct.pack(f">{values.ndim}I", *values.shape)
        + (values.tobytes())
    )


def npy(values: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values)
    return stream.getvalue()


@pytest.mark.parametrize(
    "arrays",
    [
        {"x": COLOUR, "y": LABELS},
        {"images": COLOUR, "labels": LABELS[:, None]},
        {"X": COLOUR / 255.0, "y": LABELS.astype(float)},
        {"data": COLOUR.astype(np.float32), "target": LABELS.astype(">i4")},
        {"x": COLOUR.transpose(0, 3, 1, 2), "y": np.eye(3)[LABELS]},
        {"x": np.asfortranarray(COLOUR), "y": np.asfortranarray(LABELS)},
        {"x": COLOUR.astype(">u2"), "y": LABELS},
        {"x": COLOUR.astype(">f8") / 255, "y": np.array(["0", "1", "2"])[LABELS]},
        {"x": COLOUR.astype(np.uint16) * 257, "y": LABELS.astype(np.int8)},
        {"x": COLOUR / 127.5 - 1, "y": LABELS},
        {"x": np.concatenate([COLOUR, np.full((12, 6, 5, 1), 255, np.uint8)], 3), "y": LABELS},
        {"x_train": COLOUR, "y_train": LABELS, "note": np.zeros(3)},
        {"arr_0": COLOUR, "arr_1": LABELS},
    ],
    ids=lambda arrays: " ".join(arrays),
)
def test_odd_npz_files_come_out_right(
    workspace: Workspace, tmp_path: Path, arrays: dict[str, NDArray[Any]]
) -> None:
    np.savez_compressed(tmp_path / "set.npz", **arrays)
    dataset = imported(workspace, tmp_path / "set.npz")
    assert np.array_equal(dataset.images, COLOUR)
    assert dataset.reference_labels.tolist() == LABELS.tolist()
    assert dataset.manifest.classes == ("0", "1", "2")
    assert dataset.splits.tolist() == [0] * 12


def test_splits_and_class_names_of_an_npz(workspace: Workspace, tmp_path: Path) -> None:
    np.savez(
        tmp_path / "set.npz",
        x_train=GREY[:6],
        y_train=LABELS[:6],
        x_test=GREY[6:8],
        y_test=LABELS[6:8],
        x_val=GREY[8:10],
        y_val=LABELS[8:10],
        x_unlabeled=GREY[10:],
        class_names=np.array(["cat", "dog", "eel"]),
    )
    dataset = imported(workspace, tmp_path / "set.npz")
    assert dataset.manifest.shape == (6, 5, 1)
    assert dataset.manifest.classes == ("cat", "dog", "eel")
    assert dataset.manifest.splits == {"train": 8, "test": 2, "unlabelled": 2}
    assert dataset.reference_labels.tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, -1, -1]
    assert any("x_val" in note for note in dataset.manifest.notes)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (GREY, GREY),
        (np.asfortranarray(GREY), GREY),
        (GREY > 127, (GREY > 127) * 255),
        (GREY[:, :5].reshape(12, 25), GREY[:, :5]),
        (GREY.astype(">i8"), GREY),
    ],
)
def test_npy_files(
    workspace: Workspace, tmp_path: Path, values: NDArray[Any], expected: NDArray[Any]
) -> None:
    np.save(tmp_path / "x_train.npy", values)
    np.save(tmp_path / "y_train.npy", LABELS)
    dataset = imported(workspace, tmp_path / "x_train.npy")
    assert np.array_equal(dataset.images[..., 0], expected)
    assert dataset.reference_labels.tolist() == LABELS.tolist()


def test_arrays_are_brought_to_the_size_asked_for(workspace: Workspace, tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", np.full((3, 10, 20), 200, np.uint8))
    dataset = imported(workspace, tmp_path / "images.npy", size=8)
    assert dataset.images.shape == (3, 8, 8, 1)
    assert np.all(dataset.images[:, 2:6] == 200)
    assert np.all(dataset.images[:, :2] == 0)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("target", ["", "train-images-idx3-ubyte", "train-labels-idx1-ubyte"])
def test_idx_files(workspace: Workspace, tmp_path: Path, packed: bool, target: str) -> None:
    ending, pack = (".gz", gzip.compress) if packed else ("", bytes)
    for stem, part in (("train", slice(0, 9)), ("t10k", slice(9, 12))):
        labels = LABELS[part].astype(np.uint8)
        (tmp_path / f"{stem}-images-idx3-ubyte{ending}").write_bytes(pack(idx(GREY[part])))
        (tmp_path / f"{stem}-labels-idx1-ubyte{ending}").write_bytes(pack(idx(labels)))
    dataset = imported(workspace, tmp_path / (target + ending if target else ""))
    count = 9 if target else 12
    assert np.array_equal(dataset.images[..., 0], GREY[:count])
    assert dataset.reference_labels.tolist() == LABELS[:count].tolist()
    assert dataset.manifest.splits == ({"train": 9} if target else {"train": 9, "test": 3})


def test_idx_images_without_labels_are_unlabelled(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "digits-idx3-ubyte").write_bytes(idx(GREY))
    dataset = imported(workspace, tmp_path / "digits-idx3-ubyte")
    assert dataset.manifest.classes == ()
    assert np.all(dataset.reference_labels == -1)


@pytest.mark.parametrize("compressed", [False, True])
def test_svhn_files(workspace: Workspace, tmp_path: Path, compressed: bool) -> None:
    images = ramp(10, 32, 32, 3)
    digits = np.array([1, 2, 10, 9, 10, 5, 6, 7, 8, 1], np.uint8)[:, None]
    for stem, part in (("train", slice(0, 5)), ("test", slice(5, 8)), ("extra", slice(8, 10))):
        arrays = {"X": images[part].transpose(1, 2, 3, 0), "y": digits[part]}
        scipy.io.savemat(tmp_path / f"{stem}_32x32.mat", arrays, do_compression=compressed)
    dataset = imported(workspace, tmp_path)
    assert np.array_equal(dataset.images, images)
    names = [dataset.manifest.classes[index] for index in dataset.reference_labels]
    assert names == ["1", "2", "0", "9", "0", "5", "6", "7", "8", "1"]
    assert dataset.manifest.splits == {"train": 7, "test": 3}
    assert imported(workspace, tmp_path / "train_32x32.mat", "one").manifest.count == 5


def stl10_folder(folder: Path) -> NDArray[np.uint8]:
    images = ramp(6, 96, 96, 3)
    for stem, part in (("train", slice(0, 2)), ("test", slice(2, 4)), ("unlabeled", slice(4, 6))):
        (folder / f"{stem}_X.bin").write_bytes(images[part].transpose(0, 3, 2, 1).tobytes())
    (folder / "train_y.bin").write_bytes(bytes([1, 10]))
    (folder / "test_y.bin").write_bytes(bytes([3, 1]))
    names = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"]
    (folder / "class_names.txt").write_text("\n".join(names) + "\n")
    return images


def test_stl10_files(workspace: Workspace, tmp_path: Path) -> None:
    images = stl10_folder(tmp_path)
    dataset = imported(workspace, tmp_path)
    assert np.array_equal(dataset.images, images)
    assert dataset.manifest.splits == {"train": 2, "test": 2, "unlabelled": 2}
    assert dataset.reference_labels.tolist() == [0, 9, 2, 0, -1, -1]
    assert dataset.manifest.classes[9] == "truck"
    assert imported(workspace, tmp_path / "train_X.bin", "one").manifest.count == 2


def pickled() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    return stream.getvalue()


def zipped_npy(content: bytes) -> bytes:
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", content)
    return stream.getvalue()


def npy_declaring(shape: tuple[int, ...], data: int = 100) -> bytes:
    head = npy(np.zeros((1,), np.uint8))
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return head[:8] + struct.pack("<H", len(text) + 1) + text + b"\n" + bytes(data)


def forged_mat() -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, {"X": ramp(3, 4, 4, 3).transpose(1, 2, 3, 0)})
    content = bytearray(stream.getvalue())
    place = content.find(struct.pack("<4i", 4, 4, 3, 3))
    content[place : place + 16] = struct.pack("<4i", 40000, 40000, 3, 3)
    return bytes(content)


def whole_mat(**options: bool) -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, {"X": ramp(3, 32, 32, 3).transpose(1, 2, 3, 0)}, **options)
    return stream.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "pickled.npy": (pickled, "pickled"),
    "pickled.npz": (lambda: zipped_npy(pickled()), "pickled"),
    "cut.npy": (lambda: npy(GREY)[:-7], "cut off"),
    "head.npy": (lambda: npy(GREY)[:20], "not a whole NumPy array"),
    "forged.npy": (lambda: npy_declaring((10**9, 1000, 1000)), "forged"),
    "negative.npy": (lambda: npy_declaring((-5, 4, -5)), "forged"),
    "overflow.npy": (lambda: npy_declaring((2**62, 2**62, 4)), "forged"),
    "forged.npz": (lambda: zipped_npy(npy_declaring((10**6, 100, 100))), "forged"),
    "cut.npz": (lambda: zipped_npy(npy(GREY))[:-30], "cut off"),
    "junk.npz": (lambda: b"PK not an archive", "cut off"),
    "words.npy": (lambda: npy(np.array([["a", "b"]] * 3)), "expected"),
    "nan.npy": (lambda: npy(np.full((2, 4, 4), np.nan)), "NaN"),
    "range.npy": (lambda: npy(np.full((2, 4, 4), 7e5)), "expected 0 to 1 or 0 to 255"),
    "line.npy": (lambda: npy(np.zeros(9)), "expected (images, height, width)"),
    "five.npy": (lambda: npy(np.zeros((2, 2, 2, 2, 2))), "expected (images, height, width)"),
    "none.npy": (lambda: npy(np.zeros((0, 4, 4))), "no pixels"),
    "names.npz": (lambda: zipped_npy(npy(GREY)).replace(b"x.npy", b"q.npy"), "usual name"),
    "cut-idx3-ubyte": (lambda: idx(GREY)[:-9], "cut off"),
    "long-idx3-ubyte": (lambda: idx(GREY) + b"more", "goes on"),
    "forged-idx3-ubyte": (lambda: bytes([0, 0, 8, 3]) + b"\x7f\xff\xff\xff" * 3, "forged"),
    "labels-idx1-ubyte": (lambda: idx(GREY[:, 0, 0]), "label file"),
    "cut-idx3-ubyte.gz": (lambda: gzip.compress(idx(GREY))[:-40], "cut off"),
    "junk-idx3-ubyte.gz": (lambda: b"\x1f\x8b" + bytes(50), "damaged"),
    "cut.mat": (lambda: whole_mat()[:-500], "cut off"),
    "cutpacked.mat": (lambda: whole_mat(do_compression=True)[:-500], "cut off"),
    "forged.mat": (forged_mat, "forged"),
    "junk.mat": (lambda: b"x" * 400, "not a MATLAB 5 file"),
    "new.mat": (lambda: b"MATLAB 7.3 MAT-file" + bytes(600), "7.3"),
    "short.mat": (lambda: b"MATLAB 5.0", "not a MATLAB 5 file"),
    "train_X.bin": (lambda: bytes(96 * 96 * 3 + 5), "multiple of 27,648"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arrays_are_refused_by_name(workspace: Workspace, tmp_path: Path, name: str) -> None:
    make, expected = BAD[name]
    (tmp_path / name).write_bytes(make())
    with pytest.raises(UserError) as error:
        imported(workspace, tmp_path / name)
    assert expected in str(error.value)
    assert name in str(error.value)
    assert ".. Nothing" not in str(error.value)
    assert is_clean(workspace)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (LABELS[:-1], "11 labels for 12 images"),
        (LABELS + 0.5, "whole numbers"),
        (np.arange(12) * 1j, "expected numbers or text"),
    ],
)
def test_labels_that_do_not_fit_are_refused(
    workspace: Workspace, tmp_path: Path, labels: NDArray[Any], expected: str
) -> None:
    np.savez(tmp_path / "set.npz", x=GREY, y=labels)
    with pytest.raises(UserError, match=expected):
        imported(workspace, tmp_path / "set.npz")
    assert is_clean(workspace)


def test_negative_labels_and_nan_mean_unlabelled(workspace: Workspace, tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", x=GREY[:4], y=np.array([5.0, np.nan, -1, 10]))
    dataset = imported(workspace, tmp_path / "set.npz")
    assert dataset.manifest.classes == ("5", "10")
    assert dataset.reference_labels.tolist() == [0, -1, -1, 1]


def test_label_counts_of_idx_and_stl10_must_fit(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a-images-idx3-ubyte").write_bytes(idx(GREY))
    (tmp_path / "a-labels-idx1-ubyte").write_bytes(idx(LABELS[:5].astype(np.uint8)))
    with pytest.raises(UserError, match="5 labels for 12 images"):
        imported(workspace, tmp_path / "a-images-idx3-ubyte")
    stl10_folder(tmp_path)
    (tmp_path / "train_y.bin").write_bytes(b"\1")
    with pytest.raises(UserError, match=r"train_y\.bin has 1 labels for 2 images"):
        imported(workspace, tmp_path / "train_X.bin")


def test_an_npz_bomb_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    content = bytearray(zipped_npy(npy_declaring((1500, 1024, 1024), 1 << 20)))
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 1500 << 20)
    path = tmp_path / "bomb.npz"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"bomb\.npz would unpack to 1\.5 GB"):
        imported(workspace, path)
    assert is_clean(workspace)
