"""The runs of a dataset as a table to choose from, and as a file."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.parts.runtext import method_title
from ssl_core.runs.comparison import RunGroup, differing_settings
from ssl_core.runs.listing import RunSummary

_CHOSEN_AT_FIRST = 3  # groups
_SETTING_COLUMNS = 6  # more settings than this are in the file, not in the table
_OWN_CONFIGURATION = ("test accuracy", "training time", "images seen")


def run_table(runs: Sequence[RunSummary]) -> pd.DataFrame:
    """One row a run; settings only where they differ. Shares in [0, 1], seconds."""
    settings = differing_settings([run.request for run in runs])
    rows = []
    for place, run in enumerate(runs):
        results, status = run.status.results, run.status
        low, high = results.test_interval or (None, None)
        rows.append(
            {
                "run": _short_name(run),
                "labels": sum(run.request.labels.per_class.values()),
                "seed": run.request.seed,
                **{name.replace("_", " "): column[place] for name, column in settings.items()},
                "state": status.state,
                "test accuracy": results.test_accuracy,
                "interval low": low,
                "interval high": high,
                "validation accuracy": results.validation_accuracy,
                "training time": status.seconds,
                "images seen": status.images_seen,
                "method": run.request.method,
                "identifier": run.run,
            }
        )
    return pd.DataFrame(rows)


def _short_name(run: RunSummary) -> str:
    """The name a person gave, else the method: labels and seed have columns of their own."""
    return run.title if run.title != run.run else method_title(run.request.method)


def choose_runs(runs: Sequence[RunSummary], groups: Sequence[RunGroup]) -> list[RunSummary]:
    """The table with a tick a row; returns the ticked runs. At first the newest few groups."""
    table = run_table(runs)
    shown = table.assign(
        **{
            "95 % interval": [
                _interval(low, high)
                for low, high in zip(table["interval low"], table["interval high"], strict=True)
            ],
            "test accuracy": 100 * table["test accuracy"].astype(float),
        }
    )
    order = _columns(list(table.columns))
    key = f"runs-{'-'.join(run.run for run in runs[:1])}-{len(runs)}"
    event = st.dataframe(
        shown,
        key=key,
        hide_index=True,
        column_order=order,
        column_config={
            "run": st.column_config.TextColumn("Run", width=200, pinned=True),
            "labels": st.column_config.NumberColumn("Labels"),
            "seed": st.column_config.NumberColumn("Seed"),
            "test accuracy": st.column_config.NumberColumn("Test accuracy", format="%.1f %%"),
            "training time": st.column_config.NumberColumn("Training time", format="%.0f s"),
            "images seen": st.column_config.NumberColumn("Images seen", format="localized"),
            **{
                name: st.column_config.TextColumn(name.capitalize(), width="small")
                for name in order[3:]
                if name not in _OWN_CONFIGURATION
            },
        },
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": _first_choice(runs, groups)}},
        height=min(420, 36 * (len(runs) + 1) + 2),
        placeholder="–",
    )
    _download(table)
    return [runs[row] for row in event["selection"]["rows"] if row < len(runs)]


def _columns(names: list[str]) -> list[str]:
    """The columns of the table in order, without what the name of a run says already."""
    first = names.index("seed") + 1
    settings = names[first : names.index("state")][:_SETTING_COLUMNS]
    results = ["state", "test accuracy", "95 % interval", "training time", "images seen"]
    return ["run", "labels", "seed", *settings, *results]


def _first_choice(runs: Sequence[RunSummary], groups: Sequence[RunGroup]) -> list[int]:
    ended = [group for group in groups if group.accuracy is not None][:_CHOSEN_AT_FIRST]
    chosen = {run.run for group in ended for run in group.runs}
    return [place for place, run in enumerate(runs) if run.run in chosen]


def _interval(low: float | None, high: float | None) -> str:
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return "–"
    return f"{100 * low:.1f}–{100 * high:.1f} %"


def _download(table: pd.DataFrame) -> None:
    st.download_button(
        "Download as CSV",
        lambda: table.to_csv(index=False).encode(),
        file_name="handful-runs.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
