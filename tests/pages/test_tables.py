"""Numbers in tables are written as they are everywhere else."""

import re

import pandas as pd

from pages.parts.tables import MISSING, whole, written
from pages.parts.words import THIN_SPACE


def shown(table, columns):
    """What stands in each cell, row by row."""
    rows = re.findall("<tr>(.*?)</tr>", written(table, columns).to_html(), re.DOTALL)
    return [re.findall("<td[^>]*>(.*?)</td>", row) for row in rows if "<td" in row]


def test_thousands_are_apart_by_a_thin_space_and_a_gap_is_a_dash():
    table = {"Dataset": ["a", None], "Items": [70000, 999], "Classes": [10, None]}
    assert shown(table, {"Items": whole, "Classes": whole}) == [
        ["a", f"70{THIN_SPACE}000", "10"],
        [MISSING, "999", MISSING],
    ]


def test_the_numbers_below_are_kept_so_that_they_sort():
    table = pd.DataFrame({"labels": [1000, None]}).astype({"labels": "Int64"})
    found = written(table, {"labels": whole})
    assert found.data["labels"].tolist() == [1000, pd.NA]
    assert shown(table, {"labels": whole}) == [[f"1{THIN_SPACE}000"], [MISSING]]
