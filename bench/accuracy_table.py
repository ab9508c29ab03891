"""The tables of the accuracy benchmark, and where they stand in docs/benchmarks.md."""

import json
from collections.abc import Iterable, Mapping, Sequence

from bench.records import Record
from bench.report import PAGE
from bench.tasks import ACCURACY, MATERIALS, Task, Values
from ssl_core.methods import method_named
from ssl_core.stats import mean_and_spread

HEADINGS = (
    "method",
    "labels",
    "test accuracy, last step",
    "best on validation",
    "aim",
    "met",
    "seconds",
    "images/s",
    "peak memory",
    "remark",
)
OTHER_HEADINGS = ("row", "labels", "figure", "measured", "aim", "met", "seconds", "remark")
MARKS = {True: "yes", False: "**no**", None: "-"}
MAPPED = "classes came in with the "


def key_of(task: Task, draw: int, steps: int, device: str) -> str:
    """What a record is kept under; rows that differ in their figure alone share a run.

    Defaults are no part of it: a record stays when they change, and the page names its version.
    """
    return f"{_place_of(task, steps, device)}{draw}"


def _place_of(task: Task, steps: int, device: str) -> str:
    settings = json.dumps(dict(task.settings), sort_keys=True)
    return f"{task.method} on {task.material} {settings} {steps} steps on {device}, draw "


def printed(task: Task, record: Record) -> str:
    """One run in a line."""
    return (
        f"{task.figure} {_number(record.figure(task.figure))}, {record.seconds:.0f} s, "
        f"{record.memory / 2**20:.0f} MiB"
    )


def page_of(known: Sequence[Task], records: Mapping[str, Record], steps: int, device: str) -> str:
    """Both tables, of all records with these steps on this device, with where they were made."""
    found = {task.name: _of_task(task, records, steps, device) for task in known}
    values = {
        task.name: [
            value
            for value in (record.figure(task.figure) for record in found[task.name].values())
            if value is not None
        ]
        for task in known
    }
    main, others = [], []
    for task in known:
        if not found[task.name]:
            continue
        runs = list(found[task.name].values())
        met = _met(task, values, runs)
        cells = [task.name, MATERIALS[task.material].labels]
        aim = [task.aim.text if task.aim else "-", MARKS[met]]
        if task.figure == ACCURACY:
            cells += [_spread(values[task.name]), _spread(_known(run.selected for run in runs))]
            main.append([*cells, *aim, *_cost(runs), _remark(task, runs)])
        else:
            cells += [task.figure, _spread(values[task.name])]
            others.append([*cells, *aim, _cost(runs)[0], _remark(task, runs)])
    used = {
        key_of(task, draw, steps, device): run
        for task in known
        for draw, run in found[task.name].items()
    }
    parts = [f"{steps:,} steps on {device.upper()}. {_origin(list(used.values()))}"]
    parts += [_table(HEADINGS, main)] if main else []
    parts += [_table(OTHER_HEADINGS, others)] if others else []
    return "\n\n".join(parts)


def _of_task(
    task: Task, records: Mapping[str, Record], steps: int, device: str
) -> dict[int, Record]:
    """Draw -> record."""
    place = _place_of(task, steps, device)
    kept = {key.removeprefix(place): one for key, one in records.items() if key.startswith(place)}
    return {int(draw): kept[draw] for draw in sorted(kept)}


def _met(task: Task, values: Values, runs: Sequence[Record]) -> bool | None:
    if task.aim is None or not values[task.name]:
        return None
    return task.aim.met(values[task.name], values, [run.seconds for run in runs])


def _remark(task: Task, runs: Sequence[Record]) -> str:
    mappings = sorted({run.mapping for run in runs if run.mapping})
    unlabelled = [] if method_named(task.method).needs.labels else ["trains without labels"]
    mapped = [MAPPED + mapping for mapping in mappings]
    versions = _versions(runs)
    mixed = [f"draws of the versions {', '.join(versions)}"] if len(versions) > 1 else []
    return "; ".join([*unlabelled, *mapped, *([task.note] if task.note else []), *mixed]) or "-"


def _cost(runs: Sequence[Record]) -> list[str]:
    """Mean seconds of training and items a second, most memory."""
    seconds = mean_and_spread([run.seconds for run in runs]).mean
    speed = mean_and_spread([run.images / max(run.seconds, 1e-9) for run in runs]).mean
    memory = max(run.memory for run in runs) / 2**20
    return [f"{seconds:.0f}", f"{speed:.0f}", f"{memory:.0f} MiB"]


def _spread(values: Sequence[float]) -> str:
    """Mean, spread over draws (n - 1) and their number."""
    if not values:
        return "-"
    spread = mean_and_spread(values)
    if spread.deviation is None:
        return f"{_number(spread.mean)} (1 draw)"
    return f"{_number(spread.mean)} ± {spread.deviation:.3f} ({len(values)} draws)"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _origin(runs: Sequence[Record]) -> str:
    """Where, when and with which versions of the program the runs were made."""
    if not runs:
        return "No runs yet."
    made = [run.measured for run in runs]
    machines = " And: ".join(f"{machine}." for machine in sorted({run.machine for run in runs}))
    dates = " to ".join(sorted({min(made), max(made)}))
    versions = ", ".join(_versions(runs))
    return f"{machines} {_loads(runs)} Runs of {dates}. Program versions: {versions}."


def _loads(runs: Sequence[Record]) -> str:
    """The load of the machine before the runs, which says how far their seconds can be trusted."""
    loads = [run.load for run in runs if run.load is not None]
    missing = len(runs) - len(loads)
    if not loads:
        return "The load before the runs was not kept."
    unknown = f", not kept for {missing} of {len(runs)}" if missing else ""
    return f"Load before a run: {min(loads):.1f} to {max(loads):.1f}{unknown}."


def _versions(runs: Sequence[Record]) -> list[str]:
    return sorted({run.version for run in runs})


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write_accuracy(text: str, name: str) -> None:
    """Put `text` between the markers of `name` in docs/benchmarks.md. Raises ValueError."""
    begin, end = (f"<!-- accuracy {name}: {word} -->" for word in ("begin", "end"))
    page = PAGE.read_text("utf-8")
    if begin not in page or end not in page:
        raise ValueError(f"{PAGE}: expected the lines {begin} and {end}")
    before, after = page.split(begin)[0], page.split(end)[1]
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
