"""A session in one picture: steps as bands, what people did as marks, the ring over time as a strip.

Time runs from left to right. The strip has a row for each LED, the first at the top; one look tells how a session went.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import groupby

from companion.core.effect import Effect, Refused, Say, StepBegan, StepEnded, TimeUp, TurnBegan
from companion.core.event import CommandGiven, DeviceLost, Event, Held, HeldLong, Pressed
from companion.core.method import Method
from companion.core.scene import scene
from companion.core.state import Session
from companion.core.units import Instant, Seconds, after, between
from companion.language.phrases import Phrase, canonical
from companion.light.colour import HUES, SCREEN, Pixels
from companion.light.pixels import pixels
from companion.rehearsal import StageLight
from companion.reports import clock

LEDS, COLUMNS = 16, 480
_WIDTH, _LEFT, _BAND, _ROW, _MARKS = 1200.0, 16.0, 46.0, 6.0, 40.0


@dataclass(frozen=True)
class Mark:
    """Something that happened at an instant."""

    at: Instant
    shape: str
    words: str


@dataclass
class Band:
    step: str
    began: Instant
    ended: Instant
    over: Instant | None = None
    """When its time was up."""


@dataclass
class Chart:
    """Watches a rehearsal: takes the place of its light (which it passes on) and of its watch."""

    phrases: tuple[Phrase, ...]
    light: StageLight
    bands: list[Band] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    _shown: list[tuple[Instant, Session]] = field(default_factory=list)
    _now: Instant = Instant(0.0)

    def show(self, session: Session) -> None:
        self._shown.append((self._now, session))
        self.light.show(session)

    def pass_time(self, until: Instant) -> None:
        self._now = until
        self.light.pass_time(until)

    def __call__(self, at: Instant, what: Event | Effect) -> None:
        match what:
            case StepBegan(step=step):
                self.bands.append(Band(step, at, at))
            case StepEnded():
                self.bands[-1].ended = at
            case TimeUp() if self.bands:
                self.bands[-1].over = at
            case _:
                self._mark(at, what)

    def _mark(self, at: Instant, what: Event | Effect) -> None:
        match what:
            case Pressed():
                self.marks.append(Mark(at, "press", ""))
            case Held() | HeldLong():
                self.marks.append(Mark(at, "hold", ""))
            case CommandGiven(command=command):
                self.marks.append(Mark(at, "command", canonical(command, self.phrases)))
            case Refused():
                self.marks.append(Mark(at, "refused", ""))
            case TurnBegan(turn=turn):
                self.marks.append(Mark(at, "turn", str(turn)))
            case DeviceLost(device=device):
                self.marks.append(Mark(at, "lost", device.value))
            case Say():
                self.marks.append(Mark(at, "say", ""))

    def svg(self, method: Method, language: str) -> str:
        """The picture; at least one thing must have been shown."""
        ends = max(self._now, 1.0)
        height = 2 * _LEFT + 24 + _BAND + LEDS * _ROW + _MARKS
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {height:g}" font-family="sans-serif">'
            f'<rect width="{_WIDTH:g}" height="{height:g}" fill="#fff"/>'
        )
        title = f'<text x="{_LEFT:g}" y="{_LEFT + 8:g}" font-size="15">{escape(method.name.of(language))}</text>'
        top = _LEFT + 20
        parts = [
            *self._drawn_bands(method, language, ends, top),
            *self._drawn_strip(ends, top + _BAND + 4),
            *self._drawn_marks(ends, top + _BAND + 8 + LEDS * _ROW),
        ]
        return "\n".join([head, title, *parts, "</svg>", ""])

    def _drawn_bands(self, method: Method, language: str, ends: float, top: float) -> Iterator[str]:
        steps = {step.id: step for step in method.steps}
        for band in self.bands:
            step, x = steps[band.step], _x(band.began, ends)
            width = max(1.0, _x(band.ended, ends) - x)
            colour = "#" + "".join(f"{round(255 * (0.45 + 0.55 * part)):02x}" for part in HUES[step.kind])
            yield _box(x, top, width, _BAND, f'fill="{colour}" stroke="#fff"')
            if band.over is not None and band.over < band.ended:
                over = _x(band.over, ends)
                yield _box(over, top + _BAND - 8, x + width - over, 8, 'fill="#444"')
            if width > 40:
                cue = escape(step.cue.of(language)[: int(width / 6.5)])
                yield f'<text x="{x + 4:.1f}" y="{top + 18:g}" font-size="11">{cue}</text>'
                minutes = clock(between(band.began, band.ended))
                yield f'<text x="{x + 4:.1f}" y="{top + 34:g}" font-size="11" fill="#444">{minutes}</text>'

    def _drawn_strip(self, ends: float, top: float) -> Iterator[str]:
        columns = list(self._sampled(ends))
        width = (_WIDTH - 2 * _LEFT) / COLUMNS
        yield _box(_LEFT, top, _WIDTH - 2 * _LEFT, LEDS * _ROW, 'fill="#111"')
        for led in range(LEDS):
            y, x = top + led * _ROW, 0
            for colour, run in groupby(column[led] for column in columns):
                length = len(list(run))
                if max(colour) > 0:
                    fill = "".join(f"{part:02x}" for part in colour)
                    yield _box(_LEFT + x * width, y, length * width, _ROW, f'fill="#{fill}"')
                x += length

    def _sampled(self, ends: float) -> Iterator[Pixels]:
        """What the ring showed, at even instants; colours in sixteen levels, so that runs are long."""
        place = 0
        for column in range(COLUMNS):
            at = after(Instant(0.0), (column + 0.5) * ends / COLUMNS)
            while place + 1 < len(self._shown) and self._shown[place + 1][0] <= at:
                place += 1
            since, session = self._shown[place]
            shown = pixels(scene(session, max(at, since)), LEDS, at, SCREEN)
            yield tuple((red // 16 * 17, green // 16 * 17, blue // 16 * 17) for red, green, blue in shown)

    def _drawn_marks(self, ends: float, top: float) -> Iterator[str]:
        for mark in self.marks:
            x = _x(mark.at, ends)
            if mark.shape == "say":
                yield _box(x, top, 1.5, 5, 'fill="#999"')
                continue
            sign, colour = _SIGNS[mark.shape]
            words = f"{mark.shape} {mark.words}".strip()
            yield (
                f'<text x="{x:.1f}" y="{top + 16:g}" font-size="10" text-anchor="middle" fill="{colour}">{sign}'
                f"<title>{clock(Seconds(mark.at))} {escape(words)}</title></text>"
            )
            if mark.shape == "command":
                words = escape(mark.words)
                yield f'<text x="{x:.1f}" y="{top + 28:g}" font-size="7" text-anchor="middle">{words}</text>'


_SIGNS = {
    "press": ("▲", "#000"),
    "hold": ("■", "#000"),
    "command": ("●", "#0a58ca"),
    "refused": ("×", "#b02a37"),
    "turn": ("|", "#777"),
    "lost": ("!", "#b02a37"),
}


def _box(x: float, y: float, width: float, height: float, look: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:g}" width="{width:.1f}" height="{height:g}" {look}/>'


def _x(at: float, ends: float) -> float:
    return _LEFT + (_WIDTH - 2 * _LEFT) * at / ends
