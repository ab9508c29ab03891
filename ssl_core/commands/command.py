"""What a verb is, and what it answers."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

from ssl_core.workspace import Workspace


@dataclass(frozen=True)
class Answer:
    """What a verb found or did. `payload` is printed with --json, `text` without."""

    payload: dict[str, object]
    text: str
    exit_code: int = 0
    complaint: str = ""  # one line for standard error where the exit code is not 0


@dataclass(frozen=True)
class Command:
    """One verb."""

    verb: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Workspace, argparse.Namespace], Answer]


def no_arguments(parser: argparse.ArgumentParser) -> None:
    """For a verb that takes none of its own."""


def tell(line: str) -> None:
    """Progress goes to standard error, so that standard output holds the answer alone."""
    print(line, file=sys.stderr, flush=True)


def table(rows: list[list[str]], headings: list[str]) -> str:
    """Columns of text, as wide as their longest entry."""
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
