"""POST /api/upload: what arrives, what is refused, and that no part of a file stays."""

import os
import time
from pathlib import Path

import pytest
from asgi_client import call
from starlette.applications import Starlette

from pages.parts import uploader, uploads
from pages.parts.upload_routes import upload_routes
from ssl_core.errors import UserError

BATCH = "0123456789abcdef01234567"
HEADERS = {"X-Handful": "1", "Content-Type": "application/octet-stream"}


@pytest.fixture
def server(workspace):
    return Starlette(routes=upload_routes())


def send(server, name, content=b"bytes", batch=BATCH, headers=HEADERS):
    query = {"batch": batch, "name": name}
    return call(server, "POST", "/api/upload", query=query, body=content, headers=headers)


def files_of(workspace):
    return sorted(
        path.relative_to(workspace.imports).as_posix()
        for path in workspace.imports.rglob("*")
        if path.is_file()
    )


def test_one_file_arrives_whole(server, workspace):
    content = os.urandom(3_000_000)
    answer = send(server, "cats.zip", content)
    assert answer.json() == {"name": "cats.zip", "bytes": 3_000_000}
    location = uploads.uploaded_location(workspace, BATCH)
    assert location.read_bytes() == content
    uploads.remove_upload(workspace, str(location))
    assert files_of(workspace) == []


def test_a_folder_keeps_its_class_folders(server, workspace):
    for name in ("set/cats/1.png", "set/dogs/1.PNG", "train-images-idx3-ubyte"):
        assert send(server, name).status == 200
    folder = uploads.uploaded_location(workspace, BATCH)
    assert folder == workspace.imports / f"upload-{BATCH}" / uploads.INSIDE
    assert len(files_of(workspace)) == 3


def test_a_chosen_folder_is_itself_what_is_imported(server, workspace):
    for name in ("animals/cats/1.png", "animals/dogs/1.png"):
        assert send(server, name).status == 200
    assert uploads.uploaded_location(workspace, BATCH).name == "animals"


@pytest.mark.parametrize(
    "name",
    [
        "../../x.zip",
        "/",
        "",
        "a/../b.zip",
        ".hidden.zip",
        "x.exe",
        "a" * 300 + ".zip",
        "a\nb.zip",
        "/".join("abcdefghij") + "/x.zip",
    ],
)
def test_bad_names_are_refused_with_a_sentence(server, workspace, name):
    answer = send(server, name)
    assert answer.status == 400
    assert answer.json()["error"].endswith((".", "zip", "tiff", "pgm."))
    assert files_of(workspace) == []


def test_an_absolute_path_stays_inside(server, workspace):
    assert send(server, "/etc/x.zip").status == 200
    assert files_of(workspace) == [f"upload-{BATCH}/{uploads.INSIDE}/etc/x.zip"]


@pytest.mark.parametrize("batch", ["", "../..", "ABCDEF0123456789", "a" * 40])
def test_bad_batch_numbers_are_refused(server, workspace, batch):
    assert send(server, "x.zip", batch=batch).status == 400
    assert files_of(workspace) == []


def test_other_callers_are_refused(server, workspace):
    assert send(server, "x.zip", headers={"Content-Type": HEADERS["Content-Type"]}).status == 403
    foreign = {**HEADERS, "Origin": "http://evil.example"}
    assert send(server, "x.zip", headers=foreign).status == 403
    form = {**HEADERS, "Content-Type": "text/plain"}
    assert send(server, "x.zip", headers=form).status == 415
    assert files_of(workspace) == []


def test_too_much_is_refused_before_and_while_it_arrives(server, workspace, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_UPLOAD", 2_000_000)
    assert send(server, "x.zip", b"x" * 2_500_000).status == 400

    def unannounced():
        yield from [b"x" * 500_000] * 8

    answer = send(server, "x.zip", unannounced())
    assert answer.status == 400
    assert "can be uploaded" in answer.json()["error"]
    assert files_of(workspace) == []


def test_a_full_disk_is_told(server, workspace, monkeypatch):
    monkeypatch.setattr(uploads, "KEPT_FREE", 10**18)
    answer = send(server, "x.zip")
    assert "Make room" in answer.json()["error"]


def test_only_old_uploads_are_cleared_and_nothing_else(server, workspace):
    send(server, "x.zip")
    (workspace.imports / "job").mkdir()
    uploads.remove_old_uploads(workspace)
    assert len(files_of(workspace)) == 1
    old = time.time() - 2 * 24 * 3600
    os.utime(workspace.imports / f"upload-{BATCH}", (old, old))
    uploads.remove_old_uploads(workspace)
    assert files_of(workspace) == []
    assert (workspace.imports / "job").is_dir()
    uploads.remove_upload(workspace, str(workspace.imports / "job" / "x"))
    uploads.remove_upload(workspace, "/etc/passwd")
    assert (workspace.imports / "job").is_dir()
    assert Path("/etc/passwd").exists()


def test_an_upload_that_did_not_arrive_is_told(workspace):
    (workspace.imports / f"upload-{BATCH}").mkdir()
    with pytest.raises(UserError, match="did not arrive"):
        uploads.uploaded_location(workspace, BATCH)


def test_a_new_upload_clears_old_ones_without_a_restart(server, workspace):
    old = "f" * 24
    send(server, "x.zip", batch=old)
    long_ago = time.time() - 2 * 24 * 3600
    os.utime(workspace.imports / f"upload-{old}", (long_ago, long_ago))
    assert send(server, "y.zip", batch="e" * 24).status == 200
    assert files_of(workspace) == [f"upload-{'e' * 24}/{uploads.INSIDE}/y.zip"]


def test_a_cancelled_upload_is_removed_and_stays_away(server, workspace):
    batch = "d" * 24
    send(server, "x.zip", batch=batch)
    send(server, "kept.zip", batch="c" * 24)
    query = {"batch": batch}
    assert call(server, "DELETE", "/api/upload", query=query, headers={}).status == 403
    assert len(files_of(workspace)) == 2
    answer = call(server, "DELETE", "/api/upload", query=query, headers={"X-Handful": "1"})
    assert answer.status == 200
    assert send(server, "late.zip", batch=batch).status == 400
    assert files_of(workspace) == [f"upload-{'c' * 24}/{uploads.INSIDE}/kept.zip"]
    query = {"batch": "../datasets"}
    answer = call(server, "DELETE", "/api/upload", query=query, headers={"X-Handful": "1"})
    assert answer.status == 400


@pytest.mark.parametrize(
    ("option", "address"), [("", "/api/upload"), ("/team/", "/team/api/upload")]
)
def test_the_field_knows_where_the_dashboard_is_served(monkeypatch, option, address):
    told = {}
    monkeypatch.setattr("pages.parts.address.config.get_option", lambda _: option)
    monkeypatch.setattr(uploader, "_field", lambda **given: told.update(given["data"]) or {})
    uploader.upload_field("upload-0")
    assert told["api"] == address
    script = Path(uploader.__file__).with_name("uploader.js").read_text()
    assert "/api/upload" not in script
