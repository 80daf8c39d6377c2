"""Buttons and a knob on pins. Debounced by our gestures, not by gpiozero.

The one button gives every gesture. Buttons beside it have one meaning each, given when they are pressed shortly:
the step before, pause or go on, microphone off or on. A knob (a rotary encoder) turns the voice louder or softer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from companion.buttons.finger import Finger
from companion.core.command import Command, Name
from companion.core.errors import DeviceError
from companion.core.event import CommandGiven, Event, Held, HeldLong, LetGo, Pressed
from companion.core.units import Instant

MOST_LATE = 1.0
"""Seconds that an edge may be told after it came; more is no time of this clock."""

Post = Callable[[Event], None]
Clock = Callable[[], Instant]


def previous_step(at: Instant) -> tuple[Event, ...]:
    return LetGo(at), CommandGiven(at, Command(Name.PREVIOUS_STEP))


def pause_or_go_on(at: Instant) -> tuple[Event, ...]:
    return (Held(at),)


def microphone_off_or_on(at: Instant) -> tuple[Event, ...]:
    return (HeldLong(at),)


@dataclass(frozen=True)
class Meaning:
    """Posts the same events for every short press, and that longer ones mean nothing; touches and faults pass."""

    post: Post
    events: Callable[[Instant], tuple[Event, ...]]

    def __call__(self, event: Event) -> None:
        meant: tuple[Event, ...] = (event,)
        if isinstance(event, Pressed):
            meant = self.events(event.at)
        elif isinstance(event, Held | HeldLong):
            meant = (LetGo(event.at),)
        for each in meant:
            self.post(each)


class GpioButton:
    """The button on this GPIO number (BCM)."""

    def __init__(self, pin: int, post: Post, clock: Clock, pull_up: bool = True) -> None:
        """`pull_up`: its other leg goes to ground; else to 3.3 V, and the pin is pulled down."""
        self._pin, self._clock, self._pull_up = pin, clock, pull_up
        self._finger = Finger(post, clock, f"GPIO {pin}")
        self._button: Any = None

    def start(self) -> None:
        """Raises DeviceError naming the pin when it cannot be used."""
        import gpiozero

        try:
            # gpiozero's own bounce_time would hide edges, and its fake pins do not know it.
            self._button = gpiozero.Button(self._pin, pull_up=self._pull_up, bounce_time=None)
        except Exception as error:  # lgpio raises what is no GPIOZeroError for a busy pin
            raise DeviceError(
                f"The button on GPIO {self._pin} cannot be used ({error}); choose another pin."
            ) from error
        self._finger.start()
        if self._button.is_pressed:
            self._finger.edge(True, self._clock())
        self._button.when_pressed = lambda: self._edge(True, self._button.active_time)
        self._button.when_released = lambda: self._edge(False, self._button.inactive_time)

    def close(self) -> None:
        if self._button is not None:
            self._button.close()
        self._finger.close()

    def _edge(self, down: bool, ago: float | None) -> None:
        """`ago`: seconds since the kernel saw it. A busy machine tells both edges of a press at once."""
        late = ago if ago is not None and 0.0 <= ago <= MOST_LATE else 0.0
        self._finger.edge(down, Instant(self._clock() - late), late)


class Knob:
    """A rotary encoder on two pins, its middle leg to ground: clockwise is louder.

    gpiozero decodes the two phases, and a bounce that goes back and forth counts for nothing.
    """

    def __init__(self, pins: tuple[int, int], post: Post, clock: Clock) -> None:
        self._pins, self._post, self._clock = pins, post, clock
        self._encoder: Any = None

    def start(self) -> None:
        """Raises DeviceError naming the pins when they cannot be used."""
        import gpiozero

        try:
            self._encoder = gpiozero.RotaryEncoder(*self._pins, max_steps=0)
        except Exception as error:  # lgpio raises what is no GPIOZeroError for a busy pin
            names = " and ".join(str(pin) for pin in self._pins)
            raise DeviceError(f"The knob on GPIO {names} cannot be used ({error}); choose other pins.") from error
        self._encoder.when_rotated_clockwise = lambda: self._turned(Name.LOUDER)
        self._encoder.when_rotated_counter_clockwise = lambda: self._turned(Name.SOFTER)

    def _turned(self, name: Name) -> None:
        self._post(CommandGiven(self._clock(), Command(name)))

    def close(self) -> None:
        if self._encoder is not None:
            self._encoder.close()
