"""What is in a workspace, or in an archive of one, before anything is packed or unpacked."""

from dataclasses import dataclass
from pathlib import Path

from ssl_core.packing.pack import what_is_packed
from ssl_core.packing.unpack import read_manifest, taken_units, units_of
from ssl_core.workspace import Workspace


@dataclass(frozen=True)
class Contents:
    """units: what is taken or left as a whole, `datasets/mnist` for one. total: bytes, unpacked.

    left_out: what is not in it, a sentence each. created: ISO 8601, UTC; "" before it is packed.
    """

    units: tuple[str, ...]
    total: int
    left_out: tuple[str, ...]
    created: str = ""

    def taken(self, workspace: Workspace) -> list[str]:
        """Those units that a workspace has already."""
        return taken_units(workspace, self.units)


def contents_of_workspace(workspace: Workspace) -> Contents:
    """What packing would put into the archive."""
    units, total, left_out = what_is_packed(workspace)
    return Contents(tuple(units), total, tuple(left_out))


def contents_of_archive(source: Path, workspace: Workspace) -> Contents:
    """What unpacking would bring into the workspace. Raises UserError for any other file."""
    manifest = read_manifest(source, workspace)
    total = sum(file.bytes for file in manifest.files)
    return Contents(tuple(units_of(manifest)), total, manifest.left_out, manifest.created)
