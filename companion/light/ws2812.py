"""WS2812B and SK6812 LEDs: one wire, on which the width of a pulse is the bit, drawn by the SPI bus.

Eight bits of SPI a bit at 6.25 MHz make pulses of 320 ns (0) and 640 ns (1) in 1.28 us: within WS2812B-V5 (Worldsemi:
T0H 220-380, T1H 580-1000, low 580-1000 ns) and SK6812 (Opsco: 300 and 600 ns high, 900 and 600 ns low, +- 150 ns).
Three bits a bit at 2.4 MHz make 417 and 833 ns: within the WS2812B before V5 (400 and 800 ns high, 850 and 450 ns low,
+- 150 ns), whose one is 10 ns longer than the first gives. A zero byte in front keeps the first bit whole where the
bus idles high; silence at the end makes the LEDs show what they got.

The bus divides the core's clock by an even number, rounded up (Linux, spi-bcm2835.c and spi-dw-core.c): 6.25 MHz is
250 MHz / 40 (Pi 3 and Zero 2 W with core_freq=250), 500 / 80 (Pi 4 with core_freq=500 and core_freq_min=500) and
200 / 32 (Pi 5, whose bus has a clock of its own). Without these lines in config.txt the core changes its clock between
250 and 400 MHz, or 200 and 500, and the pulses with it: no data sheet allows that.
"""

from dataclasses import dataclass
from enum import Enum

from companion.light.colour import Pixel, Pixels
from companion.light.spi import Spi, sent

RESET_SECONDS = 300e-6
"""Longer than the 280 us that WS2812B-V5 asks for between two frames (older ones 50 us, SK6812 80 us)."""


class Order(Enum):
    """The order in which a LED takes its colours."""

    GRB = "grb"
    RGB = "rgb"
    GRBW = "grbw"


@dataclass(frozen=True)
class Encoding:
    """How a bit becomes bits of SPI."""

    hertz: int
    width: int
    """Bits of SPI a bit."""
    zero: int
    one: int


EIGHT = Encoding(6_250_000, 8, 0b11000000, 0b11110000)
THREE = Encoding(2_400_000, 3, 0b100, 0b110)
ENCODINGS = {"short": EIGHT, "long": THREE}
"""By the name that the settings use."""


class Ws2812Strip:
    """`spi` was opened at `encoding.hertz`."""

    def __init__(self, count: int, spi: Spi, order: Order = Order.GRB, encoding: Encoding = EIGHT) -> None:
        self.count = count
        self._spi, self._order, self._encoding = spi, order, encoding
        self._table = tuple(_wave(value, encoding) for value in range(256))

    def show(self, pixels: Pixels) -> None:
        sent(self._spi, self._encoded(pixels))

    def close(self) -> None:
        self._spi.close()

    def _encoded(self, pixels: Pixels) -> bytes:
        leds = b"".join(self._table[value] for pixel in pixels for value in ordered(pixel, self._order))
        return bytes(1) + leds + bytes(int(RESET_SECONDS * self._encoding.hertz / 8) + 1)


def ordered(pixel: Pixel, order: Order) -> tuple[int, ...]:
    """The colours as the LED takes them; a white LED takes over what the three have in common."""
    red, green, blue = pixel
    if order is Order.RGB:
        return (red, green, blue)
    if order is Order.GRB:
        return (green, red, blue)
    white = min(pixel)
    return (green - white, red - white, blue - white, white)


def _wave(value: int, encoding: Encoding) -> bytes:
    """One byte of colour as bits of SPI: `width` bytes."""
    bits = 0
    for place in range(7, -1, -1):
        bits = bits << encoding.width | (encoding.one if value >> place & 1 else encoding.zero)
    return bits.to_bytes(encoding.width, "big")
