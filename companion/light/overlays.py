"""What is laid over a figure: answers, a fault, and on top of all the microphone. Pure, as the figures are."""

from collections.abc import Sequence
from math import pi, sin

from companion.core.scene import Scene
from companion.core.state import ANSWER_LASTS, Microphone
from companion.light.colour import AMBER, BLACK, RED, WHITE, Canvas, lighter, mixed, scaled
from companion.light.figures import breath

TWINKLE_PERIOD = 2.4
"""Seconds that one amber star takes; each lights up at another place."""
DEAF_PERIOD = 1.6
"""Seconds of one twinkle of the pair; its two LEDs take turns."""
OPEN_LEVEL, OFF_LEVEL = 0.3, 0.75
_TAIL = 0.25
"""Length of the sweep's tail, as a fraction of the ring."""


def answered(canvas: Canvas, scene: Scene) -> Canvas:
    """One white sweep for a command that was heard, half of one and back for what was nearly heard, one dip for what
    makes no sense now."""
    if scene.heard is not None:
        canvas = _swept(canvas, scene.heard / ANSWER_LASTS)
    elif scene.doubted is not None:
        canvas = _swept(canvas, 0.5 * sin(pi * min(1.0, scene.doubted / ANSWER_LASTS)))
    if scene.refused is not None:
        dip = 1.0 - 0.9 * sin(pi * min(1.0, scene.refused / ANSWER_LASTS))
        canvas = [scaled(colour, dip) for colour in canvas]
    return canvas


def _swept(canvas: Canvas, progress: float) -> Canvas:
    """A white head with a tail goes round once and leaves the ring as it was."""
    n, head = len(canvas), progress * (1.0 + _TAIL)
    swept = []
    for i, colour in enumerate(canvas):
        behind = head - (i + 0.5) / n
        share = 1.0 - behind / _TAIL if 0.0 <= behind < _TAIL else 0.0
        swept.append(mixed(colour, WHITE, share))
    return swept


def faulty(canvas: Canvas, t: float) -> Canvas:
    """An amber star that swells and fades, each time at another place."""
    star = int(t / TWINKLE_PERIOD)
    place = (star * 7 + 3) % len(canvas)
    level = sin(pi * (t / TWINKLE_PERIOD - star)) ** 2
    return [mixed(colour, AMBER, level) if i == place else colour for i, colour in enumerate(canvas)]


def touched(canvas: Canvas, scene: Scene, free: Sequence[int]) -> Canvas:
    """A white spark with dark edges under the finger: it is seen on any ground.

    Each touch has it at another of four places, so that quick ones are told apart and no LED flashes fast. It grows
    when letting go would be a hold, and once more for a long hold.
    """
    if scene.touch is None:
        return canvas
    n, places = len(free), max(1, min(4, len(free) // 3))
    middle = n * (2 * (scene.touch % places) + 1) // (2 * places)
    half = scene.hold * max(1, n // 16)
    shown = list(canvas)
    for place in range(middle - half - 1, middle + half + 2):
        shown[free[place % n]] = WHITE if abs(place - middle) <= half else BLACK
    return shown


def microphone_places(n: int, at: float) -> tuple[int, int]:
    """The microphone's LED and the one opposite."""
    here = int(at * n + 0.5) % n
    return here, (here + n // 2) % n


def with_microphone(canvas: Canvas, microphone: Microphone, t: float, at: float) -> Canvas:
    """One dim white LED: open. Two red ones opposite each other: off. That pair twinkling: deaf."""
    here, there = microphone_places(len(canvas), at)
    shown = list(canvas)
    if microphone is Microphone.OPEN:
        shown[here] = scaled(WHITE, OPEN_LEVEL)
    elif microphone is Microphone.OFF:
        shown[here] = shown[there] = scaled(RED, OFF_LEVEL)
    else:
        shown[here] = scaled(RED, breath(t, DEAF_PERIOD, 0.2))
        shown[there] = scaled(RED, breath(t + DEAF_PERIOD / 2, DEAF_PERIOD, 0.2))
    return shown


def starred(canvas: Canvas, t: float) -> Canvas:
    """The same fault where there are too few LEDs for a place of its own: all swell towards amber."""
    level = 0.7 * sin(pi * (t / TWINKLE_PERIOD % 1.0)) ** 2
    return [lighter(colour, scaled(AMBER, level)) for colour in canvas]
