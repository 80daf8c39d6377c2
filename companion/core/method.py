"""A method of intervision as data: steps, times, roles and what is said."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from companion.core.units import Seconds


@dataclass(frozen=True)
class Text:
    """One sentence or name in every language the file has, by language code."""

    by_language: Mapping[str, str]

    def of(self, language: str) -> str:
        return self.by_language[language]


class Kind(Enum):
    """What people do in a step; the light gives each a hue and the ring's table names them."""

    LISTEN = "listen"
    ASK = "ask"
    WRITE = "write"
    GROUP = "group"
    ADVISE = "advise"
    CLOSE = "close"


class Ending(Enum):
    """What happens when a step's time is up."""

    HARD = "hard"
    FIRM = "firm"
    SOFT = "soft"
    OPEN = "open"


class Turns(Enum):
    """Whether a step is a round, and who has a turn in it."""

    NONE = "none"
    EVERYONE = "everyone"
    OTHERS = "others"


class Timing(Enum):
    """Whose the minutes are."""

    PUBLISHED = "published"
    ADAPTED = "adapted"
    OURS = "ours"


@dataclass(frozen=True)
class Times:
    """Seconds of a step, or of one turn where `each` is true; shortest <= usual <= longest."""

    usual: Seconds
    shortest: Seconds
    longest: Seconds
    each: bool = False


@dataclass(frozen=True)
class Step:
    id: str
    kind: Kind
    times: Times
    cue: Text
    instruction: Text
    case_giver_task: Text
    others_task: Text
    turns: Turns = Turns.NONE
    ending: Ending = Ending.SOFT
    sign: Seconds = Seconds(0)
    """Length of the last part, in which the light says that the end is near; 0 for no sign."""
    grace: Seconds = Seconds(0)
    """How long a firm ending waits before it goes on."""
    silence: bool = False
    """The device says nothing by itself while the step runs."""
    outside: bool = False
    """The case giver sits outside the circle."""
    per_case: bool = False
    """The step belongs to the block that is repeated for each case."""


@dataclass(frozen=True)
class Group:
    """How many people a method wants; outside least..most the device says so and goes on."""

    least: int
    usual: int
    most: int


@dataclass(frozen=True)
class RuleSet:
    """Agreements, read whole or one at a time; numbered from 1."""

    id: str
    name: Text
    rules: tuple[Text, ...]


@dataclass(frozen=True)
class Method:
    id: str
    name: Text
    summary: Text
    source: str
    timing: Timing
    group: Group
    total: Seconds
    cases: int
    case_giver: Text
    others: Text
    case_giver_first: bool
    """Whether the case giver is chosen before the first step, and not in it."""
    rules: str
    """Id of the rule set that is read at the opening."""
    materials: Text | None
    steps: tuple[Step, ...]
