"""The reader on devices that behave: a pipe carries their events, pulling the cable makes reading fail."""

import os
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from companion.buttons import presenter as presenter_module
from companion.buttons.presenter import InputDevice, Presenter, has_keys, plugged_in
from companion.core.command import Command, Name
from companion.core.event import CommandGiven, Device, DeviceFound, DeviceLost, Pressed
from companion.core.units import Instant
from tests.buttons.desk import Desk

ENTER, SPACE, RIGHT, PAGE_DOWN, PAGE_UP, LEFT, LETTER_B = 28, 57, 106, 109, 104, 105, 48
KEYS, SYNC, REPEAT = 1, 0, 2


class FakeDevice:
    """An input device: `press` moves its keys, `pull_out` takes it away."""

    def __init__(self, path: str, name: str = "Presenter", keys: tuple[int, ...] = (PAGE_DOWN,)) -> None:
        self.path, self.name, self._keys = path, name, keys
        self._reader, self._writer = os.pipe()
        self.closed = self.grabbed = self._pulled = False

    def fileno(self) -> int:
        return self._reader

    def capabilities(self) -> dict[int, list[int]]:
        return {SYNC: [0, 1], KEYS: list(self._keys)}

    def grab(self) -> None:
        self.grabbed = True

    def emit(self, kind: int, code: int, value: int) -> None:
        os.write(self._writer, bytes([kind, code, value]))

    def read(self) -> list[SimpleNamespace]:
        if self._pulled:
            raise OSError(19, "No such device")
        data = os.read(self._reader, 300)
        events = [data[place : place + 3] for place in range(0, len(data), 3)]
        return [SimpleNamespace(type=kind, code=code, value=value) for kind, code, value in events]

    def pull_out(self) -> None:
        self._pulled = True
        os.write(self._writer, b"\0\0\0")

    def close(self) -> None:
        assert not self.closed
        self.closed = True


class Hub:
    """What is plugged in."""

    def __init__(self) -> None:
        self.devices: list[FakeDevice] = []
        self.looks = threading.Semaphore(0)

    def find(self, known: frozenset[str]) -> list[InputDevice]:
        self.looks.release()
        return [device for device in self.devices if device.path not in known]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def presenter(hub: Hub, desk: Desk) -> Iterator[Presenter]:
    built = Presenter(None, desk.post, desk.clock, hub.find, first_pause=0.001)
    yield built
    built.close()


def press(device: FakeDevice, desk: Desk, key: int) -> None:
    device.emit(KEYS, key, 1)
    device.emit(SYNC, 0, 0)
    device.emit(KEYS, key, REPEAT)
    device.emit(KEYS, key, 0)


@pytest.mark.parametrize("key", [ENTER, SPACE, RIGHT, PAGE_DOWN])
def test_a_button_key_reaches_the_gestures(hub: Hub, desk: Desk, key: int) -> None:
    """Down and up at one instant of a clock that stands still is a glitch: time must pass between them."""
    ticks = iter(range(1000))
    presenter = Presenter(None, desk.post, lambda: Instant(next(ticks) * 0.1), hub.find, first_pause=0.001)
    device = FakeDevice("/dev/input/event0")
    hub.devices.append(device)
    presenter.start()
    press(device, desk, key)
    assert isinstance(desk.next(), Pressed)
    presenter.close()


@pytest.mark.parametrize("key", [PAGE_UP, LEFT])
def test_a_back_key_is_the_previous_step(presenter: Presenter, hub: Hub, desk: Desk, key: int) -> None:
    device = FakeDevice("/dev/input/event0")
    hub.devices.append(device)
    presenter.start()
    press(device, desk, LETTER_B)
    press(device, desk, key)
    assert desk.next() == CommandGiven(Instant(100.0), Command(Name.PREVIOUS_STEP))
    assert desk.is_quiet()


def test_a_presenter_may_come_go_and_come_again(presenter: Presenter, hub: Hub, desk: Desk) -> None:
    presenter.start()
    for _ in range(3):
        assert hub.looks.acquire(timeout=30)
    assert desk.is_quiet(), "what was never there is not lost"
    first = FakeDevice("/dev/input/event0")
    hub.devices = [first]
    press(first, desk, PAGE_UP)
    assert isinstance(desk.next(), CommandGiven)
    hub.devices = []
    first.pull_out()
    assert desk.next() == DeviceLost(Instant(100.0), Device.BUTTON, "presenter")
    assert first.closed
    second = FakeDevice("/dev/input/event0")
    hub.devices = [second]
    assert desk.next() == DeviceFound(Instant(100.0), Device.BUTTON, "presenter")
    press(second, desk, PAGE_UP)
    assert isinstance(desk.next(), CommandGiven)
    assert desk.is_quiet()


@pytest.mark.parametrize("step_s", [0.04, 1.5])
def test_a_button_that_is_pulled_out_while_down_means_nothing(hub: Hub, desk: Desk, step_s: float) -> None:
    """Least of all that the microphone, which the group has closed, opens."""
    ticks = iter(range(10_000))
    presenter = Presenter(None, desk.post, lambda: Instant(next(ticks) * step_s), hub.find, first_pause=0.001)
    device = FakeDevice("/dev/input/event0")
    hub.devices = [device]
    presenter.start()
    device.emit(KEYS, PAGE_DOWN, 1)
    press(device, desk, PAGE_UP)
    assert isinstance(desk.next(), CommandGiven), "all that came before was read"
    hub.devices = []
    device.pull_out()
    assert isinstance(desk.next(), DeviceLost)
    another = FakeDevice("/dev/input/event1")
    hub.devices = [another]
    assert isinstance(desk.next(), DeviceFound)
    another.emit(KEYS, PAGE_DOWN, 0)
    press(another, desk, PAGE_UP)
    assert isinstance(desk.next(), CommandGiven), "what is let go now was never pressed"
    presenter.close()
    assert desk.is_quiet()


def test_looks_never_get_rarer_than_it_may_take_to_find_a_presenter(
    presenter: Presenter, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presenter_module, "LONGEST_PAUSE", 0.002)
    presenter.start()
    assert all(hub.looks.acquire(timeout=5) for _ in range(60))


def test_a_second_device_is_found_while_the_first_is_used(presenter: Presenter, hub: Hub, desk: Desk) -> None:
    pedal, clicker = FakeDevice("/dev/input/event0", "Pedal"), FakeDevice("/dev/input/event1")
    hub.devices = [pedal]
    presenter.start()
    press(pedal, desk, PAGE_UP)
    assert isinstance(desk.next(), CommandGiven)
    hub.devices = [pedal, clicker]
    press(clicker, desk, PAGE_UP)
    assert isinstance(desk.next(), CommandGiven)
    hub.devices = [pedal]
    clicker.pull_out()
    press(pedal, desk, PAGE_UP)
    assert isinstance(desk.next(), CommandGiven)
    assert desk.is_quiet(), "a device is left: the button is not lost"


def test_closing_gives_the_devices_back(hub: Hub, desk: Desk) -> None:
    device = FakeDevice("/dev/input/event0")
    hub.devices = [device]
    presenter = Presenter(None, desk.post, desk.clock, hub.find)
    presenter.start()
    assert hub.looks.acquire(timeout=30)
    presenter.close()
    assert device.closed


class FakeEvdev:
    """The two names of evdev that are used, over a table of devices."""

    def __init__(self, *devices: FakeDevice) -> None:
        self._devices = {device.path: device for device in devices}

    def list_devices(self) -> list[str]:
        return [*self._devices, "/dev/input/forbidden"]

    def InputDevice(self, path: str) -> FakeDevice:  # noqa: N802
        if path not in self._devices:
            raise PermissionError(13, "Permission denied")
        return self._devices[path]


def test_only_devices_with_our_keys_are_opened() -> None:
    mouse = FakeDevice("/dev/input/event0", keys=(0x110,))
    pedal, known = FakeDevice("/dev/input/event1", keys=(SPACE,)), FakeDevice("/dev/input/event2")
    assert plugged_in(FakeEvdev(mouse, pedal, known), frozenset({known.path}), None) == [pedal]
    assert mouse.closed
    assert not pedal.closed
    assert not pedal.grabbed, "without a name it may be somebody's keyboard"


def test_a_device_by_name_is_taken_for_us_alone() -> None:
    keyboard, clicker = FakeDevice("/dev/input/event0", "Keyboard"), FakeDevice("/dev/input/event1", "Logi R400")
    assert plugged_in(FakeEvdev(keyboard, clicker), frozenset(), "r400") == [clicker]
    assert clicker.grabbed
    assert keyboard.closed


def test_the_key_codes_are_those_of_the_kernel() -> None:
    codes = pytest.importorskip("evdev", reason="evdev is not installed").ecodes
    assert (codes.KEY_ENTER, codes.KEY_SPACE, codes.KEY_RIGHT, codes.KEY_PAGEDOWN) == (28, 57, 106, 109)
    assert (codes.KEY_KPENTER, codes.KEY_PAGEUP, codes.KEY_LEFT, codes.EV_KEY) == (96, 104, 105, 1)
    assert has_keys({codes.EV_KEY: [codes.KEY_SPACE]})
    assert not has_keys({codes.EV_REL: [codes.KEY_SPACE]})
