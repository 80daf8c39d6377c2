"""Every method rehearsed: as it should go, and as it goes with passes, overruns, early ends and a time-out."""

from itertools import groupby

import pytest

from companion.core.command import Command, Name
from companion.core.effect import Effect, Say, SessionEnded, StepBegan, StepEnded, TimeUp, TurnBegan
from companion.core.errors import PlanError
from companion.core.event import CommandGiven, Event, Pressed
from companion.core.fit import STEP_GRAIN
from companion.core.method import Ending, Method, Place, Repeat
from companion.core.plan import Plan, make_plan, shortest_total
from companion.core.state import Session, State
from companion.core.units import Instant, Seconds, after
from companion.language.sentences import spoken
from companion.methods import load_methods, load_rule_sets
from companion.rehearsal import Agenda
from tests.rehearsal.stagehands import Stage

METHODS, RULE_SETS = load_methods(), load_rule_sets()
PEOPLE = 6
PATIENT = 2.0
"""Seconds after which a rehearsal presses for people."""
MINUTE = 60.0


def a_session(method: Method, people: int = PEOPLE) -> Session:
    return Session((method,), RULE_SETS, Instant(0.0), people=people)


def steps_of(plan: Plan) -> list[tuple[str, float, Ending]]:
    """The steps that a group does that says yes to everything: id, seconds, ending."""
    runs = [list(run) for _, run in groupby(plan.slots, key=lambda slot: slot.number)]
    return [(run[0].step.id, sum(s.planned for s in run), run[0].step.ending) for run in runs if run[0].counted]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_a_rehearsal_keeps_the_planned_times_to_the_second(method: Method) -> None:
    stage = Stage(a_session(method))
    assert stage.rehearsal.run()
    spent = [(what.step, what.spent_s) for _, what in stage.events if isinstance(what, StepEnded)]
    planned = steps_of(make_plan(method, PEOPLE))
    assert [step for step, _ in spent] == [step for step, _, _ in planned]
    for (step, seconds), (_, expected, ending) in zip(spent, planned, strict=True):
        waited = {Ending.HARD: 0, Ending.FIRM: 60, Ending.SOFT: PATIENT * 16, Ending.OPEN: 0}[ending]
        if ending is Ending.OPEN:
            assert seconds == pytest.approx(PATIENT), step
        else:
            assert expected <= seconds <= expected + waited + 1e-6, step


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_nothing_is_said_twice_within_a_minute(method: Method, language: str) -> None:
    stage = Stage(a_session(method))
    stage.rehearsal.run()
    last: dict[str, float] = {}
    for at, what in stage.events:
        for sentence in what.sentences if isinstance(what, Say) else ():
            words = spoken(sentence, language)
            assert at - last.get(words, -MINUTE) >= MINUTE, words
            last[words] = at


class Troublesome:
    """A group that takes a time-out, passes, overruns its second step, cuts its third short and fetches people late."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.begun, self.late, self.away = plan, list[str](), set[str](), False
        self._steps = {slot.step.id: slot.step for slot in plan.slots}

    def __call__(self, agenda: Agenda, at: Instant, what: Event | Effect) -> None:
        match what:
            case StepBegan(step=step):
                self.begun.append(step)
                self.away = self._steps[step].place is not Place.IN_CIRCLE
                if len(self.begun) == 1:
                    agenda.add(CommandGiven(after(at, 20), Command(Name.TIME_OUT)))
                    agenda.add(Pressed(after(at, 200)))
                if len(self.begun) == 3:
                    agenda.add(CommandGiven(after(at, 25), Command(Name.NEXT_STEP)))
            case TurnBegan(turn=1):
                agenda.add(CommandGiven(after(at, 15), Command(Name.PASS)))
            case TimeUp(step=step) if (len(self.begun) == 2 or self.away) and step not in self.late:
                self.late.add(step)
                agenda.add(CommandGiven(after(at, 1), Command(Name.MORE_TIME, 1)))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_trouble_changes_no_order_and_the_end_is_told_truthfully(method: Method) -> None:
    plan = make_plan(method, PEOPLE)
    group = Troublesome(plan)
    stage = Stage(a_session(method), react=group)
    assert stage.rehearsal.run()
    session = stage.loop.session
    assert session.state is State.ENDED
    assert group.begun == [step for step, _, _ in steps_of(plan)]
    ended = [what for _, what in stage.events if isinstance(what, SessionEnded)]
    assert ended[0].spent_s == pytest.approx(sum(clock.spent for clock in session.clocks))
    for slot, clock in zip(plan.slots, session.clocks, strict=True):
        if slot.step.protected:
            assert (
                clock.planned >= slot.step.shortest / (slot.turns if slot.turns and not slot.step.times.each else 1) - 1
            )
    agreed = plan.total + plan.spare + sum(clock.added for clock in session.clocks)
    last = sum(
        clock.spent
        for slot, clock in zip(plan.slots, session.clocks, strict=True)
        if slot.number == plan.slots[-1].number
    )
    assert ended[0].spent_s - agreed <= session.told_shift + MINUTE + last


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_one_person_more_takes_from_nobody_unseen(method: Method) -> None:
    """In a method's own time turns get shorter, never longer; where each has a share of time, it takes that longer."""
    few, more = make_plan(method, PEOPLE), make_plan(method, PEOPLE + 1)
    if method.repeats_for_people and not method.group.circle:
        block = sum(slot.planned for slot in few.slots if slot.case == 1)
        assert more.total - few.total == pytest.approx(block)
        return
    assert few.total - STEP_GRAIN < more.total <= few.total or method.group.circle
    turns = {slot.step.id: slot.planned for slot in few.slots if slot.turns}
    for slot in more.slots:
        if slot.turns:
            assert slot.planned <= turns[slot.step.id]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_one_case_more_is_the_same_block_once_more(method: Method) -> None:
    if method.repeats_for_people:
        with pytest.raises(PlanError, match="everybody brings a case in turn"):
            make_plan(method, PEOPLE, cases=2)
        return
    one, two = make_plan(method, PEOPLE, cases=1), make_plan(method, PEOPLE, cases=2)
    repeats = any(slot.step.repeat is Repeat.CASE for slot in one.slots)
    block = sum(s.planned for s in one.slots if s.counted and (not repeats or s.step.repeat is Repeat.CASE))
    assert two.total - one.total == pytest.approx(block, abs=2 * STEP_GRAIN)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_half_the_time_is_kept_or_refused_with_the_shortest_that_would_do(method: Method) -> None:
    half = Seconds(make_plan(method, PEOPLE).total / 2)
    shortest = shortest_total(method, PEOPLE)
    if half < shortest:
        with pytest.raises(PlanError, match=f"the shortest time that does is {-(-int(shortest) // 60)} minutes"):
            make_plan(method, PEOPLE, half)
        return
    plan = make_plan(method, PEOPLE, half)
    assert plan.total <= half
    assert {slot.step.id for slot in plan.slots} == {step.id for step in method.steps} - {s.id for s in plan.left_out}
