"""A few plain LEDs on pins of their own, each as bright as the strongest colour of its pixel."""

from collections.abc import Sequence
from typing import Any

from companion.core.errors import DeviceError
from companion.light.colour import Pixels


class PlainLeds:
    """LEDs on these GPIO numbers (BCM), first to last. Raises DeviceError naming the pin that cannot be used."""

    def __init__(self, pins: Sequence[int]) -> None:
        self.count = len(pins)
        self._leds: list[Any] = []
        for pin in pins:
            self._leds.append(self._opened(pin))

    def show(self, pixels: Pixels) -> None:
        """Raises DeviceError naming the lamp that takes no value."""
        for number, (led, pixel) in enumerate(zip(self._leds, pixels, strict=True), start=1):
            try:
                led.value = max(pixel) / 255
            except Exception as error:
                raise DeviceError(f"Lamp {number} cannot be lit ({error}); check its wires.") from error

    def close(self) -> None:
        for led in self._leds:
            led.close()

    def _opened(self, pin: int) -> Any:
        import gpiozero

        try:
            return gpiozero.PWMLED(pin)
        except Exception as error:  # lgpio raises what is no GPIOZeroError for a busy pin
            self.close()
            raise DeviceError(f"A lamp on GPIO {pin} cannot be used ({error}); choose another pin.") from error
