"""Weights and losses of single heads, typed as one text."""

import pytest

from ssl_core.errors import UserError
from ssl_core.methods import catalogue, hyperparameters_of, validated
from ssl_core.methods.by_head import losses_by_head, weights_by_head
from ssl_core.methods.head_settings import HeadSettings

WITH_HEADS = [n for n, spec in catalogue().items() if issubclass(spec.configuration, HeadSettings)]


def told(**values: object) -> str:
    with pytest.raises(UserError) as caught:
        validated(catalogue()["supervised"], values)
    return str(caught.value)


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_nothing_typed_is_no_weight_and_no_loss(text: str) -> None:
    assert weights_by_head(text) == losses_by_head(text) == {}


def test_weights_and_losses_are_read() -> None:
    assert weights_by_head("age=0.25, gender = 2,") == {"age": 0.25, "gender": 2.0}
    assert weights_by_head("a=0,b=100") == {"a": 0.0, "b": 100.0}
    assert losses_by_head("age=huber, size=squared error") == {
        "age": "huber",
        "size": "squared error",
    }


@pytest.mark.parametrize("name", WITH_HEADS)
def test_every_method_with_heads_keeps_one_text_for_the_same_weights(name: str) -> None:
    spec = catalogue()[name]
    typed = {"head_weights": " gender=2.0 ,age=.25", "head_losses": "size=squared error,age=huber"}
    found = validated(spec, typed)
    assert found.head_weights == "age=0.25, gender=2"
    assert found.head_losses == "age=huber, size=squared error"
    assert validated(spec, found.model_dump()) == found
    kinds = {info.name: info.kind for info in hyperparameters_of(spec.configuration)}
    assert kinds["head_weights"] == kinds["head_losses"] == "text"


def test_a_weight_is_kept_to_the_digit() -> None:
    text = "age=0.123456789"
    assert validated(catalogue()["posts"], {"head_weights": text}).head_weights == text


@pytest.mark.parametrize("name", WITH_HEADS)
def test_a_request_of_before_there_was_the_setting_is_read(name: str) -> None:
    spec = catalogue()[name]
    old = spec.configuration().model_dump(exclude={"head_weights", "head_losses"})
    assert validated(spec, old) == spec.configuration()


@pytest.mark.parametrize("weight", ["-1", "-0.001", "inf", "-inf", "nan", "1e999", "100.1", "much"])
def test_a_weight_out_of_range_is_told_with_its_head(weight: str) -> None:
    assert told(head_weights=f"urgent=1, age={weight}") == (
        f"head_weights: received {weight!r} for 'age', expected a number from 0 to 100."
    )


@pytest.mark.parametrize(
    ("text", "piece"), [("age", "age"), ("a=1, =2", "=2"), ("age=", "age="), ("age=0,25", "25")]
)
def test_text_without_name_or_weight_is_told_with_an_example(text: str, piece: str) -> None:
    assert told(head_weights=text) == (
        f"head_weights: received {piece!r}, expected the name of a head and its value, such as "
        "age=0.25, with a comma before the next."
    )


def test_other_wrong_text_is_told() -> None:
    assert "the head 'age' is given twice" in told(head_weights="age=1, age=2")
    assert "received 'cubed' for 'age', expected squared error or huber" in told(
        head_losses="age=cubed"
    )
    assert told(head_weights=2.0) == "head_weights: received '2.0', expected text (name=weight)."
    assert "expected text (name=weight)" in told(head_weights="nan")
