"""phases.json: what is written is read, and what is damaged is left out."""

import json
from pathlib import Path

import pytest

from ssl_core.runs.phase_starts import (
    PHASES,
    PhaseStart,
    phases_stamp,
    read_phase_starts,
    write_phase_starts,
)

TWO = (PhaseStart("pretraining", 0), PhaseStart("fine-tuning", 800))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_phase_starts(tmp_path, TWO)
    assert json.loads((tmp_path / PHASES).read_text()) == {
        "phases": [{"name": "pretraining", "step": 0}, {"name": "fine-tuning", "step": 800}]
    }
    assert read_phase_starts(tmp_path) == TWO
    assert phases_stamp(tmp_path) > 0


def test_a_run_of_one_phase_has_none(tmp_path: Path) -> None:
    assert read_phase_starts(tmp_path) == ()
    assert phases_stamp(tmp_path) == 0


@pytest.mark.parametrize("content", ["", "{", "[]", "3", "{}", '{"phases": 3}'])
def test_a_damaged_file_has_no_phase(tmp_path: Path, content: str) -> None:
    (tmp_path / PHASES).write_text(content)
    assert read_phase_starts(tmp_path) == ()


def test_only_the_damaged_entry_is_left_out(tmp_path: Path) -> None:
    entries = [3, {"name": 4, "step": 1}, {"name": "a", "step": True}, {"name": "b", "step": -1}]
    entries += [{"name": "c", "step": 1.5}, {"name": "d", "step": 7}]
    (tmp_path / PHASES).write_text(json.dumps({"phases": entries}))
    assert read_phase_starts(tmp_path) == (PhaseStart("d", 7),)
