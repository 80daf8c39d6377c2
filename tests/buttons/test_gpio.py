"""The real gpiozero on its own fake pins; times come from the test's clock."""

from collections.abc import Iterator

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from companion.buttons.finger import MOST_EDGES, Finger
from companion.buttons.gpio import GpioButton
from companion.core.errors import DeviceError
from companion.core.event import Device, DeviceFound, DeviceLost, Held, HeldLong, Pressed
from companion.core.units import Instant
from tests.buttons.desk import Desk

PIN = 17


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    former, gpiozero.Device.pin_factory = gpiozero.Device.pin_factory, MockFactory()
    yield gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory.reset()
    gpiozero.Device.pin_factory = former


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def button(pins: MockFactory, desk: Desk) -> Iterator[GpioButton]:
    built = GpioButton(PIN, desk.post, desk.clock)
    built.start()
    yield built
    built.close()


class GroundedPin(MockPin):
    """A pin that somebody's elbow holds down: no pull-up lifts it."""

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        self._change_state(False)


def press(pins: MockFactory, desk: Desk, seconds: float) -> float:
    """Ground the pin for so long; the instant of letting go."""
    pins.pin(PIN).drive_low()
    desk.now += seconds
    pins.pin(PIN).drive_high()
    return desk.now


@pytest.mark.parametrize(("seconds", "gesture"), [(0.2, Pressed), (1.5, Held)])
def test_a_grounded_pin_is_a_press_or_a_hold(
    button: GpioButton, pins: MockFactory, desk: Desk, seconds: float, gesture: type[Pressed] | type[Held]
) -> None:
    released = press(pins, desk, seconds)
    desk.now += 1.0
    assert desk.next() == gesture(Instant(released))
    assert desk.is_quiet()


def test_a_bouncing_contact_is_one_press(button: GpioButton, pins: MockFactory, desk: Desk) -> None:
    for bounce in (0.002, 0.001, 0.004):
        press(pins, desk, bounce)
        desk.now += 0.003
    released = press(pins, desk, 0.2)
    desk.now += 1.0
    assert desk.next() == Pressed(Instant(released))
    assert desk.is_quiet()


def test_a_button_that_is_down_from_the_start_is_seen(pins: MockFactory, desk: Desk) -> None:
    gpiozero.Device.pin_factory = MockFactory(pin_class=GroundedPin)
    button = GpioButton(PIN, desk.post, desk.clock)
    button.start()
    desk.now += 20.0
    gpiozero.Device.pin_factory.pin(PIN).drive_high()
    desk.now += 1.0
    assert desk.next() == HeldLong(Instant(103.0))
    assert desk.next() == DeviceLost(Instant(desk.now), Device.BUTTON)
    assert desk.next() == DeviceFound(Instant(desk.now), Device.BUTTON)
    button.close()


def test_a_closed_button_gives_its_pin_back(pins: MockFactory, desk: Desk) -> None:
    for _ in range(2):
        button = GpioButton(PIN, desk.post, desk.clock)
        button.start()
        button.close()


def test_a_pin_in_use_is_named(button: GpioButton, desk: Desk) -> None:
    second = GpioButton(PIN, desk.post, desk.clock)
    with pytest.raises(DeviceError, match=r"The button on GPIO 17 cannot be used .*; choose another pin\."):
        second.start()
    second.close()


def test_a_button_that_never_started_closes(desk: Desk) -> None:
    GpioButton(PIN, desk.post, desk.clock).close()


def test_edges_beyond_the_queue_are_counted(desk: Desk) -> None:
    finger = Finger(desk.post, desk.clock)
    for number in range(MOST_EDGES + 5):
        finger.edge(number % 2 == 0, desk.clock())
    assert finger.dropped == 5
