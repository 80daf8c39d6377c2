"""Every method rehearsed: as it should go, and as it goes with passes, overruns, early ends and a time-out."""

from dataclasses import replace
from itertools import groupby

import pytest

from companion.core.command import Command, Name
from companion.core.effect import Effect, Say, SessionEnded, StepBegan, StepEnded, TimeUp, TurnBegan
from companion.core.errors import PlanError
from companion.core.event import CommandGiven, Event, Pressed, SpeechEnded
from companion.core.fit import STEP_GRAIN
from companion.core.method import Ending, Method, Place, Repeat, Turns
from companion.core.plan import Plan, make_plan, shortest_total
from companion.core.state import Session
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
ONE_SENTENCE = 1.0
"""Seconds that the stage's voice takes to say that the time is up."""


def a_session(method: Method, people: int = PEOPLE) -> Session:
    return Session((method,), RULE_SETS, Instant(0.0), people=people)


def steps_of(plan: Plan) -> list[tuple[str, float, Ending, float]]:
    """The steps that a group does that says yes to everything: id, seconds, ending, seconds until it is pressed on."""
    runs = [list(run) for _, run in groupby(plan.slots, key=lambda slot: slot.number)]
    waits = {Ending.HARD: 0.0, Ending.SOFT: PATIENT, Ending.OPEN: 0.0}
    return [
        (
            step.id,
            sum(slot.planned for slot in run),
            step.ending,
            len(run) * waits.get(step.ending, step.grace + (not step.silence) * ONE_SENTENCE),
        )
        for run in runs
        if run[0].counted
        for step in (run[0].step,)
    ]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_a_rehearsal_keeps_the_planned_times_to_the_second(method: Method) -> None:
    stage = Stage(a_session(method))
    assert stage.rehearsal.run()
    spent = [(what.step, what.spent_s) for _, what in stage.events if isinstance(what, StepEnded)]
    planned = steps_of(make_plan(method, PEOPLE))
    assert [step for step, _ in spent] == [step for step, *_ in planned]
    for (step, seconds), (_, expected, ending, waits) in zip(spent, planned, strict=True):
        assert seconds == pytest.approx(PATIENT if ending is Ending.OPEN else expected + waits), step


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
    """A group that takes a time-out, passes, overruns its second step, cuts its third short and fetches people late.

    It presses for itself: at a question, when a soft step's time is up, and in an open step after a while.
    """

    def __init__(self, plan: Plan) -> None:
        self.begun, self.asked = list[str](), False
        self._steps = {slot.step.id: slot.step for slot in plan.slots}

    def __call__(self, agenda: Agenda, at: Instant, what: Event | Effect) -> None:
        match what:
            case StepBegan(step=step):
                self.begun.append(step)
                self._begin(agenda, at, step)
            case TurnBegan(turn=1):
                agenda.add(CommandGiven(after(at, 15), Command(Name.PASS)))
            case TimeUp(step=step) if self._steps[step].ending is Ending.SOFT:
                agenda.add(Pressed(after(at, self._dawdles(step))))
            case Say(sentences=sentences):
                self.asked = sentences[-1].key in ("ask_agreement", "ask_agreement_only", "yes_or_no") or (
                    len(sentences) == 1 and sentences[0].key == "verbatim"
                )
            case SpeechEnded() if self.asked:
                agenda.add(Pressed(after(at, 1.0)))

    def _begin(self, agenda: Agenda, at: Instant, step: str) -> None:
        if len(self.begun) == 1:
            agenda.add(CommandGiven(after(at, 20), Command(Name.TIME_OUT)))
            agenda.add(Pressed(after(at, 200)))
        if len(self.begun) == 3:
            agenda.add(CommandGiven(after(at, 25), Command(Name.NEXT_STEP)))
        if self._steps[step].ending is Ending.OPEN:
            agenda.add(Pressed(after(at, 400)))

    def _dawdles(self, step: str) -> float:
        late = len(self.begun) == 2 or self._steps[step].place is not Place.IN_CIRCLE
        return LATE if late else 1.0


LATE = 420.0
"""Seconds that the group takes too long where it takes too long."""


def troubled(method: Method) -> tuple[Stage, Plan]:
    """A rehearsal with such a group; a second step that is no round gets a soft end, as a hard one ends by itself."""
    first, second, *rest = method.steps
    if second.turns is Turns.NONE:
        second = replace(second, ending=Ending.SOFT, grace=Seconds(0), end=None)
    method = replace(method, steps=(first, second, *rest))
    plan = make_plan(method, PEOPLE)
    start = (Pressed(Instant(1.0)),)
    return Stage(a_session(method), actions=start, presses=False, react=Troublesome(plan)), plan


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_trouble_changes_no_order_and_the_end_is_told_truthfully(method: Method) -> None:
    stage, plan = troubled(method)
    assert stage.rehearsal.run(), stage.loop.session.state
    session = stage.loop.session
    begun = [what.step for _, what in stage.events if isinstance(what, StepBegan)]
    assert begun == [step for step, *_ in steps_of(plan)]
    check_limits(session, plan)
    spent = sum(clock.spent for clock in session.clocks)
    ended = [what for _, what in stage.events if isinstance(what, SessionEnded)]
    assert ended[0].spent_s == pytest.approx(spent)
    last = session.clocks[session.position]
    graces = sum(slot.step.grace for slot in plan.slots)
    agreed = plan.total + plan.spare + sum(clock.added for clock in session.clocks)
    told = spent - last.spent + last.granted - agreed
    assert -graces - MINUTE <= session.told_shift - told <= MINUTE + graces + 1


def check_limits(session: Session, plan: Plan) -> None:
    """No length below its limits, protected ones whole, copies that were to come as long as the first was."""
    given: dict[str, set[float]] = {}
    for slot, clock in zip(plan.slots, session.clocks, strict=True):
        share = slot.turns if slot.turns and not slot.step.times.each else 1
        assert clock.planned >= min(slot.planned, int(slot.step.shortest / share)), slot.step.id
        assert clock.planned <= slot.planned
        if slot.counted and slot.step.repeat is not Repeat.NOT:
            given.setdefault(slot.step.id, set()).add(clock.planned)
    assert all(len(lengths) == 1 for lengths in given.values()), given


def test_trouble_is_trouble() -> None:
    """The rehearsals above do make the rest shorter, and the end later, in most methods."""
    shorter, later = set(), set()
    for method in METHODS:
        stage, plan = troubled(method)
        stage.rehearsal.run()
        clocks = stage.loop.session.clocks
        if any(clock.planned < slot.planned for slot, clock in zip(plan.slots, clocks, strict=True)):
            shorter.add(method.id)
        if any(s.key == "ends_later" for _, what in stage.events if isinstance(what, Say) for s in what.sentences):
            later.add(method.id)
    assert len(shorter) >= 10
    assert later


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
