"""A real pseudo-terminal: what is typed at one end is read at the other."""

import os
import pty
import termios
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from companion.buttons.keyboard import Keyboard
from companion.core.errors import DeviceError
from companion.core.event import Device, DeviceLost, Held, HeldLong, Pressed
from companion.core.units import Instant
from tests.buttons.desk import Desk

NOW = Instant(100.0)


@dataclass
class Terminal:
    typist: int
    screen: int


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    typist, screen = pty.openpty()
    yield Terminal(typist, screen)
    for end in (typist, screen):
        try:
            os.close(end)
        except OSError:
            continue


@pytest.mark.parametrize(
    ("typed", "events"),
    [
        (b" ", [Pressed(NOW)]),
        (b"\n", [Pressed(NOW)]),
        (b"h", [Held(NOW)]),
        (b"m", [HeldLong(NOW)]),
        (b"x?\x1b[A  ", [Pressed(NOW), Pressed(NOW)]),
        (b"hm ", [Held(NOW), HeldLong(NOW), Pressed(NOW)]),
    ],
)
def test_keys_are_gestures(terminal: Terminal, typed: bytes, events: list[Pressed]) -> None:
    desk = Desk()
    keyboard = Keyboard(terminal.screen, desk.post, desk.clock)
    keyboard.start()
    os.write(terminal.typist, typed)
    assert [desk.next() for _ in events] == events
    keyboard.close()
    assert desk.is_quiet()


def test_the_terminal_waits_for_no_enter_and_echoes_nothing_until_it_is_closed(terminal: Terminal) -> None:
    desk = Desk()
    former = termios.tcgetattr(terminal.screen)
    keyboard = Keyboard(terminal.screen, desk.post, desk.clock)
    keyboard.start()
    local = termios.tcgetattr(terminal.screen)[3]
    assert not local & (termios.ECHO | termios.ICANON)
    assert local & termios.ISIG, "ctrl-c still interrupts"
    keyboard.close()
    assert termios.tcgetattr(terminal.screen) == former
    keyboard.close()


def test_a_terminal_that_is_gone_is_a_lost_button(terminal: Terminal) -> None:
    desk = Desk()
    keyboard = Keyboard(terminal.screen, desk.post, desk.clock)
    keyboard.start()
    os.close(terminal.typist)
    assert desk.next() == DeviceLost(NOW, Device.BUTTON, "keyboard")
    keyboard.close()


def test_what_is_no_terminal_is_refused() -> None:
    desk = Desk()
    reader, writer = os.pipe()
    keyboard = Keyboard(reader, desk.post, desk.clock)
    with pytest.raises(DeviceError) as refusal:
        keyboard.start()
    assert str(refusal.value) == "The keys need a terminal; start this in one, or choose another button."
    keyboard.close()
    os.close(reader)
    os.close(writer)
