"""Labels as tasks of Label Studio and back, and as it exports them itself."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.labels.batches import latest_batches, undo_batch
from ssl_core.labels.label_studio import export_label_studio, labelling_config
from ssl_core.labels.label_studio_import import import_label_studio
from ssl_core.labels.review import every_answer
from ssl_core.labels.store import open_labels
from ssl_core.workspace import Workspace
from tests.labels.label_events import label, undo
from tests.labels.label_facts import facts
from tests.support.heads import make_texts

MakeDataset = Callable[..., Dataset]


def written(tmp_path: Path, tasks: object) -> Path:
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return path


def task(file: str, *results: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A task as Label Studio's own export writes it, cut to what is read."""
    annotation = {"id": 7, "result": list(results), "was_cancelled": False, **more}
    return {"id": 1, "data": {"image": file}, "annotations": [annotation], "predictions": []}


def choice(name: str, head: str = "class") -> dict[str, Any]:
    value = {"choices": [name]}
    return {"from_name": head, "to_name": "image", "type": "choices", "value": value}


def test_nothing_is_lost_on_the_way_out_and_back(workspace: Workspace, tmp_path: Path) -> None:
    first, second = make_texts(workspace), make_texts(workspace, name="again")
    store, other = open_labels(first), open_labels(second)
    topics, urgent = store.classes(), store.classes("urgent")
    gone = label(9, topics[0].identifier)
    store.append(
        [
            label(0, topics[1].identifier, "ann", seconds=2.5),
            label(0, topics[2].identifier, "bob", seconds=1.25, origin="grid", batch="b"),
            label(0, urgent[1].identifier, "ann", head="urgent", seconds=0.5),
            label(0, 33.25, "ann", head="age"),
            label(4, -2, "bob", head="age", seconds=3.0),
            label(29, topics[0].identifier, "reference", origin="drawn"),
            gone,
            undo(gone),
        ]
    )
    path = tmp_path / "tasks.json"
    assert export_label_studio(first, store, path) == 6
    report = import_label_studio(second, other, path)
    assert (report.labelled, report.skipped_count) == (6, 0)
    assert report.per_class == {"money": 1, "weather": 1, "sport": 1, "urgent: yes": 1}
    assert facts(other) == facts(store)
    assert {one.origin for one in every_answer(other)} == {"hand", "grid", "drawn"}
    again = import_label_studio(second, other, path)
    assert (again.labelled, again.skipped_count) == (0, 0)
    (batch,) = latest_batches(other)
    assert (batch.origin, batch.labels) == ("imported", 6)
    assert batch.undoable_by("anybody")
    assert undo_batch(other, batch.identifier, "anybody") == 6
    assert facts(other) == []


def test_tasks_have_the_form_that_label_studio_reads(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = make_dataset(classes=("cat", "dög", '<"&>'))
    store = open_labels(dataset)
    last = store.classes()[2].identifier
    store.append([label(3, last, "ann", seconds=2), label(3, last, "bob"), label(1, last, "ann")])
    steps: list[tuple[int, int]] = []
    path = tmp_path / "tasks.json"
    export_label_studio(dataset, store, path, lambda *step: steps.append(step))
    assert steps == [(2, 2)]
    one, three = json.loads(path.read_text("utf-8"))
    assert (one["data"]["item"], three["data"]["file"]) == (1, "00003.png")
    assert len(three["annotations"]) == 2
    annotation = three["annotations"][0]
    (result,) = annotation["result"]
    assert (result["from_name"], result["to_name"], result["type"]) == ("class", "Item", "choices")
    assert result["value"] == {"choices": ['<"&>']}
    assert (result["meta"]["person"], result["meta"]["origin"]) == ("ann", "hand")
    assert (annotation["lead_time"], annotation["was_cancelled"]) == (2, False)
    assert "predictions" not in three
    head, _, content = three["data"]["image"].partition(",")
    assert head == "data:image/png;base64"
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))
    assert np.array_equal(image, dataset.images[3][:, :, 0])


def test_the_screen_asks_the_same_questions(workspace: Workspace) -> None:
    dataset = make_texts(workspace)
    view = ElementTree.fromstring(labelling_config(dataset, open_labels(dataset)))
    assert [part.tag for part in view] == [
        "Text", "Header", "Choices", "Header", "Choices", "Header", "Number"
    ]  # fmt: skip
    assert view[0].attrib == {"name": "Item", "value": "$text"}
    assert [one.get("value") for one in view[2]] == ["sport", "money", "weather"]
    assert (view[6].get("name"), view[6].get("toName")) == ("age", "Item")
    assert view[5].get("value") == "Age (years)"


def test_an_export_of_label_studio_is_read(dataset_of_cats: Dataset, tmp_path: Path) -> None:
    store = open_labels(dataset_of_cats)
    upload = "/data/upload/3/0a1b2c3d-00004.png"
    tasks = [
        task("https://example.org/a%20b/00001.png?x=1", choice("cat"), lead_time=3.5),
        task(upload, choice("dog"), completed_by={"id": 2, "email": "ann@example.org"}),
        task("00005.png", choice("cat"), completed_by=12),
        task("00006.png", choice("bird")),
        task("nowhere.png", choice("cat")),
        task("00007.png", choice("cat"), was_cancelled=True),
        task("00008.png", {"from_name": "box", "type": "rectanglelabels", "value": {"x": 1}}),
    ]
    report = import_label_studio(dataset_of_cats, store, written(tmp_path, tasks))
    assert facts(store) == [
        (1, "class", "cat", "label-studio", 3.5, "imported"),
        (4, "class", "dog", "ann@example.org", None, "imported"),
        (5, "class", "cat", "label-studio-12", None, "imported"),
    ]
    reasons = {row.line: row.reason for row in report.skipped}
    assert "no class 'bird'" in reasons[4]
    assert "No image" in reasons[5]
    assert len(reasons) == 2


@pytest.mark.parametrize("origin", ["guessed", None, ["hand"]])
def test_a_way_of_labelling_that_is_not_known_here_is_an_import(
    dataset_of_cats: Dataset, tmp_path: Path, origin: object
) -> None:
    store = open_labels(dataset_of_cats)
    meta = {"person": "ann", "origin": origin, "seconds": 2.0}
    tasks = [task("00001.png", {**choice("cat"), "meta": meta})]
    assert import_label_studio(dataset_of_cats, store, written(tmp_path, tasks)).labelled == 1
    assert facts(store) == [(1, "class", "cat", "ann", 2.0, "imported")]


def test_a_name_that_is_no_head_answers_the_main_one_if_it_is_alone(
    dataset_of_cats: Dataset, tmp_path: Path
) -> None:
    store = open_labels(dataset_of_cats)
    alone = [task("00001.png", choice("cat", "animal"))]
    assert import_label_studio(dataset_of_cats, store, written(tmp_path, alone)).labelled == 1
    several = [task("00002.png", choice("cat", "animal")), task("00003.png", choice("dog", "kind"))]
    report = import_label_studio(dataset_of_cats, store, written(tmp_path, several))
    assert (report.labelled, report.skipped_count) == (0, 2)
    assert "no head 'animal'" in report.skipped[0].reason


def test_numbers_and_ratings_answer_a_regression_head(workspace: Workspace, tmp_path: Path) -> None:
    dataset = make_texts(workspace)
    store = open_labels(dataset)
    results = [
        {"from_name": "age", "type": "number", "value": {"number": 41.5}},
        {"from_name": "age", "type": "rating", "value": {"rating": 4}},
        {"from_name": "age", "type": "number", "value": {"number": "old"}},
    ]
    tasks = [
        {"data": {"item": item}, "annotations": [{"result": [result]}]}
        for item, result in enumerate(results)
    ]
    report = import_label_studio(dataset, store, written(tmp_path, tasks))
    assert [fact[:3] for fact in facts(store)] == [(0, "age", 41.5), (1, "age", 4.0)]
    assert "is no number" in report.skipped[0].reason


def test_an_empty_schema_takes_its_classes_from_the_tasks(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = make_dataset(name="bare", reference=False)
    store = open_labels(dataset)
    tasks = [
        task("00001.png", choice("ape"), completed_by=1),
        task("00001.png", choice("bee"), completed_by=2),
    ]
    assert import_label_studio(dataset, store, written(tmp_path, tasks)).labelled == 1
    assert [one.name for one in store.classes()] == ["ape"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "holds no tasks"),
        ('[{"image": "a.png", "class": "cat"}]', "holds no tasks"),
        ('"text"', "holds no tasks"),
    ],
)
def test_files_that_hold_no_tasks(
    dataset_of_cats: Dataset, tmp_path: Path, content: str, reason: str
) -> None:
    path = tmp_path / "tasks.json"
    path.write_text(content)
    with pytest.raises(UserError, match=reason):
        import_label_studio(dataset_of_cats, open_labels(dataset_of_cats), path)


@pytest.fixture
def dataset_of_cats(make_dataset: MakeDataset) -> Dataset:
    return make_dataset(classes=("cat", "dog"))
