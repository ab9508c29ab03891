"""The command line inside the process of a test."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout

from ssl_core import cli


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.main(list(arguments))
    return code, out.getvalue(), err.getvalue()


def answer(*arguments: str) -> dict[str, object]:
    """The JSON answer of a command that succeeds."""
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    found: dict[str, object] = json.loads(out.splitlines()[-1])
    return found
