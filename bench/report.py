"""One measured figure, and the page that lists them."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
PACKAGES = ("streamlit", "keras", "tensorflow-cpu", "tensorflow", "numpy", "pillow")


@dataclass(frozen=True)
class Row:
    """One line of the table. `met` is None where there is no aim."""

    quantity: str
    figure: str
    aim: str
    met: bool | None
    how: str


def quantiles(values: Sequence[float], unit: str = "ms") -> str:
    """Median, 95th percentile and maximum of measured values, with their number."""
    median, high, top = np.percentile(values, [50, 95, 100])
    return f"median {median:.1f}, p95 {high:.1f}, max {top:.1f} {unit} (n = {len(values)})"


def machine() -> str:
    """The machine and the packages, in one paragraph."""
    installed = []
    for name in PACKAGES:
        try:
            installed.append(f"{name} {version(name)}")
        except ModuleNotFoundError:
            continue
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {_system()}, "
        f"Python {platform.python_version()}; {', '.join(installed)}. "
        f"Load before the first measurement: {os.getloadavg()[0]:.1f}. "
        f"Measured {datetime.now(UTC):%Y-%m-%d}."
    )


def _system() -> str:
    """The operating system with two parts of its version, "Linux 6.18": the rest is its build."""
    return f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    marks = {True: "yes", False: "**no**", None: "-"}
    lines = ["| quantity | measured | aim | met | how |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.quantity} | {row.figure} | {row.aim} | {marks[row.met]} | {row.how} |"
        for row in rows
    ]
    return "\n".join(lines)


def write_page(sections: dict[str, list[Row]], about: str) -> None:
    """Replace docs/benchmarks.md between its markers; prose around them stays."""
    begin, end = "<!-- measured: begin -->", "<!-- measured: end -->"
    text = PAGE.read_text("utf-8") if PAGE.exists() else f"# Benchmarks\n\n{begin}\n{end}\n"
    before, after = text.split(begin)[0], text.split(end)[1]
    body = "\n\n".join(f"## {title}\n\n{table(rows)}" for title, rows in sections.items())
    PAGE.write_text(f"{before}{begin}\n{about}\n\n{body}\n{end}{after}", encoding="utf-8")
