"""Tags and notes of a run, and curves that are smoothed without losing their extremes."""

import threading

import numpy as np
import pytest
from run_folders import make_run

from ssl_core.errors import UserError
from ssl_core.runs.comparison import MeanCurve
from ssl_core.runs.listing import list_runs
from ssl_core.runs.notes import MOST_TAGS, NOTE_LENGTH, NOTES, Notes, read_notes, write_notes
from ssl_core.runs.smoothing import smoothed
from ssl_core.workspace import Workspace


def test_notes_are_kept_and_seen_in_the_list_of_ended_runs(workspace: Workspace) -> None:
    folder = make_run(workspace)
    ended = folder.status().model_copy(update={"state": "finished"})
    (folder.path / "status.json").write_text(ended.model_dump_json())
    assert read_notes(folder.path) == Notes()
    assert list_runs(workspace)[0].notes == Notes()
    written = write_notes(folder.path, [" good ", "good", "", "two  words"], " Look at step 40.\n")
    assert written == Notes(tags=("good", "two words"), note="Look at step 40.")
    assert read_notes(folder.path) == written
    assert list_runs(workspace)[0].notes == written, "an ended run is remembered, its notes not"
    (folder.path / NOTES).write_text("{")
    assert read_notes(folder.path) == Notes()


@pytest.mark.parametrize(
    ("tags", "note", "words"),
    [
        (["x" * 31], "", "31 letters"),
        ([str(number) for number in range(MOST_TAGS + 1)], "", "11 tags"),
        ([], "x" * (NOTE_LENGTH + 1), "5,001 letters"),
    ],
)
def test_too_much_is_refused_and_the_old_notes_stay(
    workspace: Workspace, tags: list[str], note: str, words: str
) -> None:
    folder = make_run(workspace)
    before = write_notes(folder.path, ["kept"], "as it was")
    with pytest.raises(UserError, match=words):
        write_notes(folder.path, tags, note)
    assert read_notes(folder.path) == before


def test_a_reader_never_sees_half_a_note(workspace: Workspace) -> None:
    folder = make_run(workspace)
    write_notes(folder.path, [], "a" * 4000)

    def write() -> None:
        for letter in "bcdefgh" * 4:
            write_notes(folder.path, [], letter * 4000)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        note = read_notes(folder.path).note
        assert len(note) == 4000
        assert len(set(note)) == 1
    writer.join()


def test_smoothing_calms_the_line_and_keeps_a_single_spike_in_the_band() -> None:
    x, y = np.arange(100.0), np.ones(100)
    y[40] = 9.0
    y[70] = -5.0
    found = smoothed(MeanCurve(x, y, None, None), 10)
    assert found.mean.max() == pytest.approx(1.8), "(9 + 9 * 1) / 10"
    assert found.high is not None
    assert found.low is not None
    assert (found.high.max(), found.low.min()) == (9.0, -5.0)
    assert (found.low <= y).all()
    assert (found.high >= y).all()
    np.testing.assert_array_equal(found.x, x)


def test_the_band_over_seeds_stays_inside_the_new_one_and_one_point_changes_nothing() -> None:
    x = np.arange(5.0)
    curve = MeanCurve(x, x, x - 2, x + 2)
    assert smoothed(curve, 1) is curve
    found = smoothed(curve, 3)
    assert found.low is not None
    assert (found.low <= x - 2).all()
    np.testing.assert_allclose(found.mean[1:-1], x[1:-1])
