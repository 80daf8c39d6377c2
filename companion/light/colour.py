"""Colours as the eye judges them, and how they become the duty of LEDs: gamma, brightness, current."""

from dataclasses import dataclass

from companion.core.method import Kind

Colour = tuple[float, float, float]
"""Red, green and blue, 0 to 1, in steps that look even."""
Canvas = list[Colour]
"""One colour an LED, from the top clockwise."""
Pixel = tuple[int, int, int]
"""Red, green and blue duty, 0 to 255: what an LED is driven with."""
Pixels = tuple[Pixel, ...]

BLACK: Colour = (0.0, 0.0, 0.0)
WHITE: Colour = (1.0, 1.0, 1.0)
WARM: Colour = (1.0, 0.8, 0.6)
AMBER: Colour = (1.0, 0.65, 0.0)
RED: Colour = (1.0, 0.15, 0.0)
"""With a little green: pure red is nearly black to an eye without red cones."""
PALE: Colour = (0.75, 0.75, 1.0)

HUES: dict[Kind, Colour] = {
    Kind.LISTEN: (0.1, 0.45, 1.0),
    Kind.ASK: (0.0, 0.9, 0.75),
    Kind.WRITE: (0.65, 0.3, 1.0),
    Kind.GROUP: (0.2, 1.0, 0.2),
    Kind.ADVISE: (1.0, 0.85, 0.1),
    Kind.CLOSE: (1.0, 0.5, 0.65),
    Kind.BREAK: (0.8, 0.8, 0.7),
}
"""No kind is red or amber: those speak of the microphone and of faults."""


LEAST_MILLIAMPERES = 2.0
"""What an LED must be allowed to draw: a dark one takes half of it, and the dimmest white a quarter of the rest."""


@dataclass(frozen=True)
class Look:
    """How bright, how hungry, and where the microphone is."""

    brightness: float = 0.5
    """The brightest duty, 0 to 1."""
    most_milliamperes: float = 400.0
    """What the ring may draw in all: a supply that also feeds the computer has little more to spare.

    At least LEAST_MILLIAMPERES for each LED, or not even dim ones can keep within it.
    """
    channel_milliamperes: float = 20.0
    """What one colour of one LED draws at full duty (WS2812B and APA102 data sheets: at most 20 mA)."""
    idle_milliamperes: float = 1.0
    """What a dark LED draws (WS2812B and APA102: about 1 mA)."""
    gamma: float = 2.2
    """What looks half as bright has a duty of 0.5 ** gamma."""
    microphone_at: float = 0.5
    """The microphone's place as a fraction of the ring, clockwise from the top."""


SCREEN = Look(brightness=1.0, most_milliamperes=1e9, gamma=1.0)
"""A screen shows colours as the eye judges them, and needs no cap."""


def scaled(colour: Colour, factor: float) -> Colour:
    return (colour[0] * factor, colour[1] * factor, colour[2] * factor)


def lighter(one: Colour, other: Colour) -> Colour:
    """Both lights on one LED: the stronger of each colour."""
    return (max(one[0], other[0]), max(one[1], other[1]), max(one[2], other[2]))


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other, 0 to 1."""
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return (red, green, blue)


def driven(canvas: Canvas, look: Look) -> Pixels:
    """The duties, no brighter and no hungrier than the look allows; what is lit at all never goes out by rounding."""
    duties = [[min(1.0, max(0.0, value)) ** look.gamma * look.brightness for value in colour] for colour in canvas]
    floors = [_floor(colour) for colour in canvas]
    wanted = sum(map(sum, duties)) * look.channel_milliamperes
    kept = sum(map(sum, floors)) / 255 * look.channel_milliamperes
    allowed = look.most_milliamperes - look.idle_milliamperes * len(canvas)
    factor = min(1.0, max(0.0, allowed - kept) / wanted) if wanted > allowed else 1.0
    return tuple(_pixel(duty, factor, floor) for duty, floor in zip(duties, floors, strict=True))


def milliamperes(pixels: Pixels, look: Look) -> float:
    """The current that these pixels draw, estimated."""
    return sum(map(sum, pixels)) / 255 * look.channel_milliamperes + look.idle_milliamperes * len(pixels)


def _floor(colour: Colour) -> Pixel:
    """The least duty that keeps a colour lit: one for its strongest parts."""
    strongest = max(colour)
    red, green, blue = (1 if value == strongest > 0.1 else 0 for value in colour)
    return (red, green, blue)


def _pixel(duties: list[float], factor: float, floor: Pixel) -> Pixel:
    red, green, blue = (max(int(duty * factor * 255), least) for duty, least in zip(duties, floor, strict=True))
    return (red, green, blue)
