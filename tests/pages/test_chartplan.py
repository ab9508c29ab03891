"""The live charts that the browser is told to draw."""

from types import SimpleNamespace

from fake_clusters import GUIDES, clustering_run
from fake_digits import digits_dataset

from pages.parts.chartplan import charts_of, head_titles, items_word, units_of
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.guides import Guide, read_guides
from ssl_core.runs.request import TrainedHead
from ssl_core.runs.series import metric_series

ALL = ["loss/total", "accuracy/train", "accuracy/validation", "pseudo/coverage"]
ALL += ["pseudo/precision", "throughput"]
BAND = ["accuracy/validation_low", "accuracy/validation_high"]


def plan(names, items="images", guides=None, units=None, titles=None):
    charts = charts_of(names, guides or {}, units or {}, titles or {}, items)
    return {chart["name"]: chart for chart in charts}


def test_only_charts_with_data_are_planned_in_the_order_of_the_table():
    assert plan([]) == {}
    assert list(plan(["throughput", "mi/head 1", "loss/total"])) == [
        "loss/total", "mi", "throughput",
    ]  # fmt: skip


def test_every_planned_chart_can_be_drawn():
    for chart in plan(ALL + BAND).values():
        assert chart["title"]
        assert chart["unit"]
        assert chart["lines"]
        assert "{items}" not in chart["note"] + chart["unit"]


def test_a_band_is_named_once_both_its_edges_are_there():
    assert plan(ALL + BAND)["accuracy/validation"]["lines"][1]["band"] == BAND
    assert plan([*ALL, BAND[0]])["accuracy/validation"]["lines"][1]["band"] == []


def test_a_single_line_is_named_unless_the_title_says_what_it_is():
    names = ["loss/total", "loss/contrastive", "loss/validation", "temperature", "throughput"]
    charts = plan(names)
    assert {name: chart["legend"] for name, chart in charts.items()} == {
        "loss/total": False, "loss/classification": True, "loss": True, "temperature": False,
        "throughput": False,
    }  # fmt: skip
    assert plan(ALL)["pseudo"]["legend"] is True


def test_a_note_speaks_of_learning_by_heart_where_labels_are_trained_on():
    of_both = plan(["loss/classification", "loss/validation"])["loss/classification"]["note"]
    assert of_both == "Without weight. Validation rises again where the few labels are memorised."
    assert plan(["loss/validation"])["loss/classification"]["note"] == "Without weight."


def test_heads_are_called_by_their_titles_unless_two_have_the_same():
    def head(name, title):
        return TrainedHead(name=name, title=title, kind="binary")

    def request(*heads):
        return SimpleNamespace(all_heads=heads)

    one = request(head("age_2", "Age"), head("sex", "Sex"))
    assert head_titles([one]) == {"age_2": "Age", "sex": "Sex"}
    assert head_titles([one, request(head("age", "Age"))]) == {"sex": "Sex"}


def test_charts_call_heads_by_their_titles():
    charts = plan(["accuracy/age_2", "mae/sum"], titles={"age_2": "Age", "sum": "Sum of money"})
    assert [line["name"] for line in charts["accuracy"]["lines"]] == ["Age validation"]
    assert charts["mae/sum"]["title"] == "Mean absolute error: Sum of money"


def test_a_line_that_needs_hidden_labels_is_marked():
    hidden = {line["name"]: line["hidden"] for line in plan(ALL)["pseudo"]["lines"]}
    assert hidden == {"coverage": False, "precision": True}


def test_texts_are_called_texts():
    chart = plan(ALL, items="texts")["throughput"]
    assert chart["unit"] == chart["lines"][0]["name"] == "texts/s"


def test_shares_are_in_per_cent_and_parts_are_stacked():
    charts = plan([*ALL, "share/a", "share/b"])
    assert (charts["pseudo"]["ticks"], charts["pseudo"]["format"]) == (".0%", ".1%")
    assert charts["pseudo"]["stacked"] is False
    assert charts["share"]["stacked"] is True
    assert charts["loss/total"]["ticks"] is None


def test_guides_stand_in_their_chart_alone():
    charts = plan(["mi/head 1", "usage/head 1"], guides={"mi": (Guide("ln 10", 2.3),)})
    assert charts["mi"]["guides"] == [{"name": "ln 10", "value": 2.3}]
    assert charts["usage"]["guides"] == []


def test_the_units_of_heads_come_from_the_run(workspace):
    dataset = digits_dataset(workspace, 40, 10)
    request = RunFolder(clustering_run(workspace, dataset, "run", steps=40)).request()
    assert units_of(request) == {}
    heads = (
        TrainedHead(name="gender", title="Gender", kind="binary"),
        TrainedHead(name="age", title="Age", kind="regression", unit="years"),
    )
    several = request.model_copy(update={"heads": heads})
    assert units_of(several) == {"age": "years"}
    assert plan(["mae/age"], units=units_of(several))["mae/age"]["unit"] == "years"


def test_the_word_for_items_comes_from_the_dataset_of_the_run(workspace, make_dataset):
    dataset = digits_dataset(workspace, 40, 10)
    request = RunFolder(clustering_run(workspace, dataset, "run", steps=40)).request()
    assert items_word(workspace, request) == "images"
    for change in ({"dataset": "gone"}, {"fingerprint": "another"}):
        assert items_word(workspace, request.model_copy(update=change)) == "items"
    drawn = request.model_copy(update={"method": "gaussian_mine"})
    assert items_word(workspace, drawn) == "pairs", "it looks at no image"


def test_a_clustering_run_has_a_chart_a_group_with_its_guides(workspace):
    dataset = digits_dataset(workspace, 40, 10)
    folder = clustering_run(workspace, dataset, "run", steps=100)
    charts = plan(metric_series(folder).names(), guides=read_guides(folder))
    assert {"mi", "usage", "clusters", "share", "throughput"} <= set(charts)
    assert [guide["name"] for guide in charts["mi"]["guides"]] == list(GUIDES["mi"])
    assert len(charts["mi"]["lines"]) == 5
