"""The finished runs of a dataset that can serve a strategy."""

import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path

from numpy.lib.format import read_array_header_1_0, read_magic

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.strategies.catalogue import Needs
from ssl_core.runs.folder import EMBEDDINGS, PREDICTIONS, RunFolder
from ssl_core.runs.listing import RunSummary, list_runs
from ssl_core.runs.told import told_by_reference
from ssl_core.workspace import Workspace

MOST_RUNS = 5  # compared with each other, the newest

_guard = threading.Lock()
_known: dict[Path, tuple[tuple[int, ...], frozenset[Needs]]] = {}


@dataclass(frozen=True)
class ServingRun:
    """A finished run with what it offers to strategies."""

    summary: RunSummary
    folder: RunFolder
    offers: frozenset[Needs]

    @property
    def name(self) -> str:
        return self.summary.run


def serving_runs(dataset: Dataset, head: str) -> list[ServingRun]:
    """The finished runs on the data of `dataset` that can serve any strategy, newest first.

    head: the name of the main one, the classes of which a strategy is about.
    Left out: runs of a label cost study, most of which have deliberately few labels, and runs
    that trained on reference labels.
    """
    workspace = Workspace(dataset.folder.parents[1])
    found = []
    for summary in list_runs(workspace):
        request = summary.request
        if request.cell is not None or summary.status.state != "finished":
            continue
        if request.labels.reference:
            continue
        if request.fingerprint != dataset.manifest.fingerprint:
            continue
        folder = RunFolder(workspace.runs / summary.run)
        offers = _offers(summary, folder, head)
        if offers:
            found.append(ServingRun(summary, folder, offers))
    return found


def runs_for(needs: Needs, runs: list[ServingRun], wanted: str | None) -> list[ServingRun]:
    """Those of `runs` that a strategy with these needs is worked out from; none where it cannot be.

    wanted: the name of one run, None for the newest. Several runs are those with the classes of
    the newest that has any, at most five.
    """
    if needs == "several runs":
        able = [run for run in runs if "classes" in run.offers]
        alike = [run for run in able if _classes(run) == _classes(able[0])]
        return alike[:MOST_RUNS] if len(alike) > 1 else []
    able = [run for run in runs if needs in run.offers and wanted in (None, run.name)]
    return able[:1]


def _classes(run: ServingRun) -> tuple[int, ...]:
    return tuple(one.identifier for one in run.summary.request.classes)


def _offers(summary: RunSummary, folder: RunFolder, head: str) -> frozenset[Needs]:
    """What the files of a finished run hold for every item; looked at again when they change.

    Classes only of the head that is asked for, and where no reference label named them.
    """
    stamp = tuple(_modified(folder.path / file) for file in (PREDICTIONS, EMBEDDINGS))
    with _guard:
        known = _known.get(folder.path)
    if known is None or known[0] != stamp:
        known = (stamp, _looked_up(folder))
        with _guard:
            _known[folder.path] = known
    own = summary.request.all_heads[0].name == head
    told = told_by_reference(summary.request, summary.status.results)
    return known[1] if own and not told else known[1] - {"classes"}


def _looked_up(folder: RunFolder) -> frozenset[Needs]:
    offers: set[Needs] = set()
    shapes = _shapes(folder.path / PREDICTIONS)
    if len(shape := shapes.get("probabilities", ())) == 2 and shape[1] > 1:
        offers.add("classes")
    if "clusters" in shapes:
        offers.add("clusters")
    if "embeddings" in _shapes(folder.path / EMBEDDINGS):
        offers.add("features")
    return frozenset(offers)


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """The shapes of the arrays of an archive, which are not read; none where it is damaged."""
    found = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as stream:
                    read_magic(stream)
                    found[name.removesuffix(".npy")] = read_array_header_1_0(stream)[0]
    except (OSError, ValueError, zipfile.BadZipFile):
        return {}
    return found


def _modified(path: Path) -> int:
    """Nanoseconds; 0 where there is no such file."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
