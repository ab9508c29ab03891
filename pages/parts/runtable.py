"""The runs of a dataset as a table to choose from, and as a file."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from pages.parts.chartplan import head_titles, units_of_all
from pages.parts.charts import with_unit
from pages.parts.runtext import (
    figure_title,
    interval_text,
    labels_count,
    mapped_with,
    method_title,
    uses_reference_figure,
)
from pages.parts.tables import MISSING, whole, written
from pages.parts.words import setting_words
from ssl_core.runs.comparison import RunGroup, differing_settings
from ssl_core.runs.figures import group_of, unit_of
from ssl_core.runs.listing import RunSummary

FIRST_GROUPS = 3  # that are chosen at first
_SETTING_COLUMNS = 6  # more settings than this are in the file, not in the table
_FIGURE_COLUMNS = 6  # likewise
_SEEN, _MAPPED = "items seen", "mapped with"
_TAGS, _NOTE = "tags", "note"
_ON_REFERENCE = "Of runs mapped with reference labels: counted on these, which training never saw."
_LETTER, _LEAST_WIDTH, _MOST_WIDTH = 8, 75, 170  # pixels: of a letter, of columns of text


def run_table(runs: Sequence[RunSummary]) -> pd.DataFrame:
    """One row a run; settings only where they differ, figures where a run has some.

    Shares in [0, 1], seconds; other figures as `figure_columns` says.
    """
    return _table(runs, figure_columns(runs))


def _table(runs: Sequence[RunSummary], figures: Mapping[str, str]) -> pd.DataFrame:
    """As `run_table`. figures: title of a column -> name of the figure that stands in it."""
    settings = differing_settings([run.request for run in runs])
    mapped = any(run.status.results.mapping for run in runs)
    marked = any(run.notes.tags for run in runs)
    noted = any(run.notes.note for run in runs)
    rows = []
    for place, run in enumerate(runs):
        results, status = run.status.results, run.status
        low, high = results.test_interval or (None, None)
        rows.append(
            {
                "run": _short_name(run),
                "labels": labels_count(run.request),
                "seed": run.request.seed,
                **{setting_words(name): column[place] for name, column in settings.items()},
                "state": status.state,
                "test accuracy": results.test_accuracy,
                "interval low": low,
                "interval high": high,
                "validation accuracy": results.validation_accuracy,
                **{title: results.figures.get(name) for title, name in figures.items()},
                **({_MAPPED: results.mapping or None} if mapped else {}),
                **({_TAGS: ", ".join(run.notes.tags) or None} if marked else {}),
                **({_NOTE: run.notes.note or None} if noted else {}),
                "training time": status.seconds,
                _SEEN: status.images_seen,
                "method": run.request.method,
                "identifier": run.run,
            }
        )
    # Of this type a run that reads no labels has none, and others keep whole numbers.
    return pd.DataFrame(rows).astype({"labels": "Int64"})


def figure_columns(runs: Sequence[RunSummary]) -> dict[str, str]:
    """Title of a column -> name of the figure that stands in it, of all that some run has."""
    names = dict.fromkeys(name for run in runs for name in run.status.results.figures)
    requests = [run.request for run in runs]
    units, heads = units_of_all(requests), head_titles(requests)
    titles = {name: figure_title(name, units, heads) for name in names}
    return {with_unit(title, unit_of(name, units)): name for name, title in titles.items()}


def _short_name(run: RunSummary) -> str:
    """The name a person gave, else the method: labels and seed have columns of their own."""
    return run.title if run.title != run.run else method_title(run.request.method)


def choose_runs(
    runs: Sequence[RunSummary], groups: Sequence[RunGroup], items: str
) -> list[RunSummary]:
    """The table with a tick a row; returns the ticked runs. At first the newest few groups.

    items: what the runs were trained on, "images" or "texts"; "items" where that differs.
    """
    figures = figure_columns(runs)
    table = _table(runs, figures)
    rates = [
        "test accuracy",
        *(title for title, name in figures.items() if group_of(name).is_share),
    ]
    shown = table.assign(
        **{
            "95 % interval": [
                _interval(low, high)
                for low, high in zip(table["interval low"], table["interval high"], strict=True)
            ],
            **{title: 100 * table[title].astype(float) for title in rates},
            **(
                {_MAPPED: [mapped_with(run.status.results) or None for run in runs]}
                if _MAPPED in table
                else {}
            ),
        }
    )
    order = _columns(table, list(figures))
    key = f"runs-{'-'.join(run.run for run in runs[:1])}-{len(runs)}"
    event = st.dataframe(
        written(shown, {"labels": whole, _SEEN: whole, "training time": seconds_text}),
        key=key,
        hide_index=True,
        column_order=order,
        column_config=_configuration(shown, order, _numbers(runs, figures), items),
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": _first_choice(runs, groups)}},
        height=min(420, 36 * (len(runs) + 1) + 2),
        placeholder=MISSING,
    )
    _download(table)
    return [runs[row] for row in event["selection"]["rows"] if row < len(runs)]


def _configuration(
    shown: pd.DataFrame, order: Sequence[str], numbers: Mapping[str, object], items: str
) -> dict[str, object]:
    """How the columns look; those that nothing is said of here hold text and are as wide as it."""
    column = st.column_config
    known = {
        "run": column.TextColumn("Run", width=200, pinned=True),
        "labels": column.NumberColumn("Labels"),
        "seed": column.NumberColumn("Seed"),
        "test accuracy": column.NumberColumn("Test accuracy", format="%.1f %%"),
        "training time": column.NumberColumn("Training time"),
        _SEEN: column.NumberColumn(f"{items.capitalize()} seen"),
        **numbers,
    }
    texts = {
        name: column.TextColumn(
            name[0].upper() + name[1:], width=_width(name, shown[name].tolist())
        )
        for name in order
        if name not in known
    }
    return known | texts


def _numbers(runs: Sequence[RunSummary], figures: Mapping[str, str]) -> dict[str, object]:
    """How the columns of figures look; what is counted on reference labels says so on hovering."""
    results = [run.status.results for run in runs]
    return {
        title: st.column_config.NumberColumn(
            title,
            format="%.1f %%" if group_of(name).is_share else "%.4g",
            help=_ON_REFERENCE if any(uses_reference_figure(name, one) for one in results) else "",
        )
        for title, name in figures.items()
    }


def _columns(table: pd.DataFrame, figures: Sequence[str]) -> list[str]:
    """The columns of the table in order, without what the name of a run says already.

    What was reached comes before the settings: a narrow window cuts off the last columns.
    """
    names = list(table.columns)
    first = names.index("seed") + 1
    settings = names[first : names.index("state")][:_SETTING_COLUMNS]
    tested = not figures or table["test accuracy"].notna().any()
    results = ["test accuracy", "95 % interval"] if tested else []
    mapped = [name for name in (_TAGS, _MAPPED) if name in names]
    shown = [*figures[:_FIGURE_COLUMNS], "training time", _SEEN]
    shown += [_NOTE] if _NOTE in names else []
    return ["run", "labels", "seed", "state", *results, *mapped, *settings, *shown]


def _width(title: str, cells: Sequence[object]) -> int:
    """Pixels for the title and the longest cell of a column of text, within limits."""
    longest = max(map(len, [title, *(str(cell) for cell in cells)]))
    return min(_MOST_WIDTH, max(_LEAST_WIDTH, _LETTER * longest + 16))


def _first_choice(runs: Sequence[RunSummary], groups: Sequence[RunGroup]) -> list[int]:
    ended = [group for group in groups if group.state == "finished"][:FIRST_GROUPS]
    chosen = {run.run for group in ended for run in group.runs}
    return [place for place, run in enumerate(runs) if run.run in chosen]


def seconds_text(seconds: float) -> str:
    return f"{whole(seconds)} s"


def _interval(low: float | None, high: float | None) -> str:
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return MISSING
    return interval_text((low, high))


def _download(table: pd.DataFrame) -> None:
    st.download_button(
        "Download as CSV",
        lambda: table.to_csv(index=False).encode(),
        file_name="handful-runs.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
