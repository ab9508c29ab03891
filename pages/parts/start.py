"""What happens once, before the first page is served."""

import importlib
import logging

from pages.parts.uploads import remove_old_uploads
from ssl_core.datasets.sample import ensure_sample
from ssl_core.datasets.writer import remove_stale
from ssl_core.jobs import remove_old_jobs
from ssl_core.workspace import Workspace


def prepare() -> None:
    """See that the sample is there and that nothing half-imported or too old lies about.

    A failure here is logged and not fatal: the dashboard is needed to put it right.
    """
    # plotly looks at what is there of pandas: another page must not be just importing it.
    importlib.import_module("pandas")
    try:
        workspace = Workspace.open()
        remove_old_uploads(workspace)
        remove_stale(workspace)
        for room in (workspace.exports, workspace.archives):
            remove_old_jobs(room)
        ensure_sample(workspace)
    except Exception:
        logging.getLogger("handful").exception("The start could not prepare the workspace")
