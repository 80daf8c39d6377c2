"""Every strip shows what it was told: read back from the wire, the pins, the screen or the file."""

import io
import json
import os
import re
import select
import sys
import types
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
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
from companion.light.pixels import MOST_LEDS
from companion.light.spi import opened_spi
from companion.light.strip import Strip, Witness, dark
from companion.light.terminal import TerminalStrip, drawn, places
from companion.light.ws2812 import EIGHT, THREE, Encoding, Order, Ws2812Strip
from companion.opening import begin_anew, open_light, open_strip
from companion.settings import load_settings
from tests.light.fake_spi import FakeSpi, pulses, received

Range = tuple[int, int]
byte = st.integers(0, 255)
frames = st.lists(st.tuples(byte, byte, byte), min_size=1, max_size=60).map(tuple)


@dataclass(frozen=True)
class Sheet:
    """What a data sheet allows, in ns: high and low of a zero, high and low of a one."""

    zero: tuple[Range, Range]
    one: tuple[Range, Range]


SHEETS = {
    "WS2812B-V5": Sheet(((220, 380), (580, 1000)), ((580, 1000), (580, 1000))),
    "SK6812": Sheet(((150, 450), (750, 1050)), ((450, 750), (450, 750))),
    "WS2812B": Sheet(((250, 550), (700, 1000)), ((650, 950), (300, 600))),
}
"""The data sheets named in ws2812.py."""
FITTING = [("WS2812B-V5", EIGHT), ("SK6812", EIGHT), ("WS2812B", THREE)]
CORES = {
    "Pi Zero 2 W, core_freq=250": 250_000_000,
    "Pi 3, core_freq=250": 250_000_000,
    "Pi Zero 2 W or 3, always at its fastest": 400_000_000,
    "Pi 4, core_freq=500 and core_freq_min=500": 500_000_000,
    "Pi 5": 200_000_000,
}
"""The clock that the bus divides (Raspberry Pi documentation, overclocking options; the RP1's own on a Pi 5)."""


def bus_clock(core: int, asked: int) -> float:
    """What Linux makes of the clock that is asked for: an even divider, rounded up (spi-bcm2835.c, spi-dw-core.c)."""
    divider = -(-core // asked)
    return core / (divider + divider % 2)


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize(("chip", "encoding"), FITTING)
def test_every_pulse_is_within_the_data_sheet_on_every_board(chip: str, encoding: Encoding, core: str) -> None:
    sheet, spi = SHEETS[chip], FakeSpi()
    Ws2812Strip(3, spi, encoding=encoding).show(((0, 255, 85), (170, 1, 128), (254, 127, 0)))
    assert spi.frames[0][0] == 0, "a zero byte leads in"
    waveform = pulses(spi.frames[0], bus_clock(CORES[core], encoding.hertz))
    sent = f"{0xFF0055:024b}{0x01AA80:024b}{0x7FFE00:024b}"
    for pulse, bit in zip(waveform, sent, strict=True):
        (shortest, longest), _ = sheet.one if bit == "1" else sheet.zero
        assert shortest <= pulse.high <= longest
    for pulse, bit in zip(waveform[:-1], sent, strict=False):
        _, (shortest, longest) = sheet.one if bit == "1" else sheet.zero
        assert shortest <= pulse.low <= longest
        assert 650 <= pulse.high + pulse.low <= 1850, "a bit takes 1.25 us, 600 ns more or less"
    assert waveform[-1].low >= 280_000, "silence latches the frame"


@pytest.mark.parametrize(("core", "thought"), [(400, 250), (250, 400), (200, 500)])
def test_a_core_that_changes_its_clock_breaks_the_pulses(core: int, thought: int) -> None:
    """Why config.txt must hold the clock still: the divider was chosen for another."""
    hertz = bus_clock(thought * 1_000_000, EIGHT.hertz) * core / thought
    high = 2 / hertz * 1e9, 4 / hertz * 1e9
    sheet = SHEETS["WS2812B-V5"]
    fits = [least <= length <= most for length, ((least, most), _) in zip(high, (sheet.zero, sheet.one), strict=True)]
    assert not all(fits)


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


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("encoding", [EIGHT, THREE], ids=["short", "long"])
def test_no_ring_is_so_long_that_its_frame_is_sent_in_two(order: Order, encoding: Encoding) -> None:
    """WS2812 take the rest between two transfers for the end of the frame."""
    spi = FakeSpi()
    Ws2812Strip(MOST_LEDS, spi, order, encoding).show([(255, 255, 255)] * MOST_LEDS)
    assert len(spi.frames) == 1


def test_a_chain_that_is_sent_in_pieces_is_whole_at_its_end() -> None:
    """APA102 are clocked: they wait. The last LED needs half a clock a LED after its data."""
    spi, count = FakeSpi(), 1_200
    shown = [(n % 256, n // 256, 7) for n in range(count)]
    Apa102Strip(count, spi).show(shown)
    assert len(spi.frames) == 2
    sent = b"".join(spi.frames)
    assert [tuple(sent[i : i + 4]) for i in range(4, 4 + 4 * count, 4)] == [(0xFF, b, g, r) for r, g, b in shown]
    assert (len(sent) - 4 - 4 * count) * 8 >= 32 + count / 2


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
    assert (spi.place, spi.max_speed_hz, spi.mode) == ((0, 1), 6_250_000, 0)  # type: ignore[attr-defined]


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


def test_a_lamp_that_takes_no_value_is_named(pins: MockFactory) -> None:
    leds = PlainLeds([17, 27])
    pins.pin(27).close()
    with pytest.raises(DeviceError, match=r"Lamp 2 cannot be lit \(.*\); check its wires\."):
        leds.show(((255, 0, 0), (0, 51, 10)))
    leds.close()


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
    first = out.getvalue()
    assert first.startswith("\x1b[2J\x1b[H"), "on a screen of its own"
    assert first.endswith("\n"), "what is written next stands below it"
    strip.show(((9, 9, 9),) * 8)
    second = out.getvalue()[len(first) :]
    assert (second[:5], second[-2:]) == ("\x1b7\x1b[H", "\x1b8"), "at the top, and back to where others write"
    assert second.count("\n") == first.count("\n") - 1


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


def test_a_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "ring.jsonl"
    path.write_text("an earlier session\n")
    begin_anew(path)
    assert path.read_text() == ""


def test_who_reads_a_pipe_is_not_told_of_an_end_at_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "light"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    begin_anew(path)
    waiting = select.poll()
    waiting.register(reader, select.POLLIN)
    assert waiting.poll(0) == []
    os.close(reader)


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


def test_the_second_bus_has_a_remedy_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spidev", _spidev(False))
    with pytest.raises(DeviceError, match=r"put dtoverlay=spi1-2cs in config\.txt"):
        opened_spi(EIGHT.hertz, 1, 1)


@pytest.mark.parametrize("driver", ["ws2812", "apa102"])
def test_what_a_killed_device_left_lit_goes_dark_at_the_next_start(
    driver: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty LEDs, though the settings know of four: who was killed may have had more."""
    buses: list[FakeSpi] = []

    class SpiDev(FakeSpi):
        def open(self, bus: int, device: int) -> None:
            buses.append(self)

    module = types.ModuleType("spidev")
    module.SpiDev = SpiDev  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spidev", module)
    (tmp_path / "settings.toml").write_text(f'[light]\ndriver = "{driver}"\ncount = 4\n')
    strip = open_strip(load_settings(tmp_path / "settings.toml").light)
    (frame,) = buses[0].frames
    if driver == "ws2812":
        assert received(pulses(frame, EIGHT.hertz)) == [0] * 60 * 3
    else:
        assert frame[4 : 4 + 60 * 4] == bytes((0xFF, 0, 0, 0)) * 60
    assert strip.count == 4
    assert not buses[0].closed


def test_a_ring_that_dies_while_it_is_opened_gives_its_bus_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buses: list[FakeSpi] = []

    class SpiDev(FakeSpi):
        def open(self, bus: int, device: int) -> None:
            self.pull_out()
            buses.append(self)

    module = types.ModuleType("spidev")
    module.SpiDev = SpiDev  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spidev", module)
    (tmp_path / "settings.toml").write_text('[light]\ndriver = "apa102"\n')
    with pytest.raises(DeviceError):
        open_strip(load_settings(tmp_path / "settings.toml").light)
    assert buses[0].closed


def test_a_ring_as_a_file_begins_empty_and_is_gone_on_with(tmp_path: Path) -> None:
    file = tmp_path / "ring.jsonl"
    file.write_text("from another day\n")
    (tmp_path / "settings.toml").write_text(f'[light]\ndriver = "file"\nfile = "{file}"\ncount = 2\n')
    light = load_settings(tmp_path / "settings.toml").light
    with ExitStack() as stack:
        open_light(stack, light, lambda _event: None, lambda: Instant(0.0))
        assert file.read_text() == ""
    for pixel in ((1, 2, 3), (4, 5, 6)):
        strip = open_strip(light)
        strip.show((pixel, pixel))
        strip.close()
    assert len(file.read_text().splitlines()) >= 2
    file.unlink()
    file.mkdir()
    with pytest.raises(DeviceError, match=r"The ring cannot be drawn in .*ring\.jsonl \(.*\); name another file\."):
        open_strip(light)


def test_a_pipe_that_nobody_reads_is_a_lost_ring_and_no_start_that_hangs(tmp_path: Path) -> None:
    pipe = tmp_path / "light"
    os.mkfifo(pipe)
    (tmp_path / "settings.toml").write_text(f'[light]\ndriver = "file"\nfile = "{pipe}"\ncount = 2\n')
    light = load_settings(tmp_path / "settings.toml").light
    with pytest.raises(DeviceError, match="The ring cannot be drawn in"):
        open_strip(light)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    strip = open_strip(light)
    strip.show(((1, 2, 3), (4, 5, 6)))
    strip.close()
    assert b"010203" in os.read(reader, 1000)
    os.close(reader)
