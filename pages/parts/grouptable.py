"""The runs to compare, chosen from a table: one row a run, or one row for all seeds of a kind."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.parts.groupview import group_names
from pages.parts.runtable import FIRST_GROUPS, choose_runs, seconds_text
from pages.parts.runtext import interval_text, labels_count
from pages.parts.tables import MISSING, whole, written
from ssl_core.runs.comparison import RunGroup, group_over_seeds
from ssl_core.runs.listing import RunSummary

_ROWS = {"runs": "each run", "kinds": "seeds together"}


def choose_from_table(runs: Sequence[RunSummary], items: str) -> list[RunSummary]:
    """The ticked runs. items: what they were trained on, "images" or "texts", else "items"."""
    groups = group_over_seeds(runs)
    rows = "runs"
    if len(groups) < len(runs):
        rows = st.segmented_control(
            "Rows", list(_ROWS), default="runs", required=True, key="rows-of-table",
            format_func=lambda name: _ROWS[name], persist_state="session",
        )  # fmt: skip
    if rows == "kinds":
        return _choose_groups(groups)
    return choose_runs(runs, groups, items)


def group_table(groups: Sequence[RunGroup]) -> pd.DataFrame:
    """One row a kind of run: mean over its seeds, deviation, interval. Shares in percent, seconds.

    What differs between kinds of one method stands in the name.
    """
    spreads = [group.accuracy for group in groups]
    intervals = [group.interval for group in groups]
    tags = [dict.fromkeys(tag for run in group.runs for tag in run.notes.tags) for group in groups]
    seconds = [[run.status.seconds for run in group.runs] for group in groups]
    table = {
        "kind": group_names(groups),
        "mean test accuracy": [None if one is None else 100 * one.mean for one in spreads],
        "deviation": [
            None if one is None or one.deviation is None else 100 * one.deviation for one in spreads
        ],
        "95 % interval": [MISSING if one is None else interval_text(one) for one in intervals],
        "seeds": [", ".join(map(str, group.seeds)) for group in groups],
        "runs": [len(group.runs) for group in groups],
        "state": [group.state for group in groups],
        "labels": [labels_count(group.request) for group in groups],
        "mean training time": [sum(one) / len(one) for one in seconds],
        "tags": [", ".join(one) or None for one in tags],
    }
    return pd.DataFrame(table).astype(
        {"labels": "Int64", "mean test accuracy": float, "deviation": float}
    )


def _choose_groups(groups: Sequence[RunGroup]) -> list[RunSummary]:
    """At first the newest few kinds that have finished."""
    table = group_table(groups)
    column = st.column_config
    percent = "%.1f %%"
    event = st.dataframe(
        written(table, {"labels": whole, "mean training time": seconds_text}),
        key=f"kinds-{groups[0].runs[0].run}-{len(groups)}",
        hide_index=True,
        column_order=[name for name in table.columns if name != "tags" or table["tags"].any()],
        column_config={
            "kind": column.TextColumn("Kind of run", width=400, pinned=True),
            "labels": column.NumberColumn("Labels"),
            "runs": column.NumberColumn("Runs"),
            "seeds": column.TextColumn("Seeds", width=90),
            "state": column.TextColumn("State", width=80),
            "mean test accuracy": column.NumberColumn("Mean test accuracy", format=percent),
            "deviation": column.NumberColumn("± over seeds", format=percent),
            "mean training time": column.NumberColumn("Mean training time"),
            "tags": column.TextColumn("Tags"),
        },
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": _first(groups)}},
        height=min(420, 36 * (len(groups) + 1) + 2),
        placeholder=MISSING,
    )
    rows = [row for row in event["selection"]["rows"] if row < len(groups)]
    return [run for row in rows for run in groups[row].runs]


def _first(groups: Sequence[RunGroup]) -> list[int]:
    ended = [place for place, group in enumerate(groups) if group.state == "finished"]
    return ended[:FIRST_GROUPS]
