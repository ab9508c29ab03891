"""What a metric is called and how its value reads, by the table of `metrics.py`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from ssl_core.runs.guides import Guide
from ssl_core.runs.metric_group import ITEMS, MetricGroup
from ssl_core.runs.metrics import GROUPS

_NO_UNITS: Mapping[str, str] = {}
_NO_TITLES: Mapping[str, str] = {}
_NO_UNIT = ("index", "no unit", "ratio", "area")
_BY_METRIC = {metric: group for group in GROUPS for metric in group.lines}
_BY_PREFIX = {group.name: group for group in GROUPS if not group.lines}
_EDGES = frozenset(edge for group in GROUPS for band in group.bands.values() for edge in band)
_ORDER = {group.name: place for place, group in enumerate(GROUPS)}
_BEFORE_UNKNOWN = _ORDER["gradient"]  # a group that nobody knows comes before the last charts


def group_of(
    metric: str,
    units: Mapping[str, str] = _NO_UNITS,
    titles: Mapping[str, str] = _NO_TITLES,
) -> MetricGroup:
    """The group that a metric belongs to; one of its own where the table has none.

    units: of the answers of regression heads, by name of the head. titles: of heads, by name.
    """
    if metric in _BY_METRIC:
        return _BY_METRIC[metric]
    prefix, _, name = metric.partition("/")
    group = _BY_PREFIX.get(prefix) if name else None
    if group is None:
        return MetricGroup(prefix, _capital(prefix))
    head = name.partition(" ")[0]
    if group.apart:
        title, unit = f"{group.title}: {_titled(head, titles)}", units.get(head, "")
        return replace(group, name=f"{prefix}/{head}", title=title, unit=unit)
    if group.unit_of_numbers and head in units:
        title = f"{group.title} (numbers)"
        return replace(group, name=f"{prefix}/numbers", title=title, unit=group.unit_of_numbers)
    return group


def grouped(
    names: Iterable[str],
    units: Mapping[str, str] = _NO_UNITS,
    titles: Mapping[str, str] = _NO_TITLES,
) -> list[tuple[MetricGroup, list[str]]]:
    """The groups that have something to draw, in order of the table, each with its metrics."""
    members: dict[str, tuple[MetricGroup, list[str]]] = {}
    for name in names:
        if is_drawn(name):
            group = group_of(name, units, titles)
            members.setdefault(group.name, (group, []))[1].append(name)
    found = [(group, _in_order(group, metrics)) for group, metrics in members.values()]
    # The only part of a whole is always 1: nothing to see.
    return sorted([pair for pair in found if not pair[0].stacked or len(pair[1]) > 1], key=_place)


def is_drawn(metric: str) -> bool:
    """Whether a metric is a line: counts stand in notes, and the edges of a band are no lines."""
    return not metric.startswith("count/") and metric not in _EDGES


def line_name(metric: str, titles: Mapping[str, str] = _NO_TITLES) -> str:
    """What the legend of its chart calls a metric: 'mi/head 1' -> 'head 1'.

    titles: of heads, by name.
    """
    if metric in _BY_METRIC:
        return _BY_METRIC[metric].lines[metric]
    name = metric.partition("/")[2] or metric
    group = group_of(metric)
    if group.apart:
        return _words(name.partition(" ")[2]) or "validation"
    if group.of_validation and " " not in name:  # another line of the head is of training
        name = f"{name} validation"
    return _titled(name, titles)


def full_name(
    metric: str,
    units: Mapping[str, str] = _NO_UNITS,
    titles: Mapping[str, str] = _NO_TITLES,
) -> str:
    """What a metric is called where no chart stands around it: 'Mutual information: head 1'."""
    group = group_of(metric, units, titles)
    if group.apart:
        part = metric.partition(" ")[2]
        return f"{group.title}, {_words(part)}" if part else group.title
    return group.title if titled(group, metric) else f"{group.title}: {line_name(metric, titles)}"


def titled(group: MetricGroup, metric: str) -> bool:
    """Whether the title of its chart says all of what a metric is."""
    return len(group.lines) == 1 or "/" not in metric


def needs_hidden_labels(metric: str) -> bool:
    """Whether a metric is counted with labels that the training never saw."""
    return metric in group_of(metric).hidden_labels


def value_text(metric: str, value: float, units: Mapping[str, str] = _NO_UNITS) -> str:
    """A value with its unit: '97.1 %', '3.21 years', '0.83'."""
    group = group_of(metric, units)
    if group.is_share:
        return f"{100 * value:.1f} %"
    return f"{value:.4g} {unit_of(metric, units)}".rstrip()


def unit_of(metric: str, units: Mapping[str, str] = _NO_UNITS) -> str:
    """The unit of a value; "" where an axis has a word but a value none, and for shares."""
    group = group_of(metric, units)
    return "" if group.is_share or group.unit in _NO_UNIT else group.unit


def note_of(group: MetricGroup, metrics: Collection[str]) -> str:
    """What is said under a chart of `group` where these metrics are published."""
    added = (note for metric, note in group.notes.items() if metric in metrics)
    return " ".join((group.note, *added))


def worded(text: str, items: str) -> str:
    """A text of the table with what the dataset is made of: "images" or "texts"."""
    return text.replace(ITEMS, items)


def guides_of(group: MetricGroup, guides: Mapping[str, Sequence[Guide]]) -> list[Guide]:
    """The guides of one chart: those written under its name, its metrics or what it begins with."""
    names = (group.name, *group.lines)
    return [
        guide
        for key, lines in guides.items()
        if any(name == key or name.startswith(f"{key}/") for name in names)
        for guide in lines
    ]


def shared_guides(group: MetricGroup, runs: Sequence[Mapping[str, Sequence[Guide]]]) -> list[Guide]:
    """The guides of one chart that all `runs` have, with the same value."""
    first, *others = [guides_of(group, guides) for guides in runs] or [[]]
    return [guide for guide in first if all(guide in other for other in others)]


def _in_order(group: MetricGroup, metrics: list[str]) -> list[str]:
    """The lines of a chart as the table has them, else as they appeared."""
    return [name for name in group.lines if name in metrics] if group.lines else metrics


def _place(pair: tuple[MetricGroup, list[str]]) -> tuple[float, str]:
    group = pair[0]
    place = _ORDER.get(group.name, _ORDER.get(group.name.partition("/")[0]))
    return (_BEFORE_UNKNOWN - 0.5 if place is None else place, group.name)


def _titled(name: str, titles: Mapping[str, str]) -> str:
    """'body_type training' as words, a head by its title: 'Type of body training'."""
    head, space, part = name.partition(" ")
    if head in titles and part in ("", "training", "validation"):
        return f"{titles[head]}{space}{part}"
    return _words(name)


def _words(name: str) -> str:
    return name.replace("_", " ").replace("/", " ")


def _capital(name: str) -> str:
    words = _words(name)
    return words[:1].upper() + words[1:]
