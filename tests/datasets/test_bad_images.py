"""Bad image files: left out with a plain reason, the good ones imported, nothing else harmed."""

import os
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from source_files import encoded, imported, is_clean, plain_png, ramp, reasons, write_tree

from ssl_core.datasets import decode
from ssl_core.errors import UserError
from ssl_core.workspace import Workspace


def png_declaring(width: int, height: int) -> bytes:
    """A few hundred bytes that claim to be a huge image."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    chunks = b""
    for kind, content in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b"")):
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        chunks += struct.pack(">I", len(content)) + kind + content + checksum
    return b"\x89PNG\r\n\x1a\n" + chunks


def noisy(kind: str) -> bytes:
    return encoded(Image.fromarray(ramp(1, 64, 64, 3)[0]), kind)


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.jpg": (lambda: b"", "empty (0 bytes)"),
    "text.jpg": (lambda: b"this is no image at all" * 20, "not an image that is read here"),
    "program.png": (lambda: b"\x7fELF" + bytes(500), "not an image that is read here"),
    "page.gif": (lambda: b"<html><script>alert(1)</script></html>", "not an image"),
    "vector.png": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image"),
    "document.jpg": (lambda: b"%PDF-1.7\n" + bytes(200), "not an image"),
    "script.jpg": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
    "half.jpg": (lambda: noisy("JPEG")[: len(noisy("JPEG")) // 2], "cut off or damaged"),
    "half.png": (lambda: noisy("PNG")[: len(noisy("PNG")) // 2], "cut off or damaged"),
    "start.jpg": (lambda: noisy("JPEG")[:20], "cut off or damaged"),
    "half.webp": (lambda: noisy("WEBP")[:300], "cut off or damaged"),
    "half.tif": (lambda: noisy("TIFF")[:600], "cut off or damaged"),
    "wrong.png": (lambda: plain_png().replace(b"IDAT", b"IDAX"), "cut off or damaged"),
    "huge.png": (lambda: png_declaring(100_000, 100_000), "pixels"),
    "large.png": (lambda: png_declaring(9_000, 9_000), "million are read"),
    "long.png": (lambda: png_declaring(2_000_000_000, 1), "million are read"),
    "claims.png": (lambda: png_declaring(7_000, 7_000), "cut off or damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_is_refused_with_its_reason(name: str) -> None:
    make, expected = BAD[name]
    with pytest.raises(decode.UnreadableError, match=re.escape(expected)):
        decode.decode(make(), (8, 8, 3))


def test_all_are_left_out_and_the_good_ones_imported(workspace: Workspace, tmp_path: Path) -> None:
    files = {f"cat/{name}": make() for name, (make, _) in BAD.items()}
    files |= {"cat/good.png": plain_png(), "dog/good.png": plain_png(7)}
    dataset = imported(workspace, write_tree(tmp_path / "source", files), size=8)
    assert dataset.item_names == ["cat/good.png", "dog/good.png"]
    assert set(reasons(dataset)) == {f"cat/{name}" for name in BAD}
    assert dataset.manifest.skipped_count == len(BAD)
    for name, (_, expected) in BAD.items():
        assert expected in reasons(dataset)[f"cat/{name}"]


def test_only_bad_images_are_refused_as_a_whole(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "source", {"a.jpg": b"no", "b.png": b"", "c.png": b"no"})
    with pytest.raises(UserError, match=r"a\.jpg: it is not an image.*b\.png: the file is empty"):
        imported(workspace, folder)
    assert is_clean(workspace)


def test_damaged_bytes_never_end_the_import(workspace: Workspace, tmp_path: Path) -> None:
    """Bytes changed at random, in every format: whatever the decoders do, the good file stays."""
    files = {"good.png": plain_png()}
    for number, kind in enumerate(["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"] * 6):
        content = bytearray(noisy(kind))
        for place, value in zip(ramp(number + 9, 1)[:, 0], ramp(number + 9, 2)[:, 1], strict=True):
            content[int(place) * len(content) // 256] = int(value)
        files[f"{number}.{kind.lower()}"] = bytes(content)
    dataset = imported(workspace, write_tree(tmp_path / "source", files), size=8)
    assert "good.png" in dataset.item_names
    assert dataset.manifest.count + dataset.manifest.skipped_count == len(files)


def test_links_and_special_files_are_left_out(workspace: Workspace, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(plain_png(1))
    folder = write_tree(tmp_path / "source", {"good.png": plain_png(), "inner/b.png": plain_png(2)})
    (folder / "out.png").symlink_to(secret)
    (folder / "nowhere.png").symlink_to(tmp_path / "gone.png")
    (folder / "loop").symlink_to(folder)
    (folder / "inside.png").symlink_to(folder / "good.png")
    os.mkfifo(folder / "pipe.png")
    dataset = imported(workspace, folder)
    assert dataset.item_names == ["good.png", "inner/b.png", "inside.png"]
    assert "leads out" in reasons(dataset)["out.png"]
    assert "special file" in reasons(dataset)["pipe.png"]
    assert "nowhere.png" in reasons(dataset)
    assert "link to a folder" in reasons(dataset)["loop"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "no image"),
        ({"notes.txt": b"hello"}, r"notes\.txt"),
        ({"a/.DS_Store": b"x"}, "no image"),
    ],
)
def test_sources_without_images_are_refused(
    workspace: Workspace, tmp_path: Path, files: dict[str, bytes], expected: str
) -> None:
    (tmp_path / "source").mkdir()
    with pytest.raises(UserError, match=expected):
        imported(workspace, write_tree(tmp_path / "source", files))
    assert is_clean(workspace)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.zip", b""),
        ("notes.txt", b"hello"),
        ("set.tar.gz", b"\x1f\x8bsomething"),
        ("one.png", b"\x89PNG"),
        ("model.h5", b"\x89HDF\r\n\x1a\n"),
    ],
)
def test_files_of_no_known_kind_are_refused_by_name(
    workspace: Workspace, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as error:
        imported(workspace, tmp_path / name)
    assert name in str(error.value)
    assert "Expected" in str(error.value)


def test_a_missing_location_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no file or folder"):
        imported(workspace, tmp_path / "gone")
    with pytest.raises(UserError, match=r"…? cannot be read: File name too long"):
        imported(workspace, tmp_path / ("long" * 500))


@pytest.mark.parametrize("size", [0, -4, 513, 100_000])
def test_impossible_sizes_are_refused(workspace: Workspace, tmp_path: Path, size: int) -> None:
    folder = write_tree(tmp_path / "source", {"a.png": plain_png()})
    with pytest.raises(UserError, match="1 to 512"):
        imported(workspace, folder, size=size)
