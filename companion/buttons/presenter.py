"""A USB presenter, foot pedal or big USB button, by evdev: plugged in at any time, found by looking now and then."""

import logging
import os
import selectors
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from companion.buttons.finger import Finger
from companion.core.command import Command, Name
from companion.core.errors import DeviceError
from companion.core.event import CommandGiven, Device, DeviceFound, DeviceLost, Event
from companion.core.units import Instant

BUTTON_KEYS = frozenset({28, 57, 96, 106, 109})
"""Enter, space, keypad enter, right, page down: codes of linux/input-event-codes.h."""
BACK_KEYS = frozenset({104, 105})
"""Page up, left."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 10.0
"""Seconds between two looks for devices; each pause is half as long again, until one comes or goes."""
_KEY_EVENTS = 1
_UP, _DOWN = 0, 1

_log = logging.getLogger(__name__)


class InputDevice(Protocol):
    """What is used of evdev.InputDevice."""

    @property
    def path(self) -> str: ...

    def fileno(self) -> int: ...

    def read(self) -> Any:
        """The events that wait, each with `type`, `code` and `value`. Raises OSError when it was pulled out."""

    def close(self) -> None: ...


Finder = Callable[[frozenset[str]], list[InputDevice]]
"""Opens every fitting device but those with these paths."""


class Presenter:
    """Devices that have one of the keys; `name` is a part of their name, None for any of them.

    A device that is asked for by name is taken away from everything else that reads keys; without a name the
    keyboard of a computer counts too. `post` is called from threads of this object.
    """

    def __init__(
        self,
        name: str | None,
        post: Callable[[Event], None],
        clock: Callable[[], Instant],
        finder: Finder | None = None,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._post, self._clock = post, clock
        self._finder, self._name = finder, name
        self._finger = Finger(post, clock, "presenter's key")
        self._first_pause = first_pause
        self._selector = selectors.DefaultSelector()
        self._wake_reader, self._wake_writer = os.pipe()
        self._devices: dict[str, InputDevice] = {}
        self._lost = False
        self._thread = threading.Thread(target=self._run, name="presenter", daemon=True)

    def start(self) -> None:
        """Raises DeviceError when evdev is not installed. One that was never there is not lost: it is waited for."""
        if self._finder is None:
            evdev, name = imported_evdev(), self._name
            self._finder = lambda known: plugged_in(evdev, known, name)
        self._selector.register(self._wake_reader, selectors.EVENT_READ)
        self._finger.start()
        self._thread.start()

    def close(self) -> None:
        if self._thread.is_alive():
            os.write(self._wake_writer, b"x")
            self._thread.join()
        self._finger.close()
        self._selector.close()
        os.close(self._wake_reader)
        os.close(self._wake_writer)

    def _run(self) -> None:
        pause = self._first_pause
        changed: bool | None = True
        while changed is not None:
            pause = self._first_pause if changed else min(LONGEST_PAUSE, 1.5 * pause)
            came = self._looked_around()
            went = self._read_until_quiet(pause)
            changed = None if went is None else came or went
        self._give_back(list(self._devices))

    def _read_until_quiet(self, pause: float) -> bool | None:
        """Take keys until none came for so long: False. A device went: True, at once. Closed: None."""
        while ready := self._selector.select(pause):
            files = [key.fileobj for key, _ in ready]
            if self._wake_reader in files:
                return None
            if not all(self._took(file) for file in files):
                return True
        return False

    def _looked_around(self) -> bool:
        """Open what was plugged in; whether there was any."""
        assert self._finder is not None
        found = self._finder(frozenset(self._devices))
        for device in found:
            self._devices[device.path] = device
            self._selector.register(device, selectors.EVENT_READ)
        if found and self._lost:
            self._lost = False
            self._post(DeviceFound(self._clock(), Device.BUTTON, "presenter"))
        return bool(found)

    def _took(self, device: Any) -> bool:
        """Read what waits; False when the device is gone."""
        try:
            for event in device.read():
                if event.type == _KEY_EVENTS and event.value in (_UP, _DOWN):
                    self._key(event.code, event.value == _DOWN)
        except BlockingIOError:
            return True
        except OSError as error:
            _log.warning("A presenter was pulled out (%s).", error.strerror)
            self._give_back([device.path])
            self._finger.abandon(self._clock())
            self._tell_if_lost()
            return False
        return True

    def _tell_if_lost(self) -> None:
        if not self._devices:
            self._lost = True
            self._post(DeviceLost(self._clock(), Device.BUTTON, "presenter"))

    def _key(self, code: int, down: bool) -> None:
        if code in BUTTON_KEYS:
            self._finger.edge(down, self._clock())
        elif code in BACK_KEYS and down:
            self._post(CommandGiven(self._clock(), Command(Name.PREVIOUS_STEP)))

    def _give_back(self, paths: list[str]) -> None:
        for path in paths:
            device = self._devices.pop(path)
            self._selector.unregister(device)
            device.close()


def plugged_in(evdev: Any, known: frozenset[str], name: str | None) -> list[InputDevice]:
    """Every readable input device with one of the keys and this part of a name, but the known ones, opened."""
    found: list[InputDevice] = []
    for path in set(evdev.list_devices()) - known:
        try:
            device = evdev.InputDevice(path)
            if has_keys(device.capabilities()) and (name is None or name.lower() in device.name.lower()):
                if name is not None:
                    device.grab()
                found.append(device)
            else:
                device.close()
        except OSError as error:  # pulled out meanwhile, or held by somebody else
            _log.info("An input device is left alone (%s).", error.strerror)
    return found


def has_keys(capabilities: Mapping[int, list[int]]) -> bool:
    """Whether a device with these codes by event type can press our button."""
    return not BUTTON_KEYS.isdisjoint(capabilities.get(_KEY_EVENTS, []))


def imported_evdev() -> Any:
    try:
        import evdev
    except ImportError as error:
        raise DeviceError("A presenter needs the package evdev; install python3-evdev.") from error
    return evdev
