"""What a page of measurements says about where they were taken."""

import platform
from pathlib import Path

import pytest

from bench import report
from bench.report import Row, machine, write_page, write_parts

ROW = Row("speed", "1 ms", "at most 2 ms", True, "a clock")


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page with prose around what was measured."""
    path = tmp_path / "benchmarks.md"
    path.write_text(f"# Title\n\n{report.BEGIN}\nold\n{report.END}\n\n## Accuracy\nprose\n")
    monkeypatch.setattr(report, "PAGE", path)
    return path


def test_a_part_takes_its_place_and_the_others_stay(page: Path) -> None:
    write_page({"Start": [ROW], "Grid": [ROW]}, "Machine one.")
    whole = page.read_text()
    later = Row("speed", "3 ms", "at most 2 ms", False, "a clock")
    write_parts({"Pages": [later], "Grid": [later]}, "Machine two.", ["Start", "Pages", "Grid"])
    text = page.read_text()
    titles = [line for line in text.splitlines() if line.startswith("## ")]
    assert titles == ["## Start", "## Pages", "## Grid", "## Accuracy"]
    assert text.count("Machine one.") == 1
    assert text.count("Machine two.") == 2
    assert text.count("1 ms") == 1  # of the start
    assert text.startswith("# Title\n")
    assert text.endswith("## Accuracy\nprose\n")
    write_page({"Start": [ROW], "Grid": [ROW]}, "Machine one.")
    assert page.read_text() == whole


def test_the_system_is_named_without_its_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "release", lambda: "5.10.0-21-amd64")
    assert f"{platform.system()} 5.10, Python" in machine()
