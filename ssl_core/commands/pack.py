"""Verbs about a whole workspace: pack, unpack."""

import argparse
import time
from collections.abc import Callable

from ssl_core.commands.command import Answer, Command, tell
from ssl_core.commands.following import file_to_write
from ssl_core.errors import UserError
from ssl_core.files import typed_path
from ssl_core.workspace import Workspace

_TELL_SECONDS = 1.0


def _pack_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", required=True, metavar="FILE.zip", help="the file to write")


def _pack(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.packing.pack import pack_workspace

    out = file_to_write(options.out)
    manifest = pack_workspace(workspace, out, _teller("packed"))
    size = out.stat().st_size
    payload: dict[str, object] = {
        "file": str(out),
        "bytes": size,
        "files": len(manifest.files),
        "left_out": list(manifest.left_out),
    }
    lines = [f"Wrote {len(manifest.files):,} files to {out} ({size / 1e6:,.1f} MB)."]
    lines += [f"Left out: {reason}" for reason in manifest.left_out]
    return Answer(payload, "\n".join(lines))


def _unpack_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.zip", help="a file that 'pack' wrote")


def _unpack(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.packing.manifest import unit_of
    from ssl_core.packing.unpack import unpack_workspace

    source = typed_path(options.file)
    if not source.is_file():
        raise UserError(f"There is no file {source}. Expected a file that 'pack' wrote.")
    manifest = unpack_workspace(source, workspace, _teller("unpacked"))
    units = sorted({unit_of(file.path) for file in manifest.files})
    payload: dict[str, object] = {
        "workspace": str(workspace.root),
        "files": len(manifest.files),
        "unpacked": units,
        "left_out": list(manifest.left_out),
    }
    lines = [f"Unpacked {len(manifest.files):,} files into {workspace.root}:"]
    lines += [f"  {unit}" for unit in units]
    return Answer(payload, "\n".join(lines))


def _teller(what: str) -> Callable[[int, int], None]:
    """Tells the progress at most once a second."""
    last = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _TELL_SECONDS:
            last = time.monotonic()
            tell(f"{what} {done / 1e6:,.1f} of {total / 1e6:,.1f} MB")

    return progress


COMMANDS = (
    Command("pack", "write the whole workspace to one file", _pack_arguments, _pack),
    Command("unpack", "bring a packed workspace into this one", _unpack_arguments, _unpack),
)
