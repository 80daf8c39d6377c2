"""Properties of the core over thousands of random histories."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.attention import attention
from companion.core.command import Command, Name
from companion.core.effect import Effect, Refused, SessionEnded
from companion.core.event import (
    NOISE,
    CommandGiven,
    DeadlineReached,
    Device,
    DeviceFound,
    DeviceLost,
    Event,
    Held,
    HeldLong,
    LetGo,
    Pressed,
    SpeechEnded,
    Touched,
)
from companion.core.method import Ending, Method, Place, Turns
from companion.core.repertoire import repertoire
from companion.core.scene import scene
from companion.core.session import is_legal, next_deadline, step, waits_for_people
from companion.core.state import TICKING, Mode, Session, State
from companion.core.transitions import ANYWHERE, TRANSITIONS
from companion.core.units import Instant
from tests.core.table import RICH_STEPS, Driver, a_method, a_session, a_step

ARGUMENTS = {Name.START: "method", Name.PEOPLE: 6, Name.MORE_TIME: 5, Name.READ_RULE: 2, Name.READ: "rules"}
COMMANDS = [Command(name, ARGUMENTS.get(name)) for name in Name]
EVENTS: list[Callable[[Instant, int], Event]] = [
    *(lambda at, _, command=command: CommandGiven(at, command) for command in COMMANDS),  # type: ignore[misc]
    lambda at, _: CommandGiven(at, Command(Name.READ_RULE, 9)),
    lambda at, _: CommandGiven(at, Command(Name.PEOPLE, 99)),
    *([lambda at, _: Pressed(at)] * 6),
    *([lambda at, speech: SpeechEnded(at, speech)] * 8),
    lambda at, _: Held(at),
    lambda at, _: HeldLong(at),
    lambda at, _: Touched(at),
    lambda at, _: LetGo(at),
    lambda at, _: DeviceLost(at, Device.BUTTON, "another"),
    lambda at, _: DeviceFound(at, Device.BUTTON, "another"),
    lambda at, _: DeviceLost(at, Device.MICROPHONE, NOISE),
    lambda at, _: DeviceFound(at, Device.MICROPHONE, NOISE),
    *(lambda at, _, device=device: DeviceLost(at, device) for device in Device),  # type: ignore[misc]
    *(lambda at, _, device=device: DeviceFound(at, device) for device in Device),  # type: ignore[misc]
]
HISTORIES = st.lists(st.tuples(st.sampled_from(EVENTS), st.floats(0.0, 90.0)), max_size=60)
SESSIONS = st.builds(
    lambda people, mode, methods: a_session(*methods, people=people, mode=mode),
    st.sampled_from([None, 2, 5, 9]),
    st.sampled_from(list(Mode)),
    st.sampled_from([(a_method(),), (a_method(), a_method(id="other")), (a_method(RICH_STEPS),)]),
)
EPSILON = 1e-6


class History:
    """Runs a history as the loop would: deadlines on time, then the event; keeps its own books of time."""

    def __init__(self, session: Session) -> None:
        self.session, self.now, self.ticked = session, Instant(0.0), 0.0
        self.effects: list[Effect] = []

    def run(self, event: Callable[[Instant, int], Event], pause: float) -> None:
        until = Instant(self.now + pause)
        for _ in range(1000):
            deadline = next_deadline(self.session)
            if deadline is None or deadline > until:
                break
            self.pass_time(max(deadline, self.now))
            self.give(DeadlineReached(self.now))
        else:
            pytest.fail("a deadline did not remove its own cause")
        self.pass_time(until)
        speech = self.session.speech.number if self.session.speech else 0
        self.give(event(self.now, speech))

    def pass_time(self, until: Instant) -> None:
        if self.session.state in TICKING:
            self.ticked += until - self.now
        self.now = until

    def give(self, event: Event) -> None:
        before = self.session
        self.session, effects = step(before, event)
        self.effects += effects
        self.check_transition(before, event)
        if Refused in map(type, effects):
            assert unanswered(self.session) == unanswered(before)

    def check_transition(self, before: Session, event: Event) -> None:
        if before.state is self.session.state:
            return
        may_follow = {state for move in TRANSITIONS[before.state].values() for state in move.targets}
        assert self.session.state in may_follow, (before.state, event)


def unanswered(session: Session) -> Session:
    """The session without the answer that a refusal is given."""
    return replace(session, refused_at=None, speech=None, speeches=0, touch=None)


@settings(max_examples=1500, deadline=None)
@given(SESSIONS, HISTORIES)
def test_every_history_keeps_the_books(session: Session, events: list[tuple[Callable[..., Event], float]]) -> None:
    history = History(session)
    for event, pause in events:
        history.run(event, pause)
        now = history.now
        for clock in history.session.clocks:
            assert (
                abs(clock.spent_at(now) + clock.left_at(now) - (clock.planned + clock.added + clock.excused)) < EPSILON
            )
        if history.session.plan is not None:
            spent = sum(clock.spent_at(now) for clock in history.session.clocks)
            assert abs(spent - history.ticked) < EPSILON * (1 + history.ticked)
        shown = scene(history.session, now)
        assert 0 <= shown.left <= 1
        assert 0 <= shown.over <= 1
        assert shown.turn <= shown.turns


@settings(max_examples=500, deadline=None)
@given(SESSIONS, HISTORIES)
def test_every_session_that_goes_on_ends(session: Session, events: list[tuple[Callable[..., Event], float]]) -> None:
    history = History(session)
    for event, pause in events:
        history.run(event, pause)
    for _ in range(200):
        if history.session.state is State.ENDED:
            break
        ready = history.session.state is State.READY
        history.run((lambda at, _: Held(at)) if ready else (lambda at, _: Pressed(at)), 9.0)
    assert history.session.state is State.ENDED
    assert sum(isinstance(effect, SessionEnded) for effect in history.effects) == 1


@settings(max_examples=500, deadline=None)
@given(SESSIONS, HISTORIES)
def test_what_is_legal_is_accepted_and_nothing_else(
    session: Session, events: list[tuple[Callable[..., Event], float]]
) -> None:
    history = History(session)
    for event, pause in events:
        history.run(event, pause)
    now = history.session
    ears, idle = attention(now, COMMANDS), Command(Name.VOICE_ON if now.voice_on else Name.VOICE_OFF)
    assert ears.expected | ears.unlikely <= ears.legal
    assert not (ears.open and now.speech is not None)
    for command in COMMANDS:
        _, effects = step(now, CommandGiven(history.now, command))
        assert is_legal(now, command) == (Refused(command) not in effects)
        assert (command in ears.legal) == (is_legal(now, command) and command != idle)


def test_every_state_that_has_a_plan_can_tell_its_repertoire() -> None:
    session, _ = step(a_session(), Pressed(Instant(0.0)))
    keys = [sentence.key for sentence in repertoire(session)]
    assert keys[0] == "introduction"
    assert "closing" in keys
    assert len(keys) > 40


def test_a_waiting_session_has_no_deadline_but_saving() -> None:
    session = a_session()
    assert waits_for_people(session)
    assert next_deadline(session) is None


def test_the_table_names_every_state_and_no_trigger_twice() -> None:
    assert set(TRANSITIONS) == set(State)
    for moves in TRANSITIONS.values():
        assert not set(moves) & set(ANYWHERE)


ROUNDS = (
    a_step("tell", 60),
    a_step("ask", 240, Ending.HARD, Turns.OTHERS, place=Place.OUT_OF_ROOM),
    a_step("think", 60, place=Place.OUTSIDE),
    a_step("advise", 240, turns=Turns.EVERYONE),
)
ONWARD = (Name.NEXT_STEP, Name.NEXT_SPEAKER, Name.PASS)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from([a_method(), a_method(ROUNDS)]), st.lists(st.sampled_from((*ONWARD, Name.PREVIOUS_STEP))))
def test_going_back_undoes_whatever_led_on(method: Method, names: list[Name]) -> None:
    driver = Driver(a_session(method)).to_first_step()
    for name in names:
        before = driver.session
        driver.command(name)
        driver.hear_out()
        if len(driver.session.visited) > len(before.visited):
            back = Driver(driver.session)
            back.command(Name.PREVIOUS_STEP)
            back.hear_out()
            assert places(back.session) == places(before)


def places(session: Session) -> tuple[object, ...]:
    return session.position, session.visited, set(session.passed), set(session.offered), session.seats
