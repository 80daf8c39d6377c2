"""A language of tones, and a recogniser that understands it: speech without a model, a voice or a file.

Each phrase is a tone of its own pitch that swells and fades; the recogniser measures the pitch. It answers
as a real one does: the phrase that was said scores high, all others as ordinary speech does.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from companion.core.command import Command, Name
from companion.hearing.calibration import Calibration
from companion.hearing.mel import RATE, Sound
from companion.hearing.recogniser import Scores
from companion.hearing.verdict import Norm, Thresholds
from companion.language.phrases import Phrase

NEXT, PAUSE, TIME = Command(Name.NEXT_STEP), Command(Name.PAUSE), Command(Name.TIME_LEFT)
PHRASES = (
    Phrase("volgende fase", NEXT, True),
    Phrase("pauze", PAUSE, True),
    Phrase("hoeveel tijd nog", TIME, True),
)
CALIBRATION = Calibration({}, Norm(-4.0, 0.5), Thresholds(z=4.0, ratio=-1.0, margin=1.0, moving=0.5))
BACKGROUND, CLEAR, UNCLEAR = -4.0, 0.0, -2.2
"""Scores of what was not said (z 0), said clearly (z 8), mumbled (z 3.6)."""


def pitch(place: int) -> float:
    return 400.0 + 150.0 * place


def tone(place: int, seconds: float = 0.9, level: float = 0.2) -> NDArray[np.int16]:
    """The phrase at this place, said in this time."""
    t = np.arange(round(seconds * RATE)) / RATE
    swell = np.minimum(1.0, 20 * np.minimum(t, seconds - t))
    return (level * 32767 * swell * np.sin(2 * np.pi * pitch(place) * t)).astype(np.int16)


def hush(seconds: float, level: float = 2e-4) -> NDArray[np.int16]:
    """The hiss of a quiet room."""
    noise = np.random.default_rng(7).normal(0, level * 32767, round(seconds * RATE))
    return np.rint(noise).astype(np.int16)


class ToneRecogniser:
    """Understands `tone`; a tone quieter than 0.05 is mumbled."""

    model = "tones"

    def __init__(self) -> None:
        self.sounds: list[int] = []
        """Lengths, in samples, of the sounds it was given."""

    def prepare(self, phrases: Sequence[str], cohort: Sequence[str] = (), decoys: Sequence[str] = ()) -> None:
        self.phrases = phrases

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        self.sounds.append(len(sound))
        said, high = self._said(sound), UNCLEAR if np.abs(sound).max() < 0.05 else CLEAR
        return Scores(tuple(high if place == said else BACKGROUND for place in places), high)

    def unknown(self, phrases: Sequence[str]) -> tuple[int, ...]:
        return ()

    def unheard(self, places: Sequence[int]) -> tuple[float, ...]:
        return ()

    def naive(self, sound: Sound, places: Sequence[int]) -> tuple[int, float] | None:
        said = self._said(sound)
        return (said, 0.6 if np.abs(sound).max() < 0.05 else 1.0) if said in places else None

    def _said(self, sound: Sound) -> int:
        spectrum = np.abs(np.fft.rfft(sound, 1 << 17))
        return round((float(np.argmax(spectrum)) * RATE / (1 << 17) - pitch(0)) / 150.0)
