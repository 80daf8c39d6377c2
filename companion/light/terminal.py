"""The ring in a terminal: a few rows of dots in true colour."""

from collections.abc import Mapping
from math import cos, pi, sin
from typing import TextIO

from companion.light.colour import Pixel, Pixels
from companion.light.few import FEWEST_FOR_A_RING
from companion.light.strip import write

_SCREEN_GAMMA = 2.2
"""A terminal wants what the eye sees; a pixel is the duty of an LED."""
_CLEAR, _TOP, _REST_OF_ROW, _KEEP_PLACE, _BACK = "\x1b[2J", "\x1b[H", "\x1b[K", "\x1b7", "\x1b8"
_ROWS = {16: 7, 32: 11, 60: 21}
"""LEDs to rows; a cell is twice as high as wide, so a row more is two columns more."""


class TerminalStrip:
    """Draws at the top of the screen, where each frame covers the one before; what else is written stands below.

    `out` is a terminal that knows ANSI escapes.
    """

    def __init__(self, count: int, out: TextIO) -> None:
        self.count = count
        self._out = out
        self._has_begun = False

    def show(self, pixels: Pixels) -> None:
        # To the end of each row: a screen that scrolled has left words there.
        picture = drawn(pixels).replace("\n", f"{_REST_OF_ROW}\n") + _REST_OF_ROW
        write(self._out, f"{_KEEP_PLACE}{_TOP}{picture}{_BACK}" if self._has_begun else f"{_CLEAR}{_TOP}{picture}\n")
        self._has_begun = True

    def close(self) -> None:
        pass


def drawn(pixels: Pixels) -> str:
    """The ring as lines of text with ANSI colours, the first LED at the top, clockwise; fewer than four in a row."""
    if len(pixels) < FEWEST_FOR_A_RING:
        return " ".join(_dot(pixel) for pixel in pixels)
    rows = next(rows for most, rows in _ROWS.items() if len(pixels) <= most)
    dots = {place: pixel for pixel, place in zip(pixels, places(len(pixels), rows), strict=True)}
    return "\n".join(_row(dots, y, 2 * rows - 1).rstrip(" ") for y in range(rows))


def places(count: int, rows: int) -> tuple[tuple[int, int], ...]:
    """Column and row of each LED in 2 * rows - 1 columns."""
    middle = (rows - 1) / 2
    angles = [2 * pi * i / count for i in range(count)]
    return tuple((round(2 * middle * (1 + sin(a))), round(middle * (1 - cos(a)))) for a in angles)


def on_screen(pixel: Pixel) -> Pixel:
    """The colour that a screen must show for an LED to look like this."""
    red, green, blue = (round((value / 255) ** (1 / _SCREEN_GAMMA) * 255) for value in pixel)
    return red, green, blue


def _row(dots: Mapping[tuple[int, int], Pixel], y: int, columns: int) -> str:
    return "".join(_dot(dots[x, y]) if (x, y) in dots else " " for x in range(columns))


def _dot(pixel: Pixel) -> str:
    if not any(pixel):
        return "\x1b[2m·\x1b[0m"
    red, green, blue = on_screen(pixel)
    return f"\x1b[38;2;{red};{green};{blue}m●\x1b[0m"
