"""What a run says about itself while it goes, and how it ended."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

State = Literal["queued", "running", "finished", "stopped", "failed"]
FINAL_STATES = ("finished", "stopped", "failed")


class ProcessIdentity(BaseModel):
    """Tells one process from a later one with the same pid."""

    model_config = ConfigDict(frozen=True)
    pid: int
    started: float  # seconds since the epoch, as the operating system tells it
    boot: str  # identifier of this start of the machine
    token: str  # made by the launcher, handed to the process in its environment


class Results(BaseModel):
    """Figures of a finished run. Shares lie in [0, 1]; intervals are 95 % Wilson intervals."""

    model_config = ConfigDict(frozen=True)
    test_accuracy: float | None = None  # of the averaged weights after the last step
    test_interval: tuple[float, float] | None = None
    test_count: int = 0
    test_source: str = ""  # "reference labels of the test split" or "held-out hand labels"
    validation_accuracy: float | None = None  # after the last step
    validation_interval: tuple[float, float] | None = None
    selected_step: int | None = None  # best validation accuracy, latest of equals
    selected_test_accuracy: float | None = None  # of the weights at selected_step
    figures: dict[str, float] = {}  # beside the accuracy, named as metrics: "mae/age"
    mapping: str = ""  # the labels that clusters were mapped to classes with; "" without clusters

    @property
    def uses_reference_labels(self) -> bool:
        """Whether its classes were found with labels that came with the data, and so tell them."""
        return self.mapping.startswith("reference labels")


class RunStatus(BaseModel):
    """`status.json`: replaced atomically by the one process that owns the run."""

    model_config = ConfigDict(frozen=True)
    format: int = 1
    state: State
    process: ProcessIdentity | None = None
    heartbeat: float = 0.0  # seconds since the epoch
    phase: str = ""  # what it is doing, for a person: "waiting for the CPU", "training"
    step: int = 0
    steps: int | None = None  # None while a budget in minutes has no step count yet
    seconds: float = 0.0  # spent training, over all resumes
    images_seen: int = 0
    message: str = ""  # why it failed or stopped and what to do
    results: Results = Results()
