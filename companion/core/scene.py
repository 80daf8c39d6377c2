"""What the light means at one moment. How it looks is the light's affair."""

from dataclasses import dataclass
from enum import Enum

from companion.core.deadlines import sign_length
from companion.core.event import HOLD, HOLD_LONG, STUCK, Device
from companion.core.method import Ending, Kind
from companion.core.state import ANSWER_LASTS, Microphone, Session, State, Touch
from companion.core.units import Instant, Seconds, between

REFILL_LASTS = 2.0
"""Seconds in which the arc refills after a power cut."""
TOUCH_LASTS = 0.4
"""Seconds for which a touch is shown at least: the eye needs them, and single lamps flash no faster so."""


class Figure(Enum):
    GLOW = "glow"
    """Ready: a calm glow."""
    COUNT = "count"
    """Counting people: one lit LED each."""
    QUESTION = "question"
    """The device waits for an answer: agreement, whether to do a step, or ending the session."""
    ARC = "arc"
    """Time in a step or turn, draining."""
    OVERTIME = "overtime"
    STILL = "still"
    """Paused: the arc stands still and breathes."""
    TIME_OUT = "time_out"
    DARK = "dark"


@dataclass(frozen=True)
class Scene:
    figure: Figure
    microphone: Microphone
    kind: Kind | None = None
    left: float = 0.0
    """Fraction of the slot's time that is left, 0 to 1."""
    over: float = 0.0
    """Overtime as a fraction of the slot's time, 0 to 1."""
    turn: int = 0
    turns: int = 0
    """Turn from 1 and turns in the round; 0 where there is no round."""
    ending: bool = False
    """The last part of the slot."""
    count: int = 0
    """People counted, or the place of the chosen method from 1 while ready."""
    heard: Seconds | None = None
    """Seconds since a command was heard; None after ANSWER_LASTS."""
    refused: Seconds | None = None
    """Seconds since something made no sense; None after ANSWER_LASTS, and while a doubt is shown: both would flash."""
    doubted: Seconds | None = None
    """Seconds since a command was nearly heard; None after ANSWER_LASTS."""
    refill: Seconds | None = None
    """Seconds since the session was resumed; None after REFILL_LASTS."""
    fault: bool = False
    touch: int | None = None
    """The number of the touch that is shown; None: no finger is on a button."""
    hold: int = 0
    """What letting go now would be: a press, a hold (1) or a long hold (2)."""


def scene(session: Session, now: Instant) -> Scene:
    """The meaning at instant `now`, which is not before the session's last event."""
    figure = _FIGURES[session.state]
    if session.state is State.ANNOUNCING and not _left(session, now):
        figure = Figure.OVERTIME  # come back to, after its time was over: an arc of no time is dark
    timed = figure in (Figure.ARC, Figure.OVERTIME, Figure.STILL)
    slot = session.slot if timed else None
    doubted = _age(session.doubted_at, now, ANSWER_LASTS)
    return Scene(
        figure=figure,
        microphone=session.microphone,
        kind=slot.step.kind if slot else None,
        left=_left(session, now) if timed else 0.0,
        over=_over(session, now) if timed else 0.0,
        turn=slot.turn if slot else 0,
        turns=slot.turns if slot else 0,
        ending=figure is Figure.ARC and _is_ending(session, now),
        count=session.counted if figure is Figure.COUNT else session.chosen + 1 if figure is Figure.GLOW else 0,
        heard=_age(session.heard_at, now, ANSWER_LASTS),
        refused=None if doubted is not None else _age(session.refused_at, now, ANSWER_LASTS),
        doubted=doubted,
        refill=_age(session.resumed_at, now, REFILL_LASTS),
        fault=bool(session.lost - _not_missed(session)),
        touch=session.touch.number if session.touch is not None and _is_shown(session.touch, now) else None,
        hold=_hold(session.touch, now),
    )


def _not_missed(session: Session) -> set[Device]:
    """The microphone has a light of its own; a group that wants no voice misses no loudspeaker."""
    return {Device.MICROPHONE} if session.voice_on else {Device.MICROPHONE, Device.SPEAKER}


_HARDLY_ANY = 1e-6
"""What is left of an open step whose time is over: it goes on, and an arc of no time is dark."""
_FIGURES = {
    State.READY: Figure.GLOW,
    State.COUNTING: Figure.COUNT,
    State.RULES: Figure.GLOW,
    State.AGREEMENT: Figure.QUESTION,
    State.ASKING: Figure.QUESTION,
    State.ANNOUNCING: Figure.ARC,
    State.RUNNING: Figure.ARC,
    State.TURN: Figure.ARC,
    State.OVERTIME: Figure.OVERTIME,
    State.PAUSED: Figure.STILL,
    State.TIME_OUT: Figure.TIME_OUT,
    State.CONFIRMING: Figure.QUESTION,
    State.CLOSING: Figure.GLOW,
    State.ENDED: Figure.DARK,
}


def _left(session: Session, now: Instant) -> float:
    clock = session.clock
    least = _HARDLY_ANY if session.slot.step.ending is Ending.OPEN else 0.0
    return min(1.0, max(least, clock.left_at(now) / clock.granted))


def _over(session: Session, now: Instant) -> float:
    clock = session.clock
    return min(1.0, max(0.0, -clock.left_at(now) / clock.granted))


def _is_ending(session: Session, now: Instant) -> bool:
    step = session.slot.step
    return step.sign > 0 and step.ending is not Ending.OPEN and session.clock.left_at(now) <= sign_length(session)


def _is_shown(touch: Touch, now: Instant) -> bool:
    """A finger that never came off is stuck, or its button was pulled out."""
    return between(touch.at, now) < (STUCK if touch.down else TOUCH_LASTS)


def _hold(touch: Touch | None, now: Instant) -> int:
    if touch is None or not touch.down or not _is_shown(touch, now):
        return 0
    return sum(between(touch.at, now) >= length for length in (HOLD, HOLD_LONG))


def _age(then: Instant | None, now: Instant, lasts: float) -> Seconds | None:
    if then is None or between(then, now) > lasts:
        return None
    return Seconds(max(0.0, between(then, now)))
