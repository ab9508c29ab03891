"""The whole workspace as a file, without a browser: what is told before and after."""

import json

import pytest
from asgi_client import call
from pages_under_test import opened_page, texts
from starlette.applications import Starlette

from pages.parts.archivewords import in_words, names
from pages.parts.downloads import download_routes
from pages.parts.jobcards import bytes_line
from ssl_core.datasets.paths import SOURCES_VARIABLE
from ssl_core.datasets.progress import ImportProgress
from ssl_core.packing.jobs import list_archives
from ssl_core.packing.pack import pack_workspace
from ssl_core.workspace import Workspace
from tests.pages.fake_runs import fake_run

JOB = "20260101-000000-abcdef"
VIEW, BOARD = "Whole workspace", "data_view"


def opened():
    page = opened_page("data")
    return page.segmented_control(key=BOARD).set_value(VIEW).run()


def fake_job(workspace, kind="pack", location="", into="", **progress):
    """A job as its process would leave it."""
    folder = workspace.archives / JOB
    folder.mkdir()
    request = {"kind": kind, "location": location, "name": "all.zip"}
    request |= {"into": into or str(workspace.root), "created": "2026-01-01T00:00:00Z"}
    (folder / "request.json").write_text(json.dumps(request))
    (folder / "progress.json").write_text(json.dumps({"state": "finished", **progress}))
    return folder


def look_inside(page, path):
    page = page.segmented_control(key="unpack-way").set_value("A path on this machine").run()
    page.text_input(key="unpack-path").set_value(str(path))
    return next(one for one in page.button if one.label == "Look inside").click().run()


@pytest.fixture
def allowed(tmp_path, monkeypatch):
    folder = tmp_path / "allowed"
    folder.mkdir()
    monkeypatch.setenv(SOURCES_VARIABLE, str(folder))
    return folder


def test_an_empty_workspace_has_nothing_to_pack(workspace):
    page = opened()
    assert not page.exception
    assert "There is nothing to pack yet" in texts(page)
    assert not [button for button in page.button if button.label == "Pack"]


def test_what_is_packed_and_what_is_not_is_told(workspace, make_dataset):
    dataset = make_dataset()
    fake_run(workspace, dataset, "done")
    fake_run(workspace, dataset, "going", state="running", share_done=0.5, alive=True)
    page = opened()
    assert not page.exception
    assert "One file with 1 dataset (tiny), 1 run" in texts(page)
    assert "Left out: The run going still goes on" in texts(page)
    page.button(key="pack").click().run()
    assert not page.exception
    assert [asked.kind for _, asked, _ in list_archives(workspace)] == ["pack"]


def test_nothing_is_replaced_and_the_page_says_so(workspace, make_dataset, allowed):
    make_dataset()
    pack_workspace(workspace, allowed / "all.zip")
    page = look_inside(opened(), allowed / "all.zip")
    assert not page.exception
    assert "1 dataset (tiny)" in texts(page)
    assert "Here already: datasets/tiny" in texts(page).replace("\\", "")
    assert page.button(key="unpack").disabled
    page = page.segmented_control(key="unpack-into").set_value("Into another one").run()
    page.text_input(key="unpack-folder").set_value(str(allowed / "other"))
    page = next(one for one in page.button if one.label == "Unpack").click().run()
    assert not page.exception
    ((_, asked, _),) = list_archives(workspace)
    assert asked.into == str(allowed / "other")


def test_what_is_not_here_is_added(workspace, make_dataset, allowed, monkeypatch):
    make_dataset()
    pack_workspace(workspace, allowed / "all.zip")
    other = Workspace.open(allowed / "other")
    monkeypatch.setenv("HANDFUL_WORKSPACE", str(other.root))
    page = look_inside(opened(), allowed / "all.zip")
    assert "None of it is here already" in texts(page)
    assert not page.button(key="unpack").disabled
    page = page.button(key="unpack-other").click().run()
    assert not [button for button in page.button if button.key == "unpack"]


def test_another_file_is_refused_with_a_sentence(workspace, allowed):
    (allowed / "x.zip").write_bytes(b"no archive")
    page = look_inside(opened(), allowed / "x.zip")
    assert not page.exception
    assert "is no archive of a workspace" in page.error[0].value
    assert page.text_input(key="unpack-path")


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (
            {"state": "running", "phase": "packing", "done": 12_300_000, "total": 600_000_000},
            "12.3 MB of 600.0 MB",
        ),
        ({"location": "/data/all.zip"}, "Written to /data/all.zip"),
        ({"kind": "unpack", "done": 5_000_000}, "5.0 MB were added to this workspace"),
        ({"kind": "unpack", "into": "/data/w"}, "HANDFUL_WORKSPACE=/data/w"),
        ({"state": "failed", "message": "The disk is full."}, "The disk is full."),
        ({"location": "/data/all.zip", "message": "Left out: The run x."}, "Left out: The run x."),
    ],
)
def test_every_state_of_a_job_is_told(workspace, job, words, monkeypatch):
    monkeypatch.setattr("ssl_core.jobs.is_running", lambda _: True)
    fake_job(workspace, **job)
    page = opened()
    assert not page.exception
    assert words in texts(page)


def test_the_archive_is_streamed_from_the_disk(workspace):
    folder = fake_job(workspace)
    (folder / "workspace.zip").write_bytes(b"content")
    assert f'href="/api/archives/{JOB}"' in texts(opened())
    server = Starlette(routes=download_routes())
    answer = call(server, "GET", f"/api/archives/{JOB}")
    assert (answer.status, answer.headers["content-length"]) == (200, str(len(b"content")))
    assert "handful-20260101-000000.zip" in answer.headers["content-disposition"]
    for name in ("none", "..", JOB.upper()):
        assert call(server, "GET", f"/api/archives/{name}").status == 404
    (folder / "progress.json").write_text(json.dumps({"state": "failed"}))
    assert call(server, "GET", f"/api/archives/{JOB}").status == 404


def test_words():
    units = ["datasets/a", "datasets/b", "runs/x", "studies/y"]
    assert in_words(units) == "2 datasets (a, b), 1 run, 1 study"
    assert names([str(number) for number in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"
    going = ImportProgress(state="running", done=10**7, total=10**8, per_second=10**7)
    assert bytes_line(going) == "10.0 MB of 100.0 MB · 10.0 MB a second · about 9 s left"
    assert bytes_line(ImportProgress(state="running")) == "One moment …"
