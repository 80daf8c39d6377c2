"""Everything that can happen to a session. Each event carries the instant at which it happened."""

from dataclasses import dataclass
from enum import Enum

from companion.core.command import Command
from companion.core.units import Instant


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


@dataclass(frozen=True)
class Pressed(Event):
    """A short press of the one button."""


@dataclass(frozen=True)
class Held(Event):
    """The button was held for a second: pause or go on."""


@dataclass(frozen=True)
class HeldLong(Event):
    """The button was held for three seconds: microphone off or on."""


@dataclass(frozen=True)
class SpeechEnded(Event):
    """The speech with this number was said to its end, or could not be said."""

    speech: int


@dataclass(frozen=True)
class DeadlineReached(Event):
    """The instant that `next_deadline` asked for has come."""


@dataclass(frozen=True)
class DeviceLost(Event):
    device: Device


@dataclass(frozen=True)
class DeviceFound(Event):
    device: Device
