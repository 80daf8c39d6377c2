"""What opens a session and what carries it out, with devices that only remember what they were told."""

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from companion import app
from companion.core.command import Command, Name
from companion.core.effect import Chime, Position
from companion.core.event import CommandGiven, Device, DeviceLost, Event, HeldLong
from companion.core.state import Session, State
from companion.core.units import Instant, Seconds
from companion.hearing.listener import CLOSED
from companion.loop import Devices, Inbox, Loop
from companion.opening import SleepingEars
from companion.places import fresh_session, library
from companion.settings import Settings, load_settings


@dataclass
class World:
    """Voice, light, ears, keeper and cache in one: every call with what it was given."""

    position: Position | None = None
    is_closed: bool = False
    told: list[tuple[str, Any]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *given, **named: self.told.append((name, (*given, *named.values())))

    def load(self, within: float) -> Position | None:
        return self.position

    def microphone_is_off(self, within: float) -> bool:
        return self.is_closed

    def calls(self, name: str) -> list[Any]:
        return [given for known, given in self.told if known == name]


SETTINGS: Settings = load_settings(None)
BOOKS = library(SETTINGS)


def a_session() -> Session:
    return fresh_session(BOOKS.only("luisteroefening"), SETTINGS, Instant(0.0), people=5)


def a_loop(world: World, session: Session) -> Loop:
    devices = Devices(world, world, world, world)
    return Loop(session, "nl", BOOKS.vocabulary("nl"), devices, lambda at, what: None)


def say(loop: Loop, name: Name, argument: int | None = None) -> None:
    loop.handle(CommandGiven(Instant(1.0), Command(name, argument)))


def test_the_ears_are_told_whenever_something_else_can_be_said() -> None:
    world = World()
    loop = a_loop(world, replace(a_session(), voice_on=False))
    loop.handle(CommandGiven(Instant(1.0), Command(Name.START, "luisteroefening")))
    say(loop, Name.PAUSE)
    say(loop, Name.AGREE)
    legal = [{command.name for command in attention.legal} for (attention,) in world.calls("attend")]
    assert [Name.START in names for names in legal] == [True, False, False]
    assert [Name.AGREE in names for names in legal] == [False, True, False]


@pytest.mark.parametrize(("voice_on", "rung"), [(True, [(Chime.START,)]), (False, [])])
def test_louder_is_heard_where_there_is_a_voice(voice_on: bool, rung: list[tuple[Chime]]) -> None:
    world = World()
    say(a_loop(world, replace(a_session(), voice_on=voice_on)), Name.LOUDER)
    assert world.calls("change_volume") == [(1,)]
    assert world.calls("ring") == rung


def test_that_the_microphone_is_closed_is_kept() -> None:
    world = World()
    loop = a_loop(world, a_session())
    for at in (1.0, 2.0):
        loop.handle(HeldLong(Instant(at)))
    assert world.calls("switch_microphone") == [(True,), (False,)]


def test_the_ears_process_ends_with_the_closing_of_the_microphone_and_no_sooner() -> None:
    world = World()
    ears = SleepingEars(world)  # type: ignore[arg-type]
    off = replace(CLOSED, off=True)
    for attention in (CLOSED, off, off, CLOSED, CLOSED, off):
        ears.attend(attention)
    calls = [name for name, _ in world.told]
    assert calls == ["attend", "sleep", "attend", "attend", "wake", "attend", "attend", "sleep", "attend"]


def opened(world: World) -> app._Opened:
    return app._Opened(Inbox(), world, world, world, world, world, BOOKS)  # type: ignore[arg-type]


def a_position() -> Position:
    world = World()
    loop = a_loop(world, replace(a_session(), voice_on=False))
    loop.handle(CommandGiven(Instant(1.0), Command(Name.START, "luisteroefening")))
    say(loop, Name.AGREE)
    (position,) = world.calls("save")[-1]
    return position  # type: ignore[no-any-return]


@pytest.mark.parametrize("wanted", [None, 5, 6])
def test_a_saved_position_is_gone_on_from_unless_others_were_asked_for(wanted: int | None) -> None:
    world = World(position=replace(a_position(), voice_on=True))
    session = replace(a_session(), people=wanted)
    last = app._lead(session, opened(world), SETTINGS, lambda: False)
    resumes = wanted in (None, 5)
    assert (last.state is State.ANNOUNCING) is resumes
    assert len(world.calls("say")) == resumes


def test_a_position_that_fits_no_more_is_forgotten() -> None:
    world = World(position=replace(a_position(), method="gone"))
    last = app._lead(a_session(), opened(world), SETTINGS, lambda: False)
    assert last.state is State.READY
    assert world.calls("forget") == [()]


class Evening:
    """A stop that is asked for after some sessions, and what `app.run` did until then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, world: World, sessions: int = 1, by_hand: bool = False) -> None:
        self.led: list[Session] = []
        self.done: list[str] = []
        stop = app.Stop()
        stop.obey = lambda: None  # type: ignore[method-assign]
        monkeypatch.setattr(app, "Stop", lambda: stop)
        monkeypatch.setattr(app, "forbid_dumps", lambda: self.done.append("forbid_dumps"))
        monkeypatch.setattr(app, "lock_memory", lambda: self.done.append("lock_memory"))
        monkeypatch.setattr(app, "notify", self.done.append)
        monkeypatch.setattr(app, "_open", self._open)
        monkeypatch.setattr(app, "_lead", self._lead)
        self._stop, self._world, self._sessions, self._by_hand = stop, world, sessions, by_hand

    def _open(self, stack: ExitStack, settings: Settings, books: object) -> app._Opened:
        self.done.append("open")
        return opened(self._world)

    def _lead(self, session: Session, *_: object) -> Session:
        self.led.append(session)
        self._stop.asked, self._stop.by_hand = len(self.led) == self._sessions, self._by_hand
        return replace(session, microphone_off=True, voice_on=False, faults=frozenset({(Device.RING, "")}))


def test_dumps_are_forbidden_before_anything_is_opened_and_memory_is_locked_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    evening = Evening(monkeypatch, World())
    assert app.run(app.Wish(), SETTINGS) == 0
    assert evening.done == ["forbid_dumps", "open", "lock_memory", "READY=1", "STOPPING=1"]


def test_what_a_group_closed_or_silenced_stays_so_in_the_next_session(monkeypatch: pytest.MonkeyPatch) -> None:
    evening = Evening(monkeypatch, World(is_closed=True), sessions=2)
    app.run(app.Wish(), SETTINGS)
    first, second = evening.led
    assert (first.microphone_off, first.voice_on, first.faults) == (True, True, frozenset())
    assert (second.microphone_off, second.voice_on, second.faults) == (True, False, frozenset({(Device.RING, "")}))


@pytest.mark.parametrize("by_hand", [True, False])
def test_whoever_stops_it_by_hand_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, by_hand: bool) -> None:
    world = World()
    Evening(monkeypatch, world, by_hand=by_hand)
    app.run(app.Wish(), SETTINGS)
    assert world.calls("forget") == [()] * by_hand
    assert world.calls("switch_microphone") == [(False,)] * by_hand


def test_a_session_that_was_asked_for_is_led_once(monkeypatch: pytest.MonkeyPatch) -> None:
    evening = Evening(monkeypatch, World(), sessions=9)
    app.run(app.Wish(method="luisteroefening"), SETTINGS)
    assert len(evening.led) == 1


def test_a_part_that_fails_unforeseen_ends_the_session_with_status_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    evening = Evening(monkeypatch, World(), sessions=9)
    failure = ValueError("broken")
    lead = evening._lead

    def fails(session: Session, *given: object) -> Session:
        args: Any = type("Args", (), {"exc_type": ValueError, "exc_value": failure})
        evening._stop._fail(args)
        last = lead(session, *given)
        evening._stop.asked = True
        return last

    monkeypatch.setattr(app, "_lead", fails)
    assert app.run(app.Wish(), SETTINGS) == 1
    assert "a part of the device failed: ValueError" in caplog.text


def test_a_full_inbox_drops_and_counts() -> None:
    inbox = Inbox(size=1)
    event: Event = DeviceLost(Instant(0.0), Device.RING)
    for _ in range(3):
        inbox.post(event)
    assert inbox.dropped == 2
    assert inbox.get(0.0) == event
    assert inbox.get(0.0) is None


def test_what_was_wished_is_what_waits_to_be_started() -> None:
    session = app.wished_session(app.Wish("luisteroefening", 7, 45.0, cases=1), SETTINGS, BOOKS)
    assert (len(session.methods), session.people, session.total, session.cases) == (1, 7, Seconds(2700.0), 1)
