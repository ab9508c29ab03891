"""The chosen runs, those of one kind taken together over their seeds."""

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.parts.chartplan import head_titles, units_of_all
from pages.parts.looks import quiet
from pages.parts.runtext import (
    figure_title,
    interval_text,
    labels_number,
    mapped_with,
    method_title,
    uses_reference_figure,
)
from pages.parts.words import THIN_SPACE, duration, plain, setting_words, share
from ssl_core.methods import reads_setting, uses_items
from ssl_core.runs.comparison import RunGroup, differing_settings, ties
from ssl_core.runs.figures import group_of, unit_of, value_text
from ssl_core.stats import Spread

_BUDGET = "budget"  # as `differing_settings` calls it
_MOST_FIGURES = 4  # columns; the CSV of the table of runs has them all
_LISTED = 4  # lines of a message
_MOST_SEEDS = 5  # that are kept in one line


def group_names(groups: Sequence[RunGroup]) -> list[str]:
    """A short name for each group that tells it from the others.

    Settings are in it that differ among the groups of its method: that another method has others
    is in the table, and its name says enough here. A budget that differs is always said.
    """
    budgets = differing_settings([group.request for group in groups]).get(_BUDGET)
    own_settings = _own_settings(groups)
    names: list[str] = []
    seen: Counter[str] = Counter()
    for place, group in enumerate(groups):
        parts = [method_title(group.request.method)]
        parts += filter(None, [labels_number(group.request)])
        parts += own_settings[place]
        parts += [budgets[place]] if budgets else []
        parts += [group.state] if group.state != "finished" else []
        name = " · ".join(parts)
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def first_groups(groups: Sequence[RunGroup], most: int) -> tuple[list[RunGroup], list[str]]:
    """The first `most` groups, and the names of the others.

    Those that have no accuracy to compare, whatever they do, are the first to be left out.
    """
    if len(groups) <= most:
        return list(groups), []
    ordered = sorted(groups, key=lambda group: not _has_classes(group))
    return ordered[:most], group_names(ordered)[most:]


def show_left_out(shown: int, left_out: Sequence[str]) -> None:
    """Which kinds of run are chosen and not shown, by their names, and what to do."""
    if left_out:
        st.warning(
            f"{shown + len(left_out)} kinds of run are chosen, and {shown} are shown. "
            "Untick some to see these too:\n\n"
            + _listed([plain(name) for name in left_out], "kinds")
        )


def _has_classes(group: RunGroup) -> bool:
    return bool(group.request.classes) and uses_items(group.request.method)


def _own_settings(groups: Sequence[RunGroup]) -> list[list[str]]:
    """What tells each group from those of the same method, but for the budget."""
    places_of: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        places_of.setdefault(group.request.method, []).append(place)
    told: list[list[str]] = [[] for _ in groups]
    for method, places in places_of.items():
        settings = differing_settings([groups[place].request for place in places])
        for name, values in settings.items():
            if name == _BUDGET or not reads_setting(method, name):
                continue
            for place, value in zip(places, values, strict=True):
                if value != "–":
                    told[place].append(f"{setting_words(name)} {value}")
    return told


def show_groups(groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """Mean and spread of each group, and which differences are none.

    It stands below the table of runs.
    """
    table = {"": [_parted(name) for name in names]}
    table["Seeds"] = [_seeds(group) for group in groups]
    tested = any(group.accuracy is not None for group in groups)
    figures = list(dict.fromkeys(name for group in groups for name in group.figures))
    shown = figures[:_MOST_FIGURES]
    if tested or not shown:
        table[_unbroken("Test accuracy")] = [_accuracy(group) for group in groups]
        table[_unbroken("95 % interval")] = [_interval(group) for group in groups]
    mapped = [_mapped(group) for group in groups]
    if any(mapped):
        table[_unbroken("Mapped with")] = [cell or "–" for cell in mapped]
    if not tested:
        table |= _figure_columns(groups, shown)
    table[_unbroken("Training time")] = [_mean_time(group) for group in groups]
    st.table(table, border="horizontal")
    if any("reference" in cell for cell in mapped):
        quiet(
            "Mapped with reference labels: the run had no labels to train on, and its answers got "
            "their classes from reference labels of the training split, which other runs never see."
        )
    if tested and shown:
        rows = [place for place, group in enumerate(groups) if group.figures.keys() & set(shown)]
        further = {"": [_parted(names[row]) for row in rows]}
        further |= _figure_columns([groups[row] for row in rows], shown)
        st.table(further, border="horizontal")
    if len(figures) > len(shown):
        quiet(
            f"The first {len(shown)} of {len(figures)} figures; all of them are in the CSV of the "
            "table above."
        )
    quiet(
        "Mean ± standard deviation over seeds; the interval is Student's t over seeds, or "
        "Wilson's where there is one seed. Test accuracy is that of the last step: nothing was "
        "chosen on the test data. A seed trained twice counts once, as its newest run."
    )
    _show_ties(groups, names)


def _show_ties(groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """Which differences are none."""
    tied = [f"{plain(names[first])} and {plain(names[second])}" for first, second in ties(groups)]
    if tied:
        st.info(
            "A tie within the interval. More seeds or a larger test set would tell.\n\n"
            + _listed(tied, "pairs"),
            icon=":material/balance:",
        )


def _listed(lines: Sequence[str], what: str) -> str:
    """The first lines as a list in Markdown, and how many more there are."""
    shown = [f"- {line}" for line in lines[:_LISTED]]
    shown += [f"- and {len(lines) - _LISTED} more {what}"] if len(lines) > _LISTED else []
    return "\n".join(shown)


def _figure_columns(groups: Sequence[RunGroup], figures: Sequence[str]) -> dict[str, list[str]]:
    """Title -> what each group reached, of each of the figures beside the accuracy."""
    requests = [group.request for group in groups]
    units, titles = units_of_all(requests), head_titles(requests)
    return {
        plain(figure_title(name, units, titles)): [_figure(group, name, units) for group in groups]
        for name in figures
    }


def _parted(name: str) -> str:
    """The name of a group in a table, which may go on in a new line only after a dot."""
    return " · ".join(_unbroken(plain(part)) for part in name.split(" · "))


def _unbroken(text: str) -> str:
    """`text` with spaces at which no line ends: a number and its unit stay together."""
    return text.replace(" ", "\u00a0").replace(THIN_SPACE, "\u202f")


def _accuracy(group: RunGroup) -> str:
    spread = group.accuracy
    if spread is None:
        return "–"
    if spread.deviation is None:
        return _unbroken(share(spread.mean))
    return _unbroken(f"{100 * spread.mean:.1f} ± {share(spread.deviation)}")


def _mapped(group: RunGroup) -> str:
    """Which labels gave the answers their classes, where that was after the training."""
    found = sorted({mapped_with(run.status.results) for run in group.runs} - {""})
    return " ".join(
        f":orange-badge[{_unbroken(one)}]" if one.startswith("reference") else _unbroken(one)
        for one in found
    )


def _seeds(group: RunGroup) -> str:
    text = ", ".join(map(str, group.seeds))
    return _unbroken(text) if len(group.seeds) <= _MOST_SEEDS else text


def _figure(group: RunGroup, name: str, units: Mapping[str, str]) -> str:
    spread = group.figures.get(name)
    if spread is None:
        return "–"
    marked = any(uses_reference_figure(name, run.status.results) for run in group.runs)
    badge = f" :orange-badge[{_unbroken('reference labels')}]" if marked else ""
    return _unbroken(_spread_text(name, spread, units)) + badge


def _spread_text(name: str, spread: Spread, units: Mapping[str, str]) -> str:
    """A mean and its deviation with their unit: '0.771 ± 0.02'; of one value the value."""
    if spread.deviation is None:
        return value_text(name, spread.mean, units)
    if group_of(name, units).is_share:
        return f"{100 * spread.mean:.1f} ± {share(spread.deviation)}"
    # Equal values may differ in their last bits.
    deviation = spread.deviation if spread.deviation > 1e-9 * abs(spread.mean) else 0.0
    unit = unit_of(name, units)
    return f"{spread.mean:.4g} ± {deviation:.2g} {unit}".rstrip()


def _interval(group: RunGroup) -> str:
    if group.interval is None:
        return "–"
    return _unbroken(interval_text(group.interval))


def _mean_time(group: RunGroup) -> str:
    seconds = [run.status.seconds for run in group.runs]
    return _unbroken(duration(sum(seconds) / len(seconds)))
