"""The same content twice, or the same name for two contents: refused."""

import shutil

from ssl_core.datasets.dataset import MANIFEST, Manifest, list_datasets
from ssl_core.errors import UserError
from ssl_core.workspace import Workspace


def refuse_duplicate(workspace: Workspace, manifest: Manifest) -> None:
    """Raise UserError where the content is already here or the name is taken."""
    for known in list_datasets(workspace):
        if known.fingerprint == manifest.fingerprint:
            raise UserError(
                f"These {known.noun_plural} are already here, as the dataset {known.name!r}: the "
                "same content, splits and classes. Use it, or delete it first."
            )
    refuse_taken_name(workspace, manifest.identifier)


def refuse_taken_name(workspace: Workspace, identifier: str) -> None:
    """Raise UserError where another dataset has this identifier. Deleted leftovers are removed."""
    folder = workspace.datasets / identifier
    if (folder / MANIFEST).is_file():
        raise UserError(
            f"There is already a dataset called {identifier!r}, with other content. "
            "Choose another name, or delete that dataset first."
        )
    if folder.exists():
        shutil.rmtree(folder)  # what an interrupted deletion left
