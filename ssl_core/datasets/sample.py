"""The bundled sample, there from the first start."""

from filelock import FileLock

from ssl_core.datasets.catalogue import SAMPLE_NAME
from ssl_core.datasets.dataset import MANIFEST
from ssl_core.datasets.importer import ImportSource, run_import
from ssl_core.datasets.writer import plain_disk_errors, remove_stale
from ssl_core.workspace import Workspace

SAMPLE_IDENTIFIER = "sample"
_OFFERED = "sample-offered"


def ensure_sample(workspace: Workspace) -> None:
    """Import the sample if this workspace never had it.

    Once: a sample that a person deleted does not come back. Safe when several processes call
    it at the same time. What killed imports left is removed as well. Raises UserError.
    """
    remove_stale(workspace)
    offered = workspace.locks / _OFFERED
    if offered.exists():
        return
    with plain_disk_errors(workspace), FileLock(workspace.locks / "sample.lock"):
        if offered.exists():
            return
        if not (workspace.datasets / SAMPLE_IDENTIFIER / MANIFEST).exists():
            run_import(workspace, ImportSource(location="sample", name=SAMPLE_NAME))
        offered.touch()
