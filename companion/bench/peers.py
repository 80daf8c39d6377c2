"""`companion bench peers`: what a user would take instead, on the same sound: English stand-in commands.

None of these is needed by the companion. Whoever wants to repeat the table installs them beside it:
`pip install pocketsphinx pyopen-wakeword pymicro-wakeword`; one that is not there is left out and named.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.bench.hearing import bench_phrases
from companion.bench.manifest import chosen, load_clips
from companion.bench.options import add_conditions, add_part
from companion.bench.sound import blocks, silence
from companion.bench.speech import GAP, Conditions, stream
from companion.bench.tally import rate, share, upper_bound
from companion.hearing.mel import RATE
from companion.language.phrases import normal

_DEAF_S = 2.0
"""Seconds after a detection in which another one is the same."""
_ALEXA = "alexa"


class Sphinx:
    """Pocketsphinx spotting keyphrases; `threshold` as in its own documentation, 1e-50 to 1e-5."""

    def __init__(self, phrases: Sequence[str], threshold: str) -> None:
        self.phrases = tuple(phrases)
        with tempfile.NamedTemporaryFile("w", suffix=".kws") as listed:
            listed.write("".join(f"{phrase} /{threshold}/\n" for phrase in phrases))
            listed.flush()
            self._decoder = import_module("pocketsphinx").Decoder(kws=listed.name, samprate=RATE, loglevel="FATAL")
        self._decoder.start_utt()

    def feed(self, block: NDArray[np.int16]) -> str | None:
        self._decoder.process_raw(block.tobytes(), False, False)
        found = self._decoder.hyp()
        if found is None:
            return None
        self._decoder.end_utt()
        self._decoder.start_utt()
        return next((phrase for phrase in self.phrases if phrase in found.hypstr), None)


class OpenWakeWord:
    """The word "alexa" of openWakeWord at its usual threshold."""

    phrases = (_ALEXA,)

    def __init__(self) -> None:
        library = import_module("pyopen_wakeword")
        self._features = library.OpenWakeWordFeatures.from_builtin()
        self._word = library.OpenWakeWord.from_builtin(library.Model.ALEXA)

    def feed(self, block: NDArray[np.int16]) -> str | None:
        found = [p for f in self._features.process_streaming(block.tobytes()) for p in self._word.process_streaming(f)]
        return _ALEXA if any(probability > 0.5 for probability in found) else None


class MicroWakeWord:
    """The word "alexa" of microWakeWord as it ships."""

    phrases = (_ALEXA,)

    def __init__(self) -> None:
        library = import_module("pymicro_wakeword")
        self._features = library.MicroWakeWordFeatures()
        self._word = library.MicroWakeWord.from_builtin(library.Model.ALEXA)

    def feed(self, block: NDArray[np.int16]) -> str | None:
        found = [
            self._word.process_streaming(features) for features in self._features.process_streaming(block.tobytes())
        ]
        return _ALEXA if any(found) else None


@dataclass
class Score:
    """What one of them did."""

    asked: int = 0
    right: int = 0
    false: int = 0
    ignore_s: float = 0.0
    stream_s: float = 0.0
    cpu_s: float = 0.0
    deaf_until_s: float = -1.0

    def result(self) -> dict[str, Any]:
        hours = self.ignore_s / 3600
        return {
            "expected": self.asked,
            "recall": share(self.right, self.asked),
            "ignore_hours": round(hours, 3),
            "false_activations": self.false,
            "false_activations_per_hour": rate(self.false, hours),
            "false_activations_per_hour_95": rate(upper_bound(self.false), hours),
            "cpu_s_per_hour": rate(self.cpu_s * 3600, self.stream_s),
        }


def peers(phrases: Sequence[str]) -> dict[str, Callable[[], Any]]:
    """By name: how each is made."""
    return {
        "pocketsphinx keyphrases 1e-20": lambda: Sphinx(phrases, "1e-20"),
        "pocketsphinx keyphrases 1e-5": lambda: Sphinx(phrases, "1e-5"),
        'openWakeWord "alexa"': OpenWakeWord,
        'microWakeWord "alexa"': MicroWakeWord,
    }


def measured(peer: Any, speech: Sequence[str], conditions: Conditions, part: str, limit: int | None) -> dict[str, Any]:
    """The peer on this stream. A clip of a phrase that it does not know is left out."""
    known = {normal(phrase) for phrase in peer.phrases}
    clips = [c for c in chosen(load_clips(speech, part), limit) if c.expect is None or normal(c.expect) in known]
    score = Score()
    for placed in stream(clips, conditions):
        found = _fed(peer, placed.sound, score)
        if placed.clip.expect is None:
            score.ignore_s += placed.seconds
        else:
            score.asked += 1
            score.right += bool(found) and found[0] == normal(placed.clip.expect)
            found = found[1:]
        score.false += len(found)
    score.false += len(_fed(peer, silence(GAP), score))
    return score.result()


def _fed(peer: Any, sound: NDArray[np.float32], score: Score) -> list[str]:
    found = []
    for block in blocks(sound, 1280):
        began = time.process_time()
        phrase = peer.feed(block)
        score.cpu_s += time.process_time() - began
        score.stream_s += len(block) / RATE
        if phrase is not None and score.stream_s >= score.deaf_until_s:
            score.deaf_until_s = score.stream_s + _DEAF_S
            found.append(normal(phrase))
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench peers`."""
    parser.add_argument("--speech", action="append", required=True, metavar="MANIFEST", help="may be repeated")
    parser.add_argument("--phrases", type=Path, required=True, metavar="FILE", help="stand-in commands, one a line")
    add_conditions(parser)
    add_part(parser)


def run(args: argparse.Namespace) -> int:
    """Print one JSON object: each peer's result, or why it is left out."""
    phrases = [phrase.text.lower() for phrase in bench_phrases("en", args.phrases)]
    conditions = Conditions(args.noise, args.snr, args.room)
    results: dict[str, Any] = {}
    for name, make in peers(phrases).items():
        try:
            results[name] = measured(make(), args.speech, conditions, args.part, args.limit)
        except ImportError as error:
            results[name] = f"left out: {error}"
    print(json.dumps({"condition": conditions.name, "part": args.part} | results, indent=2))
    return 0
