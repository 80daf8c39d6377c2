"""What is connected where: the 40-pin header of a Raspberry Pi with what the settings put on it, as text.

`python -m companion.wiring docs/wiring` draws the diagrams of docs/wiring.md.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from companion.settings import Settings

HEADER = (
    *("3V3", "5V", "GPIO2", "5V", "GPIO3", "GND", "GPIO4", "GPIO14", "GND", "GPIO15"),
    *("GPIO17", "GPIO18", "GPIO27", "GND", "GPIO22", "GPIO23", "3V3", "GPIO24", "GPIO10", "GND"),
    *("GPIO9", "GPIO25", "GPIO11", "GPIO8", "GND", "GPIO7", "GPIO0", "GPIO1", "GPIO5", "GND"),
    *("GPIO6", "GPIO12", "GPIO13", "GND", "GPIO19", "GPIO16", "GPIO26", "GPIO20", "GND", "GPIO21"),
)
"""Names by place, from 1: the same on every Pi since the Model B+ (Raspberry Pi documentation, GPIO and the header)."""
_NAMES = {"pin": "button"}


def connections(settings: Settings) -> Mapping[int, str]:
    """What is on each GPIO; the settings have no pin twice."""
    buttons = {pin: _NAMES.get(key, key) for key, pins in settings.button.pins.items() for pin in pins}
    return settings.light.used | buttons


def header_shown(connected: Mapping[int, str]) -> Iterator[str]:
    """The header as it lies with the board's corner at the top right: two pins a line, what is on them beside."""
    names = {f"GPIO{pin}": name for pin, name in connected.items()}
    for left in range(1, 41, 2):
        here, there = HEADER[left - 1], HEADER[left]
        yield (
            f"{names.get(here, ''):>16} {'─' if here in names else ' '} {here:>6} {left:2} "
            f"{'●' if here in names else '○'} {'●' if there in names else '○'} "
            f"{left + 1:<2} {there:6} {'─' if there in names else ' '} {names.get(there, '')}"
        ).rstrip()


@dataclass(frozen=True)
class Wire:
    """From a place of the header to a leg of the part; what lies in between, if anything."""

    place: int
    leg: str
    colour: str
    between: str = ""


@dataclass(frozen=True)
class Diagram:
    title: str
    wires: Sequence[Wire]
    across: str = ""
    """What bridges the first two legs, such as a capacitor."""


_FIVE, _GROUND, _DATA, _CLOCK = "#c0392b", "#333333", "#1e8449", "#2471a3"
DIAGRAMS: Mapping[str, Diagram] = {
    "ws2812": Diagram(
        "One button, and a ring of 16 WS2812",
        (
            Wire(2, "ring 5V", _FIVE),
            Wire(6, "ring GND", _GROUND),
            Wire(19, "ring DIN", _DATA, "74AHCT125, 470 Ω"),
            Wire(11, "button", _CLOCK),
            Wire(9, "button", _GROUND),
        ),
        across="1000 µF",
    ),
    "apa102": Diagram(
        "A board of APA102",
        (
            Wire(2, "5V", _FIVE),
            Wire(6, "GND", _GROUND),
            Wire(19, "DI", _DATA, "74AHCT125"),
            Wire(23, "CI", _CLOCK, "74AHCT125"),
        ),
        across="1000 µF",
    ),
    "leds": Diagram(
        "Three plain LEDs",
        (
            Wire(11, "LED 1 +", _DATA, "330 Ω"),
            Wire(13, "LED 2 +", _DATA, "330 Ω"),
            Wire(15, "LED 3 +", _DATA, "330 Ω"),
            Wire(14, "all three -", _GROUND),
        ),
    ),
    "buttons": Diagram(
        "Buttons beside the one, and a knob",
        (
            Wire(11, "next", _CLOCK),
            Wire(16, "previous", _CLOCK),
            Wire(18, "pause", _CLOCK),
            Wire(22, "microphone", _CLOCK),
            Wire(29, "knob A", _DATA),
            Wire(31, "knob B", _DATA),
            Wire(34, "all, other leg", _GROUND),
        ),
    ),
}
_HALO = ' paint-order="stroke" stroke="#fff" stroke-width="4"'
_PITCH, _TOP, _LEFT, _PART = 15, 44, 90, 430


def svg(diagram: Diagram) -> str:
    """The header at the left, the part's legs at the right, a wire each."""
    height = _TOP + 20 * _PITCH + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 {height}" font-family="sans-serif" font-size="10">',
        f'<rect width="620" height="{height}" fill="#fff"/>',
        f'<text x="14" y="24" font-size="15">{escape(diagram.title)}</text>',
        f'<rect x="{_LEFT - 10}" y="{_TOP - 10}" width="40" height="{20 * _PITCH + 6}" rx="3" fill="#222"/>',
        *_wires(diagram),
        *_pins({wire.place for wire in diagram.wires}),
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _at(place: int) -> tuple[int, int]:
    row, side = divmod(place - 1, 2)
    return _LEFT + 20 * side, _TOP + row * _PITCH


def _pins(used: set[int]) -> Iterator[str]:
    for place, name in enumerate(HEADER, start=1):
        x, y = _at(place)
        yield f'<circle cx="{x}" cy="{y}" r="4" fill="{"#ffd54f" if place in used else "#999"}"/>'
        at, anchor = (x - 14, "end") if place % 2 else (x + 16, "start")
        weight = ' font-weight="bold"' if place in used else ' fill="#888"'
        yield f'<text x="{at}" y="{y + 3}" text-anchor="{anchor}"{weight}{_HALO}>{place} {name}</text>'


def _wires(diagram: Diagram) -> Iterator[str]:
    gap = 20 * _PITCH // (len(diagram.wires) + 1)
    legs = [_TOP + gap * number for number in range(1, len(diagram.wires) + 1)]
    box = f'x="{_PART}" y="{legs[0] - 22}" width="120" height="{legs[-1] - legs[0] + 44}"'
    yield f'<rect {box} rx="6" fill="#f4f4f4" stroke="#777"/>'
    lanes = sorted(range(len(legs)), key=lambda at: abs(_at(diagram.wires[at].place)[1] - legs[at]))
    for number, (wire, y) in enumerate(zip(diagram.wires, legs, strict=True)):
        x, pin_y = _at(wire.place)
        lane = 200 + 16 * lanes.index(number)
        path = f"M{x} {pin_y} H{lane} V{y} H{_PART}" if x > _LEFT else f"M{x} {pin_y} h10 v7 H{lane} V{y} H{_PART}"
        yield f'<path d="{path}" fill="none" stroke="{wire.colour}" stroke-width="2.2"/>'
        yield f'<text x="{_PART + 8}" y="{y + 4}" font-size="11">{escape(wire.leg)}</text>'
        if wire.between:
            yield from _between(wire.between, 352, y)
    if diagram.across:
        middle = (legs[0] + legs[1]) // 2
        yield f'<path d="M{_PART - 20} {legs[0]} V{legs[1]}" stroke="#777" stroke-dasharray="3 2"/>'
        yield from _between(diagram.across, _PART - 20, middle)


def _between(words: str, x: int, y: int) -> Iterator[str]:
    width = 7 * len(words) + 8
    yield f'<rect x="{x - width / 2:g}" y="{y - 8}" width="{width}" height="16" rx="3" fill="#fff" stroke="#777"/>'
    yield f'<text x="{x}" y="{y + 4}" text-anchor="middle">{escape(words)}</text>'


def pictures() -> dict[str, str]:
    """File names to their contents."""
    return {f"{name}.svg": svg(diagram) for name, diagram in DIAGRAMS.items()}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pictures().items():
        (folder / name).write_text(content, encoding="utf-8")
