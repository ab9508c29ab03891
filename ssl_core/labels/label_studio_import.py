"""Labels from tasks of Label Studio: its export, or what `export_label_studio` wrote."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote, urlsplit

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.files import is_special
from ssl_core.labels.batches import IMPORTED, new_file_batch
from ssl_core.labels.csv_files import (
    MOST_REPORTED,
    CsvReport,
    SkippedRow,
    chosen_answers,
    left_out,
    named_classes,
)
from ssl_core.labels.csv_items import ItemFinder
from ssl_core.labels.csv_reading import LARGEST_FILE, CsvRow
from ssl_core.labels.draw import append_in_batches
from ssl_core.labels.events import LabelEvent, Origin, new_label
from ssl_core.labels.review import every_answer
from ssl_core.labels.store import LabelStore

PERSON = "label-studio"  # where a task does not say who answered
_LONGEST_PERSON = 100
_ORIGINS: tuple[Origin, ...] = get_args(Origin)
_UPLOAD_MARK = re.compile(r"^[0-9a-f]{8}-")  # Label Studio puts it before the name of an upload


@dataclass(frozen=True)
class _Given:
    """One answer of a file: where it stands, who gave it, how long that took in seconds, and how
    it was given."""

    row: CsvRow
    person: str
    seconds: float | None
    origin: Origin = IMPORTED


def import_label_studio(
    dataset: Dataset, store: LabelStore, path: Path | str, head: str | None = None
) -> CsvReport:
    """Store the answers of the tasks in the JSON file at `path`, each as its person's.

    An item is found by `item` and `file` in the data of a task, else by the last part of the
    address of its image. A result answers the head that its `from_name` names; where the file
    knows a single name that is no head of the dataset, it answers `head`. Answers that this program
    wrote keep their origin and their seconds, others are `imported`; the time of all is now, for it
    says when the store wrote them. All have one batch, so that they can be taken back together.
    Answers that are there already are not stored again. Line n of the report is task n. Raises
    UserError where the file holds no tasks.
    """
    path = Path(path)
    tasks = _tasks(path)
    heads = {known.name for known in store.heads()}
    default = store.head(head).name
    finder = ItemFinder(dataset)
    skipped: list[SkippedRow] = []
    given = [one for number, task in enumerate(tasks, 1) for one in _given(number, task)]
    names = {one.row.head for one in given}
    stranger = next(iter(names)) if len(names) == 1 and not names & heads else None
    found: dict[tuple[str, str], list[tuple[_Given, int]]] = {}
    for one in given:
        name = default if one.row.head == stranger else one.row.head
        item, reason = finder.find(one.row)
        if name not in heads:
            item, reason = None, f"There is no head {name[:40]!r}."
        if item is None:
            skipped.append(left_out(one.row, reason))
        else:
            found.setdefault((name, one.person), []).append((one, item))
    events, per_class = _events(store, found, path, skipped)
    skipped.sort(key=lambda row: row.line)
    return CsvReport(
        labelled=append_in_batches(store, events),
        per_class=dict(per_class),
        skipped=tuple(skipped[:MOST_REPORTED]),
        skipped_count=len(skipped),
    )


def _events(
    store: LabelStore,
    found: dict[tuple[str, str], list[tuple[_Given, int]]],
    path: Path,
    skipped: list[SkippedRow],
) -> tuple[list[LabelEvent], Counter[str]]:
    """What is to be stored, and how many answers of each class that is. found: by head, person."""
    events: list[LabelEvent] = []
    per_class, batch = Counter[str](), new_file_batch()
    known = {(label.item, label.head, label.person): label.value for label in every_answer(store)}
    for (head, person), answers in found.items():
        rows = [(one.row, item) for one, item in answers]
        told = {item: one for one, item in answers}
        chosen = {
            item: value
            for item, value in chosen_answers(store, store.head(head), rows, path, skipped).items()
            if known.get((item, head, person)) != value
        }
        per_class.update(named_classes(store, store.head(head), chosen))
        events += [
            new_label(
                item,
                value,
                head=head,
                person=person,
                origin=told[item].origin,
                seconds=told[item].seconds,
                batch=batch,
            )
            for item, value in chosen.items()
        ]
    return events, per_class


def _tasks(path: Path) -> list[dict[str, Any]]:
    """The tasks of the file. Raises UserError."""
    try:
        if is_special(path):
            raise UserError(f"{path} is a folder or a device. Expected a JSON file of tasks.")
        if path.stat().st_size > LARGEST_FILE:
            raise UserError(f"{path.name} is larger than {LARGEST_FILE // 1_000_000} MB. Split it.")
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror}. Check the path.") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path.name} is not JSON. Export it from Label Studio as JSON.") from error
    tasks = content if isinstance(content, list) else [content]
    if not tasks or not all(isinstance(task, dict) and "data" in task for task in tasks):
        raise UserError(
            f"{path.name} holds no tasks of Label Studio. Expected a list of objects with data and "
            "annotations: export it there as JSON, not as JSON-MIN or CSV."
        )
    return tasks


def _given(number: int, task: dict[str, Any]) -> Iterator[_Given]:
    """The answers of task `number`: choices, numbers and ratings; other results are no labels."""
    data = task["data"] if isinstance(task["data"], dict) else {}
    item, file = str(data.get("item", "")), _file_of(data)
    for annotation in _dicts(task.get("annotations")):
        if annotation.get("was_cancelled"):
            continue  # skipped over there
        results = _dicts(annotation.get("result"))
        for result in results:
            answer = _answer(result.get("value"))
            if answer is not None:
                name = str(result.get("from_name", "")).lower()
                meta = result.get("meta")
                row = CsvRow(number, file, item, answer, name)
                if isinstance(meta, dict) and isinstance(meta.get("person"), str):
                    person, seconds = meta["person"][:_LONGEST_PERSON], _time(meta.get("seconds"))
                    yield _Given(row, person, seconds, _origin(meta.get("origin")))
                else:
                    shared = _time(annotation.get("lead_time"))
                    seconds = None if shared is None else shared / len(results)
                    yield _Given(row, _person(annotation.get("completed_by")), seconds)


def _origin(name: object) -> Origin:
    """The way of labelling that `export_label_studio` wrote down; of anything else: imported."""
    return next((known for known in _ORIGINS if known == name), IMPORTED)


def _file_of(data: dict[str, Any]) -> str:
    """What names the file of a task: `file`, else the last part of an address in its data."""
    for name in ("file", "image", "text"):
        text = data.get(name)
        if isinstance(text, str) and text and not text.startswith("data:"):
            if name == "file":
                return text
            last = unquote(urlsplit(text).path).rsplit("/", 1)[-1]
            return _UPLOAD_MARK.sub("", last)
    return ""


def _answer(value: object) -> str | None:
    """The answer of one result as text; None where it is no label of ours."""
    if not isinstance(value, dict):
        return None
    choices = value.get("choices")
    if isinstance(choices, list) and len(choices) == 1:
        return str(choices[0])
    number = value.get("number", value.get("rating"))
    return None if number is None else repr(number)


def _person(completed_by: object) -> str:
    """Who answered, as Label Studio tells: the number of an account, or an object with its data."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email") or completed_by.get("id")
    if completed_by is None:
        return PERSON
    return str(completed_by if isinstance(completed_by, str) else f"{PERSON}-{completed_by}")[
        :_LONGEST_PERSON
    ]


def _time(seconds: object) -> float | None:
    """A time that can be stored, seconds; None for anything else."""
    known = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not known or not isinstance(seconds, int | float):
        return None
    return float(seconds) if math.isfinite(seconds) and 0 <= seconds <= 86_400 else None


def _dicts(content: object) -> list[dict[str, Any]]:
    return [one for one in content if isinstance(one, dict)] if isinstance(content, list) else []
