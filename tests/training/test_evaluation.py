"""How many images are predicted together."""

import pytest

from ssl_core.training.evaluation import batch_size


@pytest.mark.parametrize(
    ("count", "sides", "expected"),
    [
        (60, (28, 28), 64),
        (10_000, (28, 28), 256),
        (10_000, (64, 64), 256),
        (10_000, (96, 96), 113),
        (10_000, (512, 512), 4),
        (60, (512, 512), 4),
        (10_000, (2048, 1024), 1),
    ],
)
def test_large_images_are_predicted_fewer_at_a_time(
    count: int, sides: tuple[int, int], expected: int
) -> None:
    assert batch_size(count, sides) == expected
