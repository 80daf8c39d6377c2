"""`companion bench talk`: makes speech that must be ignored, to have enough of it.

Kinds, each with a manifest for `companion bench hearing`, the same ones for the same seed:
`talk`, a meeting of synthetic voices that read Dutch texts and sentences with the commands' words inside;
`turns`, short answers that stand alone, in Dutch or English; `pieces`, recordings of people cut into short turns.
Beside them `said`, the lines of a file in synthetic voices, to be recognised: for phrases that nobody has recorded.
Needs espeak-ng. Everything goes into the folder that is named; nothing of it belongs to the project.
"""

import argparse
import gzip
import json
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
import soxr

from companion.bench.hearing import bench_phrases
from companion.bench.manifest import PARTS, lines_of, load_clips
from companion.bench.options import add_language, at_least_one, at_least_zero, finite_number
from companion.bench.sound import read_sound
from companion.core.errors import SoundFileError
from companion.hearing.mel import RATE, Sound
from companion.voice.pronunciation import respelled

DIPHONES = {"nl": ("nl2", "nl3"), "en": ("us1", "us2", "us3", "en1")}
"""MBROLA's voices of a language: sounds that people spoke, where espeak-ng's own are computed."""
_PACES = (110, 130, 150, 170)
VARIANTS = ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5")
_CHUNK_S = 60.0
_EVERY = 4
"""One sentence of so many holds the words of a command."""
INSIDE = (
    "Ik dacht dat we {phrase} hadden afgesproken, maar dat was vorige week.",
    "Dan gaan we straks eens naar {phrase} kijken met elkaar.",
    "En toen zei mijn collega {phrase}, en iedereen begon te lachen.",
    "Het gaat mij niet om {phrase}, het gaat om wat je daarvoor deed.",
    "Als je {phrase} zegt tegen een leerling, wat gebeurt er dan?",
    "In {phrase} zit voor mij iets dwingends, merkte ik gisteren.",
)
"""Sentences around the words of a command: what a group that has such a device will say."""


@dataclass(frozen=True)
class Voice:
    """One of espeak-ng's voices, or one of MBROLA's (`DIPHONES`). `speed` in words a minute, `pitch` 0 to 99."""

    variant: str
    speed: int
    pitch: int
    language: str = "nl"

    def say(self, text: str) -> Sound:
        """16 kHz mono. Raises SoundFileError when espeak-ng or MBROLA is missing or fails."""
        is_diphone = self.variant in DIPHONES.get(self.language, ())
        name = f"mb-{self.variant}" if is_diphone else f"{self.language}+{self.variant}"
        command = ["espeak-ng", "-v", name, "-s", str(self.speed), "-p", str(self.pitch), "--stdout"]
        try:
            made = subprocess.run([*command, respelled(text, self.language)], check=True, capture_output=True).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            needed = f"mbrola-{self.variant}" if is_diphone else "espeak-ng"
            raise SoundFileError(f"espeak-ng gave no sound ({error}); install {needed}.") from error
        sound, rate = soundfile.read(BytesIO(made), dtype="float32")
        return np.asarray(soxr.resample(sound, rate, RATE), np.float32)


def voices(random: np.random.Generator, count: int, language: str = "nl") -> list[Voice]:
    return [
        Voice(str(random.choice(VARIANTS)), int(random.integers(120, 210)), int(random.integers(20, 80)), language)
        for _ in range(count)
    ]


def answers(language: str) -> tuple[str, ...]:
    """Short turns, many of them like commands."""
    source = files("companion.bench") / "answers.toml"
    return tuple(tomllib.loads(source.read_text(encoding="utf-8"))[language])


def sentences(texts: Sequence[Path]) -> list[str]:
    """The sentences of texts and manual pages, gzipped ones too. Raises SoundFileError when there are none."""
    found = [sentence for file in texts for sentence in _split(_text(file))]
    if not found:
        raise SoundFileError("There is no sentence in the texts; name files of Dutch text with --text.")
    return found


def _text(file: Path) -> str:
    try:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    except (gzip.BadGzipFile, EOFError) as error:
        raise SoundFileError(f"{file} is not gzipped as its name says; mend it, or name another text.") from error
    lines = data.decode("utf-8", "replace").splitlines()
    # Requests of troff stand at the beginning of a line, its escapes are a backslash and a letter.
    return re.sub(r"\\f.|\\[&(,/^|]|\\-", " ", " ".join(line for line in lines if not line.startswith((".", "'"))))


def _split(text: str) -> Iterator[str]:
    for sentence in re.split(r"(?<=[.!?:])\s+", re.sub(r"\s+", " ", text)):
        if 4 <= len(sentence.split()) <= 30 and re.fullmatch(r"\w[\w\s,.!?;:'()é-]+", sentence):
            yield sentence


def talk(texts: Sequence[str], phrases: Sequence[str], hours: float, seed: int) -> Iterator[Sound]:
    """A meeting in chunks of a minute: turns of one to four sentences, breaths between, a word now and then."""
    random = np.random.default_rng(seed)
    group, chunk, made_s = voices(random, 8), list[Sound](), 0.0
    while made_s < hours * 3600:
        speaker = group[random.integers(len(group))]
        for _ in range(random.integers(1, 5)):
            text = texts[int(random.integers(len(texts)))]
            if random.integers(_EVERY) == 0:
                text = str(random.choice(INSIDE)).format(phrase=phrases[int(random.integers(len(phrases)))])
            chunk += [speaker.say(text), _hush(random.uniform(0.05, 0.6))]
        chunk.append(_hush(random.uniform(0.1, 1.2)))
        if sum(map(len, chunk)) > _CHUNK_S * RATE:
            made_s += sum(map(len, chunk)) / RATE
            yield np.concatenate(chunk)
            group, chunk = voices(random, 8), []


def turns(count: int, seed: int, language: str = "nl") -> Iterator[Sound]:
    """Short answers, each alone, each in a voice of its own."""
    random, texts = np.random.default_rng(seed), answers(language)
    for number, voice in enumerate(voices(random, count, language)):
        yield voice.say(texts[number % len(texts)])


def diphone_voices(language: str) -> list[Voice]:
    """At four paces each."""
    return [Voice(variant, pace, 50, language) for variant in DIPHONES[language] for pace in _PACES]


def said(texts: Sequence[str], group: Sequence[Voice]) -> Iterator[tuple[Sound, str]]:
    """Every text in every voice."""
    return ((voice.say(text), text) for voice in group for text in texts)


def pieces(sources: Sequence[str], count: int, seed: int, part: str = "all") -> Iterator[Sound]:
    """Recordings of people cut into 0.45 to 2 s, wherever that falls, faded so that each stands alone."""
    random = np.random.default_rng(seed)
    clips = load_clips(sources, part, only_ignored=True)
    for _ in range(count):
        sound = read_sound(clips[random.integers(len(clips))].file)
        length = min(len(sound), round(random.uniform(0.45, 2.0) * RATE))
        start = random.integers(len(sound) - length + 1)
        piece = sound[start : start + length].copy()
        fade = np.minimum(1.0, np.arange(length, dtype=np.float32) / (0.02 * RATE))
        if np.abs(piece).max() > 0.01:
            yield piece * fade * fade[::-1]


def _hush(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE), np.float32)


def write(sounds: Iterable[tuple[Sound, str | None]], folder: Path, kind: str) -> float:
    """The sounds, what must be heard in each (None: nothing), as `<kind>.jsonl`; hours. Each file is its own group."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, seconds = [], 0.0
    for number, (sound, expect) in enumerate(sounds):
        file = f"{kind}-{number:05}.flac"
        soundfile.write(folder / file, np.clip(sound, -1, 1), RATE)
        rows.append(json.dumps({"file": file, "expect": expect, "human": kind == "pieces"}) + "\n")
        seconds += len(sound) / RATE
    (folder / f"{kind}.jsonl").write_text("".join(rows), encoding="utf-8")
    return seconds / 3600


def _ignored(sounds: Iterable[Sound]) -> Iterator[tuple[Sound, None]]:
    return ((sound, None) for sound in sounds)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench talk`."""
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--hours", type=finite_number, default=0.0, help="of synthetic talk, in Dutch")
    parser.add_argument("--text", type=Path, action="append", default=[], metavar="FILE", help="Dutch text to read")
    parser.add_argument("--turns", type=at_least_zero, default=0, help="synthetic short answers")
    parser.add_argument("--pieces", type=at_least_zero, default=0, help="short turns cut from recordings")
    parser.add_argument("--speech", action="append", default=[], metavar="MANIFEST|FOLDER", help="to cut pieces from")
    parser.add_argument("--part", choices=PARTS, default="all", help="of the recordings that pieces are cut from")
    parser.add_argument("--say", type=Path, metavar="FILE", help="lines to be said, one a line")
    parser.add_argument("--voices", type=at_least_one, default=8, help="that say them")
    parser.add_argument("--diphones", action="store_true", help="MBROLA's voices say them, at four paces")
    add_language(parser, "of answers and lines")
    parser.add_argument("--seed", type=at_least_zero, default=1)


def run(args: argparse.Namespace) -> int:
    """Write what was asked for and say how much it is. Raises SoundFileError where that is nothing."""
    if not (args.hours > 0 or args.turns or args.pieces or args.say):
        raise SoundFileError("Say what to make: --hours, --turns, --pieces or --say.")
    if args.hours > 0:
        phrases = [phrase.text for phrase in bench_phrases("nl", None)]
        made = talk(sentences(args.text), phrases, args.hours, args.seed)
        hours = write(_ignored(made), args.out, "talk")
        print(f"{args.out / 'talk.jsonl'}: {hours:.2f} h of synthetic talk.")
    if args.turns:
        hours = write(_ignored(turns(args.turns, args.seed, args.language)), args.out, "turns")
        print(f"{args.out / 'turns.jsonl'}: {args.turns} synthetic answers, {hours:.2f} h.")
    if args.pieces:
        hours = write(_ignored(pieces(args.speech, args.pieces, args.seed, args.part)), args.out, "pieces")
        print(f"{args.out / 'pieces.jsonl'}: pieces of recordings, {hours:.2f} h.")
    if args.say is not None:
        texts = lines_of(args.say)
        if not texts:
            raise SoundFileError(f"{args.say} holds no line; write what is to be said, one a line.")
        some = voices(np.random.default_rng(args.seed), args.voices, args.language)
        group = diphone_voices(args.language) if args.diphones else some
        hours = write(said(texts, group), args.out, "said")
        print(f"{args.out / 'said.jsonl'}: {len(texts)} lines in {len(group)} voices, {hours:.2f} h.")
    return 0
