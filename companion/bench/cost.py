"""`companion bench cost`: what 8-bit integers and one thread are worth: seconds to score an utterance with Whisper.

Every phrase is legal and nothing is left out for its length, so a live verdict takes less; it is the ratio that tells.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from companion.bench.hearing import bench_phrases
from companion.bench.manifest import chosen, load_clips
from companion.bench.options import add_language, add_part
from companion.bench.sound import read_sound
from companion.hearing.mel import RATE, Sound
from companion.hearing.utterance import LONGEST
from companion.hearing.whisper import WhisperRecogniser


@dataclass(frozen=True)
class Way:
    """Of computing: `arithmetic` is a compute type of CTranslate2."""

    arithmetic: str
    threads: int

    @property
    def name(self) -> str:
        return f"{self.arithmetic}, {self.threads} thread{'s' if self.threads > 1 else ''}"


WAYS = (Way("int8", 1), Way("float32", 1), Way("int8", 2))


def seconds_each(recogniser: WhisperRecogniser, sounds: Sequence[Sound], places: Sequence[int]) -> dict[str, float]:
    """Medians of wall time and of CPU time; a first utterance, which warms the caches, does not count."""
    recogniser.scores(sounds[0], places)
    walls, cpus = [], []
    for sound in sounds:
        wall, cpu = time.perf_counter(), time.process_time()
        recogniser.scores(sound, places)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return {"wall_s": round(float(np.median(walls)), 3), "cpu_s": round(float(np.median(cpus)), 3)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench cost`."""
    parser.add_argument("--speech", action="append", required=True, metavar="MANIFEST|FOLDER", help="may be repeated")
    add_language(parser)
    add_part(parser)


def run(args: argparse.Namespace) -> int:
    """Print one JSON object: each way of computing with its times. Set OMP_NUM_THREADS=1, as the ears do."""
    texts = [phrase.text for phrase in bench_phrases(args.language, None)]
    clips = chosen(load_clips(args.speech, args.part), args.limit)
    sounds = [read_sound(clip.file, clip.where)[: round(LONGEST * RATE)] for clip in clips]
    found = {}
    for way in WAYS:
        recogniser = WhisperRecogniser(args.language, arithmetic=way.arithmetic, threads=way.threads)
        recogniser.prepare(texts)
        found[way.name] = seconds_each(recogniser, sounds, range(len(texts)))
    print(json.dumps({"utterances": len(sounds), "phrases": len(texts)} | found, indent=2))
    return 0
