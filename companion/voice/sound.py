"""Sound as the voice keeps it: mono 16-bit samples, all at one rate."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from companion.core.units import Seconds

RATE = 22050
"""Samples a second of everything that is played: what espeak-ng gives, so that most sound is never resampled."""

PAUSE, MOMENT = 0.25, 2.5
"""Seconds of silence between two sentences of a speech, and after one that ends in "…": a moment to think about it."""

Samples = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Pcm:
    """`samples` has shape (n,); `rate` is in samples a second."""

    samples: Samples
    rate: int = RATE

    @property
    def seconds(self) -> Seconds:
        return Seconds(len(self.samples) / self.rate)

    def at_house_rate(self) -> "Pcm":
        """The same sound at RATE."""
        if self.rate == RATE:
            return self
        return Pcm(np.asarray(soxr.resample(self.samples, self.rate, RATE), dtype=np.int16))


def pause_after(text: str) -> float:
    """Seconds of silence between this sentence and the next."""
    return MOMENT if text.endswith("…") else PAUSE


def silence(seconds: float) -> Pcm:
    return Pcm(np.zeros(round(seconds * RATE), dtype=np.int16))


def joined(parts: Iterable[Pcm]) -> Pcm:
    """One after the other, at RATE; no parts make a sound of no length."""
    samples = [part.at_house_rate().samples for part in parts]
    return Pcm(np.concatenate(samples) if samples else np.zeros(0, dtype=np.int16))
