"""The contrast of what is painted, by the formula of WCAG 2."""

import re
from collections.abc import Iterable, Iterator

from rich.color_triplet import ColorTriplet
from textual.strip import Strip


def contrast(one: ColorTriplet, other: ColorTriplet) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: ColorTriplet) -> float:
    """Return the relative luminance of a colour."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in colour.normalized
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def faint_words(strips: Iterable[Strip], least: float) -> Iterator[str]:
    """Yield the words without a background, or with too little contrast, each with its style."""
    for segment in (each for strip in strips for each in strip):
        style = segment.style
        if style and style.color and re.search(r"\w", segment.text):
            ink, behind = style.color, style.bgcolor
            if behind is None:  # the terminal's own, which is of any colour
                yield f"{segment.text.strip()} {style}"
                continue
            found = contrast(ink.get_truecolor(), behind.get_truecolor(foreground=False))
            if found < least:
                yield f"{segment.text.strip()} {style} {found:.2f}"
