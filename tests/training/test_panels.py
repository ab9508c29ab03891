"""Pictures that a method publishes."""

import numpy as np

from ssl_core.runs.confusion import MATRIX_LIMIT
from ssl_core.training.panels import confusion_panel, image_grid


def test_a_matrix_that_nobody_could_read_is_not_published() -> None:
    for count, published in ((MATRIX_LIMIT, True), (MATRIX_LIMIT + 1, False)):
        names = tuple(str(number) for number in range(count))
        panel = confusion_panel(np.zeros((count, count), np.int64), names)
        assert (panel is not None) is published


def test_the_rows_of_a_grid_have_names_or_none() -> None:
    row = np.zeros((4, 8, 8, 1), np.float32)
    named = image_grid("views", "Views", "", {"image": row, "view": row}).info()
    assert (named["rows"], named["columns"]) == (["image", "view"], 4)
    samples = image_grid("samples", "Samples", "", [row, row, row])
    assert (samples.info()["rows"], samples.info()["columns"]) == (["", "", ""], 4)
    assert samples.payload == image_grid("a", "A", "", dict.fromkeys("abc", row)).payload
