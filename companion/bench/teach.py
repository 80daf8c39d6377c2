"""`companion bench teach`: teaches the speller, the small network that reads units of sound off Whisper's encoder.

People, in Dutch: the `teach` share of fillets-ng-data-nl, whose texts fillets-ng-data has. Synthetic voices:
espeak-ng's, and the recordings of `--speech`, such as `companion bench kokoro` writes. Neither the commands' recordings
nor the rooms and noises of the benches are used. Training needs jax and optax (`pip install jax optax`), half an hour
and 4 GB; nothing else in the project does.
"""

import argparse
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.bench.hearing import bench_phrases
from companion.bench.lessons import Lesson, by_people, by_voices, noises_of
from companion.bench.manifest import group_in, group_of, is_in, numbered_lines
from companion.bench.options import add_language, at_least_one, at_least_zero, finite_number, writable_file
from companion.bench.standins import GAME, spoken_lines, written_lines
from companion.bench.talk import sentences
from companion.bench.training import Pair, libraries, teach
from companion.core.errors import SoundFileError
from companion.hearing.mel import RATE
from companion.hearing.spelling import SPELLINGS, symbols
from companion.hearing.whisper import WhisperRecogniser

_LONGEST_S = 9.4
_PEOPLE = 2
"""How many times as often people are heard as synthetic voices."""


@dataclass(frozen=True)
class Plan:
    """`rounds` over the recordings, so many `sentences` by espeak-ng; `folder` keeps what was collected."""

    language: str
    game: Path
    speech: tuple[Path, ...]
    texts: tuple[Path, ...]
    rounds: int
    sentences: int
    seed: int
    processes: int
    folder: Path

    @property
    def name(self) -> str:
        """The same for the same lessons: what was collected for another plan must not be taught."""
        told = repr(replace(self, folder=Path())) + SPELLINGS[self.language].symbols
        return hashlib.sha256(told.encode()).hexdigest()[:12]


def pairs(lessons: Iterator[Lesson], language: str) -> list[Pair]:
    """Of those lessons that are not too long and that have more frames than symbols."""
    whisper = WhisperRecogniser(language, spells=False)
    made = (
        Pair(whisper.moments(lesson.sound).astype(np.float16), tuple(symbols(lesson.text, language)))
        for lesson in lessons
        if len(lesson.sound) <= _LONGEST_S * RATE
    )
    return [pair for pair in made if len(pair.said) < len(pair.frames)]


def collect(plan: Plan) -> list[Pair]:
    """All pairs, collected in as many processes as are asked for; what the folder holds already is only read."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(plan.processes, get_context("spawn")) as pool:
        shares = list(pool.map(partial(_share, plan), range(plan.processes)))
    return [pair for share in shares for pair in _read(share)]


def _share(plan: Plan, number: int) -> Path:
    """One process's part of the lessons, written to a file: a gigabyte is too much for a pipe."""
    file = plan.folder / f"{plan.name}-{number}-of-{plan.processes}.npz"
    if not file.exists():
        _write(file, pairs(_lessons(plan, number), plan.language))
    return file


def _lessons(plan: Plan, number: int) -> Iterator[Lesson]:
    random = np.random.default_rng([plan.seed, number])
    texts = [*sentences(plan.texts), *written_lines(plan.game, plan.language)]
    noises = noises_of(sorted(plan.game.glob("music/*.ogg")), texts, plan.language, random)
    people = _of_people(plan)[number :: plan.processes]
    others = [line for manifest in plan.speech for line in with_texts(manifest)][number :: plan.processes]
    spoken = (by_people([*people * _PEOPLE, *others], noises, random) for _ in range(plan.rounds))
    phrases = [phrase.text for phrase in bench_phrases(plan.language, None)]
    read = by_voices(texts, phrases, plan.sentences // plan.processes, noises, plan.language, random)
    return chain(chain.from_iterable(spoken), read)


def _of_people(plan: Plan) -> list[tuple[Path, str]]:
    """Only the Dutch dialogue was recorded."""
    if plan.language != "nl":
        return []
    return [(file, text) for file, text in spoken_lines(plan.game).items() if is_in(group_of(file), "teach")]


def with_texts(manifest: Path) -> list[tuple[Path, str]]:
    """Its recordings of the `tune` half with what is `said` in them, but no commands: those are for measuring.

    Raises SoundFileError naming the line.
    """
    found = []
    for number, line in numbered_lines(manifest):
        try:
            row = json.loads(line)
            group, text = group_in(row), str(row["said"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SoundFileError(f'{manifest.name}, line {number}: needs "file" and "said" as JSON.') from error
        if row.get("expect") is None and is_in(group, "tune"):
            found.append((manifest.parent / row["file"], text))
    return found


def _write(file: Path, found: Sequence[Pair]) -> None:
    frames: NDArray[np.float16] = np.concatenate([pair.frames for pair in found])
    said = np.concatenate([pair.said for pair in found])
    lengths = [[len(pair.frames), len(pair.said)] for pair in found]
    half = file.with_suffix(".part.npz")
    np.savez(half, frames=frames, said=said, lengths=np.array(lengths))
    half.replace(file)


def _read(file: Path) -> Iterator[Pair]:
    with np.load(file) as found:
        frames, said, lengths = found["frames"], found["said"], found["lengths"]
    starts = np.cumsum(lengths, axis=0) - lengths
    for (at, spoken_at), (count, symbols_count) in zip(starts, lengths, strict=True):
        yield Pair(frames[at : at + count], tuple(said[spoken_at : spoken_at + symbols_count].tolist()))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench teach`."""
    add_language(parser)
    parser.add_argument("--game", type=Path, default=GAME, metavar="FOLDER", help="with script/, sound/ and music/")
    parser.add_argument("--speech", type=Path, action="append", default=[], metavar="MANIFEST", help='"file", "said"')
    parser.add_argument("--text", type=Path, action="append", default=[], metavar="FILE", help="text to read")
    parser.add_argument(
        "--rounds", type=at_least_one, default=4, help="over the recordings, each time in other conditions"
    )
    parser.add_argument("--sentences", type=at_least_zero, default=1200, help="by espeak-ng")
    parser.add_argument("--epochs", type=at_least_one, default=9)
    parser.add_argument("--seed", type=at_least_zero, default=1)
    parser.add_argument("--counts", type=finite_number, default=0.5, help="its word beside the decoder's")
    parser.add_argument("--least", type=finite_number, default=-5.0, help="what a spelling loses at most, a unit")
    parser.add_argument("--processes", type=at_least_one, default=os.cpu_count() or 1)
    parser.add_argument("--lessons", type=Path, required=True, metavar="FOLDER", help="to keep what is taught in")
    parser.add_argument("--out", type=writable_file, required=True, metavar="FILE", help="the speller to write, .npz")


def run(args: argparse.Namespace) -> int:
    """Write the speller and say what it rests on."""
    libraries()
    speech, texts = tuple(args.speech), tuple(args.text)
    counts = (args.rounds, args.sentences, args.seed, args.processes)
    found = collect(Plan(args.language, args.game, speech, texts, *counts, args.lessons))
    hours = sum(len(pair.frames) for pair in found) / 50 / 3600
    print(f"{len(found)} lessons, {hours:.1f} h.", flush=True)
    weights = teach(found, len(SPELLINGS[args.language].symbols), args.epochs, args.seed)
    halves: dict[str, Any] = {name: value.astype(np.float16) for name, value in weights.items()}
    np.savez(args.out, **halves, counts=np.float32(args.counts), least=np.float32(args.least))
    print(f"{args.out}: taught.")
    return 0
