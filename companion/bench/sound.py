"""Sound files read, checked and measured: one channel of floats at 16 kHz, full scale 1."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from companion.core.errors import SoundFileError
from companion.hearing.mel import RATE, Sound

HISS = 10 ** (-75 / 20)
"""Root mean square of a quiet room, added to everything: no microphone gives exact zeros."""
_SEED = 20260102
_EDGE = 10**-3.0
"""Of the loudest energy: what lies 30 dB under it is no speech any more."""
_OVER_NOISE = 10**0.6
"""Nor is what lies within 6 dB of the recording's own noise, the 5th percentile of its energies."""
_QUIETEST = 5


def is_empty(file: Path, where: str = "") -> bool:
    """Whether it has no length, by its header. Raises SoundFileError where it is no sound; `where` is the manifest
    and its line."""
    try:
        return not soundfile.info(file).frames
    except (OSError, RuntimeError) as error:
        raise _unreadable(file, where, error) from error


def read_sound(file: Path, where: str = "") -> Sound:
    """One channel at 16 kHz without direct current; several are mixed, as a microphone's.

    Raises SoundFileError, see `is_empty`.
    """
    try:
        sound, rate = soundfile.read(file, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise _unreadable(file, where, error) from error
    if not len(sound):
        raise empty(file, where)
    if not np.isfinite(sound).all():
        raise SoundFileError(f"{_at(where)}{file} holds samples that are no numbers; make it again, or take it out.")
    mixed = sound.mean(axis=1)
    # A microphone's direct current is there all the time: between clips it would be a step that no room has.
    mixed -= mixed.mean()
    return np.array(mixed if rate == RATE else soxr.resample(mixed, rate, RATE), np.float32)


def read_audible(file: Path) -> Sound:
    """The same of a noise or a room's response. Raises SoundFileError also where it holds silence only."""
    sound = read_sound(file)
    if not sound.any():
        raise SoundFileError(f"{file} holds only silence: no noise and no room; name another file.")
    return sound


def empty(file: Path, where: str) -> SoundFileError:
    return SoundFileError(f"{_at(where)}{file} holds no sound; take it out.")


def _unreadable(file: Path, where: str, error: Exception) -> SoundFileError:
    told = str(error).removeprefix(f"Error opening {str(file)!r}: ").rstrip(".")
    reason = told if file.exists() else "it is not there"
    return SoundFileError(f"{_at(where)}{file} cannot be read as sound ({reason}); mend it, or take it out.")


def _at(where: str) -> str:
    return f"{where}: " if where else ""


def silence(seconds: float) -> Sound:
    """A quiet room for so long: what ends a stream."""
    return np.random.default_rng(_SEED).normal(0, HISS, round(seconds * RATE)).astype(np.float32)


def blocks(sound: Sound, length: int = 1600) -> Iterator[NDArray[np.int16]]:
    """The sound as blocks of so many samples, as from a microphone."""
    samples = (np.clip(sound, -1.0, 1.0) * 32767.0).astype(np.int16)
    for start in range(0, len(samples), length):
        yield samples[start : start + length]


def active_rms(sound: Sound) -> float:
    """Root mean square of its parts that are within 20 dB of the loudest, full scale 1; never 0."""
    energies = _energies(sound)
    return max(1e-6, float(np.sqrt(energies[energies > energies.max() * 0.01].mean()))) if energies.any() else 1.0


def speech_end(sound: Sound) -> float:
    """Seconds until the speech of a clip ends: the last 10 ms that are neither quiet nor its own noise."""
    energies = _energies(sound)
    loudest = energies.max()
    noise = min(np.percentile(energies, _QUIETEST) * _OVER_NOISE, loudest)
    return float((np.flatnonzero(energies >= max(loudest * _EDGE, noise))[-1] + 1) / 100)


def _energies(sound: Sound) -> NDArray[np.float32]:
    step = RATE // 100
    padded = np.pad(sound, (0, -len(sound) % step))
    return np.asarray((padded.reshape(-1, step) ** 2).mean(axis=1), np.float32)


def normed(response: Sound) -> Sound:
    """A room's response that leaves the loudness of white noise as it is."""
    return response / np.float32(np.sqrt((response**2).sum()))


def convolved(sound: Sound, response: Sound) -> Sound:
    """The sound in the room that answers so."""
    length = len(sound) + len(response) - 1
    size = 1 << (length - 1).bit_length()
    product = np.fft.rfft(sound, size) * np.fft.rfft(response, size)
    return np.fft.irfft(product, size)[:length].astype(np.float32)
