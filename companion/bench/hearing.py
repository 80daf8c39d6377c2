"""`companion bench hearing`: recorded speech through the same listener as a live session, as one JSON object."""

import argparse
import json
import math
import resource
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from companion import __version__
from companion.bench.speech import GAP, PARTS, Clip, Conditions, blocks, chosen, load_clips, silence, stream
from companion.core.attention import Attention
from companion.core.command import MOVING, Command, Name
from companion.core.errors import PhraseError
from companion.hearing.activity import FRAME, FRAME_S, Activity
from companion.hearing.calibration import load_calibration
from companion.hearing.listener import Heard, Listener, Trace
from companion.hearing.recogniser import RECOGNISERS, Recogniser, open_recogniser
from companion.hearing.utterance import Utterances
from companion.language.phrases import LANGUAGES, Phrase, language_file, normal, phrases, understand
from companion.methods import load_methods

ASKED = frozenset({Name.AGREE, Name.YES, Name.NO})
READY = frozenset({Name.START, Name.PEOPLE})
_NAIVE_LONGEST = 25.0


@dataclass(frozen=True)
class Options:
    """What `companion bench hearing` was asked for."""

    speech: tuple[str, ...]
    language: str = "nl"
    recogniser: str = "whisper"
    model: str | None = None
    mode: str = "natural"
    phrases: Path | None = None
    calibration: Path | None = None
    conditions: Conditions = Conditions()
    part: str = "all"
    naive: bool = False
    trace: Path | None = None
    limit: int | None = None


@dataclass
class _Tally:
    expected: int = 0
    recognised: int = 0
    confused: int = 0
    false: int = 0
    false_steps: int = 0
    ignore_s: float = 0.0
    stream_s: float = 0.0
    cpu_s: float = 0.0
    recognised_s: float = 0.0
    latencies: list[float] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    false_by_phrase: Counter[str] = field(default_factory=Counter)


class _Ears(Protocol):
    def attend(self, attention: Attention) -> None: ...
    def feed(self, block: NDArray[np.int16]) -> Heard | None: ...


class _Naive:
    """The same engine used the usual way: speech is cut at pauses and the result is taken at its word."""

    def __init__(self, spoken: Sequence[Phrase], recogniser: Recogniser) -> None:
        recogniser.prepare([phrase.text for phrase in spoken])
        self._spoken, self._recogniser = spoken, recogniser
        self._activity, self._utterances = Activity(), Utterances(_NAIVE_LONGEST)
        self._legal: frozenset[Command] = frozenset()
        self._rest = np.zeros(0, np.int16)
        self._frames = 0

    def attend(self, attention: Attention) -> None:
        self._legal = attention.legal

    def feed(self, block: NDArray[np.int16]) -> Heard | None:
        sound, heard = np.concatenate([self._rest, block]), None
        for start in range(0, len(sound) - FRAME + 1, FRAME):
            heard = self._frame(sound[start : start + FRAME]) or heard
        self._rest = sound[len(sound) // FRAME * FRAME :]
        return heard

    def _frame(self, samples: NDArray[np.int16]) -> Heard | None:
        self._frames += 1
        utterance = self._utterances.feed(samples, self._activity.feed(samples))
        if utterance is None:
            return None
        places = [place for place, phrase in enumerate(self._spoken) if phrase.command in self._legal]
        place = self._recogniser.naive(utterance.sound.astype(np.float32) / 32768.0, places)
        self._utterances.wipe()
        if place is None:
            return None
        ended_s = (utterance.ended + 1) * FRAME_S
        return Heard(self._spoken[place].command, ended_s, self._frames * FRAME_S, 0.0, 0.0)


def hearing_bench(options: Options) -> dict[str, Any]:
    """Stream the speech through the listener; what was heard, in the keys of docs/hearing.md."""
    clips = chosen(load_clips(options.speech, options.part), options.limit)
    spoken = bench_phrases(options.language, options.phrases)
    recogniser = open_recogniser(options.recogniser, options.language, options.model)
    tally = _Tally()
    traces: list[Trace] = []
    if options.naive:
        ears: _Ears = _Naive(spoken, recogniser)
    else:
        calibration = load_calibration(recogniser.model, options.language, options.calibration)
        name = str(language_file(options.language)["device_name"]) if options.phrases is None else None
        ears = Listener(spoken, recogniser, calibration, name, traces.append)
    _run(ears, clips, spoken, options, tally)
    tally.recognised_s = sum(trace.speech_s for trace in traces)
    if options.trace is not None:
        options.trace.write_text("".join(_trace_line(trace) for trace in traces), encoding="utf-8")
    return _result(tally, options, recogniser.model)


def bench_phrases(language: str, file: Path | None) -> tuple[Phrase, ...]:
    """The language's own phrases with every built-in method, or stand-in commands from a file, one a line."""
    if file is None:
        return phrases(language, load_methods())
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not lines:
        raise PhraseError(f"{file} holds no phrase; write one a line.")
    return tuple(Phrase(line, Command(Name.HELP, number), True) for number, line in enumerate(lines, 1))


def bare(expect: str, name: str) -> str:
    """The phrase without the device's name before it."""
    return normal(expect).removeprefix(f"{normal(name)} ")


def attention_for(command: Command | None, spoken: Sequence[Phrase], named_only: bool) -> Attention:
    """What a session listens for when this command is said; talk is met in the middle of a step.

    Before a session only starting is legal, and answers only when the device has asked.
    """
    commands = frozenset(phrase.command for phrase in spoken)
    name = None if command is None else command.name
    moment = next((moment for moment in (ASKED, READY) if name in moment), None)
    if moment is None:
        legal = frozenset(each for each in commands if each.name not in ASKED | READY)
        return Attention(open=True, legal=legal, expected=frozenset(), named_only=named_only)
    legal = frozenset(each for each in commands if each.name in moment)
    return Attention(open=True, legal=legal, expected=legal, named_only=named_only)


def _run(ears: _Ears, clips: Sequence[Clip], spoken: Sequence[Phrase], options: Options, tally: _Tally) -> None:
    name = str(language_file(options.language)["device_name"])
    waiting: tuple[Clip, Command | None, float, list[tuple[Heard, float]]] | None = None
    for placed in stream(clips, options.conditions):
        command = None if placed.clip.expect is None else understand(bare(placed.clip.expect, name), spoken)
        if placed.clip.expect is not None and command is None:
            raise PhraseError(f'"{placed.clip.expect}" of {placed.clip.file.name} is no phrase; check --phrases.')
        # The quiet before a clip still belongs to the one before it: its verdict comes in it.
        gap = round(GAP * 16_000 * 0.8)
        heard = _feed(ears, placed.sound[:gap], tally)
        if waiting is not None:
            _count(*waiting[:3], [*waiting[3], *heard], tally)
        ears.attend(attention_for(command, spoken, options.mode == "named"))
        waiting = (placed.clip, command, placed.speech_ended_s, _feed(ears, placed.sound[gap:], tally))
        tally.ignore_s += placed.seconds if command is None else 0.0
    heard = _feed(ears, silence(GAP), tally)
    if waiting is not None:
        _count(*waiting[:3], [*waiting[3], *heard], tally)


def _feed(ears: _Ears, sound: NDArray[np.float32], tally: _Tally) -> list[tuple[Heard, float]]:
    """What was heard in this sound, with the seconds of computing that the verdict took."""
    found = []
    for block in blocks(sound):
        wall, cpu = time.perf_counter(), time.process_time()
        heard = ears.feed(block)
        tally.cpu_s += time.process_time() - cpu
        if heard is not None:
            found.append((heard, time.perf_counter() - wall))
    tally.stream_s += len(sound) / 16_000
    return found


def _count(
    clip: Clip, command: Command | None, speech_ended_s: float, found: Sequence[tuple[Heard, float]], tally: _Tally
) -> None:
    wrong = [heard.command for heard, _ in found]
    if command is not None:
        tally.expected += 1
        tally.asked[str(clip.expect)] += 1
        if found:
            first, computing = found[0]
            wrong = wrong[1:]
            if first.command == command:
                tally.recognised += 1
                tally.right[str(clip.expect)] += 1
                tally.latencies.append(first.decided_s - speech_ended_s + computing)
            else:
                tally.confused += 1
    tally.false += len(wrong)
    tally.false_steps += sum(each.name in MOVING for each in wrong)
    for each in wrong:
        tally.false_by_phrase[f"{each.name.value} {each.argument or ''}".strip()] += 1


def _result(tally: _Tally, options: Options, model: str) -> dict[str, Any]:
    hours = tally.ignore_s / 3600
    return {
        "expected": tally.expected,
        "recognised": tally.recognised,
        "confused": tally.confused,
        "recall": round(tally.recognised / tally.expected, 4) if tally.expected else None,
        "ignore_hours": round(hours, 4),
        "false_activations": tally.false,
        "false_activations_per_hour": _rate(tally.false, hours),
        "false_activations_per_hour_95": _rate(upper_bound(tally.false), hours),
        "false_steps_per_hour": _rate(tally.false_steps, hours),
        "latency_s": _spread(tally.latencies),
        "cpu_s_per_hour": round(tally.cpu_s / tally.stream_s * 3600, 1) if tally.stream_s else None,
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "share_recognised": round(tally.recognised_s / tally.stream_s, 4) if tally.stream_s else None,
        "recogniser": f"{options.recogniser}{' (naive)' if options.naive else ''}",
        "model": model,
        "mode": options.mode,
        "part": options.part,
        "version": __version__,
        "by_phrase": {phrase: [tally.right[phrase], count] for phrase, count in sorted(tally.asked.items())},
        "false_by_command": dict(tally.false_by_phrase.most_common()),
    }


def upper_bound(count: int) -> float:
    """The one-sided 95 % upper bound of a Poisson mean after `count` events (3.0 for none), by bisection."""

    def tail(mean: float) -> float:
        return sum(math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) for k in range(count + 1))

    low, high = 1e-9, 10.0 + 3.0 * count
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(middle) > 0.05 else (low, middle)
    return high


def _rate(count: float, hours: float) -> float | None:
    return round(count / hours, 2) if hours else None


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {"median": round(float(np.median(values)), 3), "p95": round(float(np.percentile(values, 95)), 3)}


def _trace_line(trace: Trace) -> str:
    verdict = trace.verdict
    numbers = {
        "ended_s": trace.ended_s,
        "speech_s": trace.speech_s,
        "verdict": verdict.decision.value,
        "command": None if trace.command is None else [trace.command.name.value, trace.command.argument],
        "z": verdict.z,
        "needed": verdict.needed,
        "ratio": verdict.ratio,
        "margin": verdict.margin,
    }
    plain = {key: _plain(value) for key, value in numbers.items()}
    return json.dumps(plain) + "\n"


def _plain(value: object) -> object:
    """JSON knows no infinity."""
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else None
    return value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench hearing`."""
    parser.add_argument("--speech", action="append", required=True, metavar="MANIFEST", help="may be repeated")
    parser.add_argument("--language", choices=LANGUAGES, default="nl")
    parser.add_argument("--recogniser", choices=RECOGNISERS, default="whisper")
    parser.add_argument("--model", help="another model of the catalogue")
    parser.add_argument("--mode", choices=("natural", "named"), default="natural")
    parser.add_argument("--phrases", type=Path, metavar="FILE", help="stand-in commands, one a line")
    parser.add_argument("--calibration", type=Path, metavar="FILE", help="instead of the built-in one")
    parser.add_argument("--noise", type=Path, metavar="FILE")
    parser.add_argument("--snr", type=float, default=10.0, metavar="DB")
    parser.add_argument("--room", type=Path, metavar="FILE", help="an impulse response")
    parser.add_argument("--part", choices=PARTS, default="all", help="half of the voices or files, by a hash")
    parser.add_argument("--compare", choices=("naive",), help="also the same engine used the usual way")
    parser.add_argument("--trace", type=Path, metavar="FILE", help="one line of numbers an utterance")
    parser.add_argument("--limit", type=int, metavar="CLIPS", help="only so many clips, drawn by a hash")


def run(args: argparse.Namespace) -> int:
    """Print the result; with `--compare naive` that of the naive use beside it."""
    options = Options(
        speech=tuple(args.speech),
        language=args.language,
        recogniser=args.recogniser,
        model=args.model,
        mode=args.mode,
        phrases=args.phrases,
        calibration=args.calibration,
        conditions=Conditions(args.noise, args.snr, args.room),
        part=args.part,
        trace=args.trace,
        limit=args.limit,
    )
    result: Mapping[str, Any] = hearing_bench(options)
    if args.compare is not None:
        result = {**result, "naive": hearing_bench(replace(options, naive=True, trace=None))}
    print(json.dumps(result, indent=2, ensure_ascii=False))
    return 0


def main(add: Callable[[argparse.ArgumentParser], None], act: Callable[[argparse.Namespace], int]) -> int:
    parser = argparse.ArgumentParser()
    add(parser)
    return act(parser.parse_args())


if __name__ == "__main__":
    raise SystemExit(main(add_arguments, run))
