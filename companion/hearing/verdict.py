"""The verdict: is this utterance a command, here and now? A pure function of numbers.

Every phrase's score is normalised by its own mean and spread over ordinary speech (z), because phrases
differ: raw scores of ordinary speech lie at -4 for one phrase and at -8 for another. What z must reach
depends on what a mistake costs and on how likely the command is now. Which phrase it is, likeness tells.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from companion.core.command import MOVING, Command, Name


class Decision(Enum):
    ACCEPT = "accept"
    ASK = "ask"
    IGNORE = "ignore"


class Reason(Enum):
    """What a verdict turned on, for people who look for a good place for the device."""

    CLEAR = 1
    NO_PHRASE = 2
    """No phrase that is legal now can be it."""
    UNLIKE = 3
    """Too little like the phrase."""
    OTHER_WORDS = 4
    """Other words explain the sound much better."""
    BETWEEN = 5
    """Two commands fit it nearly as well."""


@dataclass(frozen=True)
class Candidate:
    """A phrase that was legal when the utterance ended.

    `command` is None for a decoy: what people often say, and what sounds like a command.
    """

    command: Command | None
    named: bool = False
    """The device's name stands before it."""

    @property
    def is_decoy(self) -> bool:
        return self.command is None

    @property
    def name(self) -> Name | None:
        return None if self.command is None else self.command.name


@dataclass(frozen=True)
class Norm:
    """Mean and spread (standard deviation) of a phrase's score over ordinary speech."""

    mean: float
    spread: float


@dataclass(frozen=True)
class Thresholds:
    """What the numbers must reach. All but `ratio` are in units of z, the spread of ordinary speech; `margin` and
    `apart` in those of likeness, which is z for a phrase with the usual spread."""

    z: float
    """For a usual phrase: not moving the session, and not expected."""
    ratio: float
    """Log-likelihood ratio against the best unrestricted explanation, a token or a frame, from which that counts."""
    margin: float
    """Least distance in likeness to the best phrase of another command."""
    moving: float = 0.6
    """More for a command that moves the session and was not expected."""
    deaf: float = 2.5
    """More for the command that makes the ears deaf: only the button opens them again. Of 138 times that it was said
    (tune half, Dutch and English, clean, in a kitchen and in a room) all reach it, all but one by 2.6 or more."""
    expected: float = -0.5
    """Less where the session expects the command."""
    answer: float = -1.8
    """Less for yes: legal only while the device's question is open, and short."""
    refusal: float = -2.2
    """Less for no, which leaves everything as it is, or leaves out a step that was asked about."""
    agreement: float = -1.0
    """Less for agreed, which starts a session."""
    doubt: float = 1000.0
    """z taken off for every unit by which `ratio` is missed; so much by default that missing it is the end."""
    asked: float = 1.0
    """How far under its threshold, and under `z`, a phrase is asked back rather than ignored."""
    lingering: float = 0.0
    """z taken off for every second that the speech lasts longer than the phrase usually does."""
    beside: float = 0.0
    """z taken off for every natural logarithm by which it is likelier that something was said beside the phrase."""
    apart: float = 0.0
    """As `margin`, between a step on and any other move: a step on for one back is the mistake that costs most."""
    back: float = 0.0
    """How much better than the best phrase of a step back the score of a step on must be, a token or a frame: between
    these two the plain score tells more than likeness does (docs/hearing-tried.md). At 0, where that was not measured,
    a step back must not be the better one in it."""
    decoy: float = 1.1
    """How much liker a decoy the sound must be than the command before it is none; of an answer no decoy is one, and
    what makes the ears deaf must be liker than all of them."""
    again: float = 0.0
    """How near to its threshold, on either side, a phrase must lie for the sound to be listened to again."""


@dataclass(frozen=True)
class Verdict:
    """`best` is a place among the candidates, None when none could be."""

    decision: Decision
    best: int | None = None
    z: float = -math.inf
    """Of `best`, less what its ratio takes off."""
    ratio: float = -math.inf
    margin: float = -math.inf
    needed: float = math.inf
    """The z that `best` would have had to reach."""
    reason: Reason = Reason.NO_PHRASE


READINGS = frozenset({Name.READ, Name.READ_RULES})
"""Wrong lines read aloud cost nothing, and "lees de regels" is very like "lees de basisregels"."""
NEIGHBOURS = frozenset({Name.MORE_TIME, Name.READ_RULE})
"""A wrong argument of these costs nothing (one minute for five, another rule): they need no margin among them."""
ANSWERS = frozenset({Name.YES, Name.NO, Name.AGREE})
ONWARD = frozenset({Name.NEXT_STEP, Name.NEXT_SPEAKER, Name.PASS})
"""Where one of these is wrong, what was to be said next is lost; a wrong step back is put right by the next word."""


def judge(
    candidates: Sequence[Candidate],
    scores: Sequence[float],
    norms: Sequence[Norm],
    free: float | None,
    expected: frozenset[Command],
    thresholds: Thresholds,
    usual: float,
) -> Verdict:
    """Accept, ask or ignore; candidates, scores and norms belong together by place; no `free`, no doubt.

    `usual` is the spread that most phrases have, see `likeness`.
    """
    alike = likeness(scores, norms, usual)
    best = _likest_command(candidates, alike)
    if best is None:
        return Verdict(Decision.IGNORE)
    candidate = candidates[best]
    zs = [(score - norm.mean) / norm.spread for score, norm in zip(scores, norms, strict=True)]
    leads = _leads(best, candidates, alike, zs, scores)
    ratio = math.inf if free is None else scores[best] - free
    doubt = thresholds.doubt * max(0.0, thresholds.ratio - ratio)
    z, needed = zs[best] - doubt, _needed(candidate, expected, thresholds)
    if _is_liker_a_decoy(best, candidates, alike, thresholds):
        reason = Reason.OTHER_WORDS
    else:
        reason = _reason(z - needed, doubt, _is_between(candidate.name, leads, thresholds), thresholds)
    # An answer needs so little that ordinary speech is often near it: what is asked back must be like a phrase itself.
    is_near = z >= max(needed, thresholds.z) - thresholds.asked
    margin = min((lead.margin for lead in leads), default=math.inf)
    return Verdict(_decide(reason, is_near), best, z, ratio, margin, needed, reason)


def likeness(scores: Sequence[float], norms: Sequence[Norm], usual: float) -> list[float]:
    """How like each phrase the sound is, to choose among phrases: z where a phrase has the usual spread.

    z counts in spreads, and far above ordinary speech a narrow one wins: "start casuskliniek" over "start korte
    casuskliniek", which was said. So each distance is divided by the geometric mean of the phrase's own spread and
    `usual` one.
    """
    return [(score - norm.mean) / math.sqrt(norm.spread * usual) for score, norm in zip(scores, norms, strict=True)]


def _likest_command(candidates: Sequence[Candidate], alike: Sequence[float]) -> int | None:
    """Where it is; None where the sound is like none."""
    commands = [at for at, each in enumerate(candidates) if not each.is_decoy and alike[at] > -math.inf]
    return max(commands, key=alike.__getitem__, default=None)


class _Lead(NamedTuple):
    """How far the best is before a rival: in likeness, and in the plain score."""

    rival: Name | None
    margin: float
    plain: float


def _leads(
    best: int, candidates: Sequence[Candidate], alike: Sequence[float], zs: Sequence[float], scores: Sequence[float]
) -> list[_Lead]:
    # An answer needs so little, and its spread is so wide, that it must not be less surely said than anything else.
    scales = (alike, zs) if candidates[best].name in ANSWERS else (alike,)
    return [
        _Lead(other.name, min(scale[best] - scale[at] for scale in scales), scores[best] - scores[at])
        for at, other in enumerate(candidates)
        if _rivals(candidates[best].command, other.command)
    ]


def _is_between(best: Name | None, leads: Sequence[_Lead], thresholds: Thresholds) -> bool:
    """Of all rivals, not of the nearest one: a question that lies between two steps does not tell them apart."""
    return any(_is_close(best, lead, thresholds) for lead in leads)


def _is_close(best: Name | None, lead: _Lead, thresholds: Thresholds) -> bool:
    is_dear = best in ONWARD and lead.rival in MOVING
    is_back = best is Name.NEXT_STEP and lead.rival is Name.PREVIOUS_STEP
    least = max(thresholds.margin, thresholds.apart) if is_dear else thresholds.margin
    return lead.margin < least or (is_back and lead.plain < thresholds.back)


def _is_liker_a_decoy(
    best: int, candidates: Sequence[Candidate], alike: Sequence[float], thresholds: Thresholds
) -> bool:
    if candidates[best].name in ANSWERS:
        return False
    decoys = (like for like, each in zip(alike, candidates, strict=True) if each.is_decoy)
    least = 0.0 if candidates[best].name is Name.MICROPHONE_OFF else thresholds.decoy
    return max(decoys, default=-math.inf) - alike[best] >= least


def _rivals(best: Command | None, other: Command | None) -> bool:
    """Whether taking one for the other would do something else than reading the wrong lines, or counting wrongly."""
    if best is None or other is None:
        return False
    if best.name in READINGS:
        return other.name not in READINGS
    if best.name in NEIGHBOURS:
        return best.name is not other.name
    return best != other


def _needed(candidate: Candidate, expected: frozenset[Command], thresholds: Thresholds) -> float:
    """The name before it changes nothing: its tokens are part of the score (docs/verdict.md)."""
    if candidate.name in ANSWERS:
        costs = {Name.YES: thresholds.answer, Name.NO: thresholds.refusal, Name.AGREE: thresholds.agreement}
        return thresholds.z + costs[candidate.name]
    if candidate.command in expected:
        return thresholds.z + thresholds.expected
    if candidate.name in MOVING:
        return thresholds.z + thresholds.moving
    return thresholds.z + (thresholds.deaf if candidate.name is Name.MICROPHONE_OFF else 0.0)


def _reason(excess: float, doubt: float, is_between: bool, thresholds: Thresholds) -> Reason:
    if excess < 0 and doubt >= thresholds.asked:
        return Reason.OTHER_WORDS
    if is_between:
        return Reason.BETWEEN
    return Reason.CLEAR if excess >= 0 else Reason.UNLIKE


def _decide(reason: Reason, is_near: bool) -> Decision:
    if reason is Reason.CLEAR:
        return Decision.ACCEPT
    return Decision.ASK if reason is Reason.UNLIKE and is_near else Decision.IGNORE
