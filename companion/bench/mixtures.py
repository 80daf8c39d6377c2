"""`companion bench mixtures`: what happens around a command at a table, made from recordings.

Three kinds, each with a manifest for `companion bench hearing`, the same ones for the same seed:
`hesitant`, an "eh" and a pause before the command; `together`, somebody else says something short at the same time;
`inside`, the command's words in the middle of what somebody says, which must be ignored.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from companion.bench.manifest import Clip, chosen, load_clips
from companion.bench.options import add_part, at_least_zero
from companion.bench.sound import active_rms, read_sound
from companion.bench.talk import voices, write
from companion.hearing.mel import RATE, Sound

HESITATIONS = ("eh", "uh", "eh ja", "nou")
KINDS = ("hesitant", "together", "inside")
_PAUSES = (0.1, 0.6)
"""Seconds between a hesitation and the command."""
_UNDER_DB = 6.0
"""How much quieter the other one is who speaks at the same time."""


Mixture: TypeAlias = tuple[Sound, str | None]
"""A sound and what must be heard in it; None: nothing."""


def hesitant(commands: Sequence[Clip], seed: int) -> Iterator[Mixture]:
    """Commands after a hesitation in a synthetic voice."""
    random = np.random.default_rng(seed)
    for number, (clip, voice) in enumerate(zip(commands, voices(random, len(commands)), strict=True)):
        pause = np.zeros(round(random.uniform(*_PAUSES) * RATE), np.float32)
        said = _trimmed(voice.say(HESITATIONS[number % len(HESITATIONS)]))
        yield np.concatenate([said, pause, _trimmed(read_sound(clip.file))]), clip.expect


def together(commands: Sequence[Clip], talk: Sequence[Clip], seed: int) -> Iterator[Mixture]:
    """Commands with somebody else's words over them, who begins and ends while the command is said."""
    random = np.random.default_rng(seed)
    for clip in commands:
        command = _trimmed(read_sound(clip.file))
        length = len(command) * 3 // 5
        start = int(random.integers(len(command) - length + 1))
        other = _piece(talk, length, random) * np.float32(10 ** (-_UNDER_DB / 20))
        command[start : start + len(other)] += other
        yield command, clip.expect


def inside(commands: Sequence[Clip], talk: Sequence[Clip], seed: int) -> Iterator[Mixture]:
    """Commands right between two pieces of talk."""
    random = np.random.default_rng(seed)
    for clip in commands:
        before, after = (_piece(talk, round(random.uniform(0.5, 1.5) * RATE), random) for _ in range(2))
        hush = np.zeros(round(random.uniform(0.0, 0.15) * RATE), np.float32)
        command = _trimmed(read_sound(clip.file))
        yield np.concatenate([before, hush, command, hush, after]), None


def _piece(talk: Sequence[Clip], length: int, random: np.random.Generator) -> Sound:
    """At most so many samples of somebody who talks."""
    sound = _trimmed(read_sound(talk[int(random.integers(len(talk)))].file))
    start = int(random.integers(max(1, len(sound) - length + 1)))
    return sound[start : start + length]


def _trimmed(sound: Sound) -> Sound:
    """Without the quiet at either end, at one loudness."""
    loud = np.flatnonzero(np.abs(sound) > np.abs(sound).max(initial=0.0) * 0.05)
    kept = sound[loud[0] : loud[-1] + 1] if len(loud) else sound
    return kept * np.float32(0.1 / active_rms(kept))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench mixtures`."""
    parser.add_argument("--speech", action="append", required=True, metavar="MANIFEST", help="with commands")
    parser.add_argument("--talk", action="append", required=True, metavar="MANIFEST|FOLDER", help="of other people")
    add_part(parser)
    parser.add_argument("--seed", type=at_least_zero, default=1)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")


def run(args: argparse.Namespace) -> int:
    """Write all three kinds and say how many they are."""
    commands = chosen([clip for clip in load_clips(args.speech, args.part) if clip.expect], args.limit)
    talk = load_clips(args.talk, args.part, only_ignored=True)
    made = (hesitant(commands, args.seed), together(commands, talk, args.seed), inside(commands, talk, args.seed))
    for kind, mixtures in zip(KINDS, made, strict=True):
        print(f"{args.out / kind}.jsonl: {write(mixtures, args.out, kind):.2f} h.")
    return 0
