"""The loudspeaker: blocks of samples in, sound out; what was not heard yet can be dropped at once.

Callback streams of PortAudio fail in the service's sandbox (MemoryDenyWriteExecute), so blocks are written.
A write to a suspended or hung sound server never returns, so each is preceded by a look at how much room there
is, and a loudspeaker that makes no room for three seconds counts as lost.
"""

import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

import numpy as np
import soxr

from companion.core.errors import DeviceError
from companion.core.units import Seconds
from companion.voice.sound import RATE, Samples

BLOCK = RATE // 100
"""Samples written at a time, 10 ms: how often the voice can change its mind."""
LATENCY = 0.1
"""Seconds of sound under way: enough for a busy small machine; what is cut off is dropped, not waited for."""
LEAD = 3 * BLOCK
"""Samples of silence in front: the first 5 to 10 ms after a start were lost on PulseAudio (measured)."""
PULSE_LATENCY = "50"
"""Milliseconds under way in PulseAudio or PipeWire, unless the environment says otherwise. Their plugin of ALSA tells
a latency that is too short: without this, up to 0.4 s was cut off at the end of a sentence (measured)."""
LONGEST_WAIT = 3.0
"""Seconds without room for one block after which the loudspeaker is lost."""
_POLL = 0.002
_RATES = (RATE, 48_000, 44_100)
"""To be tried in turn: the raw device of ALSA refuses what a loudspeaker cannot do by itself, and most on USB cannot do
the first. PortAudio makes two channels of one itself."""
_BEHIND = 0.08
"""Seconds that a resampler keeps back at most: nothing of four blocks, then 37 ms at once (soxr 1.1, measured)."""
_INVALID_RATE = -9997
"""paInvalidSampleRate of <portaudio.h>."""
_CHATTER = {
    "libasound.so.2": ("snd_lib_error_set_handler",),
    "libjack.so.0": ("jack_set_error_function", "jack_set_info_function"),
}
"""What a library that PortAudio uses writes its errors with; None is its usual way, standard error."""


class Speaker(Protocol):
    """Mono samples at RATE; one thread uses it. Every method raises DeviceError when the loudspeaker is gone."""

    @property
    def latency(self) -> Seconds:
        """How long after a write its sound is heard, at most."""

    def write(self, block: Samples) -> None:
        """Take a block of at most BLOCK samples; returns when there was room for it, at the speed of the sound."""

    def cut(self) -> None:
        """Be silent at once: drop what was written and not heard."""

    def finish(self) -> None:
        """Return when all that was written has been heard."""

    def close(self) -> None:
        """Give the device back; no error."""


class PortAudioSpeaker:
    """A loudspeaker by its PortAudio name (a part of it will do); None for the system's default.

    It is opened once and stays open; the stream runs only while something is said.
    """

    def __init__(self, device: str | None = None) -> None:
        self._name = device or "default loudspeaker"
        self._stream = _opened(device, self._name)
        self._resampler: _Resampler
        self._room = Seconds(0.0)
        """What the empty stream has room for: on PulseAudio more than its latency tells (measured)."""

    @property
    def latency(self) -> Seconds:
        return Seconds(self._stream.latency + (0.0 if self._stream.samplerate == RATE else _BEHIND))

    def write(self, block: Samples) -> None:
        self._play(block)

    def cut(self) -> None:
        with _named(self._name):
            self._stream.abort()

    def finish(self) -> None:
        # After an underrun the room lies empty: it takes the quiet at once, so time has to pass as well.
        quiet, began = np.zeros(BLOCK, dtype=np.int16), time.monotonic()
        self._play(quiet, last=True)
        written = BLOCK / RATE
        while written < self._room or time.monotonic() - began < self._room:
            written += self._play(quiet)
        self.cut()

    def close(self) -> None:
        # PortAudio does not close what it cannot abort: of a card that was pulled out two descriptors stay open. A USB
        # card gives its number back all the same, and is found when it is plugged in again.
        self._stream.close(ignore_errors=True)

    def _play(self, block: Samples, last: bool = False) -> Seconds:
        """How much sound this gave the stream; `last` keeps nothing of it back."""
        with _named(self._name):
            if self._stream.stopped:
                self._start()
            sound = self._resampler.of(block, last)
            for start in range(0, len(sound), BLOCK):
                self._put(sound[start : start + BLOCK])
            return Seconds(len(sound) / self._stream.samplerate)

    def _put(self, piece: Samples) -> None:
        waited = 0.0
        while self._stream.write_available < len(piece):
            if waited > LONGEST_WAIT:
                raise DeviceError(f'Loudspeaker "{self._name}" takes no more sound; check its cable.')
            time.sleep(_POLL)
            waited += _POLL
        self._stream.write(piece.tobytes())

    def _start(self) -> None:
        self._stream.start()
        self._resampler = _Resampler(self._stream.samplerate)
        self._room = Seconds(max(self._stream.write_available / self._stream.samplerate, self._stream.latency))
        self._stream.write(self._resampler.of(np.zeros(LEAD, dtype=np.int16), last=True).tobytes())


class _Resampler:
    """Brings blocks at RATE to the rate of a stream; as they are where it is the same."""

    def __init__(self, rate: float) -> None:
        self._soxr = None if rate == RATE else soxr.ResampleStream(RATE, rate, 1, dtype="int16")

    def of(self, block: Samples, last: bool) -> Samples:
        """In pieces of some 40 ms, at most _BEHIND behind, until it is told that this is the last."""
        if self._soxr is None:
            return block
        sound: Samples = self._soxr.resample_chunk(block, last)
        if last:
            self._soxr.clear()
        return sound


def initialise() -> None:
    """Let PortAudio look for sound cards; while it does, what anybody else writes to standard error is lost."""
    import sounddevice  # noqa: F401 - importing it is what initialises it


@contextmanager
def _named(loudspeaker: str) -> Iterator[None]:
    """Turns PortAudio's errors into a DeviceError that names the loudspeaker."""
    import sounddevice

    try:
        yield
    except (sounddevice.PortAudioError, ValueError) as error:
        remedy = "plug one in, or name another as voice.device in the settings"
        raise DeviceError(f'Loudspeaker "{loudspeaker}" cannot be used ({error.args[0]}); {remedy}.') from error


def _opened(device: str | None, name: str) -> Any:
    """The stream; PortAudio's list of devices is read anew when the first look fails, as it never updates itself."""
    import sounddevice

    os.environ.setdefault("PULSE_LATENCY_MSEC", PULSE_LATENCY)

    def attempt() -> Any:
        for rate in _RATES:
            try:
                return sounddevice.RawOutputStream(
                    samplerate=rate, channels=1, dtype="int16", device=device, latency=LATENCY, blocksize=0
                )
            except sounddevice.PortAudioError as error:
                if error.args[1:2] != (_INVALID_RATE,):
                    raise
                refusal = error
        raise refusal

    try:
        return attempt()
    except (sounddevice.PortAudioError, ValueError):
        with _named(name):
            _look_anew(sounddevice)
            return attempt()


def _look_anew(sounddevice: Any) -> None:
    """Let PortAudio read its list of devices again, at the cost of every stream of this process.

    sounddevice's own way sends standard error nowhere meanwhile: warnings of other threads would be lost, and a
    process begun in that moment would keep it so.
    """
    with _hushed_libraries():
        sounddevice._lib.Pa_Terminate()
        sounddevice._check(sounddevice._lib.Pa_Initialize(), "PortAudio does not start")


@contextmanager
def _hushed_libraries() -> Iterator[None]:
    """ALSA and JACK say nothing of each device that is not there, some 90 lines a look.

    They are given a function of C that does nothing: one of Python would need memory that is executable.
    """
    setters = []
    for library, names in _CHATTER.items():
        with suppress(OSError, AttributeError):  # without the library there is nothing to hush
            loaded = ctypes.CDLL(library)
            setters += [getattr(loaded, name) for name in names]
    for setter in setters:
        setter(ctypes.CDLL(None).abs)
    try:
        yield
    finally:
        for setter in setters:
            setter(None)
