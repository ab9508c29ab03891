"""A saved network from elsewhere is looked through before anything of it is built."""

import json
import zipfile
from pathlib import Path

import pytest

from ssl_core.errors import UserError
from ssl_core.runs.model_parts import read_parts

INPUT = {
    "module": "keras.layers",
    "class_name": "InputLayer",
    "config": {"batch_shape": [None, 8, 8, 1]},
    "registered_name": None,
}
LAMBDA = {"module": "keras.layers", "class_name": "Lambda", "config": {"function": "x"}}
ELSEWHERE = {"module": "os", "class_name": "system", "config": {"command": "true"}}
NAMELESS = {"class_name": "Dense", "config": {}}
REGISTERED = {**INPUT, "registered_name": "mine>Dense"}
FUNCTION = {"module": "builtins", "class_name": "function", "config": "exec"}
CODE = {"class_name": "__lambda__", "config": {"value": "AAAA"}}


def saved(path: Path, *layers: object, **beside: str) -> Path:
    """A `.keras` file as far as it is read without a framework."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"config": {"layers": layers}}))
        archive.writestr("metadata.json", "{}")
        for name, content in beside.items():
            archive.writestr(name, content)
    return path


def test_known_parts_are_read_in_order(tmp_path: Path) -> None:
    dense = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 3}}
    parts = read_parts(saved(tmp_path / "model.keras", INPUT, dense), "run-1")
    assert [part["class_name"] for part in parts] == ["InputLayer", "Dense"]


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (LAMBDA, "the part 'Lambda' of 'keras.layers'"),
        (ELSEWHERE, "the part 'system' of 'os'"),
        (NAMELESS, "the part 'Dense' of 'None'"),
        (REGISTERED, "the part 'mine>Dense'"),
        (FUNCTION, "the part 'function' of 'builtins'"),
        (CODE, "the part '__lambda__'"),
        ({**INPUT, "class_name": ["InputLayer"]}, "InputLayer"),
        ({**INPUT, "module": {"a": 1}}, "InputLayer"),
        # Inside of a layer that is allowed, where Keras would build it too.
        ({**INPUT, "config": {"kernel_initializer": [ELSEWHERE]}}, "the part 'system' of 'os'"),
        ({**INPUT, "build_config": {"deep": {"deeper": LAMBDA}}}, "'Lambda'"),
    ],
)
def test_any_other_part_is_refused(tmp_path: Path, layer: object, words: str) -> None:
    with pytest.raises(UserError, match="which no method here writes") as refusal:
        read_parts(saved(tmp_path / "model.keras", INPUT, layer), "run-1")
    assert words in str(refusal.value)


def test_files_beside_the_usual_ones_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "model.keras", INPUT, **{"assets/vocabulary.txt": "a"})
    with pytest.raises(UserError, match=r"the file 'assets/vocabulary\.txt'"):
        read_parts(path, "run-1")


def test_a_second_description_is_refused(tmp_path: Path) -> None:
    """Which of two is read may not be left to whoever reads it."""
    path = saved(tmp_path / "model.keras", LAMBDA)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("config.json", json.dumps({"config": {"layers": [INPUT]}}))
    with pytest.raises(UserError, match="two files of one name"):
        read_parts(path, "run-1")


def test_a_description_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssl_core.runs.model_parts._CONFIGURATION_BYTES", 10)
    with pytest.raises(UserError, match="50 MB"):
        read_parts(saved(tmp_path / "model.keras", INPUT), "run-1")
