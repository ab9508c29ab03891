"""The state of things in a workspace, and the one next step that follows from it."""

from dataclasses import dataclass, field

from pages.parts.session import datasets, opened, workspace
from pages.parts.states import GO_TO_DATA
from pages.parts.words import counted, short
from ssl_core.datasets.dataset import Manifest
from ssl_core.datasets.importer import ImportProgress
from ssl_core.datasets.jobs import list_imports
from ssl_core.errors import UserError
from ssl_core.labels.store import open_labels
from ssl_core.methods import uses_items
from ssl_core.runs.listing import RunSummary, list_runs

MOST_DATASETS = 6  # cards on the first screen; the data page has them all
FEWEST_PER_CLASS = 2
ACTIVE_RUN = ("queued", "running")
ACTIVE_IMPORT = ("waiting", "running")


@dataclass(frozen=True)
class LabelCount:
    """How far labelling of one dataset has come."""

    labelled: int = 0
    goal: int = 0
    classes_used: int = 0
    question: str = ""  # title of the one that is counted, where several are asked
    last_label: int = 0  # sequence number of the newest label that counts
    problem: str = ""  # why the labels cannot be read


@dataclass(frozen=True)
class Overview:
    """What the first screen tells. `labels` by dataset identifier, for the datasets shown."""

    datasets: list[Manifest] = field(default_factory=list)
    labels: dict[str, LabelCount] = field(default_factory=dict)
    runs: list[RunSummary] = field(default_factory=list)
    imports: list[tuple[str, ImportProgress]] = field(default_factory=list)

    @property
    def active_runs(self) -> list[RunSummary]:
        return [run for run in self.runs if run.status.state in ACTIVE_RUN]

    @property
    def active_imports(self) -> list[tuple[str, ImportProgress]]:
        return [entry for entry in self.imports if entry[1].state in ACTIVE_IMPORT]


@dataclass(frozen=True)
class NextStep:
    """One sentence on where the person stands, and the button that leads on."""

    title: str
    text: str
    button: str
    screen: str


def take_overview(chosen: str | None) -> Overview:
    """The overview of this server's workspace, the chosen dataset first."""
    known = sorted(datasets(), key=lambda manifest: manifest.identifier != chosen)
    labels = {found.identifier: count_labels(found) for found in known[:MOST_DATASETS]}
    return Overview(known, labels, list_runs(workspace()), list_imports(workspace()))


def count_labels(manifest: Manifest) -> LabelCount:
    """How far labelling has come. A damaged label file is told, and the other datasets shown."""
    try:
        store = open_labels(opened(manifest))
        main, *others = store.heads()
        return LabelCount(
            labelled=store.total(),
            goal=store.goal(),
            classes_used=sum(1 for number in store.counts().values() if number),
            question=main.title if others else "",
            last_label=store.last_label(),
        )
    except UserError as error:
        return LabelCount(problem=str(error))


def next_step(seen: Overview) -> NextStep:
    """What to do next with the first dataset of the overview."""
    if not seen.datasets:
        return _without_data(seen)
    dataset = seen.datasets[0]
    if seen.active_runs:
        return NextStep(
            f"{counted(len(seen.active_runs), 'run')} going on",
            "Training goes on in the background, also when you close this page. "
            f"Watch it learn, or label more {dataset.noun_plural} meanwhile.",
            "Watch",
            "watch",
        )
    labels = seen.labels.get(dataset.identifier, LabelCount())
    # Numbers of events mean nothing in a dataset that was imported anew under the same name.
    runs = [
        run
        for run in seen.runs
        if (run.request.dataset, run.request.fingerprint)
        == (dataset.identifier, dataset.fingerprint)
        and uses_items(run.request.method)
    ]
    if labels.problem:
        return NextStep("The labels cannot be read", labels.problem, "Look at the data", "data")
    if labels.labelled == 0:
        wanted = "the sample" if dataset.identifier == "sample" else dataset.noun_plural
        return NextStep(
            f"{counted(dataset.count, dataset.noun)} wait for their first label",
            f"One key press labels one {dataset.noun} and shows the next. "
            "A few labels in each class are enough to begin.",
            f"Label {wanted}",
            "label",
        )
    return _with_labels(labels, runs, dataset.noun_plural)


def _without_data(seen: Overview) -> NextStep:
    if seen.active_imports:
        return NextStep(
            "Your data are being imported",
            "You can label them as soon as the import is done.",
            "See how far it is",
            "data",
        )
    return NextStep(
        "Begin with data",
        "Take a ready-made set, a folder or archive on this machine, or upload your own.",
        GO_TO_DATA,
        "data",
    )


def _with_labels(labels: LabelCount, runs: list[RunSummary], items: str) -> NextStep:
    """The next step where some items are labelled and nothing trains at the moment."""
    if labels.classes_used < FEWEST_PER_CLASS:
        return NextStep(
            "One class is labelled so far",
            "A classifier needs examples of at least two classes. Label some of another class.",
            "Go on labelling",
            "label",
        )
    newest = max((run.request.labels.last_event for run in runs), default=-1)
    if newest < labels.last_label:
        since = "since the last run" if runs else "so far"
        return NextStep(
            f"{counted(labels.labelled, 'label')}, ready to train",
            f"You labelled {items} that no run has seen {since}. Train on them with all the "
            f"{items} you did not label.",
            "Train",
            "train",
        )
    if len(runs) > 1:
        return NextStep(
            f"{counted(len(runs), 'run')} to compare",
            f"See which method makes the most of your labels, and which {items} it gets wrong.",
            "Compare runs",
            "compare",
        )
    return NextStep(
        f"The first run on {short(runs[0].request.dataset_name)} is done",
        "Look at how it learned, or train another method on the same labels and compare.",
        "See the run",
        "watch",
    )
