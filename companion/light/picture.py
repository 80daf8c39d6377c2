"""Draws the ring's whole language, a small SVG a state: `python -m companion.light.picture docs/ring`."""

import sys
from collections.abc import Mapping
from io import BytesIO
from math import cos, pi, sin
from pathlib import Path
from typing import TYPE_CHECKING

from companion.core.method import Kind
from companion.core.scene import Figure, Scene
from companion.core.state import Microphone
from companion.core.units import Seconds
from companion.light.colour import SCREEN, Pixels
from companion.light.pixels import pixels

if TYPE_CHECKING:
    from PIL import Image

LEDS = 24
_SIZE, _RADIUS, _DOT = 120, 48, 5.2
_LARGER = 2
FRAMES_A_SECOND = 20
"""Of a moving picture: GIF counts in hundredths, and 20 a second is smooth enough for what breathes."""

_OPEN = Microphone.OPEN


def _arc(kind: Kind, left: float = 0.7, **more: float) -> Scene:
    return Scene(Figure.ARC, _OPEN, kind, left=left, **more)  # type: ignore[arg-type]


PICTURES: Mapping[str, tuple[Scene, float]] = {
    "glow": (Scene(Figure.GLOW, _OPEN, count=3), 2.0),
    "count": (Scene(Figure.COUNT, _OPEN, count=5), 0.0),
    "count-none": (Scene(Figure.COUNT, _OPEN), 1.0),
    "question": (Scene(Figure.QUESTION, _OPEN), 0.5),
    **{f"arc-{kind.value}": (_arc(kind), 0.0) for kind in Kind},
    "arc-draining": (_arc(Kind.LISTEN, 0.36), 0.0),
    "ending": (_arc(Kind.ADVISE, 0.3, ending=True), 1.9),
    "turn": (_arc(Kind.ADVISE, 0.7, turn=3, turns=6), 0.0),
    "overtime": (Scene(Figure.OVERTIME, _OPEN, Kind.LISTEN, over=0.3), 0.0),
    "paused": (Scene(Figure.STILL, _OPEN, Kind.GROUP, left=0.5), 4.0),
    "time-out": (Scene(Figure.TIME_OUT, _OPEN, Kind.GROUP, left=0.5), 0.0),
    "heard": (_arc(Kind.GROUP, 0.6, heard=Seconds(0.4)), 0.0),
    "doubted": (_arc(Kind.GROUP, 0.6, doubted=Seconds(0.4)), 0.0),
    "refused": (_arc(Kind.GROUP, 0.6, refused=Seconds(0.2)), 0.0),
    "touched": (_arc(Kind.GROUP, 0.6, touch=1), 0.0),
    "held": (_arc(Kind.GROUP, 0.6, touch=1, hold=1), 0.0),
    "held-long": (_arc(Kind.GROUP, 0.6, touch=1, hold=2), 0.0),
    "resumed": (_arc(Kind.GROUP, 0.9, refill=Seconds(1.0)), 0.0),
    "fault": (Scene(Figure.ARC, _OPEN, Kind.GROUP, left=0.6, fault=True), 6.0),
    "microphone-off": (Scene(Figure.ARC, Microphone.OFF, Kind.GROUP, left=0.6), 0.0),
    "microphone-deaf": (Scene(Figure.ARC, Microphone.DEAF, Kind.GROUP, left=0.6), 0.4),
    "ended": (Scene(Figure.DARK, _OPEN), 0.0),
}
"""The name of a picture: what it shows, and the instant of its motion."""
FILMS: Mapping[str, float] = {"question": 3.0, "ending": 2.0, "paused": 6.0, "microphone-deaf": 1.0}
"""Moving pictures of the documentation, and their seconds."""


def svg(shown: Pixels) -> str:
    """The ring as a picture, the first LED at the top, clockwise."""
    dots = []
    for i, (red, green, blue) in enumerate(shown):
        x, y = _place(i, len(shown))
        fill = f"#{max(red, 34):02x}{max(green, 34):02x}{max(blue, 34):02x}"
        dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_DOT}" fill="{fill}"/>')
    ground = f'<rect width="{_SIZE}" height="{_SIZE}" rx="12" fill="#111"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" width="{_SIZE}" height="{_SIZE}">'
    return "\n".join([head, ground, *dots, "</svg>", ""])


def svg_of(name: str, leds: int = LEDS) -> str:
    """The picture of this name, as text."""
    scene, t = PICTURES[name]
    return svg(pixels(scene, leds, t, SCREEN))


def still(name: str, leds: int = LEDS) -> bytes:
    """The picture of this name as PNG, twice as large."""
    scene, t = PICTURES[name]
    buffer = BytesIO()
    _drawn(pixels(scene, leds, t, SCREEN)).save(buffer, "PNG")
    return buffer.getvalue()


def moving(name: str, leds: int = LEDS, seconds: float = 6.0) -> bytes:
    """The picture of this name as an endless GIF: its motion, and time that drains, as the LEDs show them."""
    scene, t = PICTURES[name]
    instants = (t + n / FRAMES_A_SECOND for n in range(max(1, int(seconds * FRAMES_A_SECOND))))
    frames = [_drawn(pixels(scene, leds, instant, SCREEN)) for instant in instants]
    buffer = BytesIO()
    frames[0].save(
        buffer, "GIF", save_all=True, append_images=frames[1:], duration=1000 // FRAMES_A_SECOND, loop=0, optimize=True
    )
    return buffer.getvalue()


def _drawn(shown: Pixels) -> "Image.Image":
    from PIL import Image, ImageDraw

    side = _SIZE * _LARGER
    image = Image.new("RGB", (side, side), "#111111")
    pen = ImageDraw.Draw(image)
    for i, pixel in enumerate(shown):
        x, y = _place(i, len(shown))
        box = [(x - _DOT) * _LARGER, (y - _DOT) * _LARGER, (x + _DOT) * _LARGER, (y + _DOT) * _LARGER]
        pen.ellipse(box, fill=tuple(max(part, 34) for part in pixel))
    return image


def _place(i: int, n: int) -> tuple[float, float]:
    angle = 2 * pi * i / n
    return _SIZE / 2 + _RADIUS * sin(angle), _SIZE / 2 - _RADIUS * cos(angle)


def pictures() -> dict[str, str]:
    """File names to their contents."""
    return {f"{name}.svg": svg_of(name) for name in PICTURES}


def films() -> dict[str, bytes]:
    """File names to their contents: the states whose motion is their meaning, one round of each."""
    return {f"{name}.gif": moving(name, LEDS, seconds) for name, seconds in FILMS.items()}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pictures().items():
        (folder / name).write_text(content, encoding="utf-8")
    for name, film in films().items():
        (folder / name).write_bytes(film)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
