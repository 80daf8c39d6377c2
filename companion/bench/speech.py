"""Recorded speech as one stream of sound: with quiet between, in rooms and noise, with a fixed seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from companion.bench.manifest import Clip
from companion.bench.sound import HISS, active_rms, convolved, normed, read_audible, read_sound, speech_end
from companion.hearing.mel import RATE, Sound

GAP = 1.5
"""Seconds of quiet before every clip."""
_USUAL = -26.0
_SEED = 20260101


@dataclass(frozen=True)
class Placed:
    """A clip in the stream; instants in seconds since its first sample."""

    clip: Clip
    sound: Sound
    """The quiet before it, and it."""
    began_s: float
    speech_ended_s: float
    seconds: float
    """Length of the recording."""


@dataclass(frozen=True)
class Conditions:
    """What is done to every clip. `noise` and `room` are sound files; another talker is noise, too."""

    noise: Path | None = None
    snr: float = 10.0
    """In dB, of the speech over the noise."""
    room: Path | None = None
    level: float = _USUAL
    """Root mean square of the speech, in dB of full scale; noise goes with it."""
    overdrive: float = 0.0
    """How far the microphone is overdriven, in dB: what then lies over full scale is clipped."""
    offset: float = 0.0
    """Direct current of the microphone, as a share of full scale."""

    @property
    def name(self) -> str:
        """For tables: `clean`, `kitchen 10 dB`, `rir1`, `kitchen 10 dB + rir1`."""
        parts = [f"{self.noise.stem} {self.snr:g} dB"] if self.noise else []
        parts += [self.room.stem] if self.room else []
        parts += [f"{self.level:g} dB of full scale"] if self.level != _USUAL else []
        parts += [f"overdriven by {self.overdrive:g} dB"] if self.overdrive else []
        parts += [f"offset {self.offset:g}"] if self.offset else []
        return " + ".join(parts) or "clean"


def check(clips: Sequence[Clip], *conditions: Conditions) -> None:
    """Read every sound once: what cannot be used is told before hours are measured. Raises SoundFileError."""
    for sound in {sound for each in conditions for sound in (each.noise, each.room) if sound is not None}:
        read_audible(sound)
    for clip in clips:
        read_sound(clip.file, clip.where)


def stream(clips: Sequence[Clip], conditions: Conditions) -> Iterator[Placed]:
    """The clips one after another with quiet between, in a room or noise; the same every time."""
    random = np.random.default_rng(_SEED)
    room = None if conditions.room is None else normed(read_audible(conditions.room))
    noise = None if conditions.noise is None else read_audible(conditions.noise)
    place, speech = 0, 10 ** (conditions.level / 20)
    for clip in clips:
        sound = read_sound(clip.file, clip.where)
        seconds = len(sound) / RATE
        sound *= np.float32(speech / active_rms(sound))
        end_s = (place / RATE) + GAP + speech_end(sound)
        if room is not None:
            sound = convolved(sound, room)
        mixed = np.concatenate([np.zeros(round(GAP * RATE), np.float32), sound])
        mixed += random.normal(0, HISS, len(mixed)).astype(np.float32)
        if noise is not None:
            level = speech * 10 ** (-conditions.snr / 20) / float(np.sqrt((noise**2).mean()))
            mixed += np.take(noise, np.arange(place, place + len(mixed)), mode="wrap") * np.float32(level)
        mixed = mixed * np.float32(10 ** (conditions.overdrive / 20)) + np.float32(conditions.offset)
        yield Placed(clip, np.clip(mixed, -1.0, 1.0), place / RATE + GAP, end_s, seconds)
        place += len(mixed)
