"""Whose turn it is: starting the next training of the loop where one is due."""

from dataclasses import dataclass

from filelock import Timeout

from ssl_core.datasets.dataset import Dataset
from ssl_core.labels.latest import latest_answers
from ssl_core.labels.store import open_labels
from ssl_core.loop.settings import LoopState, loop_lock, read_loop, write_loop
from ssl_core.methods import catalogue
from ssl_core.methods.base import MethodSpec
from ssl_core.runs.devices import list_devices
from ssl_core.runs.folder import open_run
from ssl_core.runs.launch import create_runs
from ssl_core.runs.listing import RunSummary, list_runs
from ssl_core.runs.plan import DEFAULT_STEPS, RunPlan, check_plan
from ssl_core.runs.status import FINAL_STATES
from ssl_core.workspace import Workspace

_PATIENCE_SECONDS = 1.0  # while another page or a follower looks


@dataclass(frozen=True)
class Turn:
    """What came of a look at the loop."""

    started: str = ""  # the run that this look started
    going: str = ""  # the training that goes on or waits for its device
    fresh: int = 0  # labels given since the newest training took its own
    reason: str = ""  # why a training that is due cannot be started, for a person


def fitting_methods(dataset: Dataset) -> dict[str, MethodSpec]:
    """The methods that learn from such items: the yardstick first, those without labels last."""
    found = [
        spec
        for spec in catalogue().values()
        if spec.needs.item in ("any", dataset.manifest.noun) and spec.needs.uses_items
    ]
    order = sorted(found, key=lambda spec: (not spec.needs.labels, spec.name != "supervised"))
    return {spec.name: spec for spec in order}


def runs_on(workspace: Workspace, dataset: Dataset) -> list[RunSummary]:
    """All runs on the items of this dataset, of the loop or not, the newest first.

    Runs of a label cost study are left out: what they were asked says nothing of this work.
    """
    return [
        run
        for run in list_runs(workspace)
        if run.request.dataset == dataset.identifier
        and run.request.fingerprint == dataset.manifest.fingerprint
        and run.request.cell is None
    ]


def method_of(state: LoopState, dataset: Dataset, runs: list[RunSummary]) -> str | None:
    """The method of the loop: the chosen one, that of the last run, the first that fits.

    runs: on this dataset, the newest first. None where no method learns from such items.
    """
    fitting = fitting_methods(dataset)
    wanted = [state.method, *(run.request.method for run in runs)]
    return next((name for name in wanted if name in fitting), next(iter(fitting), None))


def steps_of(state: LoopState, method: str, runs: list[RunSummary]) -> int:
    """The steps of the next training: as set, as in the last run of the method, or the default."""
    last = _last_of(state, method, runs)
    return state.steps or (last.request.steps if last else None) or DEFAULT_STEPS


def next_plan(dataset: Dataset, state: LoopState, runs: list[RunSummary]) -> RunPlan | None:
    """The next training: settings, seed and device of the last run of the method, else defaults.

    The last one of the loop, or before there is one the last of all. The same seed each time, so
    that what changes comes from the labels. None without a method.
    """
    method = method_of(state, dataset, runs)
    if method is None:
        return None
    last = _last_of(state, method, runs)
    devices = [device.name for device in list_devices()]
    known = last is not None and last.request.device in devices
    return RunPlan(
        dataset=dataset.identifier,
        method=method,
        configuration=last.request.configuration if last else {},
        steps=steps_of(state, method, runs),
        seeds=(last.request.seed if last else 1,),
        device=last.request.device if last and known else devices[0],
    )


def take_turn(workspace: Workspace, dataset: Dataset, every: int | None = None) -> Turn:
    """Start a training where one is due and none of the loop is going.

    every: new labels after which it is due; None: as the state says. What becomes due while a
    training goes on waits for its end, and all of it is one training then. Raises UserError.
    """
    try:
        with loop_lock(workspace, dataset, _PATIENCE_SECONDS):
            return _take_turn(workspace, dataset, every)
    except Timeout:  # somebody else is taking the turn
        return Turn()


def finished_trainings(
    dataset: Dataset, state: LoopState, runs: list[RunSummary]
) -> list[RunSummary]:
    """The finished trainings of the loop with its present method, the newest first."""
    method = method_of(state, dataset, runs)
    return [
        run
        for run in runs
        if run.run in state.runs and run.request.method == method and run.status.state == "finished"
    ]


def _take_turn(workspace: Workspace, dataset: Dataset, every: int | None) -> Turn:
    state, runs = read_loop(dataset), runs_on(workspace, dataset)
    fresh = len(latest_answers(open_labels(dataset), after=state.after))
    going = next((run.run for run in runs if run.run in state.runs and _alive(run)), "")
    if every is None:
        every = state.every if state.by_itself else None
    due = state.asked or (every is not None and fresh >= every)
    if going or not due:
        return Turn(going=going, fresh=fresh)
    plan = next_plan(dataset, state, runs)
    if plan is None:
        many = dataset.manifest.noun_plural
        return Turn(fresh=fresh, reason=f"No method here learns from {many} and their labels.")
    reasons = check_plan(workspace, plan)
    if reasons:
        return Turn(fresh=fresh, reason=" ".join(reasons))
    # The key: a stop between the two writes must not make a second training of this turn.
    key = f"loop {state.identity} {len(state.runs)}"
    (run,) = create_runs(workspace, plan, key)
    seen = open_run(workspace, run).request().labels.last_event
    changes: dict[str, object] = {"asked": False, "after": seen, "runs": (*state.runs, run)}
    write_loop(dataset, state.model_copy(update=changes))
    return Turn(started=run, going=run)


def _last_of(state: LoopState, method: str, runs: list[RunSummary]) -> RunSummary | None:
    """The last training of the loop with this method, or before there is one the last run."""
    able = [run for run in runs if run.request.method == method]
    return next((run for run in able if run.run in state.runs), able[0] if able else None)


def _alive(run: RunSummary) -> bool:
    return run.status.state not in FINAL_STATES
