"""Saved networks: those of every method are loaded, one that somebody changed is not."""

import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args, get_origin

import keras
import numpy as np
import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.exports.jobs import export_progress, start_export
from ssl_core.files import replace_bytes
from ssl_core.methods import build_model
from ssl_core.methods.base import ImageHyperparameters, MethodSpec
from ssl_core.packing.pack import pack_workspace
from ssl_core.packing.unpack import unpack_workspace
from ssl_core.predictions.jobs import start_prediction
from ssl_core.runs.folder import RunFolder, open_run
from ssl_core.runs.model_parts import read_parts
from ssl_core.runs.status import RunStatus
from ssl_core.training.loading import saved_network
from ssl_core.workspace import Workspace
from tests.support.jobs import ended
from tests.support.runs import make_run
from tests.support.training import cases, small_configuration, task_for

MakeDataset = Callable[..., Dataset]
# What a choice asks for beside it.
ALONG: dict[object, dict[str, int]] = {"published": {"length": 300}}


def choices_of(spec: MethodSpec) -> Iterator[dict[str, object]]:
    """The defaults, and every other choice of a setting; of those of all methods by one method."""
    yield {}
    shared = () if spec.name == "supervised" else ImageHyperparameters.model_fields
    for name, field in spec.configuration.model_fields.items():
        if name in shared:
            continue
        options = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        yield from (
            {name: option, **ALONG.get(option, {})} for option in options if option != field.default
        )
        if field.annotation is bool:
            yield {name: not field.default}


@pytest.mark.parametrize("name", list(cases()))
def test_what_every_method_writes_with_any_choice_is_known(name: str, tmp_path: Path) -> None:
    spec = cases()[name]
    for place, choice in enumerate(choices_of(spec)):
        task = task_for(spec)
        if "length" in choice:
            task = replace(task, item_shape=(choice["length"],))
        model = build_model(spec.name, small_configuration(spec, **choice), task)
        described = keras.saving.serialize_keras_object(model.inference_model())
        path = tmp_path / f"{place}.keras"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", json.dumps(described))
        assert read_parts(path, str(choice))
        keras.backend.clear_session()


@pytest.fixture
def run(workspace: Workspace, make_dataset: MakeDataset) -> RunFolder:
    folder = make_run(workspace, make_dataset())
    network([keras.layers.GlobalAveragePooling2D()]).save(folder / "model.keras")
    status = RunStatus(state="finished", heartbeat=time.time())
    replace_bytes(folder / "status.json", status.model_dump_json().encode())
    return RunFolder(folder)


def network(layers: list[keras.Layer]) -> keras.Model:
    """Some layers with an answer behind them."""
    found = items = keras.Input((8, 8, 1), name="images")
    for layer in layers:
        found = layer(found)
    return keras.Model(items, keras.layers.Dense(3)(found))


def hostile(mark: Path) -> keras.Model:
    """A network that writes a file as soon as somebody asks it without Keras' safe mode."""
    source = f"lambda x: (open({str(mark)!r}, 'w').close(), x)[1]"
    runs_code = keras.layers.Lambda(eval(source), output_shape=(8, 8, 1))
    made = network([runs_code, keras.layers.GlobalAveragePooling2D()])
    mark.unlink(missing_ok=True)
    return made


def test_a_changed_model_of_an_unpacked_workspace_is_refused(
    run: RunFolder, workspace: Workspace, tmp_path: Path
) -> None:
    mark, images = tmp_path / "it ran", tmp_path / "images"
    hostile(mark).save(run.path / "model.keras")
    # It is a real one: without all precautions it does what it wants.
    trusted = keras.models.load_model(run.path / "model.keras", safe_mode=False)
    trusted(np.zeros((1, 8, 8, 1), np.float32))
    assert mark.exists()
    mark.unlink()

    other = Workspace.open(tmp_path / "other")
    pack_workspace(workspace, tmp_path / "all.zip")
    unpack_workspace(tmp_path / "all.zip", other)
    images.mkdir()
    for ask in (
        lambda: start_prediction(other, run.run, str(images)),
        lambda: start_export(other, run.run, "keras"),
        lambda: saved_network(open_run(other, run.run)),
    ):
        with pytest.raises(UserError, match=r"the part 'Lambda' of 'keras\.layers'"):
            ask()
    assert not mark.exists()
    assert list(other.predictions.iterdir()) == []


def test_a_module_that_nobody_knows_is_refused(run: RunFolder, workspace: Workspace) -> None:
    path = run.path / "model.keras"
    assert saved_network(run).output_shape == (None, 3)
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    changed = content["config.json"].replace(b'"keras.layers"', b'"keras.src.utils.file_utils"', 1)
    assert changed != content["config.json"]
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in (content | {"config.json": changed}).items():
            archive.writestr(name, body)
    with pytest.raises(UserError, match=r"of 'keras\.src\.utils\.file_utils', which no method"):
        saved_network(run)


def test_a_model_that_was_changed_after_the_start_is_refused_by_the_process(
    run: RunFolder, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process looks for itself: the page's look was at another file."""
    hostile(tmp_path / "it ran").save(run.path / "model.keras")
    monkeypatch.setattr("ssl_core.exports.jobs.network_input", lambda _: None)
    job = start_export(workspace, run.run, "keras")
    progress = ended(lambda: export_progress(workspace, job))
    assert progress.state == "failed"
    assert "'Lambda'" in progress.message
    assert not (tmp_path / "it ran").exists()
