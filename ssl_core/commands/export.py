"""The verb that takes a model away: export."""

import argparse
import os
import shutil
from pathlib import Path

from ssl_core.commands.command import Answer, Command
from ssl_core.commands.following import file_to_write, finished
from ssl_core.workspace import Workspace


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a finished run, as 'runs' lists it")
    parser.add_argument(
        "--format",
        choices=("keras", "savedmodel", "onnx"),
        default="keras",
        help="of the model (default: keras)",
    )
    parser.add_argument("--out", required=True, metavar="FILE.zip", help="the file to write")


def _export(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.exports.contents import archive_path
    from ssl_core.exports.jobs import WHAT, export_folder, start_export

    out = file_to_write(options.out)
    folder = export_folder(workspace, start_export(workspace, options.run, options.format))
    with finished(folder, WHAT):
        _copy(archive_path(folder), out)
    size = out.stat().st_size
    payload: dict[str, object] = {
        "run": options.run,
        "format": options.format,
        "file": str(out),
        "bytes": size,
    }
    return Answer(payload, f"Wrote {out} ({size / 1e6:.1f} MB).")


def _copy(source: Path, target: Path) -> None:
    """The file at `target` is the old one or the whole new one."""
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


COMMANDS = (
    Command("export", "write the model of a finished run to a file", _export_arguments, _export),
)
