"""Zip archives: odd ones are read, hostile and damaged ones refused or their entries left out."""

import io
import os
import re
import stat
import struct
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import pytest
from source_files import imported, is_clean, plain_png, reasons, write_tree, write_zip

from ssl_core.datasets import zip_entries
from ssl_core.errors import UserError
from ssl_core.workspace import Workspace

GOOD = {"cat/a.png": plain_png(1), "dog/b.png": plain_png(2)}


def test_zip_and_folder_of_the_same_files_are_the_same_content(
    workspace: Workspace, tmp_path: Path
) -> None:
    dataset = imported(workspace, write_tree(tmp_path / "source", GOOD))
    with pytest.raises(UserError, match="already here, as the dataset 'set'"):
        imported(workspace, write_zip(tmp_path / "source.zip", GOOD), "other")
    assert dataset.manifest.classes == ("cat", "dog")
    assert dataset.reference_labels.tolist() == [0, 1]


def test_droppings_are_ignored_silently(workspace: Workspace, tmp_path: Path) -> None:
    droppings = [
        "__MACOSX/cat/._a.png",
        ".DS_Store",
        "cat/Thumbs.db",
        "dog/desktop.ini",
        "cat/._a.png",
    ]
    files = {f"set/{name}": content for name, content in GOOD.items()}
    files |= {name if name.startswith("__") else f"set/{name}": b"x" for name in droppings}
    dataset = imported(workspace, write_zip(tmp_path / "set.zip", files))
    assert dataset.manifest.count == 2
    assert dataset.manifest.skipped == ()


def test_names_that_climb_out_links_and_devices_are_left_out(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = write_zip(
        tmp_path / "evil.zip",
        {**GOOD, "../out.png": plain_png(), "/etc/abs.png": plain_png(), "C:\\w.png": plain_png()},
    )
    with ZipFile(path, "a") as archive:
        for name, kind in (("link.png", stat.S_IFLNK), ("device.png", stat.S_IFCHR)):
            entry = ZipInfo(name)
            entry.external_attr = (kind | 0o777) << 16
            archive.writestr(entry, "/etc/passwd")
    dataset = imported(workspace, path)
    left_out = reasons(dataset)
    assert dataset.manifest.count == 2
    assert "climbs out" in left_out["../out.png"]
    assert "absolute" in left_out["/etc/abs.png"]
    assert "absolute" in left_out["C:/w.png"]
    assert "link" in left_out["link.png"]
    assert "device" in left_out["device.png"]
    assert not (tmp_path / "out.png").exists()


def test_encrypted_and_strangely_packed_entries_are_left_out(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = write_zip(tmp_path / "set.zip", {**GOOD, "cat/secret.png": plain_png(9)})
    content = bytearray(path.read_bytes())
    place = content.rfind(b"PK\x01\x02", 0, content.rfind(b"cat/secret.png"))
    content[place + 8] |= 1  # the flag "encrypted" in the table of contents
    path.write_bytes(content)
    with ZipFile(path, "a", ZIP_BZIP2) as archive:
        archive.writestr("dog/bzip.png", plain_png())
    left_out = reasons(imported(workspace, path))
    assert "encrypted" in left_out["cat/secret.png"]
    assert "ordinary zip" in left_out["dog/bzip.png"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.995])
def test_cut_archives_are_refused(workspace: Workspace, tmp_path: Path, share: float) -> None:
    path = write_zip(tmp_path / "cut.zip", {f"{i}.png": os.urandom(500) for i in range(50)})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(UserError, match=r"cut\.zip is cut off"):
        imported(workspace, path)
    assert is_clean(workspace)


def test_a_damaged_entry_is_left_out(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with ZipFile(path, "w", ZIP_STORED) as archive:
        for name, content in {**GOOD, "dog/c.png": plain_png(77)}.items():
            archive.writestr(name, content)
    content = bytearray(path.read_bytes())
    content[content.find(plain_png(77)) + 50] ^= 0xFF
    path.write_bytes(content)
    left_out = reasons(imported(workspace, path))
    assert list(left_out) == ["dog/c.png"]
    assert "damaged at this entry" in left_out["dog/c.png"]


def test_a_bomb_is_refused(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zip_entries, "RATIO_FROM", 10 << 20)
    path = write_zip(tmp_path / "bomb.zip", {"a.png": bytes(20 << 20)})
    with pytest.raises(UserError, match=r"bomb\.zip would unpack to .* GB.*bomb"):
        imported(workspace, path)


def test_an_entry_that_unpacks_to_much_is_left_out(workspace: Workspace, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "big.zip", {**GOOD, "cat/big.png": bytes(300 << 20)})
    left_out = reasons(imported(workspace, path))
    assert "300 MB" in left_out["cat/big.png"]


def test_overlapping_entries_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "overlap.zip", GOOD)
    content = bytearray(path.read_bytes())
    second = content.rfind(b"PK\x01\x02")
    content[second + 42 : second + 46] = struct.pack("<I", 0)  # begins where the first begins
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"overlap\.zip is forged or damaged.*overlaps"):
        imported(workspace, path)


def test_forged_sizes_are_noticed(workspace: Workspace, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "forged.zip", {**GOOD, "dog/c.png": plain_png(3) + bytes(5000)})
    content = bytearray(path.read_bytes())
    last = content.rfind(b"PK\x01\x02")
    content[last + 24 : last + 28] = struct.pack("<I", 10)  # says that it unpacks to 10 bytes
    path.write_bytes(content)
    assert "damaged at this entry" in reasons(imported(workspace, path))["dog/c.png"]


def test_unmarked_utf8_and_backslashes_are_understood(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "names.zip"
    with ZipFile(path, "w") as archive:
        for name in ("Äpfel\\1.png", "🐱\\2.png"):
            entry = ZipInfo("x")
            entry.filename = name
            archive.writestr(entry, plain_png(len(name)))
    dataset = imported(workspace, path)
    assert dataset.manifest.classes == ("Äpfel", "🐱")


def test_a_table_of_labels_inside_an_archive_is_used(workspace: Workspace, tmp_path: Path) -> None:
    files = {"a.png": plain_png(1), "b.png": plain_png(2), "labels.csv": b"file,label\na.png,x\n"}
    dataset = imported(workspace, write_zip(tmp_path / "set.zip", files))
    assert dataset.manifest.classes == ("x",)
    assert dataset.reference_labels.tolist() == [0, -1]


def test_archives_without_images_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    inner = io.BytesIO()
    with ZipFile(inner, "w") as archive:
        archive.writestr("a.png", plain_png())
    path = write_zip(tmp_path / "nested.zip", {"inner.zip": inner.getvalue()})
    with pytest.raises(UserError, match=r"nested\.zip holds no image.*inner\.zip"):
        imported(workspace, path)
    assert is_clean(workspace)


def test_arrays_in_an_archive_are_to_be_unpacked(workspace: Workspace, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "set.zip", {"set/x.npz": b"PK", "set/readme.txt": b"x"})
    with pytest.raises(UserError, match=r"set\.zip .* set/x\.npz\. Unpack"):
        imported(workspace, path)


def test_random_changes_never_do_harm(workspace: Workspace, tmp_path: Path) -> None:
    """Either the archive is refused with its name, or what can be read is imported."""
    files = {f"{i}.png": plain_png(i) for i in range(6)}
    whole = write_zip(tmp_path / "x.zip", files).read_bytes()
    generator = np.random.default_rng(5)
    for number in range(12):
        content = bytearray(whole)
        for place in generator.integers(len(content) * 2 // 3, len(content), 3):
            content[place] = generator.integers(256)
        path = tmp_path / f"changed{number}.zip"
        path.write_bytes(content)
        outcome = outcome_of(workspace, path, f"set {number}")
        assert outcome == "imported" or "already here" in outcome or path.name in outcome


def outcome_of(workspace: Workspace, path: Path, name: str) -> str:
    try:
        assert 1 <= imported(workspace, path, name).manifest.count <= 6
    except UserError as error:
        return str(error)
    return "imported"


def test_an_empty_archive_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("set.zip", "set.npz"):
        with pytest.raises(UserError, match=rf"{name} is empty"):
            imported(workspace, write_zip(tmp_path / name, {}))
    assert is_clean(workspace)


def long_archive(path: Path, entries: int, directory: bytes, declared: int | None = None) -> Path:
    """An archive whose ZIP64 record speaks of a large directory and whose end record does not."""
    size = len(directory) if declared is None else declared
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, size, 0)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(directory), 1)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, 46, 0, 0)
    path.write_bytes(directory + record + locator + end)
    return path


@pytest.mark.parametrize(
    ("entries", "declared", "expected"),
    [
        (5_000_000, None, r"z\.zip has 5,000,000 entries"),
        (1, 101 << 20, "declares a table of contents of 105,906,176 bytes"),
        (1, 1 << 62, "declares a table of contents"),
        (3, None, r"z\.zip has 20 entries; at most 10"),
    ],
)
def test_a_huge_directory_is_refused_before_zipfile_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: int, declared: int, expected: str
) -> None:
    if entries == 3:
        monkeypatch.setattr(zip_entries, "ENTRY_LIMIT", 10)
    monkeypatch.setattr(zip_entries.zipfile, "ZipFile", lambda *_: pytest.fail("it was opened"))
    directory = (b"PK\1\2" + bytes(42)) * 20
    path = long_archive(tmp_path / "z.zip", entries, directory, declared)
    problem = zip_entries.archive_problem(path)
    assert problem is not None
    assert re.search(expected, problem)


def test_a_sound_long_archive_is_read(workspace: Workspace, tmp_path: Path) -> None:
    content = write_zip(tmp_path / "set.zip", GOOD).read_bytes()
    place = content.rfind(b"PK\5\6")
    entries, size, offset = struct.unpack("<HII", content[place + 10 : place + 20])
    record = struct.pack(
        "<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, size, offset
    )
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, place, 1)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 65535, 65535, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path = tmp_path / "long.zip"
    path.write_bytes(content[:place] + record + locator + end)
    assert imported(workspace, path).manifest.count == 2
