"""What a rehearsal has in place of devices: a voice that is written down, a room made of samples."""

import wave
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from companion.core.attention import Attention
from companion.core.command import Command
from companion.core.effect import Chime
from companion.core.errors import SoundFileError
from companion.core.event import CommandGiven
from companion.core.scene import scene
from companion.core.state import Session
from companion.core.units import Instant, after
from companion.hearing.mel import RATE as HEARING_RATE
from companion.hearing.microphone import BLOCK
from companion.light.colour import Look
from companion.light.pixels import pixels
from companion.light.strip import Strip, Witness
from companion.voice.sound import RATE, Pcm, joined, pause_after, silence

FLOOR_DBFS = -66.0
"""Level of the noise of a quiet room behind synthesised words: no real microphone gives zeros."""
RUN_IN = 2.0
"""Seconds of that noise before and after synthesised words, for the listener to find its floor."""
FRAME_EVERY = 1.0
"""Seconds between two pictures of the light while nothing happens."""
LONGEST_GAP = 1.0
"""Seconds of silence that a condensed recording keeps between two things said."""

Block = NDArray[np.int16]


class Heard(Protocol):
    @property
    def command(self) -> Command: ...


class SampleListener(Protocol):
    """The listener of the hearing room."""

    @property
    def is_hearing(self) -> bool: ...
    def attend(self, attention: Attention) -> None: ...
    def feed(self, block: Block) -> Heard | None: ...


@dataclass
class _Segment:
    at: float
    pcm: Pcm
    chime: bool


class RecordedVoice:
    """Says everything into memory, at its place in virtual time."""

    def __init__(self, sound_of: Callable[[str], Pcm], chimes: Mapping[Chime, Pcm]) -> None:
        self._sound_of, self._chimes = sound_of, chimes
        self._segments: list[_Segment] = []
        self._busy_until = 0.0

    def start(self, at: Instant, texts: tuple[str, ...]) -> Instant:
        parts = [part for text in texts for part in (self._sound_of(text), silence(pause_after(text)))]
        return self._play(at, joined(parts[:-1]), chime=False)

    def ring(self, at: Instant, chime: Chime) -> None:
        self._play(at, self._chimes[chime], chime=True)

    def hush(self, at: Instant) -> None:
        """Cut off speech; a chime that rings or waits rings on, as the live voice lets it."""
        for segment in self._segments:
            if not segment.chime:
                segment.pcm = Pcm(segment.pcm.samples[: max(0, round((at - segment.at) * RATE))])
        ringing = [segment.at + segment.pcm.seconds for segment in self._segments if segment.chime]
        self._busy_until = min(self._busy_until, max([at, *ringing]))

    def change_volume(self, notches: int) -> None:
        """A rehearsal is written down at one loudness."""

    def _play(self, at: Instant, pcm: Pcm, chime: bool) -> Instant:
        began = max(float(at), self._busy_until)
        self._segments = [segment for segment in self._segments if len(segment.pcm.samples)]
        self._segments.append(_Segment(began, pcm, chime))
        self._busy_until = began + pcm.seconds
        return Instant(self._busy_until)

    def write(self, file: Path, ends: Instant) -> None:
        """A WAV with everything at its place, `ends` seconds long."""
        with _wave(file) as out:
            written = 0
            for segment in self._segments:
                written += _silence_into(out, round(segment.at * RATE) - written)
                out.writeframes(segment.pcm.samples.astype("<i2").tobytes())
                written += len(segment.pcm.samples)
            _silence_into(out, round(ends * RATE) - written)

    def write_condensed(self, file: Path) -> None:
        """A WAV for listening: what was said, without the long silences between."""
        with _wave(file) as out:
            ended = 0.0
            for segment in self._segments:
                _silence_into(out, round(min(LONGEST_GAP, max(0.0, segment.at - ended)) * RATE))
                out.writeframes(segment.pcm.samples.astype("<i2").tobytes())
                ended = segment.at + segment.pcm.seconds


def write_check(file: Path) -> None:
    """Raises SoundFileError before anything begins when `file` cannot be written; what it holds stays until then."""
    is_new = not file.exists()
    with _opened(file, "ab"):
        pass
    if is_new:
        file.unlink()


@contextmanager
def _wave(file: Path) -> Iterator[wave.Wave_write]:
    with _opened(file, "wb") as target, wave.open(target, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        yield out


def _opened(file: Path, mode: Literal["ab", "wb"]) -> BinaryIO:
    try:
        return file.open(mode)
    except OSError as problem:
        raise SoundFileError(f"{file}: cannot be written ({problem.strerror}); name another place.") from None


def _silence_into(out: wave.Wave_write, samples: int) -> int:
    samples = max(0, samples)
    for start in range(0, samples, RATE * 60):
        out.writeframes(bytes(2 * min(RATE * 60, samples - start)))
    return samples


def read_microphone(file: Path) -> Block:
    """A recording as the microphone would give it: mono, 16 kHz. Raises SoundFileError."""
    try:
        with file.open("rb") as opened:
            samples, rate = soundfile.read(opened, dtype="float32", always_2d=True)
    except OSError as problem:
        raise SoundFileError(f"{file}: cannot be read ({problem.strerror}); check the name and its rights.") from None
    except soundfile.LibsndfileError as problem:
        reason = problem.error_string.rstrip(".")
        raise SoundFileError(f"{file}: cannot be read as sound ({reason}); give a WAV, FLAC or Ogg file.") from None
    mono = samples.mean(axis=1)
    if rate != HEARING_RATE:
        mono = soxr.resample(mono, rate, HEARING_RATE)
    return _int16(mono)


def _int16(samples: NDArray[np.float32]) -> Block:
    return np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16)


class SampledRoom:
    """A microphone made of a recording and of synthesised words, heard on the samples' clock.

    Stretches without any sound of either are skipped: nothing can be heard in them.
    """

    def __init__(self, listener: SampleListener, recording: Block | None, sound_of: Callable[[str], Pcm]) -> None:
        self._listener, self._sound_of = listener, sound_of
        self._recording = np.zeros(0, np.int16) if recording is None else recording
        self._clips: list[tuple[int, Block]] = []
        self._heard_to = self._fed_to = 0
        self._random = np.random.default_rng(1)

    def attend(self, attention: Attention) -> None:
        self._listener.attend(attention)

    def speak(self, at: Instant, words: str) -> None:
        pcm = self._sound_of(words)
        samples = soxr.resample(pcm.samples.astype(np.float32) / 32768, pcm.rate, HEARING_RATE)
        start = round(at * HEARING_RATE)
        self._clips.append((start, _int16(samples)))
        # The quiet before the words was skipped as long as nobody knew that there would be words.
        self._heard_to = max(self._fed_to, min(self._heard_to, start - round(RUN_IN * HEARING_RATE)))

    def falls_silent(self) -> Instant:
        ends = [start + len(clip) + round(RUN_IN * HEARING_RATE) for start, clip in self._clips]
        return Instant(max([len(self._recording), *ends]) / HEARING_RATE)

    def heard_before(self, until: Instant) -> CommandGiven | None:
        last = round(until * HEARING_RATE)
        while self._heard_to + BLOCK <= last:
            start, self._heard_to = self._heard_to, self._heard_to + BLOCK
            if self._is_silent(start):
                continue
            self._fed_to = self._heard_to
            heard = self._listener.feed(self._block(start))
            if heard is not None:
                return CommandGiven(after(Instant(0.0), self._heard_to / HEARING_RATE), heard.command)
        return None

    def somebody_speaks(self) -> bool:
        return self._listener.is_hearing

    def _is_silent(self, start: int) -> bool:
        if start < len(self._recording):
            return False
        margin = round(RUN_IN * HEARING_RATE)
        return not any(begin - margin < start < begin + len(clip) + margin for begin, clip in self._clips)

    def _block(self, start: int) -> Block:
        noise = self._random.standard_normal(BLOCK) * 32768 * 10 ** (FLOOR_DBFS / 20)
        own = self._recording[start : start + BLOCK]
        block = np.zeros(BLOCK) if len(own) else noise
        block[: len(own)] += own
        for begin, clip in self._clips:
            low, high = max(begin, start), min(begin + len(clip), start + BLOCK)
            if low < high:
                block[low - start : high - start] += clip[low - begin : high - begin]
        return np.clip(np.round(block), -32768, 32767).astype(np.int16)


class StagedLight:
    """Paints the light over virtual time: at every change, and once a second in between."""

    def __init__(self, strip: Strip, look: Look) -> None:
        self._strip, self._look = strip, look
        self._session: Session | None = None
        self._at = Instant(0.0)

    def show(self, session: Session) -> None:
        self._session = session
        self._paint(session)

    def pass_time(self, until: Instant) -> None:
        while self._session is not None and self._at + FRAME_EVERY < until:
            self._at = after(self._at, FRAME_EVERY)
            self._paint(self._session)
        self._at = until

    def _paint(self, session: Session) -> None:
        meaning = scene(session, self._at)
        if isinstance(self._strip, Witness):
            self._strip.witness(meaning, self._at)
        self._strip.show(pixels(meaning, self._strip.count, self._at, self._look))
