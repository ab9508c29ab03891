"""The run with a million points: what it holds, and that its extremes are sent."""

from pathlib import Path

from bench.long_run import CHARTS, DIP, NAMES, SPIKE, lines
from ssl_core.runs.figures import grouped
from ssl_core.runs.series import MetricSeries


def test_its_metrics_are_drawn_in_as_many_charts_as_it_says() -> None:
    assert len(grouped(NAMES, {}, {})) == CHARTS


def test_its_spike_and_its_dip_are_in_the_first_reply(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(lines(5_000)), encoding="utf-8")
    series = MetricSeries(path)
    series.refresh()
    first = series.reply(0, 0, "step")["series"]
    assert isinstance(first, dict)
    places, values = first["loss/total"]
    assert (min(values), max(values)) == (DIP, SPIKE)
    assert len(places) < 500
    assert sum(value in (DIP, SPIKE) for value in values) == 2
