"""The chosen runs, those of one kind taken together over their seeds."""

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from pages.parts.chartplan import units_of_all
from pages.parts.looks import quiet
from pages.parts.runtext import (
    figure_title,
    labels_number,
    mapped_with,
    method_title,
    uses_reference_figure,
)
from pages.parts.words import THIN_SPACE, duration, plain, share
from ssl_core.runs.comparison import RunGroup, differing_settings, ties
from ssl_core.runs.figures import (
    group_of,
    unit_of,
    value_text,
)
from ssl_core.stats import Spread

_FIRST_METRICS = ("accuracy/validation", "accuracy/train", "loss/validation", "loss/total")
_BUDGET = "budget"  # as `differing_settings` calls it
_MOST_FIGURES = 4  # columns; all of them are in the table of runs
_MOST_SEEDS = 5  # that are kept in one line
_KEPT = 500  # runs whose names and guides stay in memory


def group_names(groups: Sequence[RunGroup]) -> list[str]:
    """A short name for each group that tells it from the others.

    Settings are in it that differ among the groups of its method: that another method has others
    is in the table, and its name says enough here. A budget that differs is always said.
    """
    budgets = differing_settings([group.request for group in groups]).get(_BUDGET)
    names: list[str] = []
    seen: Counter[str] = Counter()
    for place, group in enumerate(groups):
        parts = [method_title(group.request.method)]
        parts += filter(None, [labels_number(group.request)])
        parts += _own_settings(group, groups)
        parts += [budgets[place]] if budgets else []
        parts += [group.state] if group.state != "finished" else []
        name = " · ".join(parts)
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _own_settings(group: RunGroup, groups: Sequence[RunGroup]) -> list[str]:
    """What tells a group from those of the same method, but for the budget."""
    alike = [other for other in groups if other.request.method == group.request.method]
    place = alike.index(group)
    return [
        f"{name.replace('_', ' ')} {values[place]}"
        for name, values in differing_settings([other.request for other in alike]).items()
        if values[place] != "–" and name not in ("validation_share", _BUDGET)
    ]


def show_groups(groups: Sequence[RunGroup], names: Sequence[str]) -> None:
    """Mean and spread of each group, and which differences are none."""
    table = {"": [_parted(name) for name in names]}
    table["Seeds"] = [_seeds(group) for group in groups]
    tested = any(group.accuracy is not None for group in groups)
    figures = _figure_table(groups)
    if tested or not figures:
        table[_unbroken("Test accuracy")] = [_accuracy(group) for group in groups]
        table[_unbroken("95 % interval")] = [_interval(group) for group in groups]
    mapped = [_mapped(group) for group in groups]
    if any(mapped):
        table[_unbroken("Mapped with")] = [cell or "–" for cell in mapped]
    if not tested:
        table |= figures
    table[_unbroken("Training time")] = [_mean_time(group) for group in groups]
    st.table(table, border="horizontal")
    if any("reference" in cell for cell in mapped):
        quiet(
            "Mapped with reference labels: the run had no labels to train on, and its answers got "
            "their classes from reference labels of the training split, which other runs never see."
        )
    if tested and figures:
        rows = [place for place, group in enumerate(groups) if group.figures]
        further = {"": [_parted(name) for name in names]} | figures
        st.table(
            {title: [cells[row] for row in rows] for title, cells in further.items()},
            border="horizontal",
        )
    quiet(
        "Mean ± standard deviation over seeds; the interval is Student's t over seeds, or "
        "Wilson's where there is one seed. Test accuracy is that of the last step: nothing was "
        "chosen on the test data. A seed trained twice counts once, as its newest run."
    )
    tied = [f"{plain(names[first])} and {plain(names[second])}" for first, second in ties(groups)]
    if tied:
        shown = [f"- {pair}" for pair in tied[:4]]
        shown += [f"- and {len(tied) - 4} more pairs"] if len(tied) > 4 else []
        st.info(
            "A tie within the interval. More seeds or a larger test set would tell.\n\n"
            + "\n".join(shown),
            icon=":material/balance:",
        )


def _figure_table(groups: Sequence[RunGroup]) -> dict[str, list[str]]:
    """A column for each figure beside the accuracy that some group has, up to a few."""
    requests = [group.request for group in groups]
    units = units_of_all(requests)
    figures = list(dict.fromkeys(name for group in groups for name in group.figures))
    return {
        plain(figure_title(name, requests, units)): [
            _figure(group, name, units) for group in groups
        ]
        for name in figures[:_MOST_FIGURES]
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
    low, high = group.interval
    return _unbroken(f"{100 * low:.1f} to {share(high)}")


def _mean_time(group: RunGroup) -> str:
    seconds = [run.status.seconds for run in group.runs]
    return _unbroken(duration(sum(seconds) / len(seconds)))
