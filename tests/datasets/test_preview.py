"""Looking at a source before it is imported."""

from pathlib import Path

import numpy as np
import pytest
from source_files import plain_png, ramp, write_tree, write_zip

from ssl_core.datasets.preview import preview_source
from ssl_core.errors import UserError
from ssl_core.workspace import SAMPLE_FOLDER


def test_images_before_and_after(tmp_path: Path) -> None:
    files = {f"train/cat/{i}.png": plain_png(i, (20, 10)) for i in range(20)}
    files |= {f"test/dog/{i}.png": plain_png(i, (600, 1200)) for i in range(5)}
    files["notes.txt"] = b"x"
    preview = preview_source(str(write_zip(tmp_path / "set.zip", files)), 16)
    assert preview.kind == "zip archive"
    assert preview.count == 25
    assert preview.classes == ("cat", "dog")
    assert preview.splits == {"train": 20, "test": 5}
    assert preview.sizes == {"10 × 20": 20, "1200 × 600": 5}
    assert "16 × 16" in preview.resize_rule
    assert len(preview.samples) == 8
    shapes = {(before.shape, after.shape) for _, before, after in preview.samples}
    assert shapes == {((10, 20, 3), (16, 16, 3)), ((512, 256, 3), (16, 16, 3))}
    assert preview.skipped == 1


def test_bad_images_do_not_spoil_it(tmp_path: Path) -> None:
    files = {"a.png": plain_png(), "b.png": plain_png(3)[:50], "c.png": b"no"}
    preview = preview_source(str(write_tree(tmp_path / "source", files)))
    assert [name for name, _, _ in preview.samples] == ["a.png"]
    assert preview.skipped == 2


def test_arrays(tmp_path: Path) -> None:
    preview = preview_source(str(SAMPLE_FOLDER), 32)
    assert preview.count == 5000
    assert preview.classes == tuple("0123456789")
    assert preview.sizes == {"28 × 28": 5000}
    assert [(b.shape, a.shape) for _, b, a in preview.samples] == [((28, 28, 1), (32, 32, 1))] * 8
    np.save(tmp_path / "x.npy", ramp(3, 700, 40))
    small = preview_source(str(tmp_path / "x.npy"))
    assert [before.shape for _, before, _ in small.samples] == [(512, 29, 1)] * 3


def test_many_files_are_sampled(tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "source", {f"{i}.png": plain_png(i % 9) for i in range(1500)})
    preview = preview_source(str(folder))
    assert preview.count == 1500
    assert preview.looked_at == 400


@pytest.mark.parametrize("content", [b"", b"nothing"])
def test_what_cannot_be_read_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "set.zip").write_bytes(content)
    with pytest.raises(UserError, match=r"set\.zip"):
        preview_source(str(tmp_path / "set.zip"))
