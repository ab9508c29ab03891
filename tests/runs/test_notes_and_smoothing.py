"""Tags and notes of a run, and curves that are smoothed without losing their extremes."""

import threading

import numpy as np
import pytest
from run_folders import make_run

from ssl_core.errors import UserError
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
    values = np.ones(100)
    values[40] = 9.0
    values[70] = -5.0
    found = smoothed(values, 10)
    assert found.mean.max() == pytest.approx(1.8), "(9 + 9 * 1) / 10"
    assert (found.high.max(), found.low.min()) == (9.0, -5.0)
    assert (found.low <= values).all()
    assert (found.high >= values).all()


@pytest.mark.parametrize("window", [1, 2, 3, 10, 40, 1000])
@pytest.mark.parametrize("count", [1, 2, 39, 300])
def test_every_window_is_what_numpy_makes_of_its_points(count: int, window: int) -> None:
    values = np.random.default_rng(count).exponential(size=count)
    before = window // 2
    windows = [values[max(0, place - before) : place - before + window] for place in range(count)]
    found = smoothed(values, window)
    np.testing.assert_allclose(found.mean, [part.mean() for part in windows], rtol=1e-12)
    np.testing.assert_array_equal(found.low, [part.min() for part in windows])
    np.testing.assert_array_equal(found.high, [part.max() for part in windows])


def test_one_huge_value_leaves_no_trace_behind_its_window() -> None:
    values = np.full(200, 0.5)
    values[50] = 1e20
    assert set(smoothed(values, 20).mean[70:]) == {0.5}
