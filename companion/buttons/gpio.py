"""A button on a pin: between a GPIO and ground, pulled up. Debounced by our gestures, not by gpiozero."""

from collections.abc import Callable
from typing import Any

from companion.buttons.finger import Finger
from companion.core.errors import DeviceError
from companion.core.event import Event
from companion.core.units import Instant


class GpioButton:
    """The button on this GPIO number (BCM)."""

    def __init__(self, pin: int, post: Callable[[Event], None], clock: Callable[[], Instant]) -> None:
        self._pin, self._clock = pin, clock
        self._finger = Finger(post, clock)
        self._button: Any = None

    def start(self) -> None:
        """Raises DeviceError naming the pin when it cannot be used."""
        import gpiozero

        try:
            # gpiozero's own bounce_time would hide edges, and its fake pins do not know it.
            self._button = gpiozero.Button(self._pin, pull_up=True, bounce_time=None)
        except gpiozero.GPIOZeroError as error:
            raise DeviceError(
                f"The button on GPIO {self._pin} cannot be used ({error}); choose another pin."
            ) from error
        self._finger.start()
        if self._button.is_pressed:
            self._finger.edge(True, self._clock())
        self._button.when_pressed = lambda: self._finger.edge(True, self._clock())
        self._button.when_released = lambda: self._finger.edge(False, self._clock())

    def close(self) -> None:
        if self._button is not None:
            self._button.close()
        self._finger.close()
