"""The ears' process: microphone to listener to numbers. Started by `companion.hearing.ears.Ears`.

It reads one line of JSON (what to listen with) and then orders; it writes reports. Nothing else ever leaves
it: its real output is moved away before a recogniser or PortAudio is loaded and before anything is heard, and
whatever a library prints from then on goes nowhere.
"""

import ctypes
import json
import math
import os
import resource
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from companion.core.attention import Attention
from companion.core.command import Command, Name
from companion.core.errors import CompanionError, DeviceError, PhraseError
from companion.hearing.calibration import load_calibration
from companion.hearing.engines import open_recogniser
from companion.hearing.listener import Listener, Trace
from companion.hearing.message import ORDER_SIZE, Kind, Note, Order, Report, pack_report, unpack_order
from companion.hearing.microphone import Microphone, SoundFile, Source
from companion.hearing.recogniser import Recogniser
from companion.hearing.utterance import Drop
from companion.hearing.verdict import Decision, Reason
from companion.language.phrases import Phrase, decoys, vocabulary
from companion.memory import forbid_dumps, lock_memory

_REPORT_EVERY = 0.5
"""Seconds of sound between two signs of life."""
_SHOWN_EVERY = 0.1
_NICENESS = 5
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
"""From <linux/prctl.h>."""


_NEAR = 2.0
"""How far under its threshold an utterance may lie for its likest command to be told: further off says nothing."""
_UNTOLD = {Note.NO_PHRASE, Note.OTHER_WORDS, Note.FAR}
"""Of these no command is told."""
_NOTES = {reason: Note.ACCEPTED if reason is Reason.CLEAR else Note[reason.name] for reason in Reason}


@dataclass(frozen=True)
class Configuration:
    """What the ears listen with. `sound_file` stands in for the microphone."""

    phrases: tuple[Phrase, ...]
    language: str
    recogniser: str = "whisper"
    model: str | None = None
    name: str | None = None
    microphone: str | None = None
    sound_file: Path | None = None
    shown: bool = False
    """Report every utterance, and the level ten times a second: `companion listen`."""

    def dumped(self) -> bytes:
        """One line of JSON."""
        plain = {key: value for key, value in vars(self).items() if key not in ("phrases", "sound_file")}
        phrases = [[p.text, p.command.name.value, p.command.argument, p.canonical] for p in self.phrases]
        file = None if self.sound_file is None else str(self.sound_file)
        return json.dumps(plain | {"phrases": phrases, "sound_file": file}).encode() + b"\n"


def load_configuration(line: bytes) -> Configuration:
    data: Mapping[str, Any] = json.loads(line)
    phrases = tuple(
        Phrase(text, Command(Name(name), argument), first) for text, name, argument, first in data["phrases"]
    )
    file = None if data["sound_file"] is None else Path(data["sound_file"])
    return Configuration(**{**data, "phrases": phrases, "sound_file": file})


class _Orders:
    """The orders that came, read by a thread of its own; the end of the input ends the process.

    Each holds for the sound after it and for no other: sound that waited while a verdict was computed is listened to
    as it was meant when it came, and none of the orders since is left out.
    """

    def __init__(self, source: BinaryIO, commands: Sequence[Command]) -> None:
        self._source = source
        self._commands = commands
        self._came: deque[tuple[float, int, Attention]] = deque()
        self.version = 0
        """Of the last order that `until` gave."""
        threading.Thread(target=self._read, name="orders", daemon=True).start()

    def until(self, at: float) -> Iterator[Attention]:
        """The orders, in turn, that had come by this instant on CLOCK_MONOTONIC and were not given yet."""
        while self._came and self._came[0][0] <= at:
            _, self.version, attention = self._came.popleft()
            yield attention

    def _read(self) -> None:
        # The first was given with the start of the process, however late this thread comes to read it.
        is_first = True
        while len(data := self._source.read(ORDER_SIZE)) == ORDER_SIZE:
            order, came = unpack_order(data), -math.inf if is_first else time.monotonic()
            self._came.append((came, order.version, self._attention(order)))
            is_first = False
        os._exit(0)

    def _attention(self, order: Order) -> Attention:
        legal, expected, unlikely = (
            frozenset(self._commands[place] for place in places)
            for places in (order.legal, order.expected, order.unlikely)
        )
        return Attention(order.open, legal, expected, order.named_only, unlikely)


def main(open_with: Callable[[str, str, str | None], Recogniser] = open_recogniser) -> NoReturn:
    """Run until the input ends (status 0), or until microphone or model fail (1).

    The process ends without finalizing the interpreter: a reading thread inside a library would abort it.
    """
    source, target = _protect_streams()
    _drop_rights()
    try:
        _run(load_configuration(source.readline()), open_with, source, target)
    except DeviceError:
        target.write(pack_report(Report(Kind.DEAF)))
    except PhraseError:
        target.write(pack_report(Report(Kind.REFUSED)))
    except CompanionError:
        target.write(pack_report(Report(Kind.BROKEN)))
    finally:
        os._exit(1)


def _run(
    configuration: Configuration,
    open_with: Callable[[str, str, str | None], Recogniser],
    source: BinaryIO,
    target: BinaryIO,
) -> None:
    commands = vocabulary(configuration.phrases)
    orders = _Orders(source, commands)
    recogniser = open_with(configuration.recogniser, configuration.language, configuration.model)
    calibration = load_calibration(recogniser.model, configuration.language)
    told = _Telling(target, commands)
    told.unknown(recogniser, configuration)
    listener = Listener(
        configuration.phrases,
        recogniser,
        calibration,
        configuration.name,
        trace=told.judged if configuration.shown else None,
        drop=told.dropped if configuration.shown else None,
        decoys=decoys(configuration.language),
    )
    file = configuration.sound_file
    sound: Source = Microphone(configuration.microphone) if file is None else SoundFile(file)
    # Not sooner: under a finite limit, what is locked would leave no room to load the model.
    lock_memory()
    _write_no_files()
    _listen(listener, sound, orders, commands, target, _SHOWN_EVERY if configuration.shown else _REPORT_EVERY)


def _listen(
    listener: Listener, sound: Source, orders: _Orders, commands: Sequence[Command], target: BinaryIO, every_s: float
) -> None:
    reported_s = -every_s
    while True:
        piece = sound.read()
        for attention in orders.until(piece.at):
            listener.attend(attention)
        if piece.follows_gap:
            listener.interrupt()
        doubts = listener.doubts
        heard = listener.feed(piece.block)
        piece.block[:] = 0
        if listener.doubts > doubts:
            target.write(pack_report(Report(Kind.DOUBTED, orders.version)))
        if heard is not None:
            place, began = commands.index(heard.command), piece.at - listener.fed_s + heard.began_s
            target.write(pack_report(Report(Kind.COMMAND, orders.version, place, began)))
        # A microphone that has only given zeros is not known to work: no sign of life, lest the group be told so.
        if sound.alive and listener.fed_s - reported_s >= every_s:
            reported_s = listener.fed_s
            target.write(pack_report(_life(listener, orders.version, sound.dropped)))


def _life(listener: Listener, version: int, dropped: int) -> Report:
    note = Note.NEVER_QUIET if listener.never_quiet else Note.NONE
    return Report(Kind.LISTENING, version, level=listener.level, dropped=dropped, loudness=listener.loudness, note=note)


class _Telling:
    """Says what came of every utterance, as numbers."""

    def __init__(self, target: BinaryIO, commands: Sequence[Command]) -> None:
        self._target, self._commands = target, commands

    def unknown(self, recogniser: Recogniser, configuration: Configuration) -> None:
        for place in recogniser.unknown([phrase.text for phrase in configuration.phrases]):
            self._write(Report(Kind.UNKNOWN, place=place))
        if configuration.name is not None and recogniser.unknown([configuration.name]):
            self._write(Report(Kind.UNKNOWN))

    def judged(self, trace: Trace) -> None:
        verdict = trace.verdict
        note = _note_of(trace)
        if trace.command is None or note in _UNTOLD:
            # Which command talk is likest would narrow down what was said.
            self._write(Report(Kind.JUDGED, note=note))
            return
        place = self._commands.index(trace.command)
        self._write(Report(Kind.JUDGED, place=place, z=verdict.z, needed=verdict.needed, note=note))

    def dropped(self, drop: Drop) -> None:
        self._write(Report(Kind.DROPPED, note=Note[drop.name]))

    def _write(self, report: Report) -> None:
        self._target.write(pack_report(report))


def _note_of(trace: Trace) -> Note:
    verdict = trace.verdict
    if trace.counts:
        return Note.ACCEPTED
    if verdict.decision is Decision.ASK:
        return Note.ASKED
    is_far = verdict.reason in (Reason.UNLIKE, Reason.BETWEEN) and verdict.z < verdict.needed - _NEAR
    return Note.FAR if is_far else _NOTES[verdict.reason]


def _protect_streams() -> tuple[BinaryIO, BinaryIO]:
    """The input and output of the protocol; descriptors 0, 1 and 2 lead nowhere from now on."""
    source, target = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return os.fdopen(source, "rb"), os.fdopen(target, "wb", buffering=0)


def _drop_rights() -> None:
    """No core dump, no debugger, no new rights; ends when its parent ends."""
    forbid_dumps()
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((_PR_SET_NO_NEW_PRIVS, 1), (_PR_SET_PDEATHSIG, signal.SIGKILL)):
        libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0)
    os.nice(_NICENESS)


def _write_no_files() -> None:
    """From now on a regular file cannot be given a single byte."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()
