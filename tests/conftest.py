"""Fixtures that every room shares."""

import gc
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ssl_core.datasets.dataset import MANIFEST, Dataset, Manifest, open_dataset
from ssl_core.files import write_json
from ssl_core.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MakeDataset = Callable[..., Dataset]


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


@pytest.fixture
def make_dataset(workspace: Workspace) -> MakeDataset:
    """A factory of small complete datasets, written straight into the workspace."""

    def make(
        count: int = 60,
        shape: tuple[int, int, int] = (8, 8, 1),
        classes: tuple[str, ...] = ("a", "b", "c"),
        test: int = 12,
        unlabelled: int = 0,
        name: str = "tiny",
        reference: bool = True,
    ) -> Dataset:
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
            fingerprint=hashlib.sha256(images.tobytes()).hexdigest(),
            resize_rule="Images keep their size.",
        )
        write_json(folder / MANIFEST, manifest.model_dump(mode="json"))
        return open_dataset(workspace, name)

    return make


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium, for the tests of one file."""
    from tests.support.dashboard import chromium

    with chromium() as found:
        yield found
