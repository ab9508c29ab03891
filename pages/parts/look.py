"""The colours of charts in the theme that the viewer sees."""

import streamlit as st

from pages.parts.charts import Look


def current_look() -> Look:
    """The palette of .streamlit/config.toml for the viewer's light or dark theme."""
    kind = "dark" if st.context.theme.type == "dark" else "light"
    return Look(
        dark=kind == "dark",
        text=st.get_option(f"theme.{kind}.textColor") or _TEXT[kind],
        categories=tuple(st.get_option(f"theme.{kind}.chartCategoricalColors") or _CATEGORIES),
        sequence=tuple(st.get_option(f"theme.{kind}.chartSequentialColors") or _SEQUENCE),
        diverging=tuple(st.get_option(f"theme.{kind}.chartDivergingColors") or _DIVERGING),
    )


_TEXT = {"light": "#1d2422", "dark": "#e7e9e6"}
_CATEGORIES = ("#0f766e", "#d1672a", "#4a63c4", "#a8407f", "#7d8a1e")
_DIVERGING = ("#8f3a10", "#f4f7f5", "#0b5d55")
_SEQUENCE = ("#f4f7f5", "#9fccc4", "#06423d")
