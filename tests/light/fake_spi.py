"""A bus that behaves: it keeps the waveform, and reads it as the LEDs at its end would."""

from dataclasses import dataclass, field
from itertools import groupby

KERNEL_BUFFER = 4096
"""Bytes of one transfer; between two of them the bus rests for as long as the kernel likes."""


@dataclass
class FakeSpi:
    """Stands for an opened spidev.SpiDev at `hertz`; `pull_out` ends it."""

    hertz: int = 1_000_000
    frames: list[bytes] = field(default_factory=list)
    """What was sent, transfer by transfer: a frame of at most 4096 bytes is one."""
    closed: bool = False
    gone: bool = False

    def writebytes2(self, values: bytes) -> None:
        assert not self.closed, "written to after closing"
        if self.gone:
            raise OSError(108, "Cannot send after transport endpoint shutdown")
        starts = range(0, len(values), KERNEL_BUFFER)
        self.frames.extend(bytes(values[start : start + KERNEL_BUFFER]) for start in starts)

    def close(self) -> None:
        self.closed = True

    def pull_out(self) -> None:
        self.gone = True


@dataclass(frozen=True)
class Pulse:
    """High and then low, in nanoseconds; the low before a reset is as long as the silence."""

    high: float
    low: float


def pulses(frame: bytes, hertz: float) -> list[Pulse]:
    """The frame's waveform as pulses; the bus is low before and after."""
    bits = "".join(f"{byte:08b}" for byte in frame).lstrip("0")
    runs = [(level, sum(1 for _ in run)) for level, run in groupby(bits)]
    lengths = [count / hertz * 1e9 for _, count in runs]
    return [Pulse(*pair) for pair in zip(lengths[::2], lengths[1::2], strict=True)]


def received(waveform: list[Pulse]) -> list[int]:
    """The bytes that a WS2812 reads: a pulse of more than 500 ns is a one."""
    bits = [int(pulse.high > 500) for pulse in waveform]
    assert len(bits) % 8 == 0, "a byte was cut off"
    return [int("".join(map(str, bits[place : place + 8])), 2) for place in range(0, len(bits), 8)]
