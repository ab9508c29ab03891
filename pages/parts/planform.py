"""Budget, seeds and device of a run to be started, as widgets."""

import re

import streamlit as st

from pages.parts.looks import quiet
from pages.parts.words import counted, size
from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.store import open_labels
from ssl_core.methods.base import MethodSpec
from ssl_core.runs.devices import list_devices
from ssl_core.runs.plan import MOST_MINUTES, MOST_SEEDS, MOST_STEPS

_RANGE = re.compile(r"(\d{1,10})-(\d{1,10})")
_SEED = re.compile(r"\d{1,10}")
_MODEL_BYTES = 12_000_000  # weights, optimizer and two checkpoints of the smallest backbone


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
        "The seed decides initial weights, order of items and which labels validate.",
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


def show_consequences(
    dataset: Dataset, spec: MethodSpec, runs: int, steps: int | None, minutes: float | None
) -> None:
    """What pressing start will do, before it is pressed."""
    classes = max(2, len(open_labels(dataset).classes()))
    rough = runs * (_MODEL_BYTES + 2 * classes * dataset.manifest.count)
    budget = counted(steps, "step") if steps is not None else f"{minutes:g} min"
    one = runs == 1
    budget += "" if one else " each, one after the other on the device"
    text = (
        f"Starts {counted(runs, 'run')} of {budget}, and keeps about {size(rough)} on the disk. "
        f"{'It goes' if one else 'They go'} on when you close this page or the server."
    )
    if spec.needs.uses_items:
        text += f" Labels given later do not reach {'it' if one else 'them'}."
    quiet(text)
