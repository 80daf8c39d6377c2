"""Recorded speech as one stream of sound: manifests, parts, rooms and noise, with a fixed seed."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from companion.core.errors import SoundFileError
from companion.hearing.mel import RATE

Sound = NDArray[np.float32]

PARTS = ("all", "tune", "test", "teach", "norms", "untaught")
"""`teach` and `norms` are shares of `tune`: what was taught to a speller tells nothing of how it takes new speech."""
GAP = 1.5
"""Seconds of quiet before every clip."""
_USUAL = -26.0
_HISS = 10 ** (-75 / 20)
"""Root mean square of a quiet room, added to everything: no microphone gives exact zeros."""
_SEED = 20260101
_SUFFIXES = (".ogg", ".wav", ".flac", ".opus")
_EDGE = 10**-3.0


@dataclass(frozen=True)
class Clip:
    """A recording. `expect` is the phrase that must be recognised, None: it must be ignored."""

    file: Path
    expect: str | None
    group: str
    """Who speaks, where that is known, else the file: clips of one group are in one part."""
    where: str = ""
    """Manifest and line, for a message."""


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


def load_clips(sources: Iterable[str], part: str = "all", only_ignored: bool = False) -> tuple[Clip, ...]:
    """The clips of manifests, in order; of a folder or a pattern of folders, all sound files, to be ignored.

    Raises SoundFileError naming file and line.
    """
    clips = [clip for source in sources for clip in _clips(source)]
    if not clips:
        raise SoundFileError(f"There is no speech in {', '.join(sources)}; give a manifest or a folder of sound files.")
    wanted = (clip for clip in clips if is_in(clip.group, part))
    return tuple(clip for clip in wanted if not (only_ignored and clip.expect))


def chosen(clips: Sequence[Clip], limit: int | None) -> tuple[Clip, ...]:
    """At most so many of the clips, in their order, drawn by a hash: manifests repeat their phrases evenly."""
    if limit is None or limit >= len(clips):
        return tuple(clips)
    drawn = sorted(range(len(clips)), key=lambda k: hashlib.sha256(clips[k].file.name.encode()).digest())[:limit]
    return tuple(clips[k] for k in sorted(drawn))


def part_of(group: str) -> str:
    """`tune` or `test`, by a hash: half of all groups each, the same ones for ever."""
    return "test" if hashlib.sha256(group.encode()).digest()[0] & 1 else "tune"


def is_in(group: str, part: str) -> bool:
    """Whether this group belongs to one of the `PARTS`."""
    if part == "untaught":
        return not is_in(group, "teach")
    if part in ("teach", "norms"):
        return part_of(group) == "tune" and share_of(group) == part
    return part == "all" or part_of(group) == part


def share_of(group: str) -> str:
    """`teach` for three of five groups, `norms` for the others, by another hash."""
    return "teach" if hashlib.sha256(f"second{group}".encode()).digest()[0] < 0.6 * 256 else "norms"


def group_of(file: Path) -> str:
    """The group of a recording that no manifest names."""
    return f"{file.parent.parent.name}/{file.name}"


def stream(clips: Sequence[Clip], conditions: Conditions) -> Iterator[Placed]:
    """The clips one after another with quiet between, in a room or noise; the same every time."""
    random = np.random.default_rng(_SEED)
    room = None if conditions.room is None else _normed(read_sound(conditions.room))
    noise = None if conditions.noise is None else read_sound(conditions.noise)
    place, speech = 0, 10 ** (conditions.level / 20)
    for clip in clips:
        sound = read_sound(clip.file)
        seconds = len(sound) / RATE
        sound *= np.float32(speech / active_rms(sound))
        end_s = (place / RATE) + GAP + _speech_end(sound)
        if room is not None:
            sound = convolved(sound, room)
        mixed = np.concatenate([np.zeros(round(GAP * RATE), np.float32), sound])
        mixed += random.normal(0, _HISS, len(mixed)).astype(np.float32)
        if noise is not None:
            level = speech * 10 ** (-conditions.snr / 20) / float(np.sqrt((noise**2).mean()))
            mixed += np.take(noise, np.arange(place, place + len(mixed)), mode="wrap") * np.float32(level)
        mixed = mixed * np.float32(10 ** (conditions.overdrive / 20)) + np.float32(conditions.offset)
        yield Placed(clip, np.clip(mixed, -1.0, 1.0), place / RATE + GAP, end_s, seconds)
        place += len(mixed)


def lines_of(file: Path) -> list[str]:
    """The lines of a text, without those that are empty."""
    return [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def silence(seconds: float) -> Sound:
    """A quiet room for so long: what ends a stream."""
    return np.random.default_rng(_SEED + 1).normal(0, _HISS, round(seconds * RATE)).astype(np.float32)


def blocks(sound: Sound, length: int = 1600) -> Iterator[NDArray[np.int16]]:
    """The sound as blocks of so many samples, as from a microphone."""
    samples = (np.clip(sound, -1.0, 1.0) * 32767.0).astype(np.int16)
    for start in range(0, len(samples), length):
        yield samples[start : start + length]


def read_sound(file: Path) -> Sound:
    """One channel at 16 kHz. Raises SoundFileError."""
    try:
        sound, rate = soundfile.read(file, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise SoundFileError(f"{file} cannot be read as sound ({error}); check the manifest.") from error
    if not len(sound):
        raise SoundFileError(f"{file} holds no sound; take it out of the manifest.")
    resampled = sound[:, 0] if rate == RATE else soxr.resample(sound[:, 0], rate, RATE)
    return np.array(resampled, np.float32)


def _clips(source: str) -> Iterator[Clip]:
    path = Path(source)
    if path.is_file():
        for number, line in enumerate(manifest_lines(path), 1):
            if line.strip():
                yield _clip(path, number, line)
        return
    for folder in sorted(glob(source)):  # noqa: PTH207  the pattern may be absolute
        for file in sounds_in(Path(folder)):
            yield Clip(file, None, group_of(file))


def sounds_in(folder: Path) -> Iterator[Path]:
    """What there is to hear in a folder, in order: games ship clips of no length."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in _SUFFIXES and soundfile.info(file).frames:
            yield file


def group_in(row: Mapping[str, Any]) -> str:
    """The group that a manifest's row names: who speaks, where that is known, else the file."""
    return str(row.get("voice") or row.get("group") or row["file"])


def manifest_lines(manifest: Path) -> list[str]:
    """All its lines. Raises SoundFileError when it is no text."""
    try:
        return manifest.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise SoundFileError(
            f"{manifest.name} is no text in UTF-8 ({error.reason}); a manifest is JSON Lines."
        ) from error


def _clip(manifest: Path, number: int, line: str) -> Clip:
    where = f"{manifest.name}, line {number}"
    try:
        row: Mapping[str, Any] = json.loads(line)
        file, expect = manifest.parent / row["file"], row["expect"]
        group = group_in(row)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SoundFileError(f'{where}: needs "file" and "expect" as JSON.') from error
    if not (expect is None or isinstance(expect, str)):
        raise SoundFileError(f'{where}: "expect" is {expect!r}; give the phrase in quotes, or null: to be ignored.')
    if not file.is_file():
        raise SoundFileError(f"{where}: there is no file {row['file']}; paths are relative to the manifest.")
    return Clip(file, expect, group, where)


def active_rms(sound: Sound) -> float:
    """Root mean square of its parts that are within 20 dB of the loudest, full scale 1; never 0."""
    energies = _energies(sound)
    return max(1e-6, float(np.sqrt(energies[energies > energies.max() * 0.01].mean()))) if energies.any() else 1.0


def _speech_end(sound: Sound) -> float:
    """Seconds until the speech of a clean clip ends: the last 10 ms within 30 dB of its loudest."""
    energies = _energies(sound)
    return float((np.flatnonzero(energies >= energies.max() * _EDGE)[-1] + 1) / 100)


def _energies(sound: Sound) -> NDArray[np.float32]:
    step = RATE // 100
    padded = np.pad(sound, (0, -len(sound) % step))
    return np.asarray((padded.reshape(-1, step) ** 2).mean(axis=1), np.float32)


def _normed(response: Sound) -> Sound:
    return response / np.float32(np.sqrt((response**2).sum()))


def convolved(sound: Sound, response: Sound) -> Sound:
    """The sound in the room that answers so."""
    length = len(sound) + len(response) - 1
    size = 1 << (length - 1).bit_length()
    product = np.fft.rfft(sound, size) * np.fft.rfft(response, size)
    return np.fft.irfft(product, size)[:length].astype(np.float32)
