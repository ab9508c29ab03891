"""Pictures that a method publishes."""

import numpy as np

from ssl_core.runs.confusion import MATRIX_LIMIT
from ssl_core.training.panels import confusion_panel


def test_a_matrix_that_nobody_could_read_is_not_published() -> None:
    for count, published in ((MATRIX_LIMIT, True), (MATRIX_LIMIT + 1, False)):
        names = tuple(str(number) for number in range(count))
        panel = confusion_panel(np.zeros((count, count), np.int64), names)
        assert (panel is not None) is published
