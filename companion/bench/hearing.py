"""`companion bench hearing`: recorded speech through the same listener as a live session, as one JSON object."""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from companion import __version__
from companion.bench.manifest import Clip, chosen, load_clips, numbered_lines
from companion.bench.moments import CHOICES, STEP, attention_at, moment_of
from companion.bench.naive import LikenessTally, Naive
from companion.bench.options import add_conditions, add_part, add_recogniser, decibels, finite_number, writable_file
from companion.bench.sound import blocks, silence
from companion.bench.speech import GAP, Conditions, check, stream
from companion.bench.tally import Tally, trace_line
from companion.core.attention import Attention
from companion.core.command import Command, Name
from companion.core.errors import PhraseError
from companion.hearing.activity import FRAME
from companion.hearing.calibration import load_calibration
from companion.hearing.engines import not_known, open_recogniser, unknown_to
from companion.hearing.listener import Heard, Listener, Trace
from companion.hearing.mel import RATE
from companion.hearing.recogniser import Recogniser
from companion.language.phrases import MOST_LETTERS, Phrase, decoys, normal, phrases, understand, usual_name
from companion.methods import load_methods, load_rule_sets


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
    moment: str = STEP
    """When talk is met; commands are met when they are said."""


class _Ears(Protocol):
    @property
    def speech_s(self) -> float: ...
    @property
    def recognised_s(self) -> float: ...
    def attend(self, attention: Attention) -> None: ...
    def forget(self) -> None: ...
    def feed(self, block: NDArray[np.int16]) -> Heard | None: ...


def hearing_bench(options: Options) -> dict[str, Any]:
    """Stream the speech through the listener; what was heard, in the keys of `Tally.result`."""
    clips = chosen(load_clips(options.speech, options.part), options.limit)
    check(clips, options.conditions)
    spoken = bench_phrases(options.language, options.phrases)
    recogniser = open_recogniser(options.recogniser, options.language, options.model)
    name = _name(options)
    unknown = tell_unknown(recogniser, [*(phrase.text for phrase in spoken), *([name] if name else [])])
    tally, traces = LikenessTally() if options.naive else Tally(), list[Trace]()
    ears: _Ears = Naive(spoken, recogniser) if options.naive else _listener(spoken, recogniser, options, traces)
    _run(ears, clips, spoken, options, tally)
    tally.speech_s, tally.recognised_s = ears.speech_s, ears.recognised_s
    if options.trace is not None:
        options.trace.write_text("".join(map(trace_line, traces)), encoding="utf-8")
    return tally.result() | {
        "recogniser": f"{options.recogniser}{' (naive)' if options.naive else ''}",
        "model": recogniser.model,
        "unknown": unknown,
        "mode": options.mode,
        "part": options.part,
        "moment": options.moment,
        "version": __version__,
    }


def _listener(spoken: Sequence[Phrase], recogniser: Recogniser, options: Options, traces: list[Trace]) -> Listener:
    calibration = load_calibration(recogniser.model, options.language, options.calibration)
    beside = decoys(options.language) if options.phrases is None else ()
    return Listener(spoken, recogniser, calibration, _name(options), traces.append, decoys=beside)


def _name(options: Options) -> str | None:
    """What may stand before a phrase; before a stand-in only where it must."""
    return usual_name(options.language) if options.phrases is None or options.mode == "named" else None


def bench_phrases(language: str, file: Path | None) -> tuple[Phrase, ...]:
    """What a session listens for in this language, with every built-in method and list, or stand-in commands from a
    file, one a line. Raises PhraseError naming file and line."""
    if file is None:
        return phrases(language, load_methods(), load_rule_sets().values())
    found: dict[str, Phrase] = {}
    for number, line in numbered_lines(file):
        said, where = normal(line), f'{file.name}, line {number}: "{line[:60]}"'
        if said in found:
            raise PhraseError(f"{where} stands there twice; take one out.")
        if not said:
            raise PhraseError(f"{where} holds nothing that can be said; take it out.")
        if len(said) > MOST_LETTERS:
            raise PhraseError(f"{where} is too long for a command; give at most {MOST_LETTERS} letters.")
        found[said] = Phrase(line, Command(Name.HELP, len(found) + 1), True)
    if not found:
        raise PhraseError(f"{file} holds no phrase; write one a line.")
    return tuple(found.values())


def tell_unknown(recogniser: Recogniser, said: Sequence[str]) -> list[str]:
    """The phrases that the recogniser cannot know; told before anything is measured, for they will all be missed."""
    unknown = list(unknown_to(recogniser, said))
    if unknown:
        print(not_known(unknown), file=sys.stderr)
    return unknown


def bare(expect: str, name: str) -> str:
    """The phrase without the device's name before it."""
    return normal(expect).removeprefix(f"{normal(name)} ")


def meant(clips: Sequence[Clip], spoken: Sequence[Phrase], language: str) -> dict[str, Command]:
    """What must be recognised, by its words. Raises PhraseError naming file and line of what is no phrase."""
    name, found = usual_name(language), dict[str, Command]()
    for clip in clips:
        if clip.expect is not None and clip.expect not in found:
            command = understand(clip.expect, spoken) or understand(bare(clip.expect, name), spoken)
            if command is None:
                raise PhraseError(
                    f'{clip.where}: "{clip.expect}" is no phrase; mend it, or name its list with --phrases.'
                )
            found[clip.expect] = command
    return found


def _run(ears: _Ears, clips: Sequence[Clip], spoken: Sequence[Phrase], options: Options, tally: Tally) -> None:
    commands = meant(clips, spoken, options.language)
    waiting: tuple[Clip, Command | None, float, list[tuple[Heard, float]]] | None = None
    # Else the first clip would come right after the ears had opened, before they know the room.
    ears.attend(attention_at(options.moment, spoken, options.mode == "named"))
    for placed in stream(clips, options.conditions):
        command = commands.get(placed.clip.expect or "")
        # The quiet before a clip still belongs to the one before it: its verdict comes in it.
        gap = round(GAP * RATE * 0.8)
        heard = _feed(ears, placed.sound[:gap], tally)
        if waiting is not None:
            tally.count(*waiting[:3], [*waiting[3], *heard])
        if command is not None:
            # Each is another speaker's: a near miss of one is not said again by the next.
            ears.forget()
        moment = options.moment if command is None else moment_of(command)
        ears.attend(attention_at(moment, spoken, options.mode == "named"))
        waiting = (placed.clip, command, placed.speech_ended_s, _feed(ears, placed.sound[gap:], tally))
        tally.ignore_s += placed.seconds if command is None else 0.0
    heard = _feed(ears, silence(GAP), tally)
    if waiting is not None:
        tally.count(*waiting[:3], [*waiting[3], *heard])


def _feed(ears: _Ears, sound: NDArray[np.float32], tally: Tally) -> list[tuple[Heard, float]]:
    """What was heard in this sound, with the instant at which a core of its own would have answered.

    Computing is counted in CPU time: wall time would measure what else the machine does.
    """
    found = []
    for block in blocks(sound, FRAME):
        began = time.process_time()
        heard = ears.feed(block)
        tally.stream_s += len(block) / RATE
        done_s = tally.computed(tally.stream_s, time.process_time() - began)
        if heard is not None:
            found.append((heard, done_s))
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench hearing`."""
    parser.add_argument("--speech", action="append", required=True, metavar="MANIFEST", help="may be repeated")
    add_recogniser(parser)
    parser.add_argument("--mode", choices=("natural", "named"), default="natural")
    parser.add_argument("--phrases", type=Path, metavar="FILE", help="stand-in commands, one a line")
    parser.add_argument("--calibration", type=Path, metavar="FILE", help="instead of the built-in one")
    add_conditions(parser)
    parser.add_argument("--level", type=decibels, default=-26.0, metavar="DB", help="of the speech, of full scale")
    parser.add_argument("--overdrive", type=decibels, default=0.0, metavar="DB", help="how far to clip")
    parser.add_argument(
        "--offset", type=finite_number, default=0.0, metavar="SHARE", help="direct current, of full scale"
    )
    add_part(parser)
    parser.add_argument("--moment", choices=CHOICES, default=STEP, help="of a session, in which talk is met")
    # Part of the contract by which others measure this: left out, their call would fail.
    parser.add_argument("--json", action="store_true", help="one JSON object: it is printed in any case")
    parser.add_argument("--compare", choices=("naive",), help="also the same engine used the usual way")
    parser.add_argument("--trace", type=writable_file, metavar="FILE", help="one line of numbers an utterance")


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
        conditions=Conditions(args.noise, args.snr, args.room, args.level, args.overdrive, args.offset),
        part=args.part,
        trace=args.trace,
        limit=args.limit,
        moment=args.moment,
    )
    result: Mapping[str, Any] = hearing_bench(options)
    if args.compare is not None:
        result = {**result, "naive": hearing_bench(replace(options, naive=True, trace=None))}
    print(json.dumps(result, indent=2, ensure_ascii=False))
    return 0
