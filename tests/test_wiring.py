"""The header with what the settings put on it, and a trial of lamps and buttons."""

from dataclasses import replace
from pathlib import Path

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from companion.cli import main
from companion.core.command import Command, Name
from companion.core.event import CommandGiven, Device, DeviceFound, DeviceLost, Event, Held, HeldLong, Pressed, Touched
from companion.core.units import Instant
from companion.settings import Settings, load_settings
from companion.wiring import DIAGRAMS, HEADER, connections, header_shown, pictures
from companion.wiring_trial import told, try_wiring

DOCS = Path(__file__).parent.parent / "docs"


def settings(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "settings.toml").write_text(text)
    return load_settings(tmp_path / "settings.toml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[button]\npin = 17\nknob = [5, 6]\n", {17: "button", 5: "knob", 6: "knob"}),
        ('[light]\ndriver = "ws2812"\n[button]\nmicrophone = 4\n', {10: "ring, data", 4: "microphone"}),
        ('[light]\ndriver = "apa102"\n', {10: "ring, data", 11: "ring, clock"}),
        ('[light]\ndriver = "apa102"\nspi = "1.0"\n', {20: "ring, data", 21: "ring, clock"}),
        ('[light]\ndriver = "ws2812"\nspi = "1.2"\n', {20: "ring, data"}),
        ('[light]\ndriver = "leds"\npins = [17, 22]\n', {17: "lamp 1", 22: "lamp 2"}),
        ("", {}),
    ],
)
def test_the_settings_say_what_is_where(tmp_path: Path, text: str, expected: dict[int, str]) -> None:
    assert connections(settings(tmp_path, text)) == expected


def test_the_header_shows_every_pin_once_and_what_is_on_it() -> None:
    lines = list(header_shown({17: "button", 18: "lamp 1"}))
    assert len(lines) == 20
    assert lines[5] == "          button ─ GPIO17 11 ● ● 12 GPIO18 ─ lamp 1"
    assert "".join(lines).count("●") == 2
    assert len(HEADER) == 40
    assert len({name for name in HEADER if name.startswith("GPIO")}) == 28


def test_the_diagrams_are_current_and_go_to_the_right_pins() -> None:
    shown = {file.name: file.read_text(encoding="utf-8") for file in (DOCS / "wiring").glob("*.svg")}
    assert shown == pictures(), "run python -m companion.wiring docs/wiring"
    supplies = {"5V": "5V", "GND": "GND", "ring 5V": "5V", "ring GND": "GND", "all three -": "GND"}
    for diagram in DIAGRAMS.values():
        for wire in diagram.wires:
            assert HEADER[wire.place - 1] == supplies.get(wire.leg, HEADER[wire.place - 1])
            assert not (wire.leg.endswith(("DIN", "DI")) and HEADER[wire.place - 1] != "GPIO10")


def test_each_lamp_shines_and_each_press_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = MockFactory(pin_class=MockPWMPin)
    monkeypatch.setattr(gpiozero.Device, "pin_factory", pins)
    ours = settings(tmp_path, '[light]\ndriver = "leds"\npins = [17, 27]\n[button]\npin = 22\nkeyboard = false\n')
    said: list[str] = []
    lit: list[tuple[bool, bool]] = []

    def wait(seconds: float | None) -> None:
        if seconds is not None:
            lit.append((pins.pin(17).state > 0, pins.pin(27).state > 0))

    assert try_wiring(ours, said.append, wait) == 0
    assert lit == [(True, False), (False, True)]
    assert said == ["lamp 1 of 2", "lamp 2 of 2", "Press each button, hold it, turn the knob. Ctrl-C ends."]


def test_a_ring_that_is_not_there_is_told_and_the_buttons_tried(tmp_path: Path) -> None:
    ours = settings(tmp_path, '[light]\ndriver = "apa102"\n[button]\nkeyboard = false\n')
    said: list[str] = []
    try_wiring(replace(ours), said.append, lambda _seconds: None)
    assert said[0].startswith("/dev/spidev0.0 ")
    assert len(said) == 2


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Pressed(Instant(0)), "pressed: next"),
        (Held(Instant(0)), "held for a second: pause or go on"),
        (HeldLong(Instant(0)), "held for three seconds: microphone off or on"),
        (CommandGiven(Instant(0), Command(Name.PREVIOUS_STEP)), "given: previous step"),
        (Touched(Instant(0)), "a button is down"),
        (DeviceLost(Instant(0), Device.BUTTON, "GPIO 17"), "stuck, or cannot be used: GPIO 17"),
        (DeviceFound(Instant(0), Device.BUTTON, "GPIO 17"), "works again: GPIO 17"),
    ],
)
def test_what_a_button_gives_is_told_in_words(event: Event, words: str) -> None:
    assert told(event) == words


def test_the_command_line_shows_the_header(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--wiring"]) == 0
    assert "GPIO17 11" in capsys.readouterr().out
