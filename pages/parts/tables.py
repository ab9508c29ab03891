"""Numbers in a table as they are written everywhere else; it is still sorted by their values."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
from pandas.io.formats.style import Styler

from pages.parts.words import count

MISSING = "–"


def whole(number: float) -> str:
    """12345.0 -> '12 345', with a thin space."""
    return count(round(number))


def written(
    table: Mapping[str, Sequence[object]] | pd.DataFrame,
    columns: Mapping[str, Callable[[float], str]],
) -> Styler:
    """The table with the numbers of `columns` in words; what is missing reads as a dash.

    A column whose configuration names a format keeps that: streamlit's own formats know no thin
    space between thousands.
    """
    return pd.DataFrame(table).style.format(dict(columns), na_rep=MISSING)
