"""The figures of the ring, each a canvas: what the session does now, before anything is laid over it.

Places are fractions of the ring, clockwise from the top; LED i of n covers i/n to (i+1)/n. Motion is a function
of the time t in seconds and nothing else, so a picture can be drawn twice.
"""

from collections.abc import Sequence
from math import floor, pi, sin

from companion.core.method import Kind
from companion.core.scene import REFILL_LASTS, Figure, Scene
from companion.light.colour import BLACK, HUES, PALE, WARM, Canvas, Colour, mixed, scaled

GLOW_PERIOD, STILL_PERIOD, TIP_PERIOD, QUESTION_PERIOD, ROAM_PERIOD = 8.0, 6.0, 2.0, 3.0, 4.0
"""Seconds of one breath or round; all far slower than three flashes a second."""
ARC, DIM = 0.8, 0.35
"""How bright an arc is, and what waits beside it."""

COUNTED = (0.0, 0.55, 0.75, 1.0)
"""How bright an LED is that stands for none, one, two or three people: enough for the largest group on eight LEDs."""

WEAVES: dict[Kind, str] = {
    Kind.LISTEN: "#",
    Kind.ASK: "##-",
    Kind.WRITE: "-",
    Kind.GROUP: "#--#",
    Kind.ADVISE: "#-",
    Kind.CLOSE: "-###",
    Kind.BREAK: "-#--",
}
"""Full and dimmer LEDs along the arc, from its end backwards: what tells the kinds of step apart without colour.

No two begin with the same three, which are lit the longest: on eight LEDs they last to the half of the time.
"""
WOVEN = {"#": 1.0, "-": 0.5}
LEAST_SHOWN = 0.5
"""LEDs that time covers at least, as long as any is left: less is dark, and a pause would look like a device that
is off. Where the last LED of a turn is the microphone's, one more."""
LEAST_WOVEN = 8
"""On fewer LEDs a weave would read as a time."""


def figure(scene: Scene, n: int, t: float, free: Sequence[int]) -> Canvas:
    """The scene's figure on a ring of n >= 4 LEDs; what is counted is put on the `free` ones, two at least."""
    match scene.figure:
        case Figure.GLOW:
            return _glow(scene, n, t, free)
        case Figure.COUNT:
            return _count(scene, n, t, free)
        case Figure.QUESTION:
            return _question(n, t)
        case Figure.ARC:
            return _arc(scene, n, t, free)
        case Figure.OVERTIME:
            return _overtime(scene, n)
        case Figure.STILL:
            return _still(scene, n, t, free)
        case Figure.TIME_OUT:
            return _time_out(n)
        case Figure.DARK:
            return [BLACK] * n


def covered(i: int, n: int, begin: float, end: float) -> float:
    """How much of LED i lies between two places of the ring, 0 to 1."""
    return max(0.0, min((i + 1), end * n) - max(i, begin * n))


def breath(t: float, period: float, least: float) -> float:
    """A slow swell between `least` and 1."""
    return least + (1 - least) * (0.5 + 0.5 * sin(2 * pi * t / period))


def left_shown(scene: Scene) -> float:
    """The time left as the arc shows it: after a power cut it refills to where it was."""
    return scene.left if scene.refill is None else scene.left * min(1.0, scene.refill / REFILL_LASTS)


def hue(scene: Scene) -> Colour:
    return HUES[scene.kind] if scene.kind is not None else WARM


def _glow(scene: Scene, n: int, t: float, free: Sequence[int]) -> Canvas:
    """The chosen method is a bright LED; on each further round of the ring it trails one more behind it."""
    canvas = [scaled(WARM, 0.3 * breath(t, GLOW_PERIOD, 0.6))] * n
    if scene.count:
        rounds, place = divmod(scene.count - 1, len(free))
        for behind in range(min(rounds + 1, len(free))):
            canvas[free[(place - behind) % len(free)]] = scaled(WARM, 0.9)
    return canvas


def _count(scene: Scene, n: int, t: float, free: Sequence[int]) -> Canvas:
    """An LED a person; where there are more people than LEDs, those counted again are brighter."""
    if not scene.count:
        return [scaled(PALE, _near((i + 0.5) / n, t / ROAM_PERIOD, n)) for i in range(n)]
    places, canvas = free[::2] if n >= 20 else free, [BLACK] * n
    for place, led in enumerate(places):
        people = len(range(place, scene.count, len(places)))
        canvas[led] = scaled(PALE, COUNTED[min(people, len(COUNTED) - 1)])
    return canvas


def _question(n: int, t: float) -> Canvas:
    right = breath(t, QUESTION_PERIOD, 0.0)
    halves = (scaled(PALE, 0.25 + 0.6 * right), scaled(PALE, 0.25 + 0.6 * (1 - right)))
    return [halves[0] if 2 * i + 1 < n else halves[1] for i in range(n)]


def _arc(scene: Scene, n: int, t: float, free: Sequence[int]) -> Canvas:
    canvas = _turns(scene, n, free) if 0 < scene.turns <= len(free) else _time(scene, n)
    return _breathing_tip(canvas, t) if scene.ending else canvas


def _time(scene: Scene, n: int) -> Canvas:
    """Dark grows from the top clockwise; the LED at its edge fades with the fraction."""
    weave = WEAVES[scene.kind] if scene.kind is not None and n >= LEAST_WOVEN else "#"
    begin = 1.0 - _visible(left_shown(scene) * n, LEAST_SHOWN) / n
    levels = (ARC * WOVEN[weave[(n - 1 - i) % len(weave)]] for i in range(n))
    return [scaled(hue(scene), level * covered(i, n, begin, 1.0)) for i, level in enumerate(levels)]


def _visible(leds: float, least: float) -> float:
    return max(least, leds) if leds > 0 else 0.0


def _turns(scene: Scene, n: int, free: Sequence[int]) -> Canvas:
    """A segment a turn: those gone dark, the present one bright and draining, those to come dim."""
    canvas = [BLACK] * n
    # A turn that has one LED must not have the microphone's.
    places = range(n) if n >= 2 * scene.turns else free
    size = len(places)
    gap = 1 if size >= 3 * scene.turns else 0
    for turn in range(scene.turn, scene.turns + 1):
        first, last = (round(place * size / scene.turns) for place in (turn - 1, turn))
        last -= gap
        least = LEAST_SHOWN if places[last - 1] in free else 1 + LEAST_SHOWN
        begin = last - _visible((last - first) * left_shown(scene), least) if turn == scene.turn else first
        level = 1.0 if turn == scene.turn else DIM
        for place in range(first, last):
            canvas[places[place]] = scaled(hue(scene), level * covered(place, size, begin / size, last / size))
    return canvas


def _breathing_tip(canvas: Canvas, t: float) -> Canvas:
    """The first two LEDs that are seen, where the time is draining, swell and fade."""
    lit = [i for i, colour in enumerate(canvas) if max(colour) > 0.1][:2]
    level = breath(t, TIP_PERIOD, 0.15)
    return [scaled(colour, level) if i in lit else colour for i, colour in enumerate(canvas)]


def _overtime(scene: Scene, n: int) -> Canvas:
    """Dots instead of an arc, growing from the top; pale, so that it never looks like an alarm."""
    dots = range(0, n, 2)
    lit = 1 + floor(scene.over * (len(dots) - 1) + 1e-9)
    colour = scaled(mixed(hue(scene), PALE, 0.5), 0.5)
    return [colour if i in dots[:lit] else BLACK for i in range(n)]


def _still(scene: Scene, n: int, t: float, free: Sequence[int]) -> Canvas:
    """The arc as it was left, breathing; where no time is left, its dots."""
    standing = _arc(scene, n, 0.0, free) if scene.left > 0 else _overtime(scene, n)
    return [scaled(colour, breath(t, STILL_PERIOD, 0.4)) for colour in standing]


def _time_out(n: int) -> Canvas:
    quarters = ((0.125, 0.375), (0.625, 0.875))
    return [scaled(PALE, 0.8 * sum(covered(i, n, *quarter) for quarter in quarters)) for i in range(n)]


def _near(place: float, moving: float, n: int) -> float:
    """How bright a soft dot at `moving` makes a place: full there, nothing one and a half LEDs away."""
    distance = abs((place - moving + 0.5) % 1.0 - 0.5)
    return 0.6 * max(0.0, 1.0 - distance * n / 1.5)
