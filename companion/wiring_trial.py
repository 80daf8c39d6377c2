"""Tries each lamp and each button of the settings, live: one sees the lamp and reads what a press was taken for."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from companion.app import now
from companion.core.command import Command
from companion.core.errors import DeviceError
from companion.core.event import CommandGiven, DeviceFound, DeviceLost, Event, Held, HeldLong, LetGo, Pressed, Touched
from companion.light.colour import Pixels
from companion.light.strip import Strip, dark
from companion.opening import has_light, open_buttons, open_strip
from companion.settings import Settings

LAMP_LASTS = 0.4
"""Seconds for which each lamp shines."""
_WHITE = (60, 60, 60)

Tell = Callable[[str], object]


def try_wiring(settings: Settings, tell: Tell, wait: Callable[[float | None], object] | None = None) -> int:
    """Light each lamp in turn, then tell what the buttons give until Ctrl-C. `wait` stands in for waiting in tests."""
    wait = wait or threading.Event().wait
    with ExitStack() as stack:
        if has_light(settings.light) and settings.light.driver not in ("terminal", "auto"):
            try:
                strip = open_strip(settings.light)
            except DeviceError as fault:
                tell(str(fault))
            else:
                stack.callback(strip.close)
                _try_lamps(strip, tell, wait)

        def post(event: Event) -> None:
            if not isinstance(event, LetGo):
                tell(told(event))

        open_buttons(stack, settings.button, post, now)
        tell("Press each button, hold it, turn the knob. Ctrl-C ends.")
        wait(None)
    return 0


def _try_lamps(strip: Strip, tell: Tell, wait: Callable[[float | None], object]) -> None:
    for place, frame in enumerate(one_by_one(strip.count), start=1):
        tell(f"lamp {place} of {strip.count}")
        strip.show(frame)
        wait(LAMP_LASTS)
    strip.show(dark(strip.count))


def one_by_one(count: int) -> Iterator[Pixels]:
    for lit in range(count):
        yield tuple(_WHITE if place == lit else (0, 0, 0) for place in range(count))


def told(event: Event) -> str:
    """What an event of a button means, in words."""
    match event:
        case Touched():
            return "a button is down"
        case Pressed():
            return "pressed: next"
        case Held():
            return "held for a second: pause or go on"
        case HeldLong():
            return "held for three seconds: microphone off or on"
        case CommandGiven(command=Command(name=name)):
            return f"given: {name.value.replace('_', ' ')}"
        case DeviceLost(part=part):
            return f"stuck, or cannot be used: {part}"
        case DeviceFound(part=part):
            return f"works again: {part}"
        case _:
            return type(event).__name__.lower()
