"""What the speller is taught with: recordings of which the text is known, and synthetic voices.

Each is heard faster or slower, in a made-up room, before a made-up noise, through another microphone. What it is
measured in, the rooms and the kitchen of the benches, is never among these, nor are the recordings of commands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from companion.bench.sound import active_rms, convolved, read_sound
from companion.bench.talk import INSIDE, answers, voices
from companion.hearing.mel import RATE, Sound

Random = np.random.Generator
_LONGEST_TEXT = 60
"""Characters of a synthetic sentence: some four seconds."""
_EDGES = np.log([20, 100, 300, 1000, 3000, 8000])
"""Hertz, between which a microphone's response is a straight line."""


@dataclass(frozen=True)
class Lesson:
    sound: Sound
    text: str


@dataclass(frozen=True)
class Noises:
    """Music or other recordings, and people who talk, to be mixed in."""

    recordings: tuple[Sound, ...]
    talk: tuple[Sound, ...]


def by_people(lines: Sequence[tuple[Path, str]], noises: Noises, random: Random) -> Iterator[Lesson]:
    """Every recording once, in a condition of its own."""
    for file, text in lines:
        played = soxr.resample(read_sound(file), RATE * random.uniform(0.85, 1.18), RATE)
        yield Lesson(somewhere(np.asarray(played, np.float32), noises, random), text)


def by_voices(
    texts: Sequence[str], phrases: Sequence[str], count: int, noises: Noises, language: str, random: Random
) -> Iterator[Lesson]:
    """So many sentences, each in another synthetic voice; in Dutch one in eight has the words of a command inside."""
    is_dutch = language == "nl"
    short = [text for text in (*texts, *answers("nl") * (10 * is_dutch)) if len(text) <= _LONGEST_TEXT]
    for voice in voices(random, count, language):
        text = short[int(random.integers(len(short)))]
        if is_dutch and random.random() < 0.125:
            text = str(random.choice(INSIDE)).format(phrase=str(random.choice(list(phrases))))
        yield Lesson(somewhere(voice.say(text), noises, random), text)


def noises_of(recordings: Sequence[Path], texts: Sequence[str], language: str, random: Random) -> Noises:
    """A minute of each recording, and two dozen synthetic voices."""
    talk = [voice.say(" ".join(random.choice(list(texts), 3))) for voice in voices(random, 24, language)]
    return Noises(tuple(read_sound(file)[: 60 * RATE] for file in recordings), tuple(talk))


def somewhere(sound: Sound, noises: Noises, random: Random) -> Sound:
    """The sound at a place drawn by chance: a quarter as it was, the others in a room, in noise, or in both."""
    edges = [np.zeros(int(random.uniform(0.1, 0.3) * RATE), np.float32) for _ in range(2)]
    heard, chance = np.concatenate([edges[0], sound, edges[1]]), random.random()
    if random.random() < 0.6:
        heard = coloured(heard, random)
    if 0.25 <= chance < 0.65:
        heard = convolved(heard, room(random))[: len(heard) + RATE // 10]
    if chance >= 0.5:
        behind = coloured(noise(len(heard), noises, random), random)
        behind *= np.float32(active_rms(heard) / max(1e-6, float(np.sqrt((behind**2).mean()))))
        heard = heard + behind * np.float32(10 ** (-random.uniform(2, 20) / 20))
    hiss = random.standard_normal(len(heard)) * active_rms(heard) * random.uniform(0.0, 0.002)
    return heard + hiss.astype(np.float32)


def room(random: Random) -> Sound:
    """What a room answers: the sound itself and noise that falls by 60 dB in 0.15 to 0.9 s."""
    seconds = random.uniform(0.15, 0.9)
    count = int(seconds * RATE)
    echo = random.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    echo *= 10 ** (random.uniform(-6, 8) / 20) / np.sqrt((echo**2).sum())
    late = np.concatenate([np.zeros(int(random.uniform(0.001, 0.015) * RATE)), echo])
    late[0] += 1.0
    return late.astype(np.float32)


def coloured(sound: Sound, random: Random) -> Sound:
    """Through a microphone whose response goes up and down by at most 8 dB."""
    spectrum = np.fft.rfft(sound)
    frequencies = np.log(np.fft.rfftfreq(len(sound), 1 / RATE) + 20)
    response = 10 ** (np.interp(frequencies, _EDGES, random.uniform(-8, 8, len(_EDGES))) / 20)
    return np.fft.irfft(spectrum * response, len(sound)).astype(np.float32)


def noise(count: int, noises: Noises, random: Random) -> Sound:
    """So many samples: hiss of any colour, knocks over it, a recording, or several people."""
    kind = random.integers(4) if noises.recordings else random.choice([0, 1, 3])
    if kind == 0:
        return _hiss(count, random.uniform(0.0, 1.2), random)
    if kind == 1:
        return _knocks(count, random)
    if kind == 2:
        return _stretch(noises.recordings, count, random)
    talkers = [_stretch(noises.talk, count, random) * random.uniform(0.3, 1.0) for _ in range(random.integers(3, 8))]
    return np.asarray(np.sum(talkers, axis=0), np.float32)


def _hiss(count: int, slope: float, random: Random) -> Sound:
    spectrum = np.fft.rfft(random.standard_normal(count)) * (np.fft.rfftfreq(count, 1 / RATE) + 30) ** -slope
    hiss = np.fft.irfft(spectrum, count)
    return np.asarray(hiss / hiss.std(), np.float32)


def _knocks(count: int, random: Random) -> Sound:
    """Cups and chairs: what is loud at once and dies away, over a hiss."""
    sound = _hiss(count, 0.8, random)
    for _ in range(random.integers(1, 6)):
        length = min(count, int(random.uniform(0.05, 0.4) * RATE))
        knock = _hiss(length, random.uniform(0.0, 0.8), random) * np.exp(-6 * np.arange(length) / length)
        start = random.integers(count - length + 1)
        sound[start : start + length] += knock * random.uniform(1.0, 6.0)
    return sound


def _stretch(sounds: Sequence[Sound], count: int, random: Random) -> Sound:
    sound = sounds[int(random.integers(len(sounds)))]
    start = random.integers(max(1, len(sound) - count))
    piece = sound[start : start + count]
    return np.asarray(np.pad(piece, (0, count - len(piece))), np.float32)
