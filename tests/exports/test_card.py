"""The card of a model: every section says what it promises, in figures of one known run."""

from collections.abc import Callable

import pytest

from ssl_core.datasets.dataset import Dataset
from ssl_core.exports.card import model_card
from ssl_core.exports.contents import About, AnsweredHead
from ssl_core.files import replace_bytes
from ssl_core.methods import method_named
from ssl_core.predictions.request import PredictedHead
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import SnapshotSummary
from ssl_core.runs.status import Results, RunStatus
from ssl_core.workspace import Workspace
from tests.support.runs import make_run

MakeDataset = Callable[..., Dataset]
LABELS = SnapshotSummary(
    title="labels by hand",
    taken="2026-02-03T04:05:06+00:00",
    train=1400,
    validation=30,
    held_out=20,
    per_class={"cat": 900, "dog": 530},
    last_event=9,
)
RESULTS = Results(
    test_accuracy=0.875, test_interval=(0.8, 0.925), test_count=160, test_source="reference labels"
)


def sections(
    workspace: Workspace, dataset: Dataset, kind: str = "images", **changes: object
) -> dict[str, str]:
    """Heading -> text of the card of a run with 240 steps behind it."""
    folder = make_run(workspace, dataset, labels=LABELS, **changes)
    status = RunStatus(
        state="finished", step=240, steps=240, seconds=61.6, images_seen=15360, results=RESULTS
    )
    replace_bytes(folder / "status.json", status.model_dump_json().encode())
    head = PredictedHead(name="class", title="Animal", kind="categorical", classes=("cat", "dog"))
    about = About(
        kind=kind,  # type: ignore[arg-type]
        shape=(32, 24, 3) if kind == "images" else (50,),
        columns=(),
        means=(),
        heads=(AnsweredHead(output="probabilities", head=head),),
    )
    parts = model_card(RunFolder(folder), about).split("\n## ")
    return {part.partition("\n")[0]: part.partition("\n")[2].strip() for part in parts}


def test_the_method_its_settings_and_its_seed_are_told(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    spec = method_named("supervised")
    settings = {"learning_rate": 0.0125, "network": "small"}
    told = sections(workspace, make_dataset(), configuration=settings, seed=1234, device="gpu-3")
    lines = told["How it was trained"].splitlines()
    paper = f"{spec.paper.authors} {spec.paper.year}, {spec.paper.title}, {spec.paper.link}"
    assert lines[0] == f"Method: {spec.title}. {paper}"
    assert lines[2] == "240 steps in 62 s on gpu-3, seed 1234, 15,360 items seen."
    assert lines[4:] == [
        "| setting | value |",
        "|---|---|",
        "| learning_rate | 0.0125 |",
        "| network | small |",
    ]


def test_a_method_that_is_gone_is_told_by_its_name_and_no_setting_in_a_sentence(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    told = sections(workspace, make_dataset(), method="of-long-ago")["How it was trained"]
    assert told.startswith("Method: of-long-ago\n")
    assert told.endswith("All settings at their defaults.")


@pytest.mark.parametrize("noun", ["images", "texts"])
def test_what_it_is_for_and_what_it_was_not_tested_for(
    workspace: Workspace, make_dataset: MakeDataset, noun: str
) -> None:
    told = sections(workspace, make_dataset(), noun)
    purpose = told["What it is for"]
    assert f"about {noun} that come from the same source as the dataset" in purpose
    assert "where a person looks at what it is unsure of" in purpose
    assert "Not for decisions about people that nobody checks." in purpose
    untested = told["What it was not tested for"].splitlines()
    where = "of another source, time or place than the dataset."
    assert untested[0] == f"- {noun.capitalize()} {where}"
    assert len(untested) == 5
    assert "chooses one" in told["Licence"]


def test_what_it_learned_from_and_how_good_it_is(
    workspace: Workspace, make_dataset: MakeDataset
) -> None:
    dataset = make_dataset()
    told = sections(workspace, dataset)
    assert "Input: One image, 32 × 24 pixels, colour" in told["What it answers"]
    assert "| Animal | categorical | cat, dog |" in told["What it answers"]
    learned = told["What it learned from"]
    assert f"`{dataset.manifest.fingerprint}`" in learned
    assert (
        "Labels: labels by hand, taken 2026-02-03T04:05:06+00:00: 1,400 to train on, 30 to "
        "validate, 20 held out for the test."
    ) in learned
    assert "| cat | 900 |\n| dog | 530 |" in learned
    assert told["How good it is"] == (
        "Test accuracy: 87.5 % (95 % interval 80.0 to 92.5 %), 160 items, reference labels."
    )
