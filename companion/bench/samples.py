"""Scores of recorded speech, phrase by phrase: numbers that calibration and the drawn curve are made from.

Collecting them is slow (every phrase is scored on every utterance); all that follows takes seconds.
"""

import argparse
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from companion.bench.hearing import bench_phrases, tell_unknown
from companion.bench.manifest import Clip, chosen, load_clips, numbered_lines
from companion.bench.options import add_conditions, add_part, add_recogniser, writable_file
from companion.bench.sound import blocks, silence
from companion.bench.speech import Conditions, check, stream
from companion.core.attention import Attention
from companion.core.errors import SoundFileError
from companion.hearing.calibration import Calibration, load_calibration
from companion.hearing.engines import open_recogniser
from companion.hearing.listener import Listener, Trace
from companion.hearing.mel import Sound
from companion.hearing.recogniser import Recogniser, Scores
from companion.hearing.utterance import LONGEST, Utterances
from companion.language.phrases import Phrase, phrases, vocabulary

_LONGEST = 16


@dataclass(frozen=True)
class Sample:
    """The scores of one utterance. `expect` is what was said, None for ordinary speech."""

    places: tuple[int, ...]
    phrases: tuple[float, ...]
    """One score for each place."""
    free: float | None
    cohort: tuple[float, ...] = ()
    speech_s: float = 1.0
    expect: str | None = None
    condition: str = "clean"
    at_s: float = 0.0
    """Seconds of recordings that had been listened to by then, in this condition."""
    clip: int = 0
    """Number of the recording: utterances of one recording share it."""
    beside: tuple[float, ...] = ()
    """As in `Scores`."""

    @property
    def scores(self) -> Scores:
        return Scores(self.phrases, self.free, self.cohort, self.beside)

    def among(self, allowed: Callable[[int], bool]) -> "Sample":
        """The same with the places that are allowed only."""
        kept = [at for at, place in enumerate(self.places) if allowed(place)]
        return replace(
            self,
            places=tuple(self.places[at] for at in kept),
            phrases=tuple(self.phrases[at] for at in kept),
            beside=tuple(self.beside[at] for at in kept) if self.beside else (),
        )

    def compared(self, cohort: Sequence[str], calibration: Calibration) -> "Sample":
        """The same with the scores of the calibration's cohort only; by now the language may have more such phrases."""
        scores = zip(cohort, self.cohort, strict=False)
        return replace(self, cohort=tuple(score for text, score in scores if text in calibration.cohort))


def cohort_of(language: str) -> tuple[str, ...]:
    """Phrases that every sound is compared with: the usual one of every command, if it has several words.

    Always the language's own, whatever the phrases that are listened for: three would be too few. Long ones cannot
    be said in a short utterance and would say nothing of it.
    """
    usual = [phrase.text for phrase in phrases(language, ()) if phrase.canonical and phrase.command.argument is None]
    return tuple(text for text in usual if " " in text and len(text) <= _LONGEST)


class _Recorder:
    """A recogniser that keeps the numbers of another one."""

    def __init__(self, inner: Recogniser, cohort: Sequence[str]) -> None:
        self._inner, self._cohort = inner, cohort
        self.last: tuple[tuple[int, ...], Scores] = ((), Scores((), 0.0))

    @property
    def model(self) -> str:
        return self._inner.model

    def prepare(self, phrases: Sequence[str], cohort: Sequence[str] = (), decoys: Sequence[str] = ()) -> None:
        self._inner.prepare(phrases, cohort or self._cohort, decoys)

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        found = self._inner.scores(sound, places)
        self.last = (tuple(places), found)
        return found

    def unknown(self, phrases: Sequence[str]) -> tuple[int, ...]:
        return self._inner.unknown(phrases)

    def unheard(self, places: Sequence[int]) -> tuple[float, ...]:
        return self._inner.unheard(places)

    def naive(self, sound: Sound, places: Sequence[int]) -> tuple[int, float] | None:
        return self._inner.naive(sound, places)


def collect(
    clips: Sequence[Clip],
    conditions: Conditions,
    spoken: Sequence[Phrase],
    recogniser: Recogniser,
    language: str,
    cut: Utterances | None = None,
) -> Iterator[Sample]:
    """Every utterance that reaches the recogniser while everything is legal, in this condition, and an empty sample for
    each command in which none was found.

    `cut` finds utterances in another way than a session does.
    """
    at_s, found = 0.0, set[int]()
    for sample in _utterances(clips, conditions, spoken, recogniser, language, cut):
        at_s = sample.at_s
        found.add(sample.clip)
        yield sample
    for number, clip in enumerate(clips):
        if clip.expect is not None and number not in found:
            # A command in which no utterance was found is missed, too: without this line it would not count.
            yield Sample((), (), None, expect=clip.expect, condition=conditions.name, at_s=at_s, clip=number)


def _utterances(
    clips: Sequence[Clip],
    conditions: Conditions,
    spoken: Sequence[Phrase],
    recogniser: Recogniser,
    language: str,
    cut: Utterances | None,
) -> Iterator[Sample]:
    recorder, traces = _Recorder(recogniser, cohort_of(language)), list[Trace]()
    # What it decides does not matter here, only what it scores.
    known = load_calibration(recogniser.model, language)
    once = replace(known.thresholds, again=-1.0)
    calibration = replace(known, cohort={}, weight=0.0, thresholds=once)
    listener = Listener(spoken, recorder, calibration, None, traces.append, cut=cut)
    everything = frozenset(vocabulary(spoken))
    listener.attend(Attention(open=True, legal=everything, expected=frozenset(), named_only=False))
    placed: list[tuple[float, Clip]] = []
    at_s = 0.0
    for one in stream(clips, conditions):
        placed.append((one.began_s, one.clip))
        at_s += one.seconds
        for block in blocks(one.sound):
            listener.feed(block)
            yield from _taken(traces, recorder, placed, conditions.name, at_s)
    for block in blocks(silence(1.0)):
        listener.feed(block)
        yield from _taken(traces, recorder, placed, conditions.name, at_s)


def _taken(
    traces: list[Trace], recorder: _Recorder, placed: Sequence[tuple[float, Clip]], condition: str, at_s: float
) -> Iterator[Sample]:
    """What was traced with this block: it belongs to the last recording that had begun by then."""
    for trace in traces:
        began_s = trace.ended_s - trace.speech_s
        number = max(k for k, (at, _) in enumerate(placed) if k == 0 or at - 0.5 <= began_s)
        places, scores = recorder.last
        yield Sample(
            places,
            scores.phrases,
            scores.free,
            scores.cohort,
            trace.voiced_s,
            placed[number][1].expect,
            condition,
            at_s,
            number,
            scores.beside,
        )
    traces.clear()


def save(samples: Iterable[Sample], file: Path, of: str) -> None:
    """One line of JSON a sample; JSON knows no infinity, so -inf is null."""
    with file.open("w", encoding="utf-8") as lines:
        for sample in samples:
            scores = [None if score == -float("inf") else round(score, 4) for score in sample.phrases]
            beside = [None if more == float("inf") else round(more, 2) for more in sample.beside]
            lines.write(json.dumps(asdict(sample) | {"of": of, "phrases": scores, "beside": beside}) + "\n")
            lines.flush()


def origin(model: str, language: str, spoken: Sequence[Phrase]) -> str:
    """What samples must share to be read together: the model, the language and the phrases, of these a digest."""
    said = "\n".join(phrase.text for phrase in spoken)
    return f"{model} {language} {hashlib.sha256(said.encode()).hexdigest()[:12]}"


def load(files: Iterable[Path], of: str) -> list[Sample]:
    """The samples of these files. Raises SoundFileError naming file and line of what is none, or of another origin."""
    return [_loaded(file, number, line, of) for file in files for number, line in numbered_lines(file)]


def _loaded(file: Path, number: int, line: str, of: str) -> Sample:
    where = f"{file.name}, line {number}"
    try:
        row = json.loads(line)
        is_of = row.pop("of", None)
        sample = Sample(
            **{
                **row,
                "places": tuple(row["places"]),
                "cohort": tuple(row.get("cohort", ())),
                "beside": tuple(float("inf") if more is None else more for more in row.get("beside", ())),
                "phrases": tuple(-float("inf") if score is None else score for score in row["phrases"]),
            }
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SoundFileError(f"{where}: is no sample; write them with companion bench samples.") from error
    if is_of != of:
        raise SoundFileError(f"{where}: is of another model, language or list of phrases than these; write it anew.")
    return sample


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench samples`."""
    parser.add_argument("--speech", action="append", required=True, metavar="MANIFEST|FOLDER", help="may be repeated")
    add_recogniser(parser)
    add_conditions(parser)
    add_part(parser, "tune")
    parser.add_argument("--every-pause", action="store_true", help="cut at every pause, as if nothing stood alone")
    parser.add_argument("--out", type=writable_file, required=True, metavar="FILE")


def run(args: argparse.Namespace) -> int:
    """Write the samples, one line each, as they come."""
    recogniser = open_recogniser(args.recogniser, args.language, args.model, thorough=True)
    clips = chosen(load_clips(args.speech, args.part), args.limit)
    conditions = Conditions(args.noise, args.snr, args.room)
    check(clips, conditions)
    cut = Utterances(LONGEST, before=0.0, after=0.2) if args.every_pause else None
    spoken = bench_phrases(args.language, None)
    tell_unknown(recogniser, [phrase.text for phrase in spoken])
    of = origin(recogniser.model, args.language, spoken)
    save(collect(clips, conditions, spoken, recogniser, args.language, cut), args.out, of)
    return 0
