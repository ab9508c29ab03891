"""Fixtures that every room shares."""

import gc
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ssl_core.datasets.dataset import MANIFEST, Dataset, Manifest, open_dataset
from ssl_core.files import write_json
from ssl_core.runs import process
from ssl_core.runs.folder import RunFolder
from ssl_core.workspace import PROJECT_ROOT, Workspace
from tests.runs.run_folders import FAKE_WORKER, end_everything

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MakeDataset = Callable[..., Dataset]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that no process is left alone with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="module", autouse=True)
def forget_models() -> Iterator[None]:
    """Graphs that Keras keeps of one file's models, gigabytes in the end, slow all later ones."""
    yield
    if "keras" in sys.modules:
        sys.modules["keras"].utils.clear_session()
        gc.collect()
        gc.freeze()  # what is left, millions of objects, is not searched again and again


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty workspace that is also the default one for this test and its child processes."""
    monkeypatch.setenv("HANDFUL_WORKSPACE", str(tmp_path / "workspace"))
    return Workspace.open()


@pytest.fixture
def fake_worker(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every run of this test is a process that trains nothing; none is left behind."""
    monkeypatch.setattr(process, "WORKER_COMMAND", FAKE_WORKER)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT_ROOT))
    yield
    end_everything(workspace)


@pytest.fixture
def eager_publishing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is looked at after every line of a training, whatever it costs."""
    for name in ("VALIDATION_SHARE", "GRADIENT_SHARE", "PANEL_SHARE"):
        monkeypatch.setattr(f"ssl_core.training.watch.{name}", 1e6)


@pytest.fixture
def lines_of_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step is a line, however fast it is: two runs then publish at the same steps."""
    monkeypatch.setattr(
        "ssl_core.training.session.steps_of_a_line", lambda per_second, remaining: 1
    )


def striped_images(
    labels: np.ndarray, shape: tuple[int, int, int], classes: int, generator: np.random.Generator
) -> np.ndarray:
    """Images in which class k is bright in the k-th horizontal stripe: easy to learn."""
    images = generator.integers(0, 60, (len(labels), *shape), dtype=np.uint8)
    edges = np.linspace(0, shape[0], classes + 1).astype(int)
    for index, label in enumerate(labels):
        images[index, edges[label] : edges[label + 1]] += 180
    return images


def small_dataset(
    workspace: Workspace,
    count: int = 60,
    shape: tuple[int, int, int] = (8, 8, 1),
    classes: tuple[str, ...] = ("a", "b", "c"),
    test: int = 12,
    unlabelled: int = 0,
    name: str = "tiny",
    reference: bool = True,
) -> Dataset:
    """A small complete dataset, the same whenever it is made so, written into a workspace."""
    generator = np.random.default_rng(0)
    labels = (np.arange(count) % max(1, len(classes))).astype(np.int32)
    images = striped_images(labels, shape, max(1, len(classes)), generator)
    splits = np.zeros(count, np.uint8)
    splits[count - test :] = 1
    splits[count - test - unlabelled : count - test] = 2
    known = labels.copy()
    known[splits == 2] = -1
    if not reference:
        known[:] = -1
    folder = workspace.datasets / name
    folder.mkdir(parents=True)
    np.save(folder / "images.npy", images)
    np.save(folder / "splits.npy", splits)
    np.save(folder / "reference.npy", known)
    names = "".join(json.dumps(f"{index:05d}.png") + "\n" for index in range(count))
    (folder / "names.jsonl").write_text(names, encoding="utf-8")
    content = b"".join(array.tobytes() for array in (images, splits, known))
    sizes = {"train": count - test - unlabelled, "test": test, "unlabelled": unlabelled}
    manifest = Manifest(
        identifier=name,
        name=name,
        source="made by a test",
        created="2026-01-01T00:00:00+00:00",
        count=count,
        shape=shape,
        classes=classes if reference else (),
        splits={split: size for split, size in sizes.items() if size},
        fingerprint=hashlib.sha256(content).hexdigest(),
        resize_rule="Images keep their size.",
    )
    write_json(folder / MANIFEST, manifest.model_dump(mode="json"))
    return open_dataset(workspace, name)


@pytest.fixture
def make_dataset(workspace: Workspace) -> MakeDataset:
    """A factory of small complete datasets in the workspace of a test."""
    return partial(small_dataset, workspace)


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on `small_dataset`, trained for a few steps for all who only use one."""
    from tests.support.runs import make_run
    from tests.support.sessions import finished

    space = Workspace.open(tmp_path_factory.mktemp("trained") / "workspace")
    return finished(make_run(space, small_dataset(space))).path


@pytest.fixture
def trained_run(workspace: Workspace, trained_once: Path) -> RunFolder:
    """A finished run in the workspace of a test; `make_dataset()` makes the dataset it is of."""
    return RunFolder(shutil.copytree(trained_once, workspace.runs / trained_once.name))


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium, for the tests of one file."""
    from tests.support.dashboard import chromium

    with chromium() as found:
        yield found
