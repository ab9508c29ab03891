"""Settings of the methods of a study: kept, checked, and reaching the runs."""

from collections.abc import Callable

import pytest
from study_runs import assert_refused, run_all, settings

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.runs.folder import RunFolder
from ssl_core.studies.settings import settings_from_text
from ssl_core.studies.study import create_study, list_studies, read_study
from ssl_core.workspace import Workspace

MakeDataset = Callable[..., Dataset]
pytestmark = pytest.mark.usefixtures("no_process")
OWN = {"autoencoder": {"reconstruction_weight": "3", "backbone": "vgg-f"}}


def test_each_method_trains_with_its_own_settings(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    make_dataset()
    asked = settings(draws=1, configurations=OWN, own_steps={"supervised": 9}, ceiling=True)
    study = create_study(workspace, asked)
    assert study.settings.configurations == {
        "autoencoder": {"backbone": "vgg-f", "reconstruction_weight": 3.0}
    }
    assert read_study(workspace, study.name) == study
    for cell, run in run_all(workspace, study.name).runs.items():
        request = RunFolder(workspace.runs / run.run).request()
        backbone = request.configuration["backbone"]
        expected = ("vgg-f", 5) if cell.method == "autoencoder" else ("vgg-small", 9)
        assert (backbone, request.steps) == expected
        assert request.configuration.get("reconstruction_weight", 3.0) == 3.0


def test_what_is_the_default_anyway_makes_no_other_study(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    make_dataset()
    plain = create_study(workspace, settings())
    default = {"supervised": {"backbone": "vgg-small"}, "autoencoder": {}}
    same = create_study(workspace, settings(configurations=default, own_steps={"supervised": 5}))
    assert same == plain
    assert create_study(workspace, settings(configurations=OWN)).name != plain.name
    assert len(list_studies(workspace)) == 2


def test_a_study_from_before_there_were_settings_keeps_its_name() -> None:
    assert settings().name == "tiny-c74f87"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"configurations": {"autoencoder": {"magic": 1}}}, "'magic' is not a setting"),
        ({"configurations": {"autoencoder": {"backbone": "huge"}}}, "Settings of .*'huge'"),
        ({"configurations": {"fixmatch": {"backbone": "vgg-f"}}}, "given for fixmatch"),
        ({"own_steps": {"iic": 4}}, "given for iic"),
        ({"own_steps": {"supervised": 0}}, "Steps: received 0"),
        ({"configurations": {"magic": {"a": 1}}}, "no method 'magic'"),
    ],
)
def test_an_impossible_setting_is_refused_with_its_reason(
    workspace: Workspace, make_dataset: MakeDataset, changes: dict[str, object], words: str
) -> None:
    make_dataset()
    assert_refused(workspace, changes, words)


def test_settings_are_read_from_text() -> None:
    pairs = ["autoencoder.reconstruction_weight=3", "backbone=vgg-f", "autoencoder.steps=60"]
    assert settings_from_text(pairs, ("supervised", "autoencoder")) == (
        {
            "autoencoder": {"reconstruction_weight": "3", "backbone": "vgg-f"},
            "supervised": {"backbone": "vgg-f"},
        },
        {"autoencoder": 60},
    )


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("backbone", "METHOD.KEY=VALUE"),
        (".backbone=vgg-f", "METHOD.KEY=VALUE"),
        ("supervised.=1", "METHOD.KEY=VALUE"),
        ("magic=1", "no method of the study has a setting 'magic'"),
        ("steps=5", "use --steps"),
        ("supervised.steps=few", "expected a whole number"),
    ],
)
def test_wrong_text_is_told(pair: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        settings_from_text([pair], ("supervised",))
