"""What a group can ask for, by voice, button or key."""

from dataclasses import dataclass
from enum import Enum


class Name(Enum):
    START = "start"
    PEOPLE = "people"
    AGREE = "agree"
    NEXT_STEP = "next_step"
    PREVIOUS_STEP = "previous_step"
    PAUSE = "pause"
    GO_ON = "go_on"
    NEXT_SPEAKER = "next_speaker"
    PASS = "pass"
    REPEAT = "repeat"
    TASKS = "tasks"
    TIME_LEFT = "time_left"
    WHICH_STEP = "which_step"
    WHAT_NEXT = "what_next"
    MORE_TIME = "more_time"
    READ_RULES = "read_rules"
    READ_RULE = "read_rule"
    ANY_RULE = "any_rule"
    READ = "read"
    SUGGEST = "suggest"
    TIME_OUT = "time_out"
    VOICE_OFF = "voice_off"
    VOICE_ON = "voice_on"
    LOUDER = "louder"
    SOFTER = "softer"
    MICROPHONE_OFF = "microphone_off"
    HELP = "help"
    END = "end"
    YES = "yes"
    NO = "no"


MOVING = frozenset(
    {Name.START, Name.NEXT_STEP, Name.PREVIOUS_STEP, Name.NEXT_SPEAKER, Name.PASS, Name.AGREE, Name.END} | {Name.YES}
)
"""Commands that move a session: the ones whose false activation costs a group most."""
REMARKS = frozenset({Name.VOICE_OFF, Name.LOUDER, Name.SOFTER})
"""Commands about the device's voice: who says them has just heard it."""


@dataclass(frozen=True)
class Command:
    """A command with its argument.

    `argument` is a method's id for START, a list's for READ, a number of people for PEOPLE, minutes for MORE_TIME,
    the rule's number from 1 for READ_RULE, else None.
    """

    name: Name
    argument: int | str | None = None
