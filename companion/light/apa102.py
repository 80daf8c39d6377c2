"""APA102 and SK9822 LEDs: clocked data, so no timing to keep.

A frame by the APA102 data sheet (Shenzhen Led Color Opto): 32 zero bits; for each LED 111 and 5 bits of global
brightness, then blue, green, red; at the end at least half a clock a LED, as each LED delays the data by half a
clock. SK9822 latches on 32 zero bits more (cpldcpu, "SK9822 - a clone of the APA102?"), so the end is zeros.
"""

from companion.light.colour import Pixels
from companion.light.spi import Spi, sent

HERTZ = 4_000_000
"""Well below what long wires bear, and 60 LEDs take half a millisecond."""
_FULL = 0b111_11111


class Apa102Strip:
    def __init__(self, count: int, spi: Spi) -> None:
        self.count = count
        self._spi = spi

    def show(self, pixels: Pixels) -> None:
        sent(self._spi, encoded(pixels))

    def close(self) -> None:
        self._spi.close()


def encoded(pixels: Pixels) -> bytes:
    """A whole frame: start, LEDs, end."""
    leds = bytes(value for red, green, blue in pixels for value in (_FULL, blue, green, red))
    return bytes(4) + leds + bytes(4 + (len(pixels) + 15) // 16)
