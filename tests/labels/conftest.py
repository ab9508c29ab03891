"""A small dataset without labels, and its label store."""

import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.store import LabelStore, open_labels
from tests.conftest import MakeDataset


@pytest.fixture
def dataset(make_dataset: MakeDataset) -> Dataset:
    return make_dataset()


@pytest.fixture
def store(dataset: Dataset) -> LabelStore:
    return open_labels(dataset)
