"""`companion bench curve`: what each part of the verdict is worth, drawn: recall against false activations an hour.

Made in seconds from samples, which `companion bench samples` writes. Five curves, each with one thing more than the one
before: the naive score of a closed list on talk cut at every pause; normalised; with the likelihood ratio,
the margin and the time it took; only what stands alone; only what the moment allows, with a threshold by what a
mistake costs.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from companion.bench.hearing import bench_phrases
from companion.bench.moments import attention_at, moment_of
from companion.bench.options import add_language, writable_file
from companion.bench.samples import Sample, cohort_of, load, origin
from companion.core.attention import Attention
from companion.core.command import Command
from companion.core.errors import SoundFileError
from companion.hearing.calibration import Calibration, load_calibration
from companion.hearing.judging import Judge
from companion.hearing.spoken import Spoken, spoken_forms
from companion.hearing.verdict import Norm, Reason, Thresholds, Verdict
from companion.language.phrases import Phrase, understand, vocabulary

_Judge: TypeAlias = Callable[[Sample, Command | None], tuple[float, Command | None]]
"""How surely this utterance is a command, and which; the command that was meant says what was legal then."""
_PLAIN = Norm(0.0, 1.0)
_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 720, 420, 60, 20, 20, 60
_LEAST_RATE, _MOST_RATE = 0.3, 1000.0
_COLOURS = ("#999999", "#d08700", "#0072b2", "#7b3fa0", "#008558")
NAMES = ("naive score", "+ normalisation", "+ likelihood ratio and margin", "+ stands alone", "+ context")


class Bench:
    """The phrases, the calibration and what is legal when."""

    def __init__(self, language: str, calibration: Calibration, phrases: Path | None = None) -> None:
        self._phrases: tuple[Phrase, ...] = bench_phrases(language, phrases)
        self._spoken: tuple[Spoken, ...] = spoken_forms(self._phrases, None)
        everything = frozenset(vocabulary(self._phrases))
        self._anything = Attention(open=True, legal=everything, expected=frozenset(), named_only=False)
        norms = [calibration.norm(one.text, one.bare) for one in self._spoken]
        untouched = replace(calibration, cohort={}, relative=False, thresholds=_trusting(calibration.thresholds))
        self._plain = Judge(self._spoken, [_PLAIN] * len(norms), untouched)
        self._normal = Judge(self._spoken, norms, replace(calibration, thresholds=_trusting(calibration.thresholds)))
        self._whole = Judge(self._spoken, norms, calibration)

    def meant(self, sample: Sample) -> Command | None:
        return None if sample.expect is None else understand(sample.expect, self._phrases)

    def naive(self, sample: Sample, _meant: Command | None) -> tuple[float, Command | None]:
        verdict, command = self._verdict(self._plain, sample, self._anything)
        return verdict.z, command

    def normalised(self, sample: Sample, _meant: Command | None) -> tuple[float, Command | None]:
        verdict, command = self._verdict(self._normal, sample, self._anything)
        return verdict.z, command

    def clear(self, sample: Sample, _meant: Command | None) -> tuple[float, Command | None]:
        verdict, command = self._verdict(self._whole, sample, self._anything)
        return (verdict.z if _is_clear(verdict) else -np.inf), command

    def in_context(self, sample: Sample, meant: Command | None) -> tuple[float, Command | None]:
        attention = attention_at(moment_of(meant), self._phrases, named_only=False)
        verdict, command = self._verdict(self._whole, sample, attention)
        counts = _is_clear(verdict) and command not in attention.unlikely
        return (verdict.z - verdict.needed if counts else -np.inf), command

    def _verdict(self, judge: Judge, sample: Sample, attention: Attention) -> tuple[Verdict, Command | None]:
        kept = sample.among(lambda place: self._spoken[place].candidate.command in attention.legal)
        lowered = judge.lowered(kept.scores, kept.places, kept.speech_s)
        verdict = judge.verdict(lowered, kept.places, attention.expected)
        best = verdict.best
        return verdict, None if best is None else self._spoken[kept.places[best]].candidate.command


def _trusting(thresholds: Thresholds) -> Thresholds:
    """Neither other words, instead or beside, nor the time it took are held against a phrase."""
    return replace(thresholds, doubt=0.0, lingering=0.0, beside=0.0)


def _is_clear(verdict: Verdict) -> bool:
    return verdict.reason is not Reason.BETWEEN


def curve(bench: Bench, judged: _Judge, commands: Sequence[Sample], talk: Sequence[Sample]) -> list[list[float]]:
    """Points (false activations an hour, recall), the strictest first."""
    if not talk:
        raise SoundFileError("There is no talk in the samples: nothing could be set off.")
    hours = sum(max(s.at_s for s in talk if s.condition == name) for name in {s.condition for s in talk}) / 3600
    false = np.sort([judged(sample, None)[0] for sample in talk])[::-1]
    hits: dict[tuple[str, int], float] = {}
    for sample in commands:
        meant = bench.meant(sample)
        score, command = judged(sample, meant) if sample.places else (-np.inf, None)
        key = (sample.condition, sample.clip)
        hits[key] = max(hits.get(key, -np.inf), score if command == meant else -np.inf)
    right = np.array(list(hits.values()))
    steps = sorted({*false[np.isfinite(false)].tolist(), *right[np.isfinite(right)].tolist()}, reverse=True)
    points = [[float((false >= at).sum()) / hours, float((right >= at).mean())] for at in steps]
    return [point for k, point in enumerate(points) if k == 0 or point != points[k - 1]]


def curves(
    bench: Bench, commands: Sequence[Sample], alone: Sequence[Sample], cut: Sequence[Sample]
) -> dict[str, list[list[float]]]:
    """By name. `alone` is talk as a session cuts it, `cut` talk cut at every pause."""
    steps = ((bench.naive, cut), (bench.normalised, cut), (bench.clear, cut), (bench.clear, alone))
    found = {name: curve(bench, *step[:1], commands, step[1]) for name, step in zip(NAMES, steps, strict=False)}
    return found | {NAMES[-1]: curve(bench, bench.in_context, commands, alone)}


def recall_at(points: Sequence[Sequence[float]], rate: float) -> float:
    """The best recall with at most so many false activations an hour."""
    return max((recall for false, recall in points if false <= rate), default=0.0)


def svg(found: dict[str, list[list[float]]], title: str) -> str:
    """The picture: false activations an hour on a logarithmic axis, none of them at its left end."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="14" font-weight="bold">{title}</text>',
    ]
    for recall in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(recall)
        lines.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        lines.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{recall:.0%}</text>')
    for rate, words in ((_LEAST_RATE, "none"), (1, "1"), (10, "10"), (100, "100"), (1000, "1000")):
        lines.append(f'<path d="M{_x(rate):.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#ddd"/>')
        lines.append(f'<text x="{_x(rate):.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{words}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    lines.append(f'<text x="{middle}" y="{_HEIGHT - 24}" text-anchor="middle">false activations an hour of talk</text>')
    for k, (name, points) in enumerate(found.items()):
        path = "L".join(f"{_x(rate):.1f} {_y(recall):.1f}" for rate, recall in _steps(points))
        lines.append(f'<path d="M{path}" fill="none" stroke="{_COLOURS[k]}" stroke-width="2"/>')
        y = _HEIGHT - _BOTTOM - 12 - 18 * (len(found) - 1 - k)
        lines.append(f'<text x="{_WIDTH - 220}" y="{y}" fill="{_COLOURS[k]}">{name}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _steps(points: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Only the best recall of each rate: recall never falls where more is let through."""
    best: dict[float, float] = {}
    for rate, recall in points:
        best[max(rate, _LEAST_RATE)] = max(recall, best.get(max(rate, _LEAST_RATE), 0.0))
    return sorted(best.items())


def _x(rate: float) -> float:
    share = (np.log(rate) - np.log(_LEAST_RATE)) / (np.log(_MOST_RATE) - np.log(_LEAST_RATE))
    return float(_LEFT + min(1.0, share) * (_WIDTH - _LEFT - _RIGHT))


def _y(recall: float) -> float:
    return _TOP + 10 + (1 - recall) * (_HEIGHT - _TOP - _BOTTOM - 10)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench curve`."""
    parser.add_argument("--commands", type=Path, action="append", required=True, metavar="SAMPLES")
    parser.add_argument("--talk", type=Path, action="append", required=True, metavar="SAMPLES")
    parser.add_argument("--cut", type=Path, action="append", required=True, metavar="SAMPLES", help="at every pause")
    add_language(parser)
    parser.add_argument("--model", default="whisper-base")
    parser.add_argument("--svg", type=writable_file, required=True, metavar="FILE")


def run(args: argparse.Namespace) -> int:
    """Draw the picture; print, and write beside it, the recall at 1, 10 and 100 false activations an hour."""
    calibration = load_calibration(args.model, args.language)
    of = origin(args.model, args.language, bench_phrases(args.language, None))
    samples = [
        [sample.compared(cohort_of(args.language), calibration) for sample in load(files, of)]
        for files in (args.commands, args.talk, args.cut)
    ]
    found = curves(Bench(args.language, calibration), *samples)
    args.svg.write_text(svg(found, "What each part of the verdict is worth"), encoding="utf-8")
    shown: dict[str, Any] = {
        name: {f"recall at {rate:g} an hour": round(recall_at(points, rate), 3) for rate in (1, 10, 100)}
        for name, points in found.items()
    }
    text = json.dumps(shown, indent=2)
    args.svg.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0
