"""Moments of a session in which the benches listen: what is legal and expected then, by the core's own tables."""

from collections.abc import Sequence

from companion.core.attention import EXPECTED, IDLE, Attention
from companion.core.command import REMARKS, Command, Name
from companion.core.state import State
from companion.core.transitions import ANYWHERE, TRANSITIONS
from companion.hearing.verdict import ANSWERS
from companion.language.phrases import Phrase

STEP = "step"
"""The middle of a step, where talk is met, the device long silent and its voice on: all is legal but what starts a
session, answers a question or turns the voice on."""
TOLD, _SILENT = "told", "silent"
"""The same just after the device has spoken, and where the group has silenced it."""
MOMENTS = {
    "ready": State.READY,
    "agreement": State.AGREEMENT,
    "asking": State.ASKING,
    "confirming": State.CONFIRMING,
}
_BEGINNINGS = frozenset({Name.START, Name.PEOPLE})
_IN_STEPS = (STEP, TOLD, _SILENT)
CHOICES = (*_IN_STEPS, *MOMENTS)
ELSEWHERE = ANSWERS | _BEGINNINGS
"""Commands that are never legal in the middle of a step."""


def moment_of(command: Command | None) -> str:
    """When this command would be said; talk is met in the middle of a step."""
    if command is None:
        return STEP
    if command.name not in ELSEWHERE:
        return TOLD if command.name in REMARKS else _SILENT if command.name is Name.VOICE_ON else STEP
    if command.name in _BEGINNINGS:
        return "ready"
    return "agreement" if command.name is Name.AGREE else "asking"


def attention_at(moment: str, spoken: Sequence[Phrase], named_only: bool) -> Attention:
    """What a session listens for at this moment, among the commands of these phrases.

    Outside of steps the device has just spoken.
    """
    idle = IDLE[moment != _SILENT]
    commands = frozenset(phrase.command for phrase in spoken if phrase.command.name is not idle)
    if moment in _IN_STEPS:
        legal = frozenset(each for each in commands if each.name not in ELSEWHERE)
        unlikely = frozenset(each for each in legal if moment == STEP and each.name in REMARKS)
        return Attention(open=True, legal=legal, expected=frozenset(), named_only=named_only, unlikely=unlikely)
    state = MOMENTS[moment]
    legal = frozenset(each for each in commands if each.name in ANYWHERE or each.name in TRANSITIONS[state])
    expected = frozenset(each for each in legal if each.name in EXPECTED[state])
    return Attention(open=True, legal=legal, expected=expected, named_only=named_only)
