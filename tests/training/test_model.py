"""What every method has to say before it can be built."""

import pytest

from ssl_core.training.model import MethodModel, TrunkModel
from tests.support.training import TASK


@pytest.mark.parametrize("left_out", ["streams", "call", "outcome", "inference_model"])
def test_a_method_that_leaves_a_part_out_cannot_be_built(left_out: str) -> None:
    parts = {
        name: lambda self, *given, **named: None
        for name in ("streams", "call", "outcome", "inference_model")
        if name != left_out
    }
    unfinished = type("Unfinished", (MethodModel,), parts)
    with pytest.raises(TypeError, match=rf"abstract method '?{left_out}"):
        unfinished(None, TASK, {})


def test_a_trunk_alone_is_no_method() -> None:
    with pytest.raises(TypeError, match="abstract"):
        TrunkModel(None, TASK, {})
