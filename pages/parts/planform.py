"""Budget, seeds, device and labels of a run to be started, as widgets."""

import re

import streamlit as st

from pages.parts.looks import bars, facts, quiet, tag
from pages.parts.session import workspace
from pages.parts.words import count, counted, size
from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.snapshot import take_snapshot
from ssl_core.labels.store import open_labels
from ssl_core.runs.devices import list_devices
from ssl_core.runs.folder import open_run
from ssl_core.runs.listing import list_runs
from ssl_core.runs.plan import MOST_MINUTES, MOST_SEEDS, MOST_STEPS
from ssl_core.runs.request import SnapshotSummary

_RANGE = re.compile(r"(\d{1,10})-(\d{1,10})")
_SEED = re.compile(r"\d{1,10}")
_MODEL_BYTES = 12_000_000  # weights, optimizer and two checkpoints of the smallest backbone
_ORIGINS = {
    "hand": "by hand",
    "csv": "from a file",
    "drawn": "drawn from reference labels",
    "adopted": "adopted from reference labels",
}


def parse_seeds(text: str) -> tuple[int, ...]:
    """'1, 2, 3' or '1-3' -> (1, 2, 3). Raises UserError for anything else."""
    seeds: list[int] = []
    for part in filter(None, re.split(r"[,;\s]+", re.sub(r"\s*-\s*", "-", text))):
        limits = _RANGE.fullmatch(part)
        if limits and int(limits[1]) <= int(limits[2]) <= int(limits[1]) + MOST_SEEDS:
            seeds += range(int(limits[1]), int(limits[2]) + 1)
        elif _SEED.fullmatch(part):
            seeds.append(int(part))
        else:
            raise UserError(
                f"Seeds: received {part[:40]!r}, expected whole numbers such as 1, 2, 3 or 1-3."
            )
    if not seeds:
        raise UserError("No seed is given. One seed makes one run: type 1.")
    return tuple(seeds)


def budget_choice() -> tuple[int | None, float | None]:
    """Steps or minutes; exactly one of the two is not None."""
    kind = st.segmented_control(
        "Budget", ["steps", "minutes"], default="steps", required=True, key="budget-kind",
        persist_state="session",
    )  # fmt: skip
    if kind == "minutes":
        minutes = st.number_input(
            "Minutes", 0.1, float(MOST_MINUTES), 5.0, 1.0, format="%g", key="budget-minutes",
            help="Training time of each run, without waiting and start-up.",
            persist_state="session",
        )  # fmt: skip
        return None, float(minutes)
    steps = st.number_input(
        "Steps", 1, MOST_STEPS, 1000, 100, key="budget-steps",
        help="Updates of the weights. Compare methods over the same number of steps.",
        persist_state="session",
    )  # fmt: skip
    return int(steps), None


def seeds_choice() -> tuple[tuple[int, ...], str]:
    """The seeds, and what is wrong with them (empty where nothing is)."""
    text = st.text_input(
        "Seeds",
        value="1",
        key="seeds",
        help="One run for each seed. Three or more show how much is chance: 1, 2, 3 or 1-3. "
        "The seed decides initial weights, order of images and which labels validate.",
        persist_state="session",
    )
    try:
        return parse_seeds(text), ""
    except UserError as error:
        return (), str(error)


def device_choice() -> str:
    """The name of the device to train on."""
    devices = {device.name: device for device in list_devices()}
    return st.selectbox(
        "Device",
        list(devices),
        key="device",
        format_func=lambda name: f"{devices[name].title} · {size(devices[name].free_bytes)} free",
        help="One run at a time on a device; others wait for their turn.",
    )


def labels_choice(dataset: Dataset) -> str | None:
    """The run whose labels are taken again, newest of each snapshot; None: the labels of now."""
    titles: dict[str | None, str] = {None: "as they are now"}
    seen: set[tuple[int, str]] = set()
    for run in list_runs(workspace()):
        known = run.request.labels
        same_images = run.request.fingerprint == dataset.manifest.fingerprint
        if same_images and (known.last_event, known.taken) not in seen:
            seen.add((known.last_event, known.taken))
            titles[run.run] = known.title
    if len(titles) == 1:
        return None
    return st.selectbox(
        "Labels",
        list(titles),
        format_func=lambda run: titles[run],
        key="labels-of",
        help="The labels of now, or those that an earlier run was given: so that two runs differ "
        "in the method alone.",
    )


def show_labels_again(run: str) -> None:
    """The labels that an earlier run was given."""
    summary = open_run(workspace(), run).request().labels
    _show_counts(summary)
    bars(list(summary.per_class.items()))


def show_labels(dataset: Dataset, validation_share: float, seed: int) -> SnapshotSummary:
    """The labels as a run started now would get them."""
    store = open_labels(dataset)
    # A renamed, added or merged class leaves no event.
    state = (store.last_event(), *((one.identifier, one.name) for one in store.classes()))
    summary, origins = _labels(
        dataset.identifier, dataset.manifest.fingerprint, state, validation_share, seed, dataset
    )
    total = sum(summary.per_class.values())
    _show_counts(summary)
    if total:
        marks = " ".join(
            tag(f"{count(number)} {_ORIGINS.get(origin, origin)}", _kind(origin))
            for origin, number in origins.items()
        )
        st.html(f'<p class="hf-line">{marks}</p>')
        bars(list(summary.per_class.items()))
    return summary


def _show_counts(summary: SnapshotSummary) -> None:
    facts(
        {
            "Labels": count(sum(summary.per_class.values())),
            "To train on": count(summary.train),
            "To validate": count(summary.validation),
            "Held out to test": count(summary.held_out),
        }
    )


def _kind(origin: str) -> str:
    return "reference" if origin in ("drawn", "adopted") else ""


@st.cache_data(max_entries=32, show_spinner=False)
def _labels(
    identifier: str,
    fingerprint: str,
    state: tuple[object, ...],
    validation_share: float,
    seed: int,
    _dataset: Dataset,
) -> tuple[SnapshotSummary, dict[str, int]]:
    """The snapshot's figures and how many labels came which way; kept while `state` is the same."""
    store = open_labels(_dataset)
    return take_snapshot(_dataset, store, validation_share, seed).summary, store.origin_counts()


def show_consequences(
    dataset: Dataset, runs: int, steps: int | None, minutes: float | None
) -> None:
    """What pressing start will do, before it is pressed."""
    classes = max(2, len(open_labels(dataset).classes()))
    rough = runs * (_MODEL_BYTES + 2 * classes * dataset.manifest.count)
    budget = counted(steps, "step") if steps is not None else f"{minutes:g} min"
    one = runs == 1
    budget += "" if one else " each, one after the other on the device"
    quiet(
        f"Starts {counted(runs, 'run')} of {budget}, and keeps about {size(rough)} on the disk. "
        f"{'It goes' if one else 'They go'} on when you close this page or the server. Labels "
        f"given later do not reach {'it' if one else 'them'}."
    )
