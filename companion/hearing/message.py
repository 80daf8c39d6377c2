"""What passes between a session and the ears' process: fixed-size structs of numbers, and nothing else.

A word cannot cross: commands are places in the vocabulary, sets of commands are bit masks, all else is a
number. The one text that ever goes in is the phrase list, before anything is heard; none ever comes out.
"""

import signal
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

MOST_COMMANDS = 256
_MASK = MOST_COMMANDS // 8
_ORDER = struct.Struct(f"<IBB{_MASK}s{_MASK}s{_MASK}s")
_REPORT = struct.Struct("<BIhdffIffB")

ORDER_SIZE = _ORDER.size
REPORT_SIZE = _REPORT.size
NO_COMMAND = -1


@dataclass(frozen=True)
class Order:
    """Session to ears: what to listen for. `version` 0 to 2**32 - 1; places 0 to 255."""

    version: int
    open: bool
    named_only: bool
    legal: frozenset[int]
    expected: frozenset[int]
    unlikely: frozenset[int]


class Kind(IntEnum):
    LISTENING = 1
    """The ears work; sent every half second of sound. `note` says whether it has been too noisy for any command."""
    COMMAND = 2
    DEAF = 3
    """The microphone gives nothing any more; the process ends."""
    JUDGED = 4
    """An utterance got a verdict, for `companion listen`: `place` is its best command, `note` says what came of it."""
    DROPPED = 5
    """Speech was dropped before any recogniser saw it: `note` says why."""
    DOUBTED = 7
    """Nearly a command: said once more soon, it counts."""
    REFUSED = 6
    """A phrase has no letters, or the language no recogniser; the process ends, and would again."""
    BROKEN = 8
    """The model cannot be used; the process ends, and will again until the model is mended."""
    UNKNOWN = 9
    """Before anything is heard: the model does not know every word of the phrase at `place` among those that it was
    given, or, with NO_COMMAND, of the device's name. It will never hear that."""


class Note(IntEnum):
    """What came of an utterance."""

    NONE = 0
    ACCEPTED = 1
    ASKED = 2
    """Nearly: said once more soon, it counts."""
    NO_PHRASE = 3
    UNLIKE = 4
    OTHER_WORDS = 5
    BETWEEN = 6
    TOO_SHORT = 7
    TOO_LONG = 8
    NEVER_QUIET = 9
    FAR = 10
    """Unlike any command, or between two, by far."""


@dataclass(frozen=True)
class Report:
    """Ears to session. Instants are seconds on CLOCK_MONOTONIC, `level` dB of full scale."""

    kind: Kind
    version: int = 0
    """Of the order under which a command was heard."""
    place: int = NO_COMMAND
    began: float = 0.0
    """When a command's speech began."""
    z: float = 0.0
    level: float = 0.0
    dropped: int = 0
    """Blocks of sound dropped since the start."""
    loudness: float = 0.0
    """What is heard just now, in dB of full scale."""
    needed: float = 0.0
    """What z had to reach."""
    note: Note = Note.NONE


_UNTIL = "Until the ears hear again, only the button is obeyed."


@dataclass(frozen=True)
class Ailment:
    """How a process of the ears ended; as text why, and what that means, "" where there is nothing to say."""

    last: Kind | None
    """Its last report: DEAF, BROKEN, or REFUSED, after which the ears stay deaf."""
    died_of: int
    """The number of a signal, if positive."""

    def __str__(self) -> str:
        if self.last is Kind.REFUSED:
            return "The recogniser cannot use these phrases; companion check tells why. Only the button is obeyed."
        if self.last is Kind.BROKEN:
            return f"The recogniser's model cannot be used; companion check tells how to mend it. {_UNTIL}"
        if self.last is Kind.DEAF:
            return f"The microphone gives no sound or cannot be opened; companion check tells more. {_UNTIL}"
        if self.died_of > 0 and self.died_of != signal.SIGKILL:
            return f"The ears' process died ({signal.strsignal(self.died_of)}) and is started again. {_UNTIL}"
        return ""


def pack_order(order: Order) -> bytes:
    masks = (_mask(places) for places in (order.legal, order.expected, order.unlikely))
    return _ORDER.pack(order.version, order.open, order.named_only, *masks)


def unpack_order(data: bytes) -> Order:
    version, is_open, named_only, *masks = _ORDER.unpack(data)
    return Order(version, bool(is_open), bool(named_only), *map(_places, masks))


def pack_report(report: Report) -> bytes:
    return _REPORT.pack(
        report.kind,
        report.version,
        report.place,
        report.began,
        report.z,
        report.level,
        report.dropped,
        report.loudness,
        report.needed,
        report.note,
    )


def unpack_report(data: bytes) -> Report:
    """Raises ValueError for a kind that is not known."""
    kind, *rest = _REPORT.unpack(data)
    report = Report(Kind(kind), *rest)
    return replace(report, note=Note(report.note))


def _mask(places: Iterable[int]) -> bytes:
    return sum(1 << place for place in set(places)).to_bytes(_MASK, "little")


def _places(mask: bytes) -> frozenset[int]:
    bits = int.from_bytes(mask, "little")
    return frozenset(place for place in range(MOST_COMMANDS) if bits >> place & 1)
