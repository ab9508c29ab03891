"""Bringing in 60,000 JPEG files from a zip."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.report import Row
from tests.support.dashboard import ROOT

ARCHIVE = ROOT.parent / "shared" / "data" / "cifar10-images.zip"


def import_archive(workspace: Path) -> tuple[dict[str, object], float, float]:
    """Import the archive by the command line: its answer, seconds, peak bytes of all processes.

    Memory is the proportional set size, so that a page shared by two processes counts once.
    """
    command = [sys.executable, "-m", "ssl_core", "import", str(ARCHIVE), "--name", "cifar10"]
    began, peak = time.perf_counter(), 0.0
    process = subprocess.Popen(
        [*command, "--workspace", str(workspace), "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        peak = max(peak, _memory(watched))
        time.sleep(0.2)
    seconds = time.perf_counter() - began
    assert process.stdout
    answer = process.stdout.read()
    if process.returncode:
        raise RuntimeError(f"the import ended with code {process.returncode}")
    return json.loads(answer.splitlines()[-1]), seconds, peak


def _memory(root: psutil.Process) -> float:
    total = 0.0
    try:
        for process in [root, *root.children(recursive=True)]:
            try:
                total += process.memory_full_info().pss
            except psutil.Error:
                continue
    except psutil.Error:
        pass
    return total


def measure() -> list[Row]:
    if not ARCHIVE.exists():
        return [Row("import of 60,000 JPEGs", "not measured: the archive is absent", "-", None, "")]
    with tempfile.TemporaryDirectory() as folder:
        answer, seconds, peak = import_archive(Path(folder))
    rate = float(str(answer["count"])) / seconds
    return [
        Row(
            "import of 60,000 JPEGs, 32x32, from a zip",
            f"{rate:.0f} images/s ({seconds:.0f} s)",
            "at least 1,500 images/s",
            rate >= 1500,
            "`python -m ssl_core import`, start of the process to its end",
        ),
        Row(
            "memory of that import, all processes",
            f"{peak / 2**20:.0f} MiB",
            "at most 1 GB",
            peak <= 1e9,
            "peak proportional set size, sampled every 0.2 s",
        ),
    ]
