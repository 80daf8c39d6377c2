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

    @property
    def is_question(self) -> bool:
        return all(words.endswith("?") for words in self.by_language.values())


class Kind(Enum):
    """What people do in a step; the light gives each a hue and the ring's table names them."""

    LISTEN = "listen"
    ASK = "ask"
    WRITE = "write"
    GROUP = "group"
    ADVISE = "advise"
    CLOSE = "close"
    BREAK = "break"


class Mode(Enum):
    """How people are together in a step."""

    ONE_SPEAKS = "one_speaks"
    QUESTIONS = "questions"
    GROUP_ALONE = "group_alone"
    """The group talks as if the case giver were not there."""
    DIALOGUE = "dialogue"
    WRITE_ALONE = "write_alone"
    SILENCE = "silence"
    DEMONSTRATE = "demonstrate"
    CHOOSE = "choose"
    BREAK = "break"


QUIET = frozenset({Mode.WRITE_ALONE, Mode.SILENCE})
"""Modes in which the device says nothing by itself."""


class Speaks(Enum):
    """Who may speak; the rest are silent."""

    EVERYONE = "everyone"
    CASE_GIVER = "case_giver"
    OTHERS = "others"
    NOBODY = "nobody"


class Place(Enum):
    """Where the case giver is during a step."""

    IN_CIRCLE = "in_circle"
    OUTSIDE = "outside"
    BACK_TURNED = "back_turned"
    NO_EYE_CONTACT = "no_eye_contact"
    OUT_OF_ROOM = "out_of_room"


class Advice(Enum):
    """Whether advice may be given in a step (the sources disagree, so each method says it)."""

    NOT_YET = "not_yet"
    NOW = "now"
    NEVER = "never"


class Announced(Enum):
    """What is said when a step begins."""

    FULL = "full"
    CUE = "cue"
    NOTHING = "nothing"
    """A soft sound and the light."""


class Repeat(Enum):
    """What a block of steps is repeated for."""

    NOT = "not"
    CASE = "case"
    PERSON = "person"


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
    case_giver_task: Text | None
    """None where nobody is the case giver yet: then the others' task is everybody's."""
    others_task: Text
    turns: Turns = Turns.NONE
    ending: Ending = Ending.SOFT
    sign: Seconds = Seconds(0)
    """Length of the last part, in which the light says that the end is near; 0 for no sign."""
    grace: Seconds = Seconds(0)
    """How long a firm ending waits before it goes on."""
    mode: Mode = Mode.DIALOGUE
    silence: bool = False
    """The device says nothing by itself while the step runs."""
    speaks: Speaks = Speaks.EVERYONE
    place: Place = Place.IN_CIRCLE
    advice: Advice = Advice.NOT_YET
    announced: Announced = Announced.FULL
    repeat: Repeat = Repeat.NOT
    """The step belongs to the block that is repeated for each case, or for each person in turn."""
    at_most_each: int = 0
    """How many contributions each has in a round or a round of questions; 0 for no limit."""
    question: Text | None = None
    """Asked before the step: yes does it, no leaves it out."""
    choice: str | None = None
    """Steps with the same word here are alternatives: one of them is done."""
    optional: bool = False
    """Left out where the time does not allow it."""
    protected: bool = False
    """Never made shorter than usual."""
    before_end: Seconds | None = None
    """The step begins this long before the agreed end."""
    reminder: Text | None = None
    """The rule of this step, said on request."""
    end: Text | None = None
    """Said when a firm step's time is up, in place of the usual sentence."""
    timing: Timing = Timing.PUBLISHED

    @property
    def shortest(self) -> Seconds:
        """How short a plan may make it."""
        return self.times.usual if self.protected else self.times.shortest


@dataclass(frozen=True)
class Group:
    """How many people a method wants; outside least..most the device says so and goes on."""

    least: int
    usual: int
    most: int
    circle: int = 0
    """People in each of several circles that work at the same time; 0 for one circle of all."""


class Experience(Enum):
    """What a method asks of the group and its facilitator."""

    NEW = "new"
    SOME = "some"
    EXPERIENCED = "experienced"


class Purpose(Enum):
    DECIDE = "decide"
    REFLECT = "reflect"
    SUPPORT = "support"
    LEARN = "learn"


@dataclass(frozen=True)
class RuleSet:
    """Sentences that are read whole or one at a time, numbered from 1: agreements, preconditions, prompts."""

    id: str
    name: Text
    rules: tuple[Text, ...]
    source: str = ""


@dataclass(frozen=True)
class Method:
    id: str
    name: Text
    summary: Text
    source: Text
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
    experience: Experience = Experience.NEW
    purposes: tuple[Purpose, ...] = ()
    """What the method is good for, the best first."""
    prepare: Text | None = None
    """What people do before they meet."""

    def tasks(self, step: Step) -> tuple[tuple[Text | None, Text], ...]:
        """Who does what in this step; None is everybody."""
        if step.case_giver_task is None:
            return ((None, step.others_task),)
        return ((self.case_giver, step.case_giver_task), (self.others, step.others_task))

    @property
    def repeats_as_a_whole(self) -> bool:
        """Without a block of its own, each case goes through all of it."""
        return all(step.repeat is Repeat.NOT for step in self.steps)

    @property
    def repeats_for_people(self) -> bool:
        """Everybody is case giver once, so the length depends on the size of the group."""
        return any(step.repeat is Repeat.PERSON for step in self.steps)
