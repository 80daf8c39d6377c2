"""`companion bench calibrate`: what ordinary speech scores, by phrase, and the threshold that follows.

Only the `tune` half of the speech is used, through the same listener as a live session: what never reaches
the recogniser there does not count here.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from companion.bench.hearing import ASKED, READY, bench_phrases
from companion.bench.speech import Conditions, blocks, chosen, load_clips, silence, stream
from companion.core.attention import Attention
from companion.core.errors import SoundFileError
from companion.hearing.calibration import Calibration, load_calibration
from companion.hearing.listener import Listener, Spoken, spoken_forms
from companion.hearing.mel import Sound
from companion.hearing.recogniser import RECOGNISERS, Recogniser, Scores, open_recogniser
from companion.hearing.verdict import Candidate, Norm, Thresholds, judge
from companion.language.phrases import LANGUAGES, language_file, normal, vocabulary

LEAST_SCORES = 30
"""Utterances that a phrase must have been scored on to get a norm of its own."""
_ABOVE = 0.3
"""How far the threshold lies above the highest z of ordinary speech."""
_LEAST_Z = 2.5
_LEAST_SPREAD = 0.25
"""Of a phrase that few utterances were long enough for, the spread says little: never under this."""


@dataclass(frozen=True)
class Sample:
    """The scores of one utterance of ordinary speech."""

    places: tuple[int, ...]
    scores: Scores


class _Recorder:
    """A recogniser that keeps the numbers of another one."""

    def __init__(self, inner: Recogniser) -> None:
        self._inner = inner
        self.samples: list[Sample] = []

    @property
    def model(self) -> str:
        return self._inner.model

    def prepare(self, phrases: Sequence[str]) -> None:
        self._inner.prepare(phrases)

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        found = self._inner.scores(sound, places)
        self.samples.append(Sample(tuple(places), found))
        return found

    def naive(self, sound: Sound, places: Sequence[int]) -> int | None:
        return self._inner.naive(sound, places)


def calibrate(
    speech: Sequence[str],
    language: str,
    recogniser: str = "whisper",
    model: str | None = None,
    phrases: Path | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """The content of a calibration file, from speech of which nothing is a command."""
    clips = chosen(load_clips(speech, "tune", only_ignored=True), limit)
    found = bench_phrases(language, phrases)
    name = str(language_file(language)["device_name"]) if phrases is None else None
    recorder = _Recorder(open_recogniser(recogniser, language, model, thorough=True))
    start = load_calibration(recorder.model, language)
    listener = Listener(found, recorder, start, name)
    everything = frozenset(vocabulary(found))
    listener.attend(Attention(open=True, legal=everything, expected=frozenset(), named_only=False))
    seconds = 0.0
    for placed in stream(clips, Conditions()):
        seconds += placed.seconds
        for block in blocks(placed.sound):
            listener.feed(block)
    for block in blocks(silence(1.0)):
        listener.feed(block)
    if len(recorder.samples) < LEAST_SCORES:
        raise SoundFileError(f"Only {len(recorder.samples)} utterances stood alone; give at least an hour of speech.")
    return _content(recorder.samples, spoken_forms(found, name), start, seconds, recorder.model, language)


def _content(
    samples: Sequence[Sample], spoken: Sequence[Spoken], start: Calibration, seconds: float, model: str, language: str
) -> dict[str, Any]:
    norms = norms_of(samples, spoken, start.relative)
    calibration = replace(start, norms=norms)
    threshold = threshold_of(samples, spoken, calibration)
    return {
        "model": model,
        "language": language,
        "of": "ratio" if start.relative else "score",
        "speech_hours": round(seconds / 3600, 3),
        "utterances": len(samples),
        "thresholds": asdict(replace(calibration.thresholds, z=threshold)),
        "phrases": {text: [round(norm.mean, 3), round(norm.spread, 3)] for text, norm in norms.items()},
    }


def norms_of(samples: Sequence[Sample], spoken: Sequence[Spoken], relative: bool) -> dict[str, Norm]:
    """Mean and spread of every phrase that was scored often enough."""
    columns: dict[int, list[float]] = {place: [] for place in range(len(spoken))}
    for sample in samples:
        for place, score in zip(sample.places, sample.scores.phrases, strict=True):
            columns[place].append(score - (sample.scores.free if relative else 0.0))
    norms = {}
    for place, column in columns.items():
        finite = np.array([score for score in column if np.isfinite(score)])
        if len(finite) >= LEAST_SCORES:
            norms[normal(spoken[place].text)] = Norm(float(finite.mean()), max(_LEAST_SPREAD, float(finite.std())))
    return norms


def threshold_of(samples: Sequence[Sample], spoken: Sequence[Spoken], calibration: Calibration) -> float:
    """The least z at which nothing of this speech would have been accepted in the middle of a step."""
    loose = replace(calibration.thresholds, z=0.0)
    worst = max((_excess(sample, spoken, calibration, loose) for sample in samples), default=0.0)
    return round(max(_LEAST_Z, worst + _ABOVE), 2)


def _excess(sample: Sample, spoken: Sequence[Spoken], calibration: Calibration, loose: Thresholds) -> float:
    relative = sample.scores.free if calibration.relative else 0.0
    kept: list[tuple[Candidate, float, Norm]] = [
        (spoken[place].candidate, score - relative, calibration.norm(spoken[place].text, spoken[place].bare))
        for place, score in zip(sample.places, sample.scores.phrases, strict=True)
        if spoken[place].candidate.command.name not in ASKED | READY
    ]
    if not kept:
        return 0.0
    candidates, scores, norms = zip(*kept, strict=True)
    verdict = judge(candidates, scores, norms, sample.scores.free - relative, frozenset(), loose)
    clear = verdict.ratio >= loose.ratio and verdict.margin >= loose.margin
    return verdict.z - verdict.needed if clear else 0.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench calibrate`."""
    parser.add_argument("--speech", action="append", required=True, metavar="MANIFEST|FOLDER", help="may be repeated")
    parser.add_argument("--language", choices=LANGUAGES, default="nl")
    parser.add_argument("--recogniser", choices=RECOGNISERS, default="whisper")
    parser.add_argument("--model", help="another model of the catalogue")
    parser.add_argument("--phrases", type=Path, metavar="FILE", help="stand-in commands, one a line")
    parser.add_argument("--limit", type=int, metavar="CLIPS", help="only so many clips, drawn by a hash")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the calibration file to write")


def run(args: argparse.Namespace) -> int:
    """Write the calibration file and say what it rests on."""
    content = calibrate(args.speech, args.language, args.recogniser, args.model, args.phrases, args.limit)
    args.out.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    hours, count, z = content["speech_hours"], content["utterances"], content["thresholds"]["z"]
    print(f"{args.out}: {len(content['phrases'])} phrases from {count} utterances in {hours} h; threshold z {z}.")
    return 0


if __name__ == "__main__":
    _parser = argparse.ArgumentParser()
    add_arguments(_parser)
    raise SystemExit(run(_parser.parse_args()))
