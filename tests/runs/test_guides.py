"""guides.json: what is written is read, and what is damaged is left out."""

import json
from pathlib import Path

import pytest

from ssl_core.runs.guides import GUIDES, Guide, guides_stamp, read_guides, write_guides


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_guides(tmp_path, {"mi": {"ln 10": 2.302585, "1 merged": 2.164}, "usage": {}})
    assert json.loads((tmp_path / GUIDES).read_text())["mi"][0] == {
        "name": "ln 10",
        "value": 2.302585,
    }
    assert read_guides(tmp_path) == {"mi": (Guide("ln 10", 2.302585), Guide("1 merged", 2.164))}
    assert guides_stamp(tmp_path) > 0


def test_a_run_without_guides_has_none(tmp_path: Path) -> None:
    assert read_guides(tmp_path) == {}
    assert guides_stamp(tmp_path) == 0


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"mi": 3}', '{"mi": [3, {"name": 4}]}'])
def test_a_damaged_file_is_no_guide(tmp_path: Path, content: str) -> None:
    (tmp_path / GUIDES).write_text(content)
    assert read_guides(tmp_path) == {}


def test_only_the_damaged_line_is_left_out(tmp_path: Path) -> None:
    lines = [{"name": "a", "value": True}, {"name": "b", "value": None}, {"name": "c", "value": 1}]
    (tmp_path / GUIDES).write_text(json.dumps({"mi": lines}))
    assert read_guides(tmp_path) == {"mi": (Guide("c", 1.0),)}
