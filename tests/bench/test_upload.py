"""The archive that is uploaded."""

import zipfile
from pathlib import Path

from PIL import Image

from bench.upload import SIDE, make_archive


def test_the_archive_has_the_size_asked_for_and_holds_images(tmp_path: Path) -> None:
    path = tmp_path / "noise.zip"
    least, one_image = 3_000_000, 3 * SIDE * SIDE
    size = make_archive(path, least)
    assert least <= size < least + 1.1 * one_image
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert {Path(name).parent.name for name in names} == {"a", "b"}
        with archive.open(names[-1]) as stream:
            assert Image.open(stream).size == (SIDE, SIDE)
