"""A whole session with one button: nothing is heard, nothing is said, the ring tells everything."""

from companion.core.effect import MethodChosen, Say, SessionEnded, StepBegan
from companion.core.event import Device, DeviceLost, Event, Held, HeldLong, Pressed
from companion.core.scene import Figure, scene
from companion.core.state import Microphone, Session, State
from companion.core.units import Instant
from tests.core.table import RICH_STEPS, STEPS, a_method, a_session
from tests.rehearsal.stagehands import Stage

PEOPLE = 5
UNREACHABLE = {State.RULES, State.TIME_OUT, State.CONFIRMING, State.ANNOUNCING}
"""States of speaking, which takes no time without a voice, and two that only a command asks for."""
FIGURES = {
    State.READY: Figure.GLOW,
    State.COUNTING: Figure.COUNT,
    State.AGREEMENT: Figure.QUESTION,
    State.ASKING: Figure.QUESTION,
    State.RUNNING: Figure.ARC,
    State.TURN: Figure.ARC,
    State.OVERTIME: Figure.OVERTIME,
    State.PAUSED: Figure.STILL,
    State.CLOSING: Figure.GLOW,
    State.ENDED: Figure.DARK,
}


def presses() -> tuple[Event, ...]:
    """The second method is turned to and started, each presses once, pause and microphone are tried."""
    lost = (DeviceLost(Instant(0.0), Device.MICROPHONE), DeviceLost(Instant(0.0), Device.SPEAKER))
    counted = [Pressed(Instant(5.0 + person)) for person in range(PEOPLE)]
    later = (Held(Instant(30.0)), Held(Instant(40.0)), HeldLong(Instant(45.0)), HeldLong(Instant(50.0)))
    return (*lost, Pressed(Instant(1.0)), Held(Instant(3.0)), *counted, *later)


def test_one_button_leads_a_session_through_every_state_in_light_alone() -> None:
    methods = (a_method(STEPS), a_method((*STEPS, *RICH_STEPS), id="rich"))
    stage = Stage(a_session(*methods, people=None), actions=presses())
    assert stage.rehearsal.run()
    happened = [what for _, what in stage.events]
    assert [what.method for what in happened if isinstance(what, MethodChosen)] == ["rich"]
    assert not [what for what in happened if isinstance(what, Say)]
    assert isinstance(happened[-1], SessionEnded)
    assert {what.step for what in happened if isinstance(what, StepBegan)} >= {step.id for step in STEPS}
    seen = stage.light.shown
    assert {session.state for session in seen} == set(State) - UNREACHABLE
    assert {session.microphone for session in seen} >= {Microphone.DEAF, Microphone.OFF}
    assert all(figure_of(session) is FIGURES[session.state] for session in seen)
    assert max(session.counted for session in seen) == PEOPLE


def figure_of(session: Session) -> Figure:
    return scene(session, session.since).figure
