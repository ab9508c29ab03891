"""All labels as tasks of Label Studio, with the description of its labelling screen.

Tasks follow https://labelstud.io/guide/task_format: one task an item, one annotation a person.
What Label Studio has no field for stands in `meta` of each result, which it keeps as it is.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from xml.etree import ElementTree

from ssl_core.datasets.dataset import Dataset
from ssl_core.datasets.thumbnails import data_url
from ssl_core.heads import Head
from ssl_core.labels.review import ReviewedLabel, every_answer
from ssl_core.labels.store import LabelStore
from ssl_core.labels.written_file import AT_ONCE, Progress, no_progress, written_file

SHOWN = "Item"  # what the answers are about; no head begins with a capital letter
_PERSON = attrgetter("person")


def export_label_studio(
    dataset: Dataset, store: LabelStore, path: Path | str, progress: Progress = no_progress
) -> int:
    """Write the answers of every person that are in force to `path` (JSON); returns how many.

    Images are inside, as PNG at their stored size. Raises UserError where it cannot be written.
    """
    heads = {head.name: head for head in store.heads()}
    class_names = {one.identifier: one.name for name in heads for one in store.classes(name)}
    answers = every_answer(store)
    names = {person: store.name_of(person) for person in {label.person for label in answers}}
    by_item = [(item, list(group)) for item, group in groupby(answers, key=attrgetter("item"))]
    with written_file(path) as stream:
        stream.write(b"[")
        for start in range(0, len(by_item), AT_ONCE):
            part = by_item[start : start + AT_ONCE]
            shown = _data_of(dataset, [item for item, _ in part])
            for place, ((_, given), data) in enumerate(zip(part, shown, strict=True), start):
                annotations = [
                    _annotation(heads, class_names, names, list(own))
                    for _, own in groupby(sorted(given, key=_PERSON), _PERSON)
                ]
                task = {"data": data, "annotations": annotations}
                stream.write(b",\n" if place else b"\n")
                stream.write(json.dumps(task, ensure_ascii=False).encode("utf-8", "replace"))
            progress(min(start + AT_ONCE, len(by_item)), len(by_item))
        stream.write(b"\n]\n")
    return len(answers)


def labelling_config(dataset: Dataset, store: LabelStore) -> str:
    """The description of a labelling screen (XML) that a Label Studio project needs for the tasks:
    the same heads, classes and units."""
    view = ElementTree.Element("View")
    noun = dataset.manifest.noun
    ElementTree.SubElement(view, noun.capitalize(), name=SHOWN, value=f"${noun}")
    for head in store.heads():
        unit = f" ({head.unit})" if head.unit else ""
        ElementTree.SubElement(view, "Header", value=f"{head.title}{unit}")
        if head.kind == "regression":
            ElementTree.SubElement(view, "Number", name=head.name, toName=SHOWN)
            continue
        choices = ElementTree.SubElement(
            view, "Choices", name=head.name, toName=SHOWN, choice="single", showInline="true"
        )
        for one in store.classes(head.name):
            ElementTree.SubElement(choices, "Choice", value=one.name)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _data_of(dataset: Dataset, items: Sequence[int]) -> Iterator[dict[str, object]]:
    """`data` of the task of each item: what is shown, and what finds the item again."""
    if dataset.manifest.kind == "texts":
        contents = dataset.texts_of(items)
    else:
        contents = [data_url(dataset.images[item]) for item in items]
    for item, content in zip(items, contents, strict=True):
        yield {dataset.manifest.noun: content, "item": item, "file": dataset.item_names[item]}


def _annotation(
    heads: dict[str, Head],
    class_names: dict[int, str],
    names: dict[str, str],
    given: Sequence[ReviewedLabel],
) -> dict[str, object]:
    """The answers of one person to one item."""
    timed = [label.seconds for label in given if label.seconds is not None]
    return {
        "result": [
            _result(heads[label.head], class_names, names[label.person], label) for label in given
        ],
        "was_cancelled": False,
        "ground_truth": False,
        "lead_time": sum(timed) if timed else None,  # seconds
    }


def _result(
    head: Head, class_names: dict[int, str], name: str, label: ReviewedLabel
) -> dict[str, object]:
    number = head.kind == "regression"
    value: dict[str, object] = (
        {"number": label.value} if number else {"choices": [class_names[int(label.value)]]}
    )
    return {
        "id": label.event,
        "from_name": head.name,
        "to_name": SHOWN,
        "type": "number" if number else "choices",
        "value": value,
        "meta": {
            "person": label.person,
            "name": name,
            "origin": label.origin,
            "seconds": label.seconds,
            "created": datetime.fromtimestamp(label.created, UTC).isoformat(timespec="seconds"),
        },
    }
