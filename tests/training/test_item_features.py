"""Features of every item: in the order of the items, and left beside a run's predictions."""

import numpy as np
import pytest

from ssl_core.methods import catalogue
from ssl_core.runs.folder import RunFolder
from ssl_core.training.embedding import embedded
from ssl_core.training.failures import Stopped
from ssl_core.training.item_features import item_features
from ssl_core.training.model import MethodModel
from tests.conftest import MakeDataset
from tests.support.runs import make_run
from tests.support.sessions import train
from tests.support.training import compiled, small_data


def test_every_item_has_its_features_in_its_place() -> None:
    model, data = compiled(catalogue()["supervised"]), small_data(count=300)
    features = item_features(model, data, lambda: None)
    assert features is not None
    assert features.dtype == np.float16
    last, _ = embedded(model, data.inputs[-3:].astype(np.float32) / 255.0)
    assert features.shape == (300, last.shape[1])
    assert np.allclose(features[-3:], last, rtol=2e-3, atol=1e-3)
    assert not np.allclose(features[:3], last, rtol=2e-3, atol=1e-3)


def test_a_method_without_one_vector_an_item_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    model, data = compiled(catalogue()["supervised"]), small_data()
    monkeypatch.setattr(type(model), "embed", MethodModel.embed)
    assert item_features(model, data, lambda: None) is None


def test_it_can_be_stopped() -> None:
    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        item_features(compiled(catalogue()["supervised"]), small_data(), stop)


def test_a_finished_run_has_features_and_an_unfinished_one_has_none(
    workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    folder = make_run(workspace, dataset, configuration={"batch_size": 6}, steps=2)
    assert RunFolder(folder).embeddings() is None
    train(folder)
    features = RunFolder(folder).embeddings()
    assert features is not None
    assert len(features) == dataset.manifest.count
    assert np.isfinite(features).all()
    assert (features.std(axis=0) > 0).any()
