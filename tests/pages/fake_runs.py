"""Run folders made by hand in the documented format, for tests, benches and looking at pages.

`python tests/pages/fake_runs.py FOLDER [--many]` fills a workspace with runs in every state.
"""

import json
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from ssl_core.datasets.dataset import Dataset, open_dataset
from ssl_core.files import write_json
from ssl_core.labels.store import open_labels
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import RunRequest, SnapshotSummary, StudyCell, TrainedClass
from ssl_core.runs.status import ProcessIdentity, Results, RunStatus
from ssl_core.runs.supervision import identity_of_this_process
from ssl_core.runs.writer import RunWriter
from ssl_core.workspace import Workspace
from tests.pages.fake_digits import digits_dataset
from tests.pages.fake_panels import INFOS, picture_grid, write_panels

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def fake_run(
    workspace: Workspace,
    dataset: Dataset,
    run: str,
    *,
    method: str = "supervised",
    seed: int = 1,
    labels: int = 100,
    state: str = "finished",
    share_done: float = 1.0,
    steps: int = 1200,
    group: str = "",
    message: str = "",
    alive: bool = False,
    configuration: dict[str, bool | int | float | str] | None = None,
    title: str = "",
    age: int = 0,
    cell: StudyCell | None = None,
) -> Path:
    """One run folder with metrics every 10 steps, panels, a log and predictions."""
    folder = workspace.runs / run
    (folder / "panels").mkdir(parents=True)
    names = dataset.manifest.classes or ("a", "b", "c")
    request = _request(dataset, run, method, seed, labels, steps, group or run, age, names)
    settings = {**request.configuration, **(configuration or {})}
    request = request.model_copy(update={"configuration": settings, "cell": cell})
    write_json(folder / "request.json", request.model_dump(mode="json"))
    if title:
        (folder / "title.txt").write_text(title, encoding="utf-8")
    generator = np.random.default_rng(seed * 100 + len(method))
    done = int(steps * share_done)
    ceiling = {"supervised": 0.86, "autoencoder": 0.91}.get(method, 0.8) + generator.normal(0, 0.01)
    with (folder / "metrics.jsonl").open("w", encoding="utf-8") as stream:
        for step in range(10, done + 1, 10):
            stream.write(metric_line(step, method, ceiling, generator))
    _write_labels(folder, dataset, labels)
    if done:
        write_panels(folder, dataset, method, done, ceiling, generator, names)
    final = state == "finished"
    if final:
        _write_predictions(folder, dataset, ceiling, generator, len(names))
    log = [
        f"{START:%Y-%m-%d} 09:{n % 60:02d}:00 step {n * 10} of {steps}" for n in range(done // 10)
    ]
    (folder / "log.txt").write_text("\n".join(log[-80:]) + "\n", encoding="utf-8")
    status = RunStatus(
        state=state,
        process=_identity() if alive else None,
        heartbeat=time.time() if alive else 0.0,
        phase=_phase(state, done),
        step=done,
        steps=steps,
        seconds=done * 0.062,
        images_seen=done * 128,
        message=message,
        results=_results(ceiling, done, generator) if final else Results(),
    )
    write_json(folder / "status.json", status.model_dump(mode="json"))
    return folder


def metric_line(step: int, method: str, ceiling: float, generator: np.random.Generator) -> str:
    """One line of metrics.jsonl at `step` of a curve that ends near accuracy `ceiling`."""
    gain = 1 - np.exp(-step / 250)
    noise = generator.normal
    classification = 2.3 * np.exp(-step / 180) + 0.08 + abs(noise(0, 0.03))
    reconstruction = 0.09 * np.exp(-step / 300) + 0.012 + abs(noise(0, 0.001))
    values = {
        "loss/total": classification,
        "loss/classification": classification,
        "accuracy/train": min(1.0, 0.1 + 0.9 * gain + noise(0, 0.015)),
        "count/train": 640,
        "throughput": 2050 + noise(0, 60),
        "learning_rate": 1e-3 * 0.5 * (1 + np.cos(np.pi * min(1, step / 1200))),
        "share/classification": 1.0,
    }
    if method == "autoencoder":
        weight = 0.25 + 0.3 * gain + noise(0, 0.02)
        values |= {
            "loss/total": classification + 10 * reconstruction,
            "loss/reconstruction": reconstruction,
            "share/classification": 1 - weight,
            "share/reconstruction": weight,
        }
    if step % 50 == 0:
        accuracy = float(np.clip(0.1 + (ceiling - 0.1) * gain + noise(0, 0.015), 0, 1))
        half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / 100)
        values |= {
            "loss/validation": classification + 0.35,
            "accuracy/validation": accuracy,
            "accuracy/validation_low": max(0.0, accuracy - half),
            "accuracy/validation_high": min(1.0, accuracy + half),
            "count/validation": 100,
        }
    rounded = {name: float(f"{value:.6g}") for name, value in values.items()}
    row = {"step": step, "seconds": round(step * 0.062, 3), "images": step * 128, "values": rounded}
    return json.dumps(row) + "\n"


def _request(
    dataset: Dataset,
    run: str,
    method: str,
    seed: int,
    labels: int,
    steps: int,
    group: str,
    age: int,
    names: tuple[str, ...],
) -> RunRequest:
    created = (START - timedelta(minutes=age)).isoformat()
    settings: dict[str, bool | int | float | str] = {
        "backbone": "vgg-small",
        "batch_size": 64,
        "learning_rate": 0.001,
        "validation_share": 0.1,
    }
    if method == "autoencoder":
        settings["reconstruction_weight"] = 10.0
    classes = tuple(
        TrainedClass(identifier=kind.identifier, name=kind.name, colour=kind.colour)
        for kind in open_labels(dataset).classes()
    )
    summary = SnapshotSummary(
        title=f"{labels} labels, 2026-03-02 09:00",
        taken=created,
        train=labels - labels // 10,
        validation=labels // 10,
        held_out=0,
        per_class={name: labels // len(names) for name in names},
        last_event=labels,
    )
    return RunRequest(
        run=run,
        created=created,
        dataset=dataset.identifier,
        dataset_name=dataset.manifest.name,
        fingerprint=dataset.manifest.fingerprint,
        method=method,
        configuration=settings,
        steps=steps,
        minutes=None,
        seed=seed,
        device="cpu",
        group=group,
        classes=classes,
        labels=summary,
        code_version="test",
    )


def _identity() -> ProcessIdentity:
    return identity_of_this_process()


def _phase(state: str, done: int) -> str:
    return "waiting for the CPU" if state == "queued" else "training" if done else "building"


def _results(ceiling: float, done: int, generator: np.random.Generator) -> Results:
    test = float(ceiling + generator.normal(0, 0.005))
    validation = float(ceiling + generator.normal(0, 0.01))
    return Results(
        test_accuracy=test,
        test_interval=(test - 0.036, test + 0.031),
        test_count=300,
        test_source="reference labels of the test split",
        validation_accuracy=validation,
        validation_interval=(validation - 0.08, min(1.0, validation + 0.06)),
        selected_step=done - 50,
        selected_test_accuracy=test - 0.004,
    )


def _write_labels(folder: Path, dataset: Dataset, labels: int) -> None:
    items = np.flatnonzero(dataset.splits == 0)[:labels].astype(np.int64)
    roles = np.zeros(len(items), np.uint8)
    roles[::10] = 1
    values = np.maximum(dataset.reference_labels[items], 0).astype(np.int32)
    np.savez(folder / "labels.npz", items=items, values=values, roles=roles)


def _write_predictions(
    folder: Path, dataset: Dataset, ceiling: float, generator: np.random.Generator, classes: int
) -> None:
    count = dataset.manifest.count
    answer = np.maximum(dataset.reference_labels, 0).copy()
    wrong = generator.random(count) > ceiling
    answer[wrong] = (answer[wrong] + generator.choice([1, 5, 7], wrong.sum())) % classes
    probabilities = np.full((count, classes), 0.1 / classes)
    probabilities[np.arange(count), answer] = 0.9
    np.savez(folder / "predictions.npz", probabilities=probabilities.astype(np.float16))


def long_run(workspace: Workspace, dataset: Dataset, run: str, lines: int = 100_000) -> Path:
    """A finished run with `lines` lines of ten metrics each: 1,000,000 points by default."""
    folder = fake_run(workspace, dataset, run, share_done=0.1, title="A very long run")
    generator = np.random.default_rng(3)
    names = [f"loss/{name}" for name in ("total", "classification", "a", "b", "c", "d")]
    names += ["accuracy/train", "throughput", "learning_rate", "share/classification"]
    table = np.round(np.abs(np.cumsum(generator.normal(0, 0.01, (lines, len(names))), axis=0)), 4)
    table[lines // 3, 0] = 99.5  # one spike that thinning must keep
    with (folder / "metrics.jsonl").open("w", encoding="utf-8") as stream:
        for number, row in enumerate(table.tolist(), 1):
            values = dict(zip(names, row, strict=True))
            line = {"step": number * 10, "seconds": number * 0.5, "images": number * 1280}
            stream.write(json.dumps({**line, "values": values}) + "\n")
    return folder


def fill(workspace: Workspace, many: bool = False) -> None:
    """Runs in every state, one that clusters, and with `many` a hundred more."""
    from tests.pages.fake_clusters import clustering_run  # which is made of a fake run

    dataset = digits_dataset(workspace)
    for seed in (1, 2, 3):
        fake_run(workspace, dataset, f"supervised-{seed}", seed=seed, group="sup", age=60)
        settings = {"method": "autoencoder", "seed": seed, "group": "auto", "age": 50}
        fake_run(workspace, dataset, f"autoencoder-{seed}", **settings)
    fake_run(workspace, dataset, "supervised-40", labels=40, age=45, title="Only forty labels")
    other = {"configuration": {"reconstruction_weight": 30.0}, "method": "autoencoder", "age": 40}
    fake_run(workspace, dataset, "autoencoder-30", **other)
    text = "The loss became infinite at step 410. Lower learning_rate (now 1.0) and start again."
    fake_run(workspace, dataset, "failed-1", state="failed", share_done=0.3, message=text, age=30)
    fake_run(workspace, dataset, "stopped-1", state="stopped", share_done=0.5, age=20)
    fake_run(workspace, dataset, "dead-1", state="running", share_done=0.4, age=10)
    clustering_run(workspace, dataset, "clusters-1", age=5)
    for number in range(100 if many else 0):
        settings = {"seed": number % 5, "group": f"g{number // 5}", "age": 100 + number}
        fake_run(workspace, dataset, f"many-{number:03d}", labels=50 + number // 5, **settings)


def feed(
    workspace: Workspace,
    run: str,
    seconds: float,
    per_second: float = 5.0,
    enough: threading.Event | None = None,
) -> None:
    """Be the training process of `run` for a while: append lines, a panel every 50 steps.

    It ends after `seconds`, or as soon as `enough` is set.
    """
    dataset = open_dataset(workspace, RunFolder(workspace.runs / run).request().dataset)
    writer = RunWriter(workspace.runs / run)
    writer.status(state="running", phase="training", process=_identity())
    generator = np.random.default_rng(1)
    status = RunFolder(workspace.runs / run).status()
    step, end = status.step, time.time() + seconds
    while time.time() < end and not (enough and enough.is_set()):
        step += 10
        line = json.loads(metric_line(step, "autoencoder", 0.9, generator))
        writer.metrics(step, line["seconds"], line["images"], line["values"])
        writer.status(step=step, seconds=step * 0.062, images_seen=step * 128)
        if step % 50 == 0:
            picture = picture_grid(np.asarray(dataset.images[:16]), min(1.0, step / 900), generator)
            writer.panel("reconstruction", INFOS["reconstruction"], step, picture)
        time.sleep(1 / per_second)
    writer.status(state="finished", phase="", results=_results(0.9, step, generator))


if __name__ == "__main__":
    if "--feed" in sys.argv:
        feed(Workspace.open(sys.argv[1]), sys.argv[3], float(sys.argv[4]))
    elif "--long" in sys.argv:
        here = Workspace.open(sys.argv[1])
        long_run(here, open_dataset(here, "digits"), "long")
    else:
        fill(Workspace.open(sys.argv[1]), many="--many" in sys.argv)
