"""Colours that are worked out: faded, of a number on a scale, of letters to be read on it."""

from collections.abc import Sequence

from plotly.colors import hex_to_rgb, sample_colorscale

Tone = tuple[float, float, float]  # red, green and blue, in [0, 1]
INKS = ("#ffffff", "#000000")  # of any two, the ones that leave no tone without contrast


def faded(colour: str, share: float) -> str:
    """'#rrggbb' with an opacity, as rgba."""
    red, green, blue = hex_to_rgb(colour)
    return f"rgba({red},{green},{blue},{share})"


def tones_of(places: Sequence[float], scale: Sequence[str]) -> list[Tone]:
    """The colours at `places`, in [0, 1], of evenly spaced `scale`, "#rrggbb" each."""
    known = [[channel / 255 for channel in hex_to_rgb(colour)] for colour in scale]
    return sample_colorscale([tuple(tone) for tone in known], places, colortype="tuple")


def ink_on(tone: Tone) -> str:
    """Of the two inks the one with more contrast, which is 4.58:1 or more on every tone."""
    light, dark = INKS
    return light if contrast(tone, (1, 1, 1)) > contrast(tone, (0, 0, 0)) else dark


def contrast(one: Tone, other: Tone) -> float:
    """The contrast ratio of WCAG 2.2, in [1, 21]."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(tone: Tone) -> float:
    """The relative luminance of WCAG 2.2, in [0, 1]."""
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in tone
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
