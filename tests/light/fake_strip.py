"""A ring that behaves: it stays as it was told, counts who opens it, and can be pulled out and put back."""

from dataclasses import dataclass, field

from companion.core.errors import DeviceError
from companion.light.colour import Pixels
from companion.light.strip import Strip


@dataclass
class FakeRing:
    """LEDs on a wire. `opened` gives a Strip on it; what they show outlives the strip, as LEDs do."""

    count: int = 12
    pulled: bool = False
    shown: list[Pixels] = field(default_factory=list)
    opens: int = 0
    strips: int = 0
    """How many are open now."""

    def opened(self) -> Strip:
        self.opens += 1
        if self.pulled:
            raise DeviceError("The ring is not there; check its wires.")
        self.strips += 1
        return _FakeStrip(self)


class _FakeStrip:
    def __init__(self, ring: FakeRing) -> None:
        self._ring, self.count, self._closed = ring, ring.count, False

    def show(self, pixels: Pixels) -> None:
        assert not self._closed, "shown after closing"
        assert len(pixels) == self.count
        if self._ring.pulled:
            raise DeviceError("The ring is gone; check its wires.")
        self._ring.shown.append(pixels)

    def close(self) -> None:
        assert not self._closed
        self._closed = True
        self._ring.strips -= 1
