"""Everything that can happen to a session. Each event carries the instant at which it happened."""

from dataclasses import dataclass
from enum import Enum

from companion.core.command import Command
from companion.core.units import Instant

HOLD, HOLD_LONG, STUCK = 1.0, 3.0, 10.0
"""Seconds down for a hold and a long hold, and after which a button counts as stuck."""


class Device(Enum):
    MICROPHONE = "microphone"
    SPEAKER = "speaker"
    RING = "ring"
    BUTTON = "button"


@dataclass(frozen=True)
class Event:
    at: Instant


@dataclass(frozen=True)
class CommandGiven(Event):
    """A command was heard, typed, or given by a button that stands for it."""

    command: Command
    began: Instant | None = None
    """When the speech began, where it was heard: a verdict takes time, and the session may have moved meanwhile."""


@dataclass(frozen=True)
class CommandDoubted(Event):
    """Something was nearly heard as a command: said once more soon, it counts."""


@dataclass(frozen=True)
class Touched(Event):
    """A button went down; what it means is known when it is let go. Keys that know no down give none."""


@dataclass(frozen=True)
class LetGo(Event):
    """A button that was touched means nothing: it was only brushed, or it is stuck."""


@dataclass(frozen=True)
class Pressed(Event):
    """A short press of the one button, given when it is let go."""


@dataclass(frozen=True)
class Held(Event):
    """The button was let go after HOLD: pause or go on."""


@dataclass(frozen=True)
class HeldLong(Event):
    """The button was let go after HOLD_LONG: microphone off or on."""


@dataclass(frozen=True)
class SpeechEnded(Event):
    """The speech with this number was said to its end, or could not be said."""

    speech: int


@dataclass(frozen=True)
class DeadlineReached(Event):
    """The instant that `next_deadline` asked for has come."""


NOISE = "noise"
"""Part of a microphone that is lost while no command can be heard: the room is never quiet, or the machine cannot keep
up with its sound. Shown, not told."""


@dataclass(frozen=True)
class DeviceLost(Event):
    device: Device
    part: str = ""
    """Which one, where there are several; the device is lost as long as any of them is."""


@dataclass(frozen=True)
class DeviceFound(Event):
    device: Device
    part: str = ""
