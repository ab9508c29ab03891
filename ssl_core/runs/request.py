"""What a run was asked to do: everything needed to train the same again."""

from pydantic import BaseModel, ConfigDict

from ssl_core.heads import CLASS_HEAD, HeadKind


class TrainedClass(BaseModel):
    """One class that a run learns; its place in the list is its index in every array."""

    model_config = ConfigDict(frozen=True)
    identifier: int  # of the class in the label schema
    name: str
    colour: str  # "#rrggbb"


class TrainedHead(BaseModel):
    """One head that a run learns to answer."""

    model_config = ConfigDict(frozen=True)
    name: str
    title: str
    kind: HeadKind
    unit: str = ""  # of a regression head
    classes: tuple[TrainedClass, ...] = ()  # none for a regression head


class SnapshotSummary(BaseModel):
    """How many labels a run was given. The labels themselves lie in `labels.npz`.

    `train`, `validation` and `held_out` count labels of the main head.
    """

    model_config = ConfigDict(frozen=True)
    title: str  # for example "120 labels, 2026-01-31 12:05"
    taken: str  # ISO 8601, UTC
    train: int
    validation: int
    held_out: int
    per_class: dict[str, int]  # class name of the main head -> labels of all three roles
    others: dict[str, int] = {}  # title of each further head -> labels of all three roles
    last_event: int  # sequence number of the newest label event it contains
    source: str = ""  # "reference labels, draw 2"; empty for all labels of that moment
    reference: bool = False  # whether they came with the data, and no person gave or adopted them


class StudyCell(BaseModel):
    """Which part of a study of label costs a run is, beside its method and its seed."""

    model_config = ConfigDict(frozen=True)
    study: str  # name of its folder
    identity: str  # of the study: another one may get the same name later
    budget: int | None  # labels; None: all reference labels
    draw: int


class RunRequest(BaseModel):
    """`request.json`: written once when the run is made, never changed."""

    model_config = ConfigDict(frozen=True)
    format: int = 1
    run: str
    created: str  # ISO 8601, UTC
    dataset: str
    dataset_name: str
    fingerprint: str
    method: str
    configuration: dict[str, bool | int | float | str]
    steps: int | None  # exactly one of steps and minutes is given
    minutes: float | None
    seed: int  # initialisation, order of images, augmentation, choice of validation items
    device: str  # "cpu" or "gpu:0"
    group: str  # the same for the seeds that were started together
    classes: tuple[TrainedClass, ...]  # of the main head
    heads: tuple[TrainedHead, ...] = ()  # the main head first, none without classes
    labels: SnapshotSummary
    code_version: str
    cell: StudyCell | None = None  # None for a run that belongs to no study

    @property
    def all_heads(self) -> tuple[TrainedHead, ...]:
        """The heads of the run; the one head `class` where it names none, as older runs do."""
        if self.heads:
            return self.heads
        only = TrainedHead(name=CLASS_HEAD, title="Class", kind="categorical", classes=self.classes)
        return (only,)
