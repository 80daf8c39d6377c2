"""Cuts speech that stands alone out of the stream; longer talk is dropped before any recogniser sees it.

An utterance has quiet before and after it and lasts 0.3 s to as long as the longest phrase may take. The
sound lies in one buffer that is allocated once and overwritten with zeros when the utterance is done with.
"""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from companion.hearing.activity import FRAME, FRAME_S, Frame

SHORTEST = 0.3
"""Seconds of speech under which it is a click or a scrap, not a command: the shortest "ja" and "nee" of the tune half
last 0.35 s. From 0.2 s on, scraps of talk by people passed for "nee" while a question was open, 21 in 797 turns."""
LONGEST = 4.0
"""Seconds of speech that a phrase may take at most."""
QUIET_BEFORE = 0.4
"""Seconds without speech that must come before an utterance: a command stands alone."""
QUIET_AFTER = 0.45
"""Seconds without speech after which an utterance has ended."""
_PAD = 0.22
"""Seconds kept before and after what was found to be speech: the soft edges of words."""
_LIKELY_AFTER = 0.19
"""Seconds without speech after which what was said is worth reading: all but the last of its soft edge is there."""
_LIKELY_MOST = 1.6
"""Seconds of speech up to which that is so: of the tune half's commands 98 % are no longer where it is quiet, 97 % in a
room, 94 % in a kitchen. What is longer is mostly talk that goes on: it is read when the whole quiet was heard."""
NEVER_QUIET_AFTER = 30.0
"""Seconds without the quiet that must come before a command, after which that is told."""
_TAIL_DB = 20.0
"""dB under the loudest part of the last speech from which a level is its echo, not speech."""
_STILL = 3
"""Frames without a sound after which that echo is over: it must not become the next utterance by itself."""

_SHORTEST = math.ceil(SHORTEST / FRAME_S)
_LONGEST_LIKELY = round(_LIKELY_MOST / FRAME_S)
_KEPT = round(_PAD / FRAME_S)
_LIKELY = round(_LIKELY_AFTER / FRAME_S)
_NEVER_QUIET = round(NEVER_QUIET_AFTER / FRAME_S)


class Drop(Enum):
    """Why speech was dropped before any recogniser saw it."""

    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    """It went on: talk."""


class _State(Enum):
    WAITING = "for quiet"
    QUIET = "quiet"
    SPEECH = "speech"


@dataclass(frozen=True)
class Voices:
    """When a voice was heard in a sound: what is louder than the room's noise may be noise, too."""

    frames: NDArray[np.bool_]
    """Whether the detector takes a frame for a voice, frame by frame since the sound's beginning."""
    speech_s: float
    """Length of the speech, without the quiet kept around it, in seconds."""

    @property
    def voiced_s(self) -> float:
        """From the first voice to the last one, in seconds; `speech_s` where there is none."""
        at = np.flatnonzero(self.frames)
        return float(at[-1] - at[0] + 1) * FRAME_S if len(at) else self.speech_s

    def beside_s(self, begin_s: float, end_s: float) -> tuple[float, float]:
        """Seconds of voice before the one instant and after the other; both count from the sound's beginning."""
        starts = np.arange(len(self.frames)) * FRAME_S
        before, after = self.frames & (starts + FRAME_S < begin_s), self.frames & (starts > end_s)
        return float(np.count_nonzero(before)) * FRAME_S, float(np.count_nonzero(after)) * FRAME_S


@dataclass(frozen=True)
class Utterance:
    """A stretch of speech that stood alone. Its arrays are views that `wipe` turns to zeros."""

    sound: NDArray[np.int16]
    voices: Voices
    ended: int
    """Number of the frame that was the last with speech."""


class Utterances:
    """Follows one stream of frames; one thread."""

    def __init__(self, longest: float = LONGEST, before: float = QUIET_BEFORE, after: float = QUIET_AFTER) -> None:
        self._most, self._before, self._after = (round(seconds / FRAME_S) for seconds in (longest, before, after))
        length = self._most + self._after + 2 * _KEPT
        self._buffer, self._voices = np.zeros(length * FRAME, np.int16), np.zeros(length, np.bool_)
        self._frame = -1
        # What the device says itself brings the room no quiet: a reset leaves this as it is.
        self._waited = 0
        self.dropped: Drop | None = None
        """Of the last frame fed: whether speech was dropped with it, and why."""
        self.reset()

    @property
    def likely(self) -> Utterance | None:
        """What would be the utterance if nobody speaks on: told once, when it is worth reading, if it is short."""
        length = self._last - self._first + 1 if self.under_way else 0
        if self._silent != _LIKELY or not _SHORTEST <= length <= min(_LONGEST_LIKELY, self._most):
            return None
        return self._cut(length)

    @property
    def under_way(self) -> bool:
        """Speech that may become an utterance is going on."""
        return self._state is _State.SPEECH

    @property
    def never_quiet(self) -> bool:
        """For `NEVER_QUIET_AFTER` seconds of listening and more there was no quiet: no command could be heard."""
        return self._waited >= _NEVER_QUIET

    def reset(self, quiet_s: float = 0.0) -> None:
        """Forget everything; what is being said counts as never said.

        Quiet must come first; `quiet_s` seconds of it count as heard already.
        """
        self.wipe()
        self._state = _State.WAITING
        self._peak = -np.inf
        self._first = self._last = self._frame
        self._silent = round(quiet_s / FRAME_S)
        self._still = 0

    def wipe(self) -> None:
        """Overwrite the sound with zeros."""
        self._buffer[:] = 0
        self._voices[:] = False
        self._kept = 0

    def skip(self) -> None:
        """A frame went by that nobody listened to."""
        self._frame += 1

    def feed(self, samples: NDArray[np.int16], frame: Frame) -> Utterance | None:
        """The next 512 samples; an utterance once the quiet after it is long enough.

        The caller must `wipe` it before the next call.
        """
        self._frame += 1
        self.dropped = None
        self._follow_echo(frame)
        active = frame.speech and (frame.voice or frame.level > self._peak - _TAIL_DB)
        self._silent = 0 if active else self._silent + 1
        if active:
            self._peak = max(self._peak, frame.level)
            self._last = self._frame
        if self._state is _State.WAITING:
            self._wait()
        elif self._state is _State.QUIET:
            self._keep_lead(samples, frame.voice)
            if active:
                self._state, self._first = _State.SPEECH, self._frame
        else:
            self._keep(samples, frame.voice)
            return self._listen_on()
        return None

    def _follow_echo(self, frame: Frame) -> None:
        """Between utterances a still room has no echo left: whatever sounds next may be speech."""
        self._still = 0 if frame.speech else self._still + 1
        if self._state is _State.QUIET and self._still >= _STILL:
            self._peak = -np.inf

    def _wait(self) -> None:
        self._waited += 1
        if self._silent >= self._before:
            self._state, self._waited = _State.QUIET, 0

    def _listen_on(self) -> Utterance | None:
        length = self._last - self._first + 1
        if length > self._most:
            self.wipe()
            self._state, self.dropped = _State.WAITING, Drop.TOO_LONG
        elif self._silent >= self._after:
            self._state = _State.QUIET
            if length >= _SHORTEST:
                return self._cut(length)
            self.wipe()
            self.dropped = Drop.TOO_SHORT
        return None

    def _cut(self, length: int) -> Utterance:
        end = min(self._kept, self._kept - self._silent + _KEPT)
        return Utterance(self._buffer[: end * FRAME], Voices(self._voices[:end], length * FRAME_S), self._last)

    def _keep_lead(self, samples: NDArray[np.int16], is_voice: bool) -> None:
        if self._kept == _KEPT:
            self._kept -= 1
            self._buffer[: self._kept * FRAME] = self._buffer[FRAME : (self._kept + 1) * FRAME]
        self._keep(samples, is_voice)

    def _keep(self, samples: NDArray[np.int16], is_voice: bool) -> None:
        self._buffer[self._kept * FRAME : (self._kept + 1) * FRAME] = samples
        self._voices[self._kept] = is_voice
        self._kept += 1
