"""What a prediction was asked to do, and what it answered, as they lie on disk."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ssl_core.datasets.dataset import Kind, SkippedFile
from ssl_core.heads import HeadKind
from ssl_core.jobs import REQUEST
from ssl_core.runs.request import RunRequest

DESCRIPTION, RESULT = "result.json", "result.npz"
ITEMS, NUMERIC = "items.npy", "numeric.npy"
NAMES, NAME_PLACES = "names.jsonl", "names.idx.npy"
TEXTS, TEXT_PLACES = "texts.jsonl", "texts.idx.npy"
CLUSTERS = "clusters"  # no head can be called so
SKIPPED_KEPT = 1000


class PredictionRequest(BaseModel):
    """`request.json` of a prediction."""

    model_config = ConfigDict(frozen=True)
    run: str
    location: str  # a zip archive, a folder, an image file, or a CSV file of texts
    name: str  # what was chosen, for a person
    created: str  # ISO 8601, UTC
    text_column: str | None = None  # of a CSV file; None: the likely one


class PredictedHead(BaseModel):
    """One question that was answered for every item."""

    model_config = ConfigDict(frozen=True)
    name: str
    title: str
    kind: HeadKind
    unit: str = ""  # of a regression head
    classes: tuple[str, ...] = ()


class Description(BaseModel):
    """`result.json`, written last: what the arrays of `result.npz` are about.

    They are `<head>/predicted` (count,), int32 index into the classes or float32 in the unit, and
    `<head>/confidence` (count,), float32 probability of what was predicted; not of regression.
    """

    model_config = ConfigDict(frozen=True)
    kind: Kind
    count: int
    heads: tuple[PredictedHead, ...]
    skipped: tuple[SkippedFile, ...] = ()  # at most 1000
    skipped_count: int = 0
    notes: tuple[str, ...] = ()


def heads_of_run(request: RunRequest, clusters: int, named: bool) -> tuple[PredictedHead, ...]:
    """What a run answers. clusters: how many it found, 0 for none. named: whether it says classes.

    The clusters come last, by the number that the pictures of the run give them.
    """
    heads = [
        PredictedHead(
            name=head.name,
            title=head.title,
            kind=head.kind,
            unit=head.unit,
            classes=tuple(one.name for one in head.classes),
        )
        for head in (request.all_heads if named else ())
    ]
    if clusters:
        names = tuple(f"cluster {number + 1}" for number in range(clusters))
        title = "Cluster"
        heads.append(PredictedHead(name=CLUSTERS, title=title, kind="categorical", classes=names))
    return tuple(heads)


def is_prediction(folder: Path) -> bool:
    """Whether a folder holds a prediction that was asked for."""
    return (folder / REQUEST).is_file()
