"""Colours of numbers and of the letters on them, in both themes."""

import tomllib
from pathlib import Path

import pytest
from plotly.colors import hex_to_rgb

from pages.parts.tones import contrast, faded, ink_on, tones_of

ROOT = Path(__file__).resolve().parents[2]
THEMES = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
PLACES = [place / 500 for place in range(501)]


def tone(colour):
    return tuple(channel / 255 for channel in hex_to_rgb(colour))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scale", ["chartSequentialColors", "chartDivergingColors"])
def test_every_number_can_be_read_on_its_cell(theme, scale):
    tones = tones_of(PLACES, THEMES[theme][scale])
    assert min(contrast(found, tone(ink_on(found))) for found in tones) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_ends_of_the_scale_could_not_be_read_on_its_middle(theme):
    """Negative control: letters in them had less than the contrast that is asked for."""
    scale = THEMES[theme]["chartSequentialColors"]
    ends = tone(scale[0]), tone(scale[-1])
    best = [max(contrast(found, end) for end in ends) for found in tones_of(PLACES, scale)]
    assert min(best) < 4


def test_contrast_is_that_of_the_standard():
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert contrast(tone("#767676"), (1, 1, 1)) == pytest.approx(4.54, abs=0.01)
    assert contrast((0.5, 0.2, 0.1), (0.5, 0.2, 0.1)) == 1


def test_tones_lie_between_their_neighbours_on_the_scale():
    assert tones_of([0, 0.25, 1], ["#000000", "#ff0000", "#ffffff"]) == [
        (0, 0, 0), (0.5, 0, 0), (1, 1, 1),
    ]  # fmt: skip
    assert tones_of([], ["#000000", "#ffffff"]) == []


def test_a_faded_colour_has_an_opacity():
    assert faded("#102030", 0.18) == "rgba(16,32,48,0.18)"
