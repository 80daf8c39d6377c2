"""`companion bench calibrate`: what ordinary speech scores, by phrase, and the threshold that follows.

Only the `tune` half of the speech is used, of which nothing was taught to a speller, through the same listener as a
live session: what never reaches the recogniser there does not count here. Every room and noise that is named is a
condition beside the clean one: a phrase that noise resembles must be known to be one.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from companion.arguments import printed
from companion.bench.hearing import bench_phrases, tell_unknown
from companion.bench.manifest import chosen, load_clips
from companion.bench.moments import ELSEWHERE
from companion.bench.options import add_conditions, add_limit, add_recogniser, writable_file
from companion.bench.samples import Sample, cohort_of, collect, load, origin, save
from companion.bench.speech import Conditions, check
from companion.core.errors import SoundFileError
from companion.hearing.calibration import Calibration, calibration_file, load_calibration, own_calibration
from companion.hearing.engines import open_recogniser
from companion.hearing.judging import Judge
from companion.hearing.recogniser import SURE, Recogniser
from companion.hearing.speller import is_taught
from companion.hearing.spoken import Spoken, spoken_forms
from companion.hearing.verdict import Norm, Reason, Thresholds
from companion.language.phrases import normal

LEAST_SCORES = 30
"""Utterances that a phrase must have been scored on to get a norm of its own."""
SCORED = Thresholds(z=0.0, ratio=SURE, margin=0.2, apart=1.2, doubt=0.5, lingering=2.0, again=1.0)
"""Of a recogniser that gives scores. Of what was said, clean, in noise and in a room, 5 % have a ratio under -2."""
WITH_SPELLER = replace(SCORED, lingering=0.5, beside=0.3, back=1.6)
"""Where a speller tells what was said beside the phrase; how long it lasted then says less."""


@dataclass(frozen=True)
class Margins:
    """How norms and the threshold follow from ordinary speech."""

    above: float
    """How far the threshold lies over the highest z of ordinary speech."""
    least_z: float
    """It never lies under this."""
    tail: float
    """z of the utterance of ordinary speech that a phrase takes most for itself. Spreads are widened until it is so:
    some phrases have a longer tail than a normal distribution, and each of them pays for its own."""
    least_spread: float
    """Of a phrase that few utterances were long enough for, the spread says little: never under this."""


ALONE = Margins(above=0.2, least_z=3.4, tail=3.2, least_spread=0.2)
SPELT = replace(ALONE, above=-0.1, least_z=3.1)
"""With a speller a little under the highest z. With norms from half of the utterances, three in a thousand of the
others reach 3.1 at one look (Dutch)."""
WEIGHT = 0.6
"""How much of the cohort's level is taken off: between 0.4 and 1 it hardly matters (tune half, Dutch)."""
_LEAST_FITTED = 10
"""Measured phrases that a fit for unmeasured ones rests on at least."""
_CAUTIOUS = 75
"""Percentile of the measured spreads that unmeasured phrases get: with the median, ordinary speech was accepted."""


@dataclass(frozen=True)
class Plan:
    """What to calibrate with."""

    speech: tuple[str, ...]
    language: str = "nl"
    recogniser: str = "whisper"
    model: str | None = None
    phrases: Path | None = None
    limit: int | None = None
    conditions: tuple[Conditions, ...] = (Conditions(),)
    keep: Path | None = None
    """Where to write the samples."""


def calibrate(plan: Plan) -> dict[str, Any]:
    """The content of a calibration file, from speech of which nothing is a command."""
    spoken = bench_phrases(plan.language, plan.phrases)
    recogniser = open_recogniser(plan.recogniser, plan.language, plan.model, thorough=True)
    tell_unknown(recogniser, [phrase.text for phrase in spoken])
    # Some of the Dutch recordings of people were taught: they tell nothing of how new speech is taken.
    part = "norms" if plan.language == "nl" and is_taught(recogniser.model, "nl") else "tune"
    clips = chosen(load_clips(plan.speech, part, only_ignored=True), plan.limit)
    check(clips, *plan.conditions)
    samples: list[Sample] = []
    for conditions in plan.conditions:
        samples += collect(clips, conditions, spoken, recogniser, plan.language)
        if plan.keep is not None:
            save(samples, plan.keep, origin(recogniser.model, plan.language, spoken))
    return content(samples, plan.language, recogniser, plan.phrases)


def content(
    samples: Sequence[Sample], language: str, recogniser: Recogniser, phrases: Path | None = None
) -> dict[str, Any]:
    """The same from samples. Raises SoundFileError when they are too few."""
    if len(samples) < LEAST_SCORES:
        raise SoundFileError(f"Only {len(samples)} utterances stood alone; give at least an hour of speech.")
    start = load_calibration(recogniser.model, language)
    spoken = spoken_forms(bench_phrases(language, phrases), None)
    cohort, weight = _cohort(samples, language), 0.0 if start.relative else WEIGHT
    start = replace(start, cohort=cohort, weight=weight)
    thresholds, margins = _rules(start, is_taught(recogniser.model, language))
    norms = norms_of(samples, spoken, start, margins)
    calibration = replace(start, norms=norms, thresholds=thresholds)
    threshold = round(max(margins.least_z, highest_z(samples, spoken, calibration) + margins.above), 2)
    return {
        "model": recogniser.model,
        "language": language,
        "of": "ratio" if start.relative else "score",
        "conditions": sorted({sample.condition for sample in samples}),
        "speech_hours": round(sum(sample.speech_s for sample in samples) / 3600, 3),
        "utterances": len(samples),
        "thresholds": asdict(replace(calibration.thresholds, z=threshold)),
        "weight": weight,
        "cohort": {text: round(mean, 3) for text, mean in cohort.items()},
        "unmeasured": _fit(norms, spoken, recogniser),
        "phrases": _rounded(norms),
    }


def supplemented(
    samples: Sequence[Sample], language: str, recogniser: Recogniser, phrases: Path | None = None
) -> dict[str, Any]:
    """The present calibration, with norms for the phrases that it lacks: what was measured with it stays true.

    Raises SoundFileError when there is no calibration to supplement.
    """
    file = calibration_file(recogniser.model, language)
    if not file.is_file():
        raise SoundFileError(f"{recogniser.model} has no calibration for {language} yet; leave out --supplement.")
    present, start = json.loads(file.read_text(encoding="utf-8")), load_calibration(recogniser.model, language)
    spoken = spoken_forms(bench_phrases(language, phrases), None)
    margins = _rules(start, is_taught(recogniser.model, language))[1]
    found = norms_of([sample.compared(cohort_of(language), start) for sample in samples], spoken, start, margins)
    new = {text: norm for text, norm in found.items() if text not in start.norms}
    return {**present, "phrases": {**present["phrases"], **_rounded(new)}}


def _rounded(norms: Mapping[str, Norm]) -> dict[str, list[float]]:
    return {text: [round(norm.mean, 3), round(norm.spread, 3)] for text, norm in norms.items()}


def _rules(start: Calibration, taught: bool) -> tuple[Thresholds, Margins]:
    """Ratios keep the scale of the guess that the recogniser starts with: they are tenths, scores are whole units."""
    if start.relative:
        usual = start.thresholds.z
        return start.thresholds, Margins(ALONE.above, usual, usual - ALONE.above, start.default.spread)
    return (WITH_SPELLER, SPELT) if taught else (SCORED, ALONE)


def _fit(norms: Mapping[str, Norm], spoken: Sequence[Spoken], recogniser: Recogniser) -> dict[str, float] | None:
    """From the score on silence to the norm, where enough was measured and the recogniser has such scores."""
    recogniser.prepare([one.text for one in spoken])
    places = [place for place, one in enumerate(spoken) if normal(one.text) in norms]
    unheard = recogniser.unheard(places) if len(places) >= _LEAST_FITTED else ()
    if not unheard:
        return None
    slope, offset = np.polyfit(unheard, [norms[normal(spoken[place].text)].mean for place in places], 1)
    spread = np.percentile([norm.spread for norm in norms.values()], _CAUTIOUS)
    return {"slope": round(float(slope), 4), "offset": round(float(offset), 4), "spread": round(float(spread), 4)}


def _cohort(samples: Sequence[Sample], language: str) -> dict[str, float]:
    """The mean of each phrase that every sound is compared with; none for a recogniser that has no such scores."""
    columns = zip(*(sample.cohort for sample in samples), strict=True)
    return dict(zip(cohort_of(language), (sum(column) / len(column) for column in columns), strict=False))


def norms_of(
    samples: Sequence[Sample], spoken: Sequence[Spoken], calibration: Calibration, margins: Margins = ALONE
) -> dict[str, Norm]:
    """Mean and spread of every phrase that was scored often enough."""
    columns: dict[int, list[float]] = {place: [] for place in range(len(spoken))}
    for sample in samples:
        level = calibration.level(sample.scores)
        ordinary = _ordinary(sample, calibration)
        for place, score in zip(ordinary.places, ordinary.phrases, strict=True):
            if np.isfinite(over := score - level):
                columns[place].append(over)
    norms = {}
    for place, column in columns.items():
        if len(column) >= LEAST_SCORES:
            norms[normal(spoken[place].text)] = _norm(np.array(column), margins)
    return norms | _pooled(columns, norms, spoken, margins) if calibration.relative else norms


def _pooled(
    columns: Mapping[int, Sequence[float]], norms: Mapping[str, Norm], spoken: Sequence[Spoken], margins: Margins
) -> dict[str, Norm]:
    """One norm for all phrases that talk was seldom taken for: a ratio to the best free text means the same for each.

    With a grammar most talk has no score at all, and thirty for every phrase would take days of it.
    """
    scores = [score for column in columns.values() for score in column]
    if len(scores) < LEAST_SCORES:
        return {}
    common = _norm(np.array(scores), margins)
    return {text: common for one in spoken if (text := normal(one.text)) not in norms}


def _ordinary(sample: Sample, calibration: Calibration) -> Sample:
    """With the phrases that surely were not said: what the others score is no measure of ordinary speech.

    People say "yes" and "no" to each other, too: with these counted, "no" would need more than anybody reaches.
    """
    if calibration.relative or sample.free is None:
        return sample
    scored = zip(sample.places, sample.phrases, strict=True)
    return sample.among({place for place, score in scored if score - sample.free < SURE}.__contains__)


def _norm(scores: np.ndarray[Any, np.dtype[np.float64]], margins: Margins) -> Norm:
    mean = float(scores.mean())
    return Norm(mean, max(margins.least_spread, float(scores.std()), (float(scores.max()) - mean) / margins.tail))


def highest_z(samples: Sequence[Sample], spoken: Sequence[Spoken], calibration: Calibration) -> float:
    """The most that any of this speech is over what it would need in the middle of a step, at one look."""
    loose = replace(calibration, thresholds=replace(calibration.thresholds, z=0.0))
    judge = Judge(spoken, [loose.norm(one.text, one.bare) for one in spoken], loose)
    usual = [one.candidate.name not in ELSEWHERE for one in spoken]
    kept = (_ordinary(sample, calibration).among(usual.__getitem__) for sample in samples)
    return max((_excess(sample, judge) for sample in kept), default=0.0)


def _excess(sample: Sample, judge: Judge) -> float:
    lowered = judge.lowered(sample.scores, sample.places, sample.speech_s)
    verdict = judge.verdict(lowered, sample.places, frozenset())
    return 0.0 if verdict.best is None or verdict.reason is Reason.BETWEEN else verdict.z - verdict.needed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench calibrate`."""
    parser.add_argument("--speech", action="append", default=[], metavar="MANIFEST|FOLDER", help="may be repeated")
    add_recogniser(parser)
    parser.add_argument("--phrases", type=Path, metavar="FILE", help="stand-in commands, one a line")
    add_limit(parser)
    add_conditions(parser, may_be_repeated=True)
    parser.add_argument("--keep", type=writable_file, metavar="FILE", help="also write the scores, numbers only")
    parser.add_argument("--samples", type=Path, action="append", metavar="FILE", help="scores written before, instead")
    parser.add_argument(
        "--supplement",
        action="store_true",
        help="of the present calibration: only phrases that it lacks (with --samples)",
    )
    parser.add_argument("--out", type=writable_file, metavar="FILE", help="elsewhere than where sessions find it")


def run(args: argparse.Namespace) -> int:
    """Write the calibration file and say what it rests on."""
    if args.phrases is not None and args.out is None:
        raise SoundFileError("Stand-in commands are for no session: name the file to write with --out.")
    if not (args.speech or args.samples):
        raise SoundFileError("Give --speech, or --samples that were written before.")
    if args.supplement and not args.samples:
        raise SoundFileError("--supplement needs --samples: write them with companion bench samples.")
    made = _from_samples(args) if args.samples else calibrate(_plan(args))
    if not made["phrases"] and args.out is None:
        raise SoundFileError(
            f"No phrase was scored {LEAST_SCORES} times by {made['utterances']} utterances, so sessions would gain "
            "nothing by it, and nothing is written: give more speech, or name a file with --out."
        )
    file = args.out or own_calibration(made["model"], made["language"])
    file.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return printed(_told(made, file))


def _from_samples(args: argparse.Namespace) -> dict[str, Any]:
    recogniser = open_recogniser(args.recogniser, args.language, args.model)
    of = origin(recogniser.model, args.language, bench_phrases(args.language, args.phrases))
    samples = [one for one in load(args.samples, of) if one.expect is None]
    make = supplemented if args.supplement else content
    return make(samples, args.language, recogniser, args.phrases)


def _plan(args: argparse.Namespace) -> Plan:
    noisy = (Conditions(noise=file, snr=args.snr) for file in args.noise)
    rooms = (Conditions(room=file) for file in args.room)
    return Plan(
        speech=tuple(args.speech),
        language=args.language,
        recogniser=args.recogniser,
        model=args.model,
        phrases=args.phrases,
        limit=args.limit,
        conditions=(Conditions(), *noisy, *rooms),
        keep=args.keep,
    )


def _told(made: Mapping[str, Any], file: Path) -> Iterator[str]:
    hours, count, z = made["speech_hours"], made["utterances"], made["thresholds"]["z"]
    yield f"{file}: {len(made['phrases'])} phrases from {count} utterances in {hours} h; threshold z {z}."
    if not made["phrases"]:
        yield f"No phrase was scored {LEAST_SCORES} times: only the threshold is measured. More speech may tell more."
    if file == own_calibration(made["model"], made["language"]):
        yield "Every session hears with it from now on; take the file away to hear as before."
