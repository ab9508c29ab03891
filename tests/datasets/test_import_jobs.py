"""Imports in the background: progress, cancel, sudden death, uploads."""

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from source_files import is_clean, plain_png, write_tree, write_zip

from ssl_core.datasets import jobs
from ssl_core.datasets.dataset import open_dataset
from ssl_core.datasets.importer import ImportProgress, ImportSource, run_import
from ssl_core.errors import UserError
from ssl_core.workspace import Workspace


def wait_for(
    workspace: Workspace, job: str, until: Callable[[ImportProgress], bool], seconds: float = 40
) -> ImportProgress:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        progress = jobs.import_progress(workspace, job)
        if until(progress):
            return progress
        time.sleep(0.02)
    pytest.fail(f"the job did not get there: {progress}")


def is_final(progress: ImportProgress) -> bool:
    return progress.state in ("finished", "failed", "cancelled")


def many_files(folder: Path, count: int = 4000) -> Path:
    content = plain_png(7, (64, 64))
    return write_tree(folder, {f"{i % 4}/{i}.png": content for i in range(count)})


def test_a_job_imports_and_can_be_dismissed(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "source", {"a.png": plain_png(), "b.png": b"bad"})
    job = jobs.start_import(workspace, ImportSource(location=str(folder), name="My set"))
    with pytest.raises(UserError, match="still runs"):
        jobs.dismiss_import(workspace, job)
    progress = wait_for(workspace, job, is_final)
    assert progress.state == "finished"
    assert (progress.dataset, progress.done, progress.skipped) == ("my-set", 1, 1)
    assert open_dataset(workspace, "my-set").manifest.count == 1
    assert jobs.list_imports(workspace) == [(job, progress)]
    jobs.dismiss_import(workspace, job)
    assert jobs.list_imports(workspace) == []
    with pytest.raises(UserError, match="no import"):
        jobs.import_progress(workspace, job)


def test_progress_counts_up_and_cancel_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    source = ImportSource(location=str(many_files(tmp_path / "source")), name="x")
    job = jobs.start_import(workspace, source)
    progress = wait_for(workspace, job, lambda seen: seen.done > 0)
    assert progress.state == "running"
    assert progress.total == 4000
    assert progress.per_second > 0
    jobs.cancel_import(workspace, job)
    assert wait_for(workspace, job, is_final).state == "cancelled"
    assert is_clean(workspace)


def test_a_killed_job_is_noticed_and_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    source = ImportSource(location=str(many_files(tmp_path / "source")), name="x")
    job = jobs.start_import(workspace, source)
    wait_for(workspace, job, lambda seen: seen.phase.startswith("reading") and seen.done > 0)
    process = next(
        child for child in psutil.Process().children() if job in " ".join(child.cmdline())
    )
    family = process.children(recursive=True)
    process.kill()
    progress = wait_for(workspace, job, is_final)
    assert progress.state == "failed"
    assert "stopped unexpectedly" in progress.message
    assert is_clean(workspace)
    psutil.wait_procs(family, 5)
    assert not any(child.is_running() for child in family)


def test_failures_are_told_and_uploads_removed(workspace: Workspace) -> None:
    upload = workspace.imports / "upload-1" / "set.zip"
    upload.parent.mkdir()
    upload.write_bytes(write_zip(upload, {"a.png": plain_png()}).read_bytes()[:-30])
    job = jobs.start_import(workspace, ImportSource(location=str(upload), name="x"))
    progress = wait_for(workspace, job, is_final)
    assert progress.state == "failed"
    assert "set.zip is cut off" in progress.message
    assert not upload.parent.exists()


def test_files_of_a_person_outside_the_uploads_are_never_removed(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = write_zip(tmp_path / "set.zip", {"a.png": plain_png()})
    job = jobs.start_import(workspace, ImportSource(location=str(path), name="x"))
    assert wait_for(workspace, job, is_final).state == "finished"
    assert path.exists()


def test_a_path_that_leads_out_of_the_imports_removes_nothing(workspace: Workspace) -> None:
    mine = workspace.root / "mine.png"
    mine.write_bytes(plain_png())
    upload = workspace.imports / "upload-1" / "set.zip"
    upload.parent.mkdir()
    upload.touch()
    for path in ("../mine.png", "../imports", "upload-1/../../mine.png"):
        jobs.remove_upload(workspace, f"{workspace.imports}/{path}")
    assert mine.exists()
    assert upload.exists()
    jobs.remove_upload(workspace, f"{workspace.imports}/../imports/upload-1/set.zip")
    assert not upload.parent.exists()


@pytest.mark.parametrize("job", ["../../etc", "none", "", "a/b"])
def test_strange_identifiers_are_refused(workspace: Workspace, job: str) -> None:
    with pytest.raises(UserError):
        jobs.import_progress(workspace, job)


def test_run_import_reports_its_phases(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "source", {f"{i}.png": plain_png(i) for i in range(100)})
    seen: list[ImportProgress] = []
    run_import(workspace, ImportSource(location=str(folder), name="x"), seen.append)
    phases = list(dict.fromkeys(progress.phase for progress in seen))
    assert phases == [
        "listing the files",
        "looking at the images",
        "reading the images",
        "finished",
    ]
    assert seen[-1].state == "finished"
    assert seen[-1].dataset == "x"


def test_importing_twice_from_the_same_place_is_recognised(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = write_tree(tmp_path / "source", {"a.png": plain_png(), "b.png": b"bad"})
    run_import(workspace, ImportSource(location=str(folder), name="x"))
    with pytest.raises(UserError, match="already here, as the dataset 'x'"):
        run_import(workspace, ImportSource(location=str(folder), name="x"))
    (folder / "c.png").write_bytes(plain_png(3))
    with pytest.raises(UserError, match="another name"):
        run_import(workspace, ImportSource(location=str(folder), name="x"))
