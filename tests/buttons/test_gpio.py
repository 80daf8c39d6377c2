"""The real gpiozero on its own fake pins; times come from the test's clock."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPin
from gpiozero.pins.pi import PiPin

from companion.buttons.finger import MOST_EDGES, Finger
from companion.buttons.gpio import (
    GpioButton,
    Knob,
    Meaning,
    microphone_off_or_on,
    pause_or_go_on,
    previous_step,
)
from companion.core.command import Command, Name
from companion.core.errors import DeviceError
from companion.core.event import (
    CommandGiven,
    Device,
    DeviceFound,
    DeviceLost,
    Event,
    Held,
    HeldLong,
    LetGo,
    Pressed,
    Touched,
)
from companion.core.units import Instant
from tests.buttons.desk import Desk

PIN = 17


class DeskFactory(MockFactory):
    """Fake pins whose kernel has the test's clock."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.ticks = desk.clock


@pytest.fixture
def pins(desk: Desk) -> Iterator[MockFactory]:
    former, gpiozero.Device.pin_factory = gpiozero.Device.pin_factory, DeskFactory(desk)
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


def test_a_press_of_which_a_busy_machine_tells_all_at_once_is_a_press(
    button: GpioButton, pins: MockFactory, desk: Desk
) -> None:
    pin, pressed = pins.pin(PIN), desk.now
    desk.now += 1.0
    for ticks, state in ((pressed, 0), (pressed + 0.15, 1)):
        PiPin._call_when_changed(pin, ticks, state)
    desk.now += 1.0
    assert desk.next() == Pressed(Instant(pressed + 0.15))


def test_a_press_that_bounces_and_is_told_late_bit_by_bit_is_one_press(desk: Desk) -> None:
    """Steady counts from when an edge was told: the rest of the bounces is as late."""
    finger, began = Finger(desk.post, desk.clock, "GPIO 17"), desk.now
    desk.now += 0.5
    finger.start()
    for ago, down in ((0.0, True), (0.002, False), (0.004, True)):
        finger.edge(down, Instant(began + ago), late=0.5)
    finger.edge(False, Instant(began + 0.2), late=0.3)
    desk.now += 1.0
    assert desk.next() == Pressed(Instant(began + 0.2))
    finger.close()
    assert desk.is_quiet()


def test_a_level_that_is_told_late_is_not_steady_at_once(desk: Desk) -> None:
    """However old its date: a bounce that is told as late may be still to come."""
    looks, posted = threading.Semaphore(0), list[Event]()

    def clock() -> Instant:
        looks.release()
        return desk.clock()

    finger = Finger(posted.append, clock, "GPIO 17")
    finger.start()
    finger.edge(True, Instant(desk.now - 0.5), late=0.5)
    assert all(looks.acquire(timeout=30) for _ in range(4)), "it has looked whether anything is due"
    finger.close()
    assert posted == []


@pytest.mark.parametrize("ticks", [-1e9, 1e9])
def test_an_edge_with_the_time_of_another_clock_came_just_now(
    button: GpioButton, pins: MockFactory, desk: Desk, ticks: float
) -> None:
    pin = pins.pin(PIN)
    PiPin._call_when_changed(pin, ticks, 0)
    released = desk.now = desk.now + 0.2
    PiPin._call_when_changed(pin, ticks, 1)
    desk.now += 1.0
    assert desk.next() == Pressed(Instant(released))


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
    assert desk.next() == DeviceLost(Instant(desk.now), Device.BUTTON, "GPIO 17")
    assert desk.next() == DeviceFound(Instant(desk.now), Device.BUTTON, "GPIO 17")
    assert desk.is_quiet(), "least of all does it open the microphone"
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
    finger = Finger(desk.post, desk.clock, "GPIO 17")
    for number in range(MOST_EDGES + 5):
        finger.edge(number % 2 == 0, desk.clock())
    assert finger.dropped == 5


BESIDE = [
    (previous_step, CommandGiven(Instant(0.0), Command(Name.PREVIOUS_STEP))),
    (pause_or_go_on, Held(Instant(0.0))),
    (microphone_off_or_on, HeldLong(Instant(0.0))),
]


@pytest.mark.parametrize(("meaning", "event"), BESIDE)
def test_a_button_beside_it_means_one_thing(
    pins: MockFactory, desk: Desk, meaning: Callable[[Instant], Event], event: Event
) -> None:
    button = GpioButton(PIN, Meaning(desk.post, meaning), desk.clock)
    button.start()
    press(pins, desk, 1.5)
    desk.now += 4.0
    released = press(pins, desk, 0.2)
    desk.now += 1.0
    assert desk.next() == replace(event, at=Instant(released))
    assert desk.is_quiet()
    button.close()


def test_a_button_beside_it_that_is_stuck_is_told(pins: MockFactory, desk: Desk) -> None:
    button = GpioButton(PIN, Meaning(desk.post, previous_step), desk.clock)
    button.start()
    press(pins, desk, 11.0)
    desk.now += 1.0
    assert isinstance(desk.next(), DeviceLost)
    assert isinstance(desk.next(), DeviceFound)
    assert desk.is_quiet()
    button.close()


def test_a_button_to_three_volts_is_pressed_when_its_pin_is_high(pins: MockFactory, desk: Desk) -> None:
    button = GpioButton(PIN, desk.post, desk.clock, pull_up=False)
    button.start()
    pins.pin(PIN).drive_high()
    desk.now += 0.2
    pins.pin(PIN).drive_low()
    released = desk.now
    desk.now += 1.0
    assert desk.next() == Pressed(Instant(released))
    button.close()


CLOCKWISE = [(0, True), (1, True), (0, False), (1, False)]
"""Which leg meets ground or lets go, a detent to the right: the data sheet of a Bourns PEC11R, quadrature."""
KNOB = (5, 6)


def turn(pins: MockFactory, moves: list[tuple[int, bool]]) -> None:
    for leg, grounded in moves:
        pin = pins.pin(KNOB[leg])
        pin.drive_low() if grounded else pin.drive_high()


@pytest.mark.parametrize(
    ("moves", "names"),
    [
        (CLOCKWISE, [Name.LOUDER]),
        ([(1 - leg, grounded) for leg, grounded in CLOCKWISE], [Name.SOFTER]),
        (CLOCKWISE * 3, [Name.LOUDER] * 3),
        ([(0, True), (0, False)] * 5, []),  # a bounce of one leg
        ([(0, True), (0, False), (0, True), (1, True), (0, False), (1, False)], [Name.LOUDER]),
    ],
)
def test_a_knob_turns_the_voice_louder_or_softer(
    pins: MockFactory, desk: Desk, moves: list[tuple[int, bool]], names: list[Name]
) -> None:
    knob = Knob(KNOB, desk.post, desk.clock)
    knob.start()
    turn(pins, moves)
    for name in names:
        assert desk.next() == CommandGiven(Instant(desk.now), Command(name))
    assert desk.is_quiet()
    knob.close()


def test_a_knob_on_a_pin_in_use_is_named(button: GpioButton, desk: Desk) -> None:
    knob = Knob((PIN, 6), desk.post, desk.clock)
    with pytest.raises(DeviceError, match=r"The knob on GPIO 17 and 6 cannot be used .*; choose other pins\."):
        knob.start()
    knob.close()


@pytest.mark.parametrize(
    ("meaning", "events"),
    [
        (previous_step, [Touched, LetGo, CommandGiven]),
        (pause_or_go_on, [Touched, Held]),
        (microphone_off_or_on, [Touched, HeldLong]),
    ],
)
def test_a_touch_of_a_button_beside_it_ends_with_what_it_means(
    pins: MockFactory, desk: Desk, meaning: Callable[[Instant], tuple[Event, ...]], events: list[type[Event]]
) -> None:
    button = GpioButton(PIN, Meaning(desk.post, meaning), desk.clock)
    button.start()
    press(pins, desk, 0.2)
    desk.now += 1.0
    assert [type(desk.next_of_all()) for _ in events] == events
    press(pins, desk, 1.5)
    desk.now += 1.0
    assert [type(desk.next_of_all()) for _ in range(2)] == [Touched, LetGo]
    button.close()
