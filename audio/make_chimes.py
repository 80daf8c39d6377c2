"""Makes the device's own sounds: `python audio/make_chimes.py [folder]`.

Each note is a sine with two faint harmonics, let in over 60 ms by half a cosine so that it startles nobody, and
left to die away. The quietest sound that everybody at a table hears through a small loudspeaker: a peak of
-12 dB below full scale. Nothing here was recorded.
"""

import sys
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 22050
ONSET = 0.06
"""Seconds in which a note swells."""
PEAK = 0.25
"""Of full scale: -12 dB."""
HARMONICS = (1.0, 0.2, 0.06)

C5, E5, G5 = 523.25, 659.26, 783.99
CHIMES = {
    "turn": ((0.0, E5, 0.9),),
    "end": ((0.0, G5, 1.0), (0.35, C5, 1.6)),
    "start": ((0.0, C5, 0.9), (0.3, E5, 0.9), (0.6, G5, 1.4)),
}
"""Notes as (begin in s, frequency in Hz, length in s): one for the next speaker, down for an end, up for a start."""


def note(frequency: float, length: float) -> NDArray[np.float64]:
    """One note as values of -1 to 1, shape (length * RATE,)."""
    t = np.arange(round(length * RATE)) / RATE
    tone = sum(a * np.sin(2 * np.pi * frequency * (i + 1) * t) for i, a in enumerate(HARMONICS))
    swell = 0.5 - 0.5 * np.cos(np.pi * np.minimum(t / ONSET, 1.0))
    decay = np.exp(-4.6 * t / length) * np.minimum((length - t) / 0.05, 1.0)
    return np.asarray(tone * swell * decay)


def chime(notes: tuple[tuple[float, float, float], ...]) -> NDArray[np.int16]:
    sound = np.zeros(round(max(begin + length for begin, _, length in notes) * RATE) + 1)
    for begin, frequency, length in notes:
        samples, start = note(frequency, length), round(begin * RATE)
        sound[start : start + len(samples)] += samples
    return np.round(sound / np.abs(sound).max() * PEAK * 32767).astype("<i2")


def main(folder: Path) -> None:
    for name, notes in CHIMES.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(chime(notes).tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
