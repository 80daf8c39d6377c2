"""Everything a session asks the world to do, or tells it. Devices perform them; a trace prints them."""

from dataclasses import dataclass
from enum import Enum

from companion.core.command import Command
from companion.core.method import Text
from companion.core.units import Seconds

Value = int | float | str | Text


@dataclass(frozen=True)
class Sentence:
    """One sentence to be said: a key of the language's sentences and the values of its slots."""

    key: str
    values: tuple[tuple[str, Value], ...] = ()


def verbatim(text: Text) -> Sentence:
    """What a method or a list says in its own words."""
    return Sentence("verbatim", (("text", text),))


class Chime(Enum):
    """The device's own sounds; each is a file in audio/."""

    TURN = "turn"
    END = "end"
    START = "start"


@dataclass(frozen=True)
class Effect:
    pass


@dataclass(frozen=True)
class Say(Effect):
    """Say these sentences in order, then post SpeechEnded with this number."""

    speech: int
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Hush(Effect):
    """Cut off what is being said, at once; no SpeechEnded follows."""


@dataclass(frozen=True)
class Ring(Effect):
    chime: Chime


@dataclass(frozen=True)
class ChangeVolume(Effect):
    """Louder (+1) or softer (-1) by one notch."""

    notches: int


@dataclass(frozen=True)
class Position:
    """What survives a power cut: places, times and counts; no names, no words."""

    method: str
    people: int
    cases: int
    total_s: float | None
    slot: int
    spent_s: tuple[float, ...]
    added_s: tuple[float, ...]
    planned_s: tuple[float, ...] = ()
    excused_s: tuple[float, ...] = ()
    visited: tuple[int, ...] = ()
    passed: tuple[int, ...] = ()
    offered: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()
    standing: bool = False
    """Paused, or in a time-out."""
    voice_on: bool = True
    microphone_off: bool = False
    """What the group closed stays closed, whatever happens to the device."""
    told_shift_s: float = 0.0
    """By how much the group knows that the end has moved."""
    resumed: int = 0
    """How often it was gone on from before it went well: a position that ends the device would do so for ever."""


@dataclass(frozen=True)
class SavePosition(Effect):
    position: Position


@dataclass(frozen=True)
class ForgetPosition(Effect):
    pass


@dataclass(frozen=True)
class MicrophoneSwitched(Effect):
    """The group has closed the microphone, or opened it again: no restart may undo that, with a step or without."""

    off: bool


@dataclass(frozen=True)
class MethodChosen(Effect):
    method: str


@dataclass(frozen=True)
class SessionBegan(Effect):
    method: str
    people: int
    planned_s: Seconds


@dataclass(frozen=True)
class StepBegan(Effect):
    step: str
    planned_s: Seconds


@dataclass(frozen=True)
class StepEnded(Effect):
    step: str
    spent_s: Seconds


@dataclass(frozen=True)
class TurnBegan(Effect):
    step: str
    turn: int
    planned_s: Seconds


@dataclass(frozen=True)
class SignGiven(Effect):
    """The last part of a step or turn has begun."""

    left_s: Seconds


@dataclass(frozen=True)
class TimeUp(Effect):
    step: str


@dataclass(frozen=True)
class Refused(Effect):
    """What was asked makes no sense now; nothing changed."""

    command: Command | None = None


@dataclass(frozen=True)
class SessionEnded(Effect):
    spent_s: Seconds
