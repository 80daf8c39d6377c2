"""A terminal's keys as buttons: space or enter presses, h holds, m holds long."""

import os
import select
import termios
import threading
import tty
from collections.abc import Callable
from typing import Any

from companion.core.errors import DeviceError
from companion.core.event import Device, DeviceLost, Event, Held, HeldLong, Pressed
from companion.core.units import Instant

KEYS: dict[bytes, Callable[[Instant], Event]] = {
    b" ": Pressed,
    b"\n": Pressed,
    b"\r": Pressed,
    b"h": Held,
    b"m": HeldLong,
}


class Keyboard:
    """The terminal of this file descriptor, without waiting for enter and without echo until `close`."""

    def __init__(self, terminal: int, post: Callable[[Event], None], clock: Callable[[], Instant]) -> None:
        self._terminal, self._post, self._clock = terminal, post, clock
        self._former: list[Any] | None = None
        self._wake_reader, self._wake_writer = os.pipe()
        self._thread = threading.Thread(target=self._run, name="keyboard", daemon=True)

    def start(self) -> None:
        """Raises DeviceError when the file descriptor is no terminal."""
        try:
            self._former = termios.tcgetattr(self._terminal)
        except termios.error as error:
            raise DeviceError("The keys need a terminal; start this in one, or choose another button.") from error
        tty.setcbreak(self._terminal)
        self._thread.start()

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._thread.is_alive():
            os.write(self._wake_writer, b"x")
            self._thread.join()
        if self._former is not None:
            self._restore(self._former)
            self._former = None
            os.close(self._wake_reader)
            os.close(self._wake_writer)

    def _restore(self, former: list[Any]) -> None:
        try:
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, former)
        except termios.error:
            return  # the terminal is gone: nothing is left to restore

    def _run(self) -> None:
        while True:
            ready, _, _ = select.select([self._terminal, self._wake_reader], [], [])
            if self._wake_reader in ready:
                return
            if not (keys := self._read()):
                self._post(DeviceLost(self._clock(), Device.BUTTON, "keyboard"))
                return
            for key in keys:
                if (gesture := KEYS.get(bytes([key]))) is not None:
                    self._post(gesture(self._clock()))

    def _read(self) -> bytes:
        """The keys that were pressed; none at the terminal's end."""
        try:
            return os.read(self._terminal, 64)
        except OSError:
            return b""
