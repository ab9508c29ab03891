"""The catalogue, and the settings of a method as forms and the command line see them."""

import subprocess
import sys

import pytest

from ssl_core.errors import UserError
from ssl_core.methods import catalogue, hyperparameters_of, method_named, settings_of, validated
from ssl_core.methods.base import ImageHyperparameters


def test_every_folder_is_a_method() -> None:
    assert {"supervised", "autoencoder"} <= set(catalogue())
    for name, spec in catalogue().items():
        assert spec.name == name
        assert spec.title
        assert spec.summary.count(".") == 1
        assert spec.summary.endswith(".")
        assert spec.paper.link.startswith("https://")
        assert spec.paper.where


def test_reading_the_catalogue_imports_no_framework() -> None:
    code = (
        "import sys; from ssl_core.methods import catalogue; catalogue(); "
        "print({'keras', 'tensorflow', 'jax'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("name", list(catalogue()))
def test_every_setting_is_described_and_its_default_allowed(name: str) -> None:
    spec = catalogue()[name]
    described = hyperparameters_of(spec.configuration)
    assert {info.name for info in described} == set(spec.configuration.model_fields)
    for info in described:
        assert info.help.endswith(".")
        if info.kind in ("int", "float"):
            assert info.minimum is not None
            assert info.maximum is not None
            assert info.minimum <= float(info.default) <= info.maximum
        if info.kind == "choice":
            assert info.default in info.choices
    assert validated(spec, {info.name: info.default for info in described}) == spec.configuration()


def test_a_method_without_labels_has_no_share_of_them_among_its_settings() -> None:
    for spec in catalogue().values():
        left_out = {info.name for info in hyperparameters_of(spec.configuration)}
        left_out -= {info.name for info in settings_of(spec)}
        assert left_out == (set() if spec.needs.uses_items else {"validation_share"})


def test_what_is_typed_on_a_command_line_is_read() -> None:
    typed = {"batch_size": "32", "augment_mirror": "true", "learning_rate": "1e-4"}
    found = validated(method_named("supervised"), typed)
    assert found.batch_size == 32
    assert found.augment_mirror is True
    assert found.learning_rate == 1e-4
    assert found.backbone == ImageHyperparameters().backbone


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"batch_size": "many"}, "batch_size: received 'many', expected a whole number from 2"),
        ({"batch_size": 1}, "received '1', expected a whole number from 2 to 4096 (items)"),
        ({"batch_size": 2.5}, "received '2.5'"),
        ({"learning_rate": "nan"}, "received 'nan', expected a number from 1e-06 to 1"),
        ({"learning_rate": float("inf")}, "received 'inf'"),
        ({"backbone": "big"}, "expected one of vgg-small, vgg-f, wrn-28-2"),
        ({"augment_mirror": "perhaps"}, "expected true or false"),
        ({"speed": 3}, "'speed' is not a setting of supervised; it has"),
        ({"batch_size": 0, "learning_rate": -1}, "learning_rate: received '-1'"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(values: dict, words: str) -> None:
    with pytest.raises(UserError) as caught:
        validated(method_named("supervised"), values)
    assert words in str(caught.value)


def test_an_unknown_method_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"Expected one of: .*supervised"):
        method_named("magic")
