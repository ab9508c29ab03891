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
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
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
    """The machine and the packages, its load and the date of now, in one paragraph."""
    return (
        f"{equipment()}. Load before the first measurement: {os.getloadavg()[0]:.1f}. "
        f"Measured {datetime.now(UTC):%Y-%m-%d}."
    )


def equipment() -> str:
    """The machine and the packages, without a full stop."""
    installed = []
    for name in PACKAGES:
        try:
            installed.append(f"{name} {version(name)}")
        except ModuleNotFoundError:
            continue
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {_system()}, "
        f"Python {platform.python_version()}; {', '.join(installed)}"
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
    _, before, after = _page()
    body = "\n\n".join(_section(title, rows) for title, rows in sections.items())
    _write(before, f"{about}\n\n{body}", after)


def write_parts(sections: dict[str, list[Row]], about: str, titles: Sequence[str]) -> None:
    """Replace or add these sections alone, each with what is said of the machine under its title.

    titles: of all sections, in order.
    """
    between, before, after = _page()
    first, *others = between.strip().split("\n## ")
    known = {part.split("\n")[0]: f"## {part.strip()}" for part in others}
    for title, rows in sections.items():
        known[title] = _section(title, rows, about)
    ordered = sorted(known, key=lambda title: titles.index(title) if title in titles else -1)
    _write(before, "\n\n".join([first.strip(), *(known[title] for title in ordered)]), after)


def _section(title: str, rows: Iterable[Row], about: str = "") -> str:
    return "\n\n".join(part for part in (f"## {title}", about, table(rows)) if part)


def _page() -> tuple[str, str, str]:
    """What stands between the markers, before them and behind them."""
    text = PAGE.read_text("utf-8") if PAGE.exists() else f"# Benchmarks\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN)
    between, after = rest.split(END)
    return between, before, after


def _write(before: str, between: str, after: str) -> None:
    PAGE.write_text(f"{before}{BEGIN}\n{between.strip()}\n{END}{after}", encoding="utf-8")
