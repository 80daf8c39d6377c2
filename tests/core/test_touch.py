"""What a finger on a button does to the session before anybody knows what it will mean, and what a stuck one does."""

from dataclasses import replace

import pytest

from companion.core.command import Name
from companion.core.event import (
    HOLD,
    HOLD_LONG,
    STUCK,
    Device,
    DeviceFound,
    DeviceLost,
    Held,
    HeldLong,
    LetGo,
    Pressed,
    Touched,
)
from companion.core.scene import TOUCH_LASTS, scene
from companion.core.session import step
from companion.core.state import Mode, State
from companion.core.units import Instant
from tests.core.table import Driver, a_method, a_session

STATES = [state for state in State if state is not State.ENDED]


def shown(driver: Driver, later: float = 0.0) -> tuple[int | None, int]:
    """The touch that the light shows some seconds later, and what letting go would mean."""
    meaning = scene(driver.session, Instant(driver.now + later))
    return meaning.touch, meaning.hold


def test_a_finger_is_shown_as_long_as_it_is_down_and_what_it_will_mean() -> None:
    driver = Driver(a_session()).to_first_step()
    driver.wait(TOUCH_LASTS)
    assert shown(driver) == (None, 0)
    driver.give(Touched(driver.now))
    touch, hold = shown(driver)
    assert touch is not None
    assert hold == 0
    assert shown(driver, HOLD - 0.01) == (touch, 0)
    assert shown(driver, HOLD + 0.01) == (touch, 1)
    assert shown(driver, HOLD_LONG + 0.01) == (touch, 2)
    assert shown(driver, STUCK) == (None, 0), "what is stuck is no finger"


@pytest.mark.parametrize("end", [Pressed, Held, HeldLong, LetGo])
def test_a_short_touch_is_shown_long_enough_to_be_seen(end: type[Pressed]) -> None:
    driver = Driver(a_session()).to_first_step()
    driver.wait(1.0)
    driver.give(Touched(driver.now))
    touch, _ = shown(driver)
    driver.now = Instant(driver.now + 0.1)
    driver.give(end(driver.now))
    assert shown(driver, TOUCH_LASTS - 0.11) == (touch, 0)
    assert shown(driver, TOUCH_LASTS) == (None, 0)


def test_each_touch_has_a_number_of_its_own_and_keys_are_touches_too() -> None:
    driver = Driver(a_session())
    numbers = []
    for event in (Touched, Pressed, Pressed, Touched, LetGo, Held):
        driver.give(event(driver.now))
        numbers.append(shown(driver)[0])
    assert numbers == [1, 1, 2, 3, 3, 4]


def test_letting_go_of_what_was_not_touched_is_nothing() -> None:
    session = a_session()
    assert step(session, LetGo(Instant(1.0))) == (session, ())


@pytest.mark.parametrize("speaks", [True, False])
def test_a_press_is_shown_whether_it_moves_or_only_silences(speaks: bool) -> None:
    driver = Driver(a_session()).to_first_step()
    driver.wait(1.0)
    if speaks:
        driver.command(Name.WHICH_STEP)
    before = shown(driver)
    driver.press()
    assert before == (None, 0)
    assert shown(driver)[0] is not None


@pytest.mark.parametrize("state", STATES)
def test_a_touch_is_shown_in_every_state(state: State) -> None:
    driver = Driver(a_session()).to_first_step()
    driver.session = replace(driver.session, state=state, resumes=(State.RUNNING,), touch=None)
    driver.give(Touched(driver.now))
    assert shown(driver)[0] is not None


@pytest.mark.parametrize("mode", [Mode.NATURAL, Mode.BUTTON])
def test_a_stuck_button_opens_no_microphone(mode: Mode) -> None:
    driver = Driver(a_session(mode=mode, microphone_off=True))
    before = driver.session.microphone
    driver.give(Touched(driver.now))
    for _ in range(3):
        driver.wait(STUCK)
    driver.give(LetGo(driver.now))
    driver.give(DeviceLost(driver.now, Device.BUTTON, "GPIO 17"))
    assert driver.session.microphone is before


def test_one_freed_button_leaves_the_fault_of_another() -> None:
    driver = Driver(a_session())
    for part in ("GPIO 17", "GPIO 23"):
        driver.give(DeviceLost(driver.now, Device.BUTTON, part))
    driver.give(DeviceFound(driver.now, Device.BUTTON, "GPIO 23"))
    assert driver.session.lost == {Device.BUTTON}
    assert scene(driver.session, driver.now).fault
    driver.press()
    assert driver.said().count("lost_button") == 1, "told once, and not forgotten"
    driver.give(DeviceFound(driver.now, Device.BUTTON, "GPIO 17"))
    assert not driver.session.lost


def test_methods_turn_with_one_press_each_though_their_names_are_being_said() -> None:
    driver = Driver(a_session(a_method(id="a"), a_method(id="b"), a_method(id="c"), people=None))
    for expected in ("b", "c", "a"):
        driver.press()
        assert driver.session.speech is not None
        assert driver.session.method.id == expected
    assert driver.said() == ["verbatim"] * 3
    driver.hold()
    assert driver.state is State.COUNTING


def test_a_press_while_something_else_is_said_at_ready_only_silences_it() -> None:
    driver = Driver(a_session(a_method(id="a"), a_method(id="b"), people=None))
    driver.command(Name.HELP)
    driver.press()
    assert driver.session.speech is None
    assert driver.session.method.id == "a"
