"""Every action of the dashboard without the dashboard: `python -m ssl_core VERB`."""

import argparse
import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ssl_core.commands import (
    compare,
    data,
    export,
    heads,
    labels,
    loop,
    pack,
    predict,
    queue,
    runs,
    study,
    together,
    train,
)
from ssl_core.commands.command import Answer, Command
from ssl_core.errors import UserError
from ssl_core.runs.strict_json import strict_json
from ssl_core.workspace import Workspace

PROGRAM = "python -m ssl_core"
COMMANDS: dict[str, Command] = {
    command.verb: command
    for group in (
        data,
        heads,
        labels,
        queue,
        together,
        train,
        loop,
        runs,
        predict,
        export,
        pack,
        study,
        compare,
    )
    for command in group.COMMANDS
}
_PLACE = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Make room on the disk, then try again."),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "Make it writable, then try again."),
}
FAILED, WRONG_USE, UNEXPECTED, INTERRUPTED, PIPE_CLOSED = 1, 2, 70, 130, 141


class _OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line instead of repeating the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USE, f"{self.prog}: {_one_line(message)} (--help tells more)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code. The answer goes to standard output.

    0 done; 1 impossible or failed, the reason in one line on standard error; 2 wrong use;
    70 unexpected, the line names a file with the details; 130 interrupted.
    """
    options = parser().parse_args(arguments)
    try:
        workspace = Workspace.open(options.workspace)
        answer = COMMANDS[options.verb].run(workspace, options)
        return _print(answer, options.json)
    except UserError as error:
        return _complain(str(error), FAILED)
    except KeyboardInterrupt:
        return _complain("Interrupted.", INTERRUPTED)
    except BrokenPipeError:
        # The reader went away (`| head`); closing standard output must not complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _PLACE:
            place = error.filename or "A file of the workspace"
            return _complain(f"{place}: {error.strerror}. {_PLACE[error.errno]}", FAILED)
        details = _write_details()
        return _complain(
            f"Unexpected {type(error).__name__}: {error} - a fault of Handful or of this machine. "
            f"The details are in {details}; please report it with that file.",
            UNEXPECTED,
        )


def parser() -> argparse.ArgumentParser:
    """`--workspace` and `--json` may stand before or after the verb."""
    top = _OneLineParser(
        prog=PROGRAM,
        description="Label a handful, learn from all of it: without the dashboard.",
        allow_abbrev=False,
    )
    _common(top, None, False)
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    for command in COMMANDS.values():
        below = verbs.add_parser(
            command.verb,
            help=command.summary,
            description=command.summary[0].upper() + command.summary[1:] + ".",
            allow_abbrev=False,
        )
        # SUPPRESS: what was not given after the verb must not undo what was given before it.
        _common(below, argparse.SUPPRESS, argparse.SUPPRESS)
        command.arguments(below)
    return top


def _common(to: argparse.ArgumentParser, workspace: str | None, as_json: bool | str) -> None:
    to.add_argument(
        "--workspace",
        metavar="DIR",
        default=workspace,
        help="where everything is kept (default: $HANDFUL_WORKSPACE, else data/workspace)",
    )
    to.add_argument(
        "--json",
        action="store_true",
        default=as_json,
        help="answer with one JSON object as the last line of standard output",
    )


def _print(answer: Answer, as_json: bool) -> int:
    print(strict_json(answer.payload) if as_json else _printable(answer.text), flush=True)
    if answer.exit_code and answer.complaint:
        return _complain(answer.complaint, answer.exit_code)
    return answer.exit_code


def _complain(reason: str, code: int) -> int:
    print(_printable(_one_line(reason)), file=sys.stderr, flush=True)
    return code


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _printable(text: str) -> str:
    """Text that any terminal encoding takes; file names may hold bytes that are no text."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _write_details() -> Path:
    """The stack trace of the exception being handled, in a file of its own."""
    handle, name = tempfile.mkstemp(prefix="handful-error-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(f"{PROGRAM} {' '.join(sys.argv[1:])}\n\n{traceback.format_exc()}")
    return Path(name)
