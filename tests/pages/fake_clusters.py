"""A run of a clustering method made by hand: guides, alarms, heads, bars, curves, montages."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from ssl_core.datasets.dataset import Dataset
from ssl_core.files import write_json
from ssl_core.runs.folder import PANELS, STATUS, RunFolder
from ssl_core.runs.status import Results
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.pages.fake_runs import fake_run

HEADS = 5
PLATEAUS = (2.302585, 2.163956, 2.025326, 1.886697)  # ln 10 with 0 to 3 pairs of clusters merged
GUIDES = {
    "mi": dict(zip(("ln 10", "1 merged", "2 merged", "3 merged"), PLATEAUS, strict=True)),
    "usage": {"ln 10": PLATEAUS[0]},
}
FIGURES = {"nmi/clusters": 0.7712, "ari/clusters": 0.69}
Payload = dict[str, object] | bytes


def clustering_run(
    workspace: Workspace,
    dataset: Dataset,
    run: str,
    *,
    state: str = "finished",
    share_done: float = 1.0,
    steps: int = 1200,
    tested: bool = True,
    collapses: bool = True,
    **about: object,
) -> Path:
    """A run with five heads, of which the last two collapse late and one has a merged pair.

    tested: whether it has a test accuracy; else only figures, as without classes.
    """
    about |= {"method": "clustering", "state": state, "share_done": share_done, "steps": steps}
    folder = fake_run(workspace, dataset, run, **about)
    generator = np.random.default_rng(5)
    done = int(steps * share_done)
    for file in (folder / PANELS).glob("*/*"):
        file.unlink()
    (folder / "metrics.jsonl").write_text("")
    writer = RunWriter(folder)
    writer.guides(GUIDES)
    for step in range(10, done + 1, 10):
        values = _values(step, steps, collapses, generator)
        writer.metrics(step, step * 0.062, step * 256, values)
    for step in sorted({max(1, done * part // 4) for part in range(1, 5)}):
        write_panels(writer, dataset, step, generator)
    writer.close()
    if state == "finished":
        status = RunFolder(folder).status()
        mapping = "reference labels of the training split"
        results = status.results if tested else Results()
        results = results.model_copy(update={"figures": FIGURES, "mapping": mapping})
        status = status.model_copy(update={"results": results})
        write_json(folder / STATUS, status.model_dump(mode="json"))
    return folder


def _values(
    step: int, steps: int, collapses: bool, generator: np.random.Generator
) -> dict[str, float]:
    gain = 1 - np.exp(-step / 200)
    noise = generator.normal
    values = {"loss/total": -2 * gain + noise(0, 0.03), "loss/clustering": -2 * gain}
    for head in range(1, HEADS + 1):
        least = PLATEAUS[min(head - 1, 3)]
        late = collapses and head > 3 and step > 0.7 * steps
        values[f"mi/head {head}"] = (0.4 if late else least - 0.06) * gain + noise(0, 0.015)
        values[f"usage/head {head}"] = (0.9 if late else 2.29) + noise(0, 0.005)
        values[f"clusters/head {head}"] = 3.0 if late else min(10.0, 4 + 8 * gain)
    values |= {
        "share/clustering": 0.6 + noise(0, 0.02),
        "throughput": 3900 + noise(0, 90),
        "learning_rate": 1e-3 * (1 - step / steps),
    }
    values["share/overclustering"] = 1 - values["share/clustering"]
    return {name: round(float(value), 5) for name, value in values.items()}


def write_panels(
    writer: RunWriter, dataset: Dataset, step: int, generator: np.random.Generator
) -> None:
    """One step of every panel: a matrix and a histogram a head, a montage, bars, a curve."""
    names = [f"cluster {number}" for number in range(10)]
    classes = list(dataset.manifest.classes)
    for head in range(1, HEADS + 1):
        title = f"Clusters and classes, head {head}"
        info = {"kind": "matrix", "title": title, "uses_reference_labels": True}
        writer.panel(f"clusters_head_{head}", info, step, _matrix(names, classes, generator))
        info = {"kind": "histogram", "title": f"Confidence, head {head}"}
        writer.panel(f"confidence_head_{head}", info, step, _histogram(generator))
    pictures = np.asarray(dataset.images)[np.arange(200) % dataset.manifest.count, ..., 0]
    montage = {"kind": "image_grid", "title": "Surest images of each cluster", "columns": 10}
    montage["rows"] = [*names, *(f"cluster {number}, which is large" for number in range(10, 20))]
    samples = {"kind": "image_grid", "title": "Samples from fixed noise", "columns": 8}
    bars = {"kind": "bars", "title": "Heads by agreement", "uses_reference_labels": True}
    curve = {
        "kind": "curve",
        "title": "Reliability",
        "help": "On the diagonal it is as sure as right.",
    }
    drawn: list[tuple[str, dict[str, object], Callable[[], Payload]]] = [
        ("montage", montage, lambda: _grid(pictures, 20, 10)),
        ("samples", samples, lambda: _grid(pictures, 8, 8)),
        ("heads", bars, lambda: _bars(generator)),
        ("reliability", curve, lambda: _curve(generator)),
    ]
    for name, info, draw in drawn:
        writer.panel(name, info, step, draw())


def _matrix(names: list[str], classes: list[str], generator: np.random.Generator) -> Payload:
    values = generator.poisson(1, (10, len(classes))) + 40 * np.eye(10, len(classes), dtype=int)
    titles = {"row_title": "cluster", "column_title": "class", "unit": "images"}
    return {"values": values.tolist(), "rows": names, "columns": classes, **titles}


def _histogram(generator: np.random.Generator) -> Payload:
    sure = generator.poisson(40 * np.linspace(0.3, 2, 20) ** 2).tolist()
    unsure = generator.poisson(40 * np.linspace(1.5, 0.1, 20)).tolist()
    return {
        "edges": np.linspace(0, 1, 21).tolist(),
        "series": {"right": sure, "wrong": unsure},
        "title_x": "highest probability",
        "unit": "",
        "lines": {"threshold": 0.9, "mean": 0.62},
    }


def _bars(generator: np.random.Generator) -> Payload:
    shares = generator.uniform(0.4, 0.9, HEADS).round(3).tolist()
    return {
        "names": [f"head {head}" for head in range(1, HEADS + 1)],
        "series": {"agreement": shares, "purity": [None, *shares[1:]]},
        "title_y": "share of the images",
        "unit": "share",
        "lines": {"chance": 0.1},
    }


def _curve(generator: np.random.Generator) -> Payload:
    x = np.linspace(0.05, 0.95, 10)
    y = np.clip(x**1.4 + generator.normal(0, 0.02, 10), 0, 1).round(3).tolist()
    late = np.clip(x**1.1 + generator.normal(0, 0.02, 10), 0, 1).round(3).tolist()
    series = {"validation": {"x": x.round(3).tolist(), "y": [None, *y[1:]]}}
    series["test"] = {"x": x.round(3).tolist(), "y": late}
    return {"series": series, "title_x": "confidence", "title_y": "share right", "diagonal": True}


def _grid(pictures: np.ndarray, rows: int, columns: int) -> bytes:
    """PNG of the first rows x columns pictures (n, h, w) uint8."""
    lines = [
        np.concatenate(list(pictures[row * columns : (row + 1) * columns]), axis=1)
        for row in range(rows)
    ]
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(lines).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def payload_of(folder: Path, panel: str, step: int) -> dict[str, object]:
    """What a panel shows at a step, to be damaged by a test."""
    found: dict[str, object] = json.loads(
        (folder / PANELS / panel / f"{step:08d}.json").read_text()
    )
    return found
