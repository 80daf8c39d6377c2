"""What is done to a rendered sentence before it is kept: silence trimmed, loudness evened out, ends faded.

Loudness is the mean power of the frames in which somebody speaks: those above -70 dBFS and no more than 10 dB
below the mean of these, the two gates of ITU-R BS.1770-4 without its weighting of frequencies, which one voice
on one small loudspeaker does not need. Sentences that were rendered alike then sound alike to a few decibels.
"""

import numpy as np
from numpy.typing import NDArray

from companion.voice.sound import RATE, Pcm, Samples

VERSION = 1
"""Part of the key under which a sentence is kept: raise it when anything here changes."""
TARGET_DB = -20.0
"""Loudness of every sentence in dB below full scale: full enough for a small loudspeaker, with room for peaks."""
PEAK_DB = -1.0
"""No sample is louder than this, even where a sentence then stays below the target."""
FRAME = RATE // 50
QUIET_DB = -45.0
"""What is this far below the peak at either end counts as silence."""
MARGIN = RATE // 50
"""Samples kept before and after what is heard: soft consonants begin below the threshold."""
FADE = RATE // 200


def processed(pcm: Pcm) -> Pcm:
    """The sentence as it is kept, at RATE."""
    return Pcm(faded(levelled(trimmed(pcm.at_house_rate().samples))))


def trimmed(samples: Samples) -> Samples:
    """Without the silence at either end; a sound of nothing but silence becomes empty."""
    loud = np.abs(samples.astype(np.int32))
    heard = np.flatnonzero(loud > loud.max(initial=0) * _ratio(QUIET_DB))
    if not len(heard):
        return samples[:0]
    return samples[max(0, heard[0] - MARGIN) : heard[-1] + MARGIN]


def levelled(samples: Samples) -> Samples:
    """At the target loudness, or as near to it as the peak allows."""
    present, peak = loudness(samples), float(np.abs(samples.astype(np.int32)).max(initial=0))
    if present is None:
        return samples
    gain = min(_ratio(TARGET_DB - present), _ratio(PEAK_DB) * 32767 / peak)
    return np.round(samples * gain).astype(np.int16)


def loudness(samples: Samples) -> float | None:
    """Gated loudness in dB relative to full scale; None where there is nothing to hear."""
    whole = len(samples) // FRAME * FRAME
    frames = (samples[:whole].astype(np.float64) / 32768).reshape(-1, FRAME)
    power: NDArray[np.float64] = np.mean(frames**2, axis=1)
    power = power[power > 10 ** (-70 / 10)]
    if not len(power):
        return None
    power = power[power >= np.mean(power) / 10]
    return float(10 * np.log10(np.mean(power)))


def faded(samples: Samples) -> Samples:
    """With 5 ms ramps at both ends, so that no cut clicks."""
    length = min(FADE, len(samples) // 2)
    ramp = np.ones(len(samples))
    ramp[:length] = np.linspace(0.0, 1.0, length, endpoint=False)
    ramp[len(samples) - length :] = ramp[:length][::-1]
    return np.round(samples * ramp).astype(np.int16)


def _ratio(decibels: float) -> float:
    return float(10 ** (decibels / 20))
