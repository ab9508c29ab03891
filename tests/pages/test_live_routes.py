"""What the watch page asks for over HTTP."""

import gzip
import json

import numpy
import pytest
from asgi_client import call
from fake_runs import digits_dataset, fake_run, metric_line
from starlette.applications import Starlette

from pages.parts.live_routes import live_routes, metrics_address, picture_address, plotly_address
from ssl_core.runs.guides import write_guides
from ssl_core.runs.phase_starts import PhaseStart, write_phase_starts

OURS = {"X-Handful": "1"}


@pytest.fixture
def app():
    return Starlette(routes=live_routes())


@pytest.fixture
def folder(workspace):
    return fake_run(workspace, digits_dataset(workspace, 120, 40), "done", method="autoencoder")


def metrics(app, run="done", **query):
    return call(app, "GET", metrics_address(run), query=query, headers=OURS)


def test_the_first_answer_has_the_whole_run_and_the_next_only_what_is_new(app, folder):
    first = metrics(app).json()
    assert first["reset"] is True
    assert first["alive"] is False
    assert first["state"] == "finished"
    assert first["series"]["loss/total"][0][-1] == 1200
    known = {"since": str(first["cursor"]), "generation": str(first["generation"])}
    known["planned"] = first["planned"]
    assert metrics(app, **known).json()["series"] == {}
    with (folder / "metrics.jsonl").open("a") as stream:
        stream.write(metric_line(1210, "autoencoder", 0.9, numpy.random.default_rng(0)))
    later = metrics(app, **known, axis="images").json()
    assert later["series"]["loss/total"][0] == [1210 * 128]


def test_an_answer_is_small(app, folder):
    assert len(metrics(app).body) < 40_000
    first = metrics(app).json()
    known = {name: str(first[name]) for name in ("generation", "planned")}
    quiet = metrics(app, since=str(first["cursor"]), **known)
    assert len(quiet.body) < 400


def test_a_long_answer_is_packed_for_whoever_can_unpack_it(app, folder):
    plain = metrics(app)
    path = metrics_address("done")
    packed = call(app, "GET", path, headers={**OURS, "Accept-Encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2
    assert "content-encoding" not in plain.headers


def test_the_later_phases_are_sent_once_where_they_lie_on_the_axis(app, folder):
    first = metrics(app).json()
    assert first["phases"] == []
    known = {name: str(first[name]) for name in ("generation", "planned")}
    known["since"] = str(first["cursor"])
    starts = (PhaseStart("pretraining", 0), PhaseStart("fine-tuning", 805))
    write_phase_starts(folder, starts)
    again = metrics(app, **known).json()
    assert again["phases"] == [{"name": "fine-tuning", "place": 805}]
    assert "phases" not in metrics(app, **known | {"planned": again["planned"]}).json()
    for axis, place in (("images", 805 * 128), ("seconds", 805 * 0.062)):
        (phase,) = metrics(app, axis=axis).json()["phases"]
        assert phase["place"] == pytest.approx(place, abs=0.002)


def test_a_phase_lies_right_although_a_resume_blanked_lines_out(app, folder):
    lines = (folder / "metrics.jsonl").read_bytes().splitlines()
    lines[80:] = [b" " * len(line) for line in lines[80:]]  # all after step 800
    (folder / "metrics.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    write_phase_starts(folder, [PhaseStart("fine-tuning", 800), PhaseStart("late", 795)])
    phases = metrics(app, axis="images").json()["phases"]
    assert [phase["place"] for phase in phases] == [800 * 128, 795 * 128]


def test_charts_are_sent_once_and_again_when_there_are_others(app, folder):
    first = metrics(app).json()
    assert [chart["title"] for chart in first["charts"]][:2] == [
        "Total loss", "Classification loss",
    ]  # fmt: skip
    known = {"since": str(first["cursor"]), "generation": str(first["generation"])}
    known["planned"] = first["planned"]
    assert "charts" not in metrics(app, **known).json()
    write_guides(folder, {"accuracy": {"chance": 0.1}})
    again = metrics(app, **known).json()
    assert again["charts"][3]["guides"] == [{"name": "chance", "value": 0.1}]
    line = {"step": 1210, "seconds": 75.0, "images": 1, "values": {"mi/head 1": 0.2}}
    with (folder / "metrics.jsonl").open("a") as stream:
        stream.write(json.dumps(line) + "\n")
    known["planned"] = again["planned"]
    titles = [chart["title"] for chart in metrics(app, **known).json()["charts"]]
    assert "Mutual information" in titles


def test_the_history_of_a_run_with_many_metrics_is_drawn_finely_and_sent_small(app, folder):
    names = [f"mi/head {number}" for number in range(50)]
    with (folder / "metrics.jsonl").open("w") as stream:
        for step in range(1, 1000):
            values = {name: round(numpy.sin(step / 50 + len(name)), 5) for name in names}
            line = {"step": step, "seconds": step * 0.05, "images": step * 64, "values": values}
            stream.write(json.dumps(line) + "\n")
    path = metrics_address("done")
    packed = call(app, "GET", path, headers={**OURS, "Accept-Encoding": "gzip"})
    assert len(packed.body) < 40_000
    series = json.loads(gzip.decompress(packed.body))["series"]
    assert min(len(x) for x, _ in series.values()) >= 80


def test_a_run_that_is_not_there_is_a_sentence(app, workspace):
    answer = metrics(app, "nothing")
    assert answer.status == 400
    assert "no run" in answer.json()["error"]
    for odd in ("..", "%2e%2e", ".hidden", "a%2Fb", "x" * 200):
        assert metrics(app, odd).status in (400, 404)


@pytest.mark.parametrize("since", ["-5", "abc", "1e9", "9" * 40, "", "99999999", "²"])
def test_an_odd_cursor_starts_again(app, folder, since):
    assert metrics(app, since=since, generation=since).json()["reset"] is True


def test_a_page_of_another_site_gets_nothing(app, folder):
    answer = call(app, "GET", metrics_address("done"))
    assert answer.status == 403
    foreign = {**OURS, "Origin": "http://elsewhere.example"}
    assert call(app, "GET", metrics_address("done"), headers=foreign).status == 403


def test_the_stamp_of_the_panels_changes_with_a_new_picture(app, folder):
    before = metrics(app).json()["panels"]
    (folder / "panels" / "reconstruction" / "00001300.png").write_bytes(b"png")
    assert metrics(app).json()["panels"] != before


def test_a_picture_is_kept_by_the_browser(app, folder):
    path, _, query = picture_address("done", "reconstruction", 1200, 7).partition("?")
    answer = call(app, "GET", path)
    assert query == "stamp=7"
    assert answer.status == 200
    assert answer.body.startswith(b"\x89PNG")
    assert "immutable" in answer.headers["cache-control"]
    assert call(app, "GET", path.replace("1200", "1201")).status == 404
    assert call(app, "GET", path.replace("reconstruction", "..%2f")).status == 404


def test_the_chart_library_comes_from_this_server(app):
    path, _, query = plotly_address().partition("?")
    answer = call(app, "GET", path)
    assert answer.status == 200
    assert int(answer.headers["content-length"]) > 1_000_000
    assert "version=" in query
    assert "immutable" in answer.headers["cache-control"]
