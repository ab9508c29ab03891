"""What metrics are called, which chart they are in, and how their values read."""

import pytest

from ssl_core.runs.figures import (
    full_name,
    group_of,
    grouped,
    guides_of,
    is_drawn,
    line_name,
    needs_hidden_labels,
    shared_guides,
    value_text,
    worded,
)
from ssl_core.runs.guides import Guide
from ssl_core.runs.metrics import GROUPS

PUBLISHED = {  # group of metrics that methods publish -> unit
    "mi/head 1": "nats",
    "mi/held-out": "nats",
    "usage/head 1": "nats",
    "usage_inference/head 1": "nats",
    "clusters/live": "clusters",
    "clusters/ink": "share",
    "rows/gender": "rows",
    "nmi/reference": "index",
    "pseudo/coverage": "share",
    "discriminator/generated": "share",
    "moments/gap": "no unit",
    "diversity/ratio": "ratio",
    "psnr/validation": "dB",
    "gate/entropy": "nats",
    "gate/left": "share",
    "router/accuracy": "share",
    "branch/left": "share",
    "calibration/gap": "share",
    "contrast/accuracy": "share",
    "embedding/deviation": "ratio",
    "probe/accuracy": "share right",
    "mae/age": "years",
    "accuracy/gender": "share right",
    "accuracy/train": "share right",
    "auroc/gender": "area",
    "gradient/norm": "norm",
    "gradient/cosine": "cosine",
    "head_loss/age": "squared deviations",
    "head_loss/gender": "nats",
    "loss/real": "without weight",
    "loss/contrastive": "nats",
    "loss/reconstruction": "squared intensity",
    "share/consistency": "share of the norm",
    "throughput": "{items}/s",
}


@pytest.mark.parametrize("metric", PUBLISHED)
def test_every_published_group_has_a_title_and_its_unit(metric: str) -> None:
    group = group_of(metric, {"age": "years"})
    assert group.title
    assert group.unit == PUBLISHED[metric]


def test_groups_have_different_names_and_titles_and_say_what_they_hold() -> None:
    assert len({group.name for group in GROUPS}) == len(GROUPS)
    assert len({group.title for group in GROUPS}) == len(GROUPS)
    for group in GROUPS:
        assert group.unit or group.apart, f"{group.name} has no unit"
        assert set(group.bands) <= set(group.lines)
        assert all(metric.startswith(f"{group.name}/") for metric in group.hidden_labels)


def test_a_group_that_nobody_knows_gets_a_chart_before_the_last_ones() -> None:
    names = ["throughput", "strange_thing/one", "strange_thing/two", "oddity", "loss/total"]
    found = grouped(names)
    assert [(group.title, members) for group, members in found] == [
        ("Total loss", ["loss/total"]),
        ("Oddity", ["oddity"]),
        ("Strange thing", ["strange_thing/one", "strange_thing/two"]),
        ("Speed", ["throughput"]),
    ]


def test_lines_keep_the_order_of_the_table_or_that_of_appearance() -> None:
    found = grouped(["loss/validation", "loss/classification", "mi/head 2", "mi/head 1"])
    assert [members for _, members in found] == [
        ["loss/classification", "loss/validation"],
        ["mi/head 2", "mi/head 1"],
    ]


def test_counts_bands_and_the_only_part_of_a_whole_are_not_drawn() -> None:
    names = ["count/train", "accuracy/validation_low", "share/classification"]
    assert grouped(names) == []
    assert not is_drawn("count/train")
    assert len(grouped([*names, "share/consistency"])) == 1


def test_errors_of_heads_have_a_chart_and_a_unit_each() -> None:
    names = ["mae/age", "mae/age training", "mae/income"]
    (one, members), (other, _) = grouped(names, {"age": "years", "income": "EUR"})
    assert members == names[:2]
    assert (one.title, one.unit) == ("Mean absolute error: age", "years")
    assert (other.title, other.unit) == ("Mean absolute error: income", "EUR")


def test_losses_of_numbers_are_not_drawn_among_nats() -> None:
    names = ["head_loss/gender", "head_loss/age"]
    (nats, _), (numbers, members) = grouped(names, {"age": "years"})
    assert (nats.title, nats.unit) == ("Loss by question", "nats")
    title = "Loss by question (numbers)"
    assert (numbers.title, numbers.unit) == (title, "squared deviations")
    assert members == names[1:]
    assert group_of("loss/age", {"age": "years"}).name == "loss", "no term of the losses is a head"


def test_the_losses_of_two_networks_have_a_chart_of_their_own() -> None:
    names = ["loss/total", "loss/contrastive", "loss/generator", "loss/generated", "loss/real"]
    found = {group.title: members for group, members in grouped(names)}
    assert found["Losses of the two networks"] == [
        "loss/real", "loss/generated", "loss/generator",
    ]  # fmt: skip
    assert found["Other losses"] == ["loss/contrastive"]


@pytest.mark.parametrize("metric", ["loss/entropy", "loss/pseudo"])
def test_a_loss_that_comes_with_its_ramp_says_so(metric: str) -> None:
    assert "grows from 0" in group_of(metric).note
    assert "grows from 0" not in group_of("loss/contrastive").note


@pytest.mark.parametrize(
    ("metric", "name", "full"),
    [
        ("mi/head 1", "head 1", "Mutual information: head 1"),
        ("loss/total", "total", "Total loss"),
        ("loss/validation", "validation", "Classification loss: validation"),
        ("accuracy/eye_size", "eye size validation", "Accuracy by question: eye size validation"),
        ("accuracy/group training", "group training", "Accuracy by question: group training"),
        ("auroc/urgent", "urgent validation", "AUROC: urgent validation"),
        ("accuracy/validation", "validation", "Accuracy: validation"),
        ("mae/body_mass", "validation", "Mean absolute error: body mass"),
        ("mae/age training", "training", "Mean absolute error: age, training"),
        ("discriminator/generated", "generated", "Discriminator: generated"),
        ("pseudo/ramp", "share of full weight", "Pseudo-labels: share of full weight"),
        ("temperature", "temperature", "Temperature"),
        ("odd/a_b", "a b", "Odd: a b"),
    ],
)
def test_names_read_as_words(metric: str, name: str, full: str) -> None:
    assert line_name(metric) == name
    assert full_name(metric) == full


@pytest.mark.parametrize(
    ("metric", "name", "full"),
    [
        ("accuracy/age_2", "Age validation", "Accuracy by question: Age validation"),
        ("accuracy/age_2 training", "Age training", "Accuracy by question: Age training"),
        ("mae/age_2", "validation", "Mean absolute error: Age"),
        ("mae/age_2 training", "training", "Mean absolute error: Age, training"),
        ("rows/age_2", "Age", "Labelled rows by question: Age"),
        ("share/age_2", "Age", "Gradient share: Age"),
        ("share/age", "age", "Gradient share: age"),
        ("mi/head 1", "head 1", "Mutual information: head 1"),
    ],
)
def test_heads_are_called_by_their_titles(metric: str, name: str, full: str) -> None:
    titles = {"age_2": "Age", "head": "Head of state"}
    assert line_name(metric, titles) == name
    assert full_name(metric, {}, titles) == full


def test_a_chart_of_one_head_has_its_title() -> None:
    ((chart, _),) = grouped(["mae/age_2"], {"age_2": "years"}, {"age_2": "Age"})
    assert chart.title == "Mean absolute error: Age"


def test_a_figure_of_the_test_items_alone_is_no_line_of_validation() -> None:
    assert not any(group.of_validation for group in GROUPS if group.counted_on != "test")
    rows = group_of("rows/age")
    assert (rows.of_validation, rows.counted_on) == (False, "")


def test_values_carry_their_unit() -> None:
    assert value_text("probe/accuracy", 0.9712) == "97.1 %"
    assert value_text("mae/age", 3.21456, {"age": "years"}) == "3.215 years"
    assert value_text("mi/held-out", 0.5119) == "0.5119 nats"
    assert value_text("nmi/clusters", 0.8) == "0.8"
    assert value_text("odd", 12.0) == "12"


def test_only_what_needs_hidden_labels_says_so() -> None:
    assert needs_hidden_labels("pseudo/precision")
    assert not needs_hidden_labels("pseudo/coverage")
    assert not needs_hidden_labels("odd/precision")


def test_what_a_figure_of_an_ended_run_was_counted_on_is_known_by_its_group() -> None:
    units = {"age": "years"}
    counted = {
        metric: group_of(metric, units).counted_on
        for metric in ("accuracy/gender", "auroc/gender", "mae/age", "nmi/clusters", "ari/clusters")
    }
    assert list(counted.values()) == ["test", "test", "test", "mapping", "mapping"]
    assert not any(group_of(metric).counted_on for metric in ("probe/accuracy", "mi/truth", "odd"))


def test_texts_are_called_texts() -> None:
    assert worded(group_of("throughput").unit, "texts") == "texts/s"


def test_guides_go_to_the_charts_they_are_written_for() -> None:
    guides = {
        "mi": (Guide("ln 10", 2.3),),
        "accuracy": (Guide("chance", 0.1),),
        "loss/classification": (Guide("ln 10", 2.3),),
        "loss/to": (Guide("no metric is called so", 1.0),),
    }
    named = {
        metric: [guide.name for guide in guides_of(group_of(metric), guides)]
        for metric in ("mi/head 1", "accuracy/train", "accuracy/gender", "loss/total", "usage/a")
    }
    assert named == {
        "mi/head 1": ["ln 10"],
        "accuracy/train": ["chance"],
        "accuracy/gender": ["chance"],
        "loss/total": [],
        "usage/a": [],
    }
    assert guides_of(group_of("loss/validation"), guides) == [Guide("ln 10", 2.3)]


def test_runs_share_the_guides_of_one_value() -> None:
    group = group_of("mi/head 1")
    ten = {"mi": (Guide("ln 10", 2.3), Guide("plateau", 1.9)), "usage": (Guide("ln 10", 2.3),)}
    other = {"mi": (Guide("ln 10", 2.3), Guide("plateau", 1.8))}
    assert shared_guides(group, [ten]) == [Guide("ln 10", 2.3), Guide("plateau", 1.9)]
    assert shared_guides(group, [ten, other]) == [Guide("ln 10", 2.3)]
    assert shared_guides(group, [ten, other, {}]) == []
    assert shared_guides(group, []) == []
