"""Runs as the product makes them, one after the other, and what they cost."""

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import psutil

from bench.records import Record
from bench.report import equipment
from bench.tasks import Material, Task, shown_figures
from ssl_core.errors import UserError
from ssl_core.runs import launch
from ssl_core.runs.folder import RunFolder, open_run
from ssl_core.runs.plan import RunPlan
from ssl_core.runs.process import wait_for_exit
from ssl_core.runs.status import FINAL_STATES, RunStatus
from ssl_core.runs.supervision import true_status
from ssl_core.workspace import Workspace, identifier_of
from tests.support.dashboard import ROOT

_LOOK_SECONDS = 0.2
_KILL_SECONDS = 30.0
# What the benchmark itself writes is no change of the program.
_WRITTEN_HERE = (":!bench/records.json", ":!docs/benchmarks.md")


def prepare(folder: Path, name: str, material: Material, draw: int) -> tuple[Workspace, str]:
    """Import and label a material, unless that was done in `folder`: workspace and identifier.

    Each has a workspace of its own, because one workspace takes the same images only once. Raises
    UserError where the source is absent, RuntimeError where a verb fails.
    """
    drawn = any("{draw}" in verb for verb in material.verbs)
    called = f"{name}-{draw}" if drawn else name
    workspace, identifier = Workspace.open(folder / called), identifier_of(called)
    if (workspace.datasets / identifier).exists():
        return workspace, identifier
    if "/" in material.source and not Path(material.source).exists():
        raise UserError(
            f"{material.source} is absent, which the benchmark trains on. Put the files there, or "
            "measure with --quick, which needs the bundled sample alone."
        )
    _verb(workspace, f"import {shlex.quote(material.source)} --name {called}")
    for verb in material.verbs:
        _verb(workspace, verb.format(name=called, draw=draw))
    return workspace, identifier


def _verb(workspace: Workspace, text: str) -> None:
    command = [sys.executable, "-m", "ssl_core", *shlex.split(text)]
    done = subprocess.run(
        [*command, "--workspace", str(workspace.root)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{text}: {done.stderr.strip()[-1000:]}")


def train(
    workspace: Workspace, task: Task, dataset: str, draw: int, steps: int, device: str
) -> Record:
    """Train a task and wait for its end; its folder is removed. Raises UserError, RuntimeError."""
    plan = RunPlan(
        dataset=dataset,
        method=task.method,
        configuration=dict(task.settings),
        steps=steps,
        seeds=(draw,),
        device=device,
    )
    load = os.getloadavg()[0]
    (run,) = launch.create_runs(workspace, plan)
    try:
        folder = open_run(workspace, run)
        status, memory = _watched(folder)
        if status.state != "finished":
            raise RuntimeError(f"the run of {task.name} is {status.state}: {status.message}")
        return _record(folder, status, memory, load)
    finally:
        remove(workspace, run)


def remove(workspace: Workspace, run: str) -> None:
    """Kill what is left of a run and remove its folder."""
    launch.stop_run(workspace, run, patience=0)
    wait_for_exit(open_run(workspace, run), _KILL_SECONDS)
    launch.delete_run(workspace, run)


def _watched(folder: RunFolder) -> tuple[RunStatus, int]:
    """The final status, and the most memory that the process had, in bytes."""
    most = 0
    while (status := true_status(folder)).state not in FINAL_STATES:
        if status.process is not None:
            most = max(most, _peak_bytes(status.process.pid))
        time.sleep(_LOOK_SECONDS)
    return status, most


def _peak_bytes(pid: int) -> int:
    """Peak of the resident set as the system kept it; elsewhere than on Linux that of now."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        pass
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _record(folder: RunFolder, status: RunStatus, memory: int, load: float) -> Record:
    last = {name: value for line in folder.metrics()[0] for name, value in line.values.items()}
    results, shown = status.results, shown_figures()
    figures = last | results.figures
    return Record(
        accuracy=results.test_accuracy,
        selected=results.selected_test_accuracy,
        figures={name: figures[name] for name in shown if name in figures},
        mapping=results.mapping,
        seconds=status.seconds,
        images=status.images_seen,
        memory=memory,
        steps=status.step,
        measured=time.strftime("%Y-%m-%d", time.gmtime()),
        version=program_version(folder.request().code_version, ROOT),
        machine=equipment(),
        load=load,
    )


def program_version(version: str, root: Path) -> str:
    """`version` without "-dirty" where the benchmark's own files are all that differs in `root`.

    They are under version control and written after every run, so without this all runs but the
    first of a benchmark would count as made by a changed program.
    """
    if not version.endswith("-dirty"):
        return version
    command = ["git", "diff", "--quiet", "HEAD", "--", ".", *_WRITTEN_HERE]
    unchanged = subprocess.run(command, cwd=root, check=False).returncode == 0
    return version.removesuffix("-dirty") if unchanged else version
