"""Studies in a packed workspace."""

from pathlib import Path

from ssl_core.packing.pack import pack_workspace
from ssl_core.packing.unpack import unpack_workspace
from ssl_core.studies.progress import advance
from ssl_core.studies.study import create_study, read_study
from ssl_core.workspace import Workspace
from tests.conftest import MakeDataset
from tests.studies.study_runs import settings


def test_a_study_that_lacks_runs_waits_where_it_was_unpacked(
    workspace: Workspace, make_dataset: MakeDataset, tmp_path: Path
) -> None:
    make_dataset()
    create_study(workspace, settings(), "begun")
    pack_workspace(workspace, tmp_path / "all.zip")
    other = Workspace.open(tmp_path / "other")
    unpack_workspace(tmp_path / "all.zip", other)
    assert not read_study(workspace, "begun").paused
    assert read_study(other, "begun").paused
    assert not advance(other, "begun").runs
