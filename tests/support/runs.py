"""Run folders made without the label store, ready for a worker."""

import secrets
import time
from pathlib import Path

import numpy as np

from ssl_core.datasets.dataset import TEST, Dataset
from ssl_core.files import replace_bytes
from ssl_core.methods import catalogue, uses_items
from ssl_core.runs.request import RunRequest, SnapshotSummary, TrainedClass
from ssl_core.runs.status import RunStatus
from ssl_core.workspace import Workspace

READS_NOTHING = next(name for name in catalogue() if not uses_items(name))


def make_run(
    workspace: Workspace,
    dataset: Dataset,
    /,
    method: str = "supervised",
    per_class: int = 4,
    **changes: object,
) -> Path:
    """A queued run on the reference labels of `dataset`: the first `per_class` of each class train,
    the next two are for validation. `changes` replace fields of the request."""
    run = f"run-{secrets.token_hex(4)}"
    folder = workspace.runs / run
    folder.mkdir()
    names = dataset.manifest.classes
    request = RunRequest(
        run=run,
        created=f"2026-01-01T00:00:{time.monotonic() % 60:09.6f}+00:00",
        dataset=dataset.identifier,
        dataset_name=dataset.manifest.name,
        fingerprint=dataset.manifest.fingerprint,
        method=method,
        configuration={},
        steps=8,
        minutes=None,
        seed=1,
        device="cpu",
        group="group",
        classes=tuple(
            TrainedClass(identifier=index + 1, name=name, colour="#123456")
            for index, name in enumerate(names)
        ),
        labels=SnapshotSummary(
            title="some labels",
            taken="2026-01-01T00:00:00+00:00",
            train=0,
            validation=0,
            held_out=0,
            per_class={},
            last_event=0,
        ),
        code_version="test",
    ).model_copy(update=changes)
    replace_bytes(folder / "request.json", request.model_dump_json().encode())
    items, values, roles = labels_by_role(dataset, per_class)
    np.savez(folder / "labels.npz", items=items, values=values, roles=roles)
    status = RunStatus(state="queued", heartbeat=time.time(), steps=request.steps)
    replace_bytes(folder / "status.json", status.model_dump_json().encode())
    return folder


def labels_by_role(dataset: Dataset, per_class: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`items`, `values` and `roles` as in labels.npz, from the reference labels."""
    items: list[int] = []
    roles: list[int] = []
    free = np.asarray(dataset.splits) != TEST
    for index in range(len(dataset.manifest.classes)):
        members = np.flatnonzero((dataset.reference_labels == index) & free & ~dataset.held_out)
        chosen = members[: per_class + 2].tolist()
        items += chosen
        roles += [0] * min(per_class, len(chosen)) + [1] * max(0, len(chosen) - per_class)
        hidden = np.flatnonzero((dataset.reference_labels == index) & dataset.held_out)
        items += hidden.tolist()
        roles += [2] * len(hidden)
    order = np.array(items, np.int64)
    return (
        order,
        np.asarray(dataset.reference_labels)[order].astype(np.int32),
        np.array(roles, np.uint8),
    )
