"""Every strip shows what it was told: read back from the wire, the pins, the screen or the file."""

import io
import json
import re
import sys
import types
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPWMPin
from hypothesis import given
from hypothesis import strategies as st

from companion.core.errors import DeviceError
from companion.core.method import Kind
from companion.core.scene import Figure, Scene
from companion.core.state import Microphone
from companion.core.units import Instant
from companion.light.apa102 import Apa102Strip
from companion.light.colour import Pixels
from companion.light.file import FileStrip
from companion.light.leds import PlainLeds
from companion.light.spi import opened_spi
from companion.light.strip import Strip, Witness, dark
from companion.light.terminal import TerminalStrip, drawn, places
from companion.light.ws2812 import EIGHT, THREE, Encoding, Order, Ws2812Strip
from tests.light.fake_spi import FakeSpi, pulses, received

byte = st.integers(0, 255)
frames = st.lists(st.tuples(byte, byte, byte), min_size=1, max_size=60).map(tuple)

TOLERANCES = {
    # T0H, T1H, least T0L, least T1L in ns, from the data sheets named in ws2812.py
    "WS2812B-V5": ((220, 380), (580, 1000), 580, 220),
    "SK6812": ((150, 450), (450, 750), 750, 450),
    "WS2812B": ((250, 550), (650, 950), 700, 300),
}
FITTING = [("WS2812B-V5", EIGHT), ("SK6812", EIGHT), ("WS2812B", THREE)]


@pytest.mark.parametrize(("chip", "encoding"), FITTING)
def test_every_pulse_is_within_the_data_sheet(chip: str, encoding: Encoding) -> None:
    zero, one, least_low_zero, least_low_one = TOLERANCES[chip]
    spi = FakeSpi()
    Ws2812Strip(3, spi, encoding=encoding).show(((0, 255, 85), (170, 1, 128), (254, 127, 0)))
    assert spi.frames[0][0] == 0, "a zero byte leads in"
    waveform = pulses(spi.frames[0], encoding.hertz)
    for pulse, bit in zip(waveform, f"{0xFF0055:024b}{0x01AA80:024b}{0x7FFE00:024b}", strict=True):
        least, most = one if bit == "1" else zero
        assert least <= pulse.high <= most
        assert pulse.low >= (least_low_one if bit == "1" else least_low_zero)
    assert all(1150 <= pulse.high + pulse.low <= 1350 for pulse in waveform[:-1]), "a bit takes 1.25 us"
    assert waveform[-1].low >= 280_000, "silence latches the frame"


@given(frames, st.sampled_from([EIGHT, THREE]))
def test_the_led_receives_the_colours_in_its_order(shown: Pixels, encoding: Encoding) -> None:
    grb, rgb = FakeSpi(), FakeSpi()
    Ws2812Strip(len(shown), grb, Order.GRB, encoding).show(shown)
    Ws2812Strip(len(shown), rgb, Order.RGB, encoding).show(shown)
    assert received(pulses(grb.frames[0], encoding.hertz)) == [v for r, g, b in shown for v in (g, r, b)]
    assert received(pulses(rgb.frames[0], encoding.hertz)) == [v for pixel in shown for v in pixel]


@given(frames)
def test_a_white_led_takes_over_the_white_part(shown: Pixels) -> None:
    spi = FakeSpi()
    Ws2812Strip(len(shown), spi, Order.GRBW).show(shown)
    values = received(pulses(spi.frames[0], EIGHT.hertz))
    for i, (red, green, blue) in enumerate(shown):
        g, r, b, white = values[4 * i : 4 * i + 4]
        assert (r + white, g + white, b + white) == (red, green, blue)
        assert min(r, g, b) == 0


@given(frames)
def test_apa102_is_framed_as_its_data_sheet_says(shown: Pixels) -> None:
    spi = FakeSpi()
    Apa102Strip(len(shown), spi).show(shown)
    (frame,) = spi.frames
    body = frame[4 : 4 + 4 * len(shown)]
    assert frame[:4] == bytes(4)
    assert [tuple(body[i : i + 4]) for i in range(0, len(body), 4)] == [(0xFF, b, g, r) for r, g, b in shown]
    tail = frame[4 + len(body) :]
    assert not any(tail)
    assert len(tail) * 8 >= 32 + len(shown) / 2, "half a clock a LED, and 32 bits for SK9822"


@pytest.mark.parametrize("strip", [Apa102Strip, Ws2812Strip])
def test_a_dead_bus_is_named_and_closing_gives_it_back(strip: type[Apa102Strip] | type[Ws2812Strip]) -> None:
    spi = FakeSpi()
    ring = strip(8, spi)
    spi.pull_out()
    with pytest.raises(DeviceError) as loss:
        ring.show(dark(8))
    assert str(loss.value).startswith("The ring's SPI bus takes no data (")
    assert str(loss.value).endswith("); check its wires.")
    ring.close()
    assert spi.closed


def test_opening_the_bus_sets_clock_and_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spidev", _spidev(opens=True))
    spi = opened_spi(EIGHT.hertz, 0, 1)
    assert (spi.place, spi.max_speed_hz, spi.mode) == ((0, 1), 6_400_000, 0)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("opens", "message"),
    [
        (
            False,
            "/dev/spidev0.1 cannot be opened (No such file or directory); "
            "put dtparam=spi=on in config.txt and join group spi.",
        ),
        (None, "/dev/spidev0.1 needs the package spidev; install python3-spidev."),
    ],
)
def test_a_bus_that_is_not_there_is_named(opens: bool | None, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spidev", None if opens is None else _spidev(opens))
    with pytest.raises(DeviceError) as loss:
        opened_spi(EIGHT.hertz, 0, 1)
    assert str(loss.value) == message


def _spidev(opens: bool) -> types.ModuleType:
    class SpiDev(FakeSpi):
        def open(self, bus: int, device: int) -> None:
            if not opens:
                raise FileNotFoundError(2, "No such file or directory")
            self.place = (bus, device)

    module = types.ModuleType("spidev")
    module.SpiDev = SpiDev  # type: ignore[attr-defined]
    return module


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    former, Device.pin_factory = Device.pin_factory, MockFactory(pin_class=MockPWMPin)
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = former


def test_plain_leds_are_as_bright_as_their_strongest_colour(pins: MockFactory) -> None:
    leds = PlainLeds([17, 27, 22])
    leds.show(((255, 0, 0), (0, 51, 10), (0, 0, 0)))
    assert [pins.pin(number).state for number in (17, 27, 22)] == pytest.approx([1.0, 0.2, 0.0])
    leds.close()
    again = PlainLeds([17])
    again.close()


def test_a_pin_that_is_taken_is_named_and_the_others_are_free_again(pins: MockFactory) -> None:
    holder = PlainLeds([27])
    with pytest.raises(DeviceError, match=r"A lamp on GPIO 27 cannot be used .*; choose another pin\."):
        PlainLeds([17, 27])
    PlainLeds([17]).close()
    holder.close()


@given(st.integers(4, 60))
def test_a_drawn_ring_is_round_and_small_and_loses_no_led(n: int) -> None:
    rows = len(drawn(dark(n)).splitlines())
    spots = places(n, rows)
    assert rows <= 21
    assert len(set(spots)) == n
    assert spots[0] == (rows - 1, 0), "the first is at the top"
    right, left = [x for x, _ in spots[1 : (n + 1) // 2]], [x for x, _ in spots[n // 2 + 1 :]]
    assert all(x > rows - 1 for x in right), "the first half is on the right: clockwise"
    assert all(x < rows - 1 for x in left)


@given(frames)
def test_a_drawing_shows_every_led_once_in_its_colour(shown: Pixels) -> None:
    text = drawn(shown)
    assert text.count("●") == sum(any(pixel) for pixel in shown)
    assert text.count("●") + text.count("·") == len(shown)
    colours = re.findall(r"\x1b\[38;2;(\d+);(\d+);(\d+)m●\x1b\[0m", text)
    duties = sorted(round((int(value) / 255) ** 2.2 * 255) for colour in colours for value in colour)
    assert duties == pytest.approx(sorted(value for pixel in shown if any(pixel) for value in pixel), abs=2)


def test_a_terminal_is_drawn_in_place() -> None:
    out = io.StringIO()
    strip = TerminalStrip(8, out)
    strip.show(dark(8))
    height = out.getvalue().count("\n")
    first = out.getvalue()
    strip.show(((9, 9, 9),) * 8)
    assert out.getvalue()[len(first) :].startswith(f"\x1b[{height}A\r")
    assert out.getvalue()[len(first) :].count("\n") == height


def test_a_file_holds_a_line_for_each_change(tmp_path: Path) -> None:
    path = tmp_path / "ring.jsonl"
    strip = FileStrip(2, path.open("w"))
    assert isinstance(strip, Witness)
    scene = Scene(Figure.ARC, Microphone.DEAF, Kind.ASK, left=0.5, turn=2, turns=6)
    for at, pixel in [(1.0, (255, 0, 16)), (2.0, (255, 0, 16)), (3.25, (1, 2, 3))]:
        strip.witness(scene, Instant(at))
        strip.show((pixel, (0, 0, 0)))
    strip.close()
    meaning = {"figure": "arc", "left": 0.5, "over": 0.0, "turn": 2, "turns": 6, "microphone": "deaf"}
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"t": 1.0, **meaning, "pixels": ["ff0010", "000000"]},
        {"t": 3.25, **meaning, "pixels": ["010203", "000000"]},
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("strip", [FileStrip, TerminalStrip])
def test_a_full_disk_is_a_lost_ring(strip: type[FileStrip] | type[TerminalStrip]) -> None:
    out = Path("/dev/full").open("w", buffering=1)  # noqa: SIM115
    ring = strip(2, out)
    with pytest.raises(DeviceError) as loss:
        ring.show(dark(2))
    ring.close()
    assert str(loss.value) == (
        "The ring cannot be drawn in /dev/full ([Errno 28] No space left on device); "
        "free some space or name another place."
    )
    with suppress(OSError):
        out.close()


def test_every_strip_keeps_the_promises_of_a_strip(pins: MockFactory, tmp_path: Path) -> None:
    strips: list[Strip] = [
        Apa102Strip(2, FakeSpi()),
        Ws2812Strip(2, FakeSpi()),
        PlainLeds([5, 6]),
        TerminalStrip(2, io.StringIO()),
        FileStrip(2, (tmp_path / "file").open("w")),
    ]
    for strip in strips:
        assert strip.count == 2
        strip.show(((1, 2, 3), (255, 255, 255)))
        strip.show(dark(2))
        strip.close()
