"""The loop on virtual time: order, patience, hearing, and the same every time."""

import io
import json
from dataclasses import replace
from itertools import groupby, pairwise

from companion.core.command import Command, Name
from companion.core.effect import SessionEnded, StepBegan
from companion.core.event import CommandGiven, Device, DeviceLost, Event, Held, Pressed
from companion.core.method import Ending
from companion.core.state import State
from companion.core.units import Instant
from companion.loop import Inbox
from companion.script import Spoken
from companion.trace import tracer
from tests.core.table import a_method, a_session, a_step
from tests.rehearsal.stagehands import Stage

TWO_STEPS = a_session(a_method([a_step("one", 60, Ending.HARD), a_step("two", 60, Ending.SOFT)]))


def test_it_presses_for_people_after_two_seconds_and_comes_to_the_end() -> None:
    stage = Stage(TWO_STEPS)
    assert stage.rehearsal.run()
    # ready 0, opening of 6 sentences, question of 2, two steps of 2 sentences and 60 s, soft ending, closing 1, then 15
    assert stage.times_of(Pressed) == [2, 12, 138]
    assert stage.times_of(StepBegan) == [12, 74]
    assert stage.times_of(SessionEnded) == [154]


def test_without_presses_it_tells_that_people_are_waited_for() -> None:
    stage = Stage(TWO_STEPS, presses=False)
    assert not stage.rehearsal.run()
    assert stage.loop.session.state is State.READY


def test_scripted_actions_come_at_their_time_and_are_waited_for() -> None:
    actions = (Pressed(Instant(1.0)), Pressed(Instant(10.0)), Pressed(Instant(30.0)), Pressed(Instant(300.0)))
    stage = Stage(TWO_STEPS, actions=actions, presses=False)
    assert stage.rehearsal.run()
    assert stage.times_of(Pressed) == [1, 10, 30, 300]


def test_acting_starts_patience_anew() -> None:
    stage = Stage(TWO_STEPS, actions=(CommandGiven(Instant(1.5), Command(Name.HELP)),))
    stage.rehearsal.run()
    assert stage.times_of(Pressed)[0] == 4.5  # help is one sentence of a second


def test_a_command_is_heard_between_two_deadlines() -> None:
    stage = Stage(TWO_STEPS, heard=[(33.0, Command(Name.NEXT_STEP))])
    stage.rehearsal.run()
    assert stage.times_of(CommandGiven) == [33]
    assert stage.times_of(StepBegan) == [12, 33]


def test_nothing_is_heard_while_the_device_speaks() -> None:
    stage = Stage(TWO_STEPS, heard=[(12.0, Command(Name.NEXT_STEP))])
    stage.rehearsal.run()
    assert stage.times_of(CommandGiven) == []
    assert [is_open for is_open, _ in groupby(change.open for change in stage.ears.changes)][:3] == [True, False, True]


def test_a_press_waits_for_somebody_who_speaks() -> None:
    stage = Stage(TWO_STEPS, heard=[(11.6, Command(Name.AGREE))])
    stage.rehearsal.run()
    assert stage.times_of(CommandGiven) == [11.6]
    assert stage.times_of(StepBegan)[0] == 11.6


def test_spoken_words_must_be_heard() -> None:
    stage = Stage(TWO_STEPS, actions=(Spoken(Instant(20.0), "next_step"),))  # type: ignore[arg-type]
    stage.rehearsal.run()
    assert stage.times_of(CommandGiven) == [21.5]


def test_a_pause_that_nobody_ends_is_told() -> None:
    stage = Stage(TWO_STEPS, actions=(Held(Instant(20.0)),))
    assert not stage.rehearsal.run()
    assert stage.loop.session.state is State.PAUSED


def test_a_hushed_speech_has_no_end() -> None:
    stage = Stage(TWO_STEPS, actions=(Pressed(Instant(3.0)),))
    stage.rehearsal.run()
    assert "3 hush" in stage.voice.log
    assert len(list(stage.times_of(StepBegan))) == 2


def test_a_lost_loudspeaker_is_no_obstacle() -> None:
    stage = Stage(TWO_STEPS, actions=(DeviceLost(Instant(3.0), Device.SPEAKER),))
    assert stage.rehearsal.run()
    assert stage.voice.log.count("3 hush") == 1


def test_the_light_is_shown_every_change_and_all_time_in_between() -> None:
    stage = Stage(TWO_STEPS)
    stage.rehearsal.run()
    assert stage.light.passed == sorted(stage.light.passed)
    assert stage.light.passed[-1] == 154


def test_the_same_input_gives_the_same_trace() -> None:
    traces = []
    for _ in range(2):
        stage = Stage(TWO_STEPS, heard=[(33.0, Command(Name.NEXT_STEP))])
        stage.rehearsal.run()
        file = io.StringIO()
        observe = tracer(file, Instant(0.0), "nl")
        for at, what in stage.events:
            observe(Instant(at), what)
        traces.append(file.getvalue())
    assert traces[0] == traces[1]
    lines = [json.loads(line) for line in traces[0].splitlines()]
    assert lines[0] == {"t": 2.0, "kind": "event", "name": "Pressed"}
    began = [line for line in lines if line["name"] == "StepBegan"]
    assert began[0] == {"t": 12.0, "kind": "effect", "name": "StepBegan", "step": "one", "planned_s": 60.0}
    heard = [line for line in lines if line["name"] == "CommandGiven"]
    command = {"t": 33.0, "kind": "event", "name": "CommandGiven", "command": {"name": "next_step"}, "began": None}
    assert heard == [command]
    assert lines[-1]["name"] == "SessionEnded"


def test_a_full_inbox_drops_and_counts() -> None:
    inbox = Inbox(size=2)
    for _ in range(5):
        inbox.post(Pressed(Instant(0.0)))
    assert inbox.dropped == 3
    assert inbox.get(0.0) == Pressed(Instant(0.0))
    inbox.get(0.0)
    assert inbox.get(-1.0) is None


class VirtualInbox(Inbox):
    """Waiting takes virtual time: what is due comes at its instant, else the time-out passes."""

    def __init__(self, events: list[Event]) -> None:
        super().__init__()
        self.events, self.now = events, Instant(0.0)

    def get(self, timeout: float) -> Event | None:
        until = Instant(self.now + max(0.0, timeout))
        if self.events and self.events[0].at <= until:
            self.now = max(self.now, self.events[0].at)
            return self.events.pop(0)
        self.now = until
        return None


def test_the_live_loop_takes_events_and_its_own_deadlines() -> None:
    stage = Stage(replace(TWO_STEPS, voice_on=False))
    inbox = VirtualInbox([Pressed(Instant(1.0)), Pressed(Instant(2.5)), Pressed(Instant(200.0))])
    stage.loop.run(inbox, lambda: inbox.now, lambda: True)
    assert stage.times_of(StepBegan) == [2.5, 62.5]
    assert stage.times_of(SessionEnded) == [215]


def test_the_live_loop_stops_when_told_and_looks_up_at_least_every_second() -> None:
    stage, inbox, asked = Stage(TWO_STEPS), VirtualInbox([]), []

    def goes_on() -> bool:
        asked.append(inbox.now)
        return inbox.now < 5

    stage.loop.run(inbox, lambda: inbox.now, goes_on)
    assert stage.loop.session.state is State.READY
    assert max(later - earlier for earlier, later in pairwise(asked)) <= 1
