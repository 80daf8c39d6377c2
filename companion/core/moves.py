"""How a session goes from slot to slot: entering, leaving, turns, passing, going back, closing."""

from dataclasses import replace

from companion.core import announcing, answers
from companion.core.clock import Clock
from companion.core.effect import (
    Chime,
    Effect,
    ForgetPosition,
    Ring,
    Sentence,
    SessionBegan,
    SessionEnded,
    StepBegan,
    StepEnded,
    TurnBegan,
)
from companion.core.method import Ending, Place
from companion.core.plan import LEAST_PEOPLE, MOST_PEOPLE, nearest_plan
from companion.core.replan import end_shift, following, replanned
from companion.core.speaking import hush, say, told
from companion.core.state import Change, Session, State, become, save, with_clock
from companion.core.units import Instant, Seconds, after

_NOTHING_LEFT = 1e-6
"""Seconds below which a clock counts as run out: the rounding of sums of floats."""


def planned(session: Session, people: int) -> Session:
    """The session with its plan; a time that this group cannot keep gives way to the usual one."""
    people = min(max(people, LEAST_PEOPLE), MOST_PEOPLE)
    plan = nearest_plan(session.method, people, session.total, session.cases)
    clocks = tuple(Clock(slot.planned) for slot in plan.slots)
    return replace(session, people=people, plan=plan, clocks=clocks, position=0, told_shift=-plan.spare)


def begin(session: Session, at: Instant) -> Change:
    """Enter the first slot of the plan."""
    plan = session.the_plan
    began = SessionBegan(plan.method.id, plan.people, plan.total)
    session, effects = enter(session, at, 0)
    return session, (began, *effects)


def enter(
    session: Session,
    at: Instant,
    position: int,
    *words: Sentence,
    new_step: bool = True,
    before: tuple[Sentence, ...] = (),
) -> Change:
    """Enter a slot: announce a step (or say `words` in its place), start a later turn at once.

    A step that may be left out is asked for first, unless there are `words`. What is said `before` is said once.
    """
    session = replace(session, position=position, sign_given=False, grace_ends=None, grace_left=None, resumes=())
    session, saved = save(session, at)
    if new_step and not words and announcing.question(session, at):
        session, entered = ask(session, at, before)
    elif new_step or words:
        said = (*announcing.first_again(session, at), *words) if words else announcing.announcement(session, at)
        session, entered = _begin_slot(session, at, said, new_step, before)
    else:
        session, started = start_clock(session, at)
        entered = (_turn_began(session), Ring(Chime.TURN), *started)
    return session, (*saved, *entered)


def _begin_slot(
    session: Session, at: Instant, words: tuple[Sentence, ...], new_step: bool, before: tuple[Sentence, ...] = ()
) -> Change:
    began: list[Effect] = [StepBegan(session.slot.step.id, _step_granted(session))] if new_step else []
    if session.slot.turns:
        began.append(_turn_began(session))
    session, said = announce(session, at, *words, before=before)
    return session, (*began, *said)


def _turn_began(session: Session) -> TurnBegan:
    return TurnBegan(session.slot.step.id, session.slot.turn, session.clock.planned)


def ask(session: Session, at: Instant, before: tuple[Sentence, ...] = ()) -> Change:
    """Ask everybody whether the present step is to be done; what is said `before` is said once."""
    session, hushed = hush(session, at)
    untold, first = session, announcing.first(session, at, Place.IN_CIRCLE)
    session = replace(session, seats=(Place.IN_CIRCLE,), case_told=session.slot.case)
    session, said = say(become(session, at, State.ASKING), at, *before, *first, *announcing.question(session, at))
    return _with_first_told(session, untold, at, len(before), len(first)), (*hushed, *said)


def _with_first_told(session: Session, untold: Session, at: Instant, before: int, first: int) -> Session:
    """With the news that its speech begins with, after `before` sentences and among the `first` ones."""
    news = announcing.news(untold, at)
    session = told(session, untold, before + len(news), before + first)
    is_shift_told = session.speech is not None and len(news) > len(untold.notices)
    return replace(session, told_shift=end_shift(untold, at)) if is_shift_told else session


def do_step(session: Session, at: Instant) -> Change:
    """The group wants the step that it was asked about."""
    session, hushed = hush(session, at)
    session, begun = _begin_slot(session, at, announcing.announcement(session, at), new_step=True)
    return session, (*hushed, *begun)


def skip_step(session: Session, at: Instant) -> Change:
    """The group leaves out the step that it was asked about."""
    slots = session.the_plan.slots
    here = (at_ for at_, slot in enumerate(slots) if slot.number == session.slot.number)
    session, hushed = hush(replace(session, skipped=(*session.skipped, *here)), at)
    session, moved = _go_forward(session, at)
    return session, (*hushed, *moved)


def announce(session: Session, at: Instant, *sentences: Sentence, before: tuple[Sentence, ...] = ()) -> Change:
    """Say it, then the clock starts; without a voice, or anything to say, the clock starts now."""
    place = session.slot.step.place
    untold, first = session, announcing.first(session, at, place)
    session = replace(session, seats=(place,), case_told=session.slot.case)
    words = (*before, *sentences)
    session, said = say(session, at, *words) if words else (session, (Ring(Chime.START),))
    session = _with_first_told(session, untold, at, len(before), len(first))
    if session.speech is None:
        session, started = start_clock(session, at)
        return session, (*said, *started)
    session = with_clock(session, session.clock.stopped(at))
    return become(session, at, State.ANNOUNCING), said


def start_clock(session: Session, at: Instant) -> Change:
    """Let the slot's clock run; a slot whose time was used up goes on in overtime, a firm one for its grace."""
    session = with_clock(session, session.clock.started(at))
    session = become(session, at, _ticking(session, at))
    is_over = session.state is State.OVERTIME and session.slot.step.ending is Ending.FIRM
    return round_off(session, at) if is_over and session.grace_left is None else (session, ())


def round_off(session: Session, at: Instant) -> Change:
    """A firm step's time is up: that is said, where it is no silence, and then its grace begins."""
    step = session.slot.step
    session, said = (session, ()) if step.silence else say(session, at, answers.time_is_up(step))
    return session if said else begin_grace(session, at), said


def begin_grace(session: Session, at: Instant) -> Session:
    """In a firm step's overtime its grace runs from now on, or what a pause left of it."""
    step, left = session.slot.step, session.grace_left
    if step.ending is not Ending.FIRM or session.grace_ends is not None:
        return session
    return replace(session, grace_ends=after(at, step.grace if left is None else left), grace_left=None)


def _ticking(session: Session, at: Instant) -> State:
    if session.slot.step.ending is not Ending.OPEN and session.clock.left_at(at) <= _NOTHING_LEFT:
        return State.OVERTIME
    return State.TURN if session.slot.turns else State.RUNNING


def leave(session: Session, at: Instant) -> Change:
    """Stop the slot's clock and what is being said, and remember the way back."""
    session, hushed = hush(with_clock(session, session.clock.stopped(at)), at)
    return replace(session, visited=(*session.visited, session.position)), hushed


def next_step(session: Session, at: Instant) -> Change:
    """Leave the step, with what is left of its round, for the next one, or for the closing."""
    ended = _step_ended(session, at)
    session, left = leave(session, at)
    session, moved = _go_forward(session, at)
    return session, (*left, ended, *moved)


def _go_forward(session: Session, at: Instant) -> Change:
    """Enter the next step that will be done, with the times of the rest as they are now."""
    position = following(session)
    if position is None:
        return close(session, at, "closing")
    session = replanned(replace(session, position=position), at)
    return enter(session, at, position)


def next_turn(session: Session, at: Instant) -> Change:
    """Hand over to the next turn; after the last, offer passed turns once more, then the next step."""
    plan, position = session.the_plan, session.position
    beside = position + 1
    in_second_chances = position in session.offered
    if not in_second_chances and beside < len(plan.slots) and plan.slots[beside].turn > 1:
        session, left = leave(session, at)
        session, entered = enter(session, at, beside, new_step=False)
        return session, (*left, *entered)
    passed = [turn for turn in session.passed if plan.slots[turn].number == session.slot.number]
    waiting = [turn for turn in passed if turn not in session.offered]
    if not waiting:
        return next_step(session, at)
    session, left = leave(session, at)
    words = (Sentence("second_chance"),) if waiting == passed else ()
    session = replace(session, offered=(*session.offered, waiting[0]))
    session, entered = enter(session, at, waiting[0], *words, new_step=False)
    return session, (*left, *entered)


def pass_turn(session: Session, at: Instant) -> Change:
    return next_turn(replace(session, passed=(*session.passed, session.position)), at)


def previous(session: Session, at: Instant) -> Change:
    """Back to the slot that was left last, with the time that was left in it.

    A second chance that is left backwards is given again, and a turn that was passed is one again.
    """
    *visited, position = session.visited
    is_closing = session.state is State.CLOSING
    offered = tuple(turn for turn in session.offered if is_closing or turn != session.position)
    had_begun = session.state not in (State.CLOSING, State.ASKING)
    other_step = session.the_plan.slots[position].number != session.slot.number
    ended = (_step_ended(session, at),) if other_step and had_begun else ()
    words = announcing.where_it_goes_on(session, at, position)
    session, left = leave(session, at)
    session = replace(
        session,
        visited=tuple(visited),
        skipped=tuple(slot for slot in session.skipped if slot < position),
        passed=tuple(turn for turn in session.passed if turn in offered or turn != position),
        offered=offered,
    )
    back = (Sentence("back"),)
    session, entered = enter(session, at, position, *words, new_step=other_step or not had_begun, before=back)
    return session, (*left, *ended, *entered)


def _step_granted(session: Session) -> Seconds:
    return Seconds(sum(clock.granted for clock in _step_clocks(session)))


def _step_clocks(session: Session) -> list[Clock]:
    pairs = zip(session.clocks, session.the_plan.slots, strict=True)
    return [clock for clock, slot in pairs if slot.number == session.slot.number]


def _step_ended(session: Session, at: Instant) -> StepEnded:
    spent = sum(clock.spent_at(at) for clock in _step_clocks(session))
    return StepEnded(session.slot.step.id, Seconds(spent))


def end_early(session: Session, at: Instant) -> Change:
    """End the session where it stands; its clocks stand still already."""
    ended: tuple[Effect, ...] = ()
    if session.is_in_steps:
        ended = (_step_ended(session, at),)
        session, hushed = leave(session, at)
    else:
        session, hushed = hush(session, at)
    session, closed = close(session, at, "goodbye")
    return session, (*hushed, *ended, *closed)


def close(session: Session, at: Instant, key: str) -> Change:
    """Say goodbye; everything is forgotten before: a plug that is pulled during the last words brings nothing back."""
    words = (*announcing.seat(session, Place.IN_CIRCLE), Sentence(key))
    session = become(replace(session, resumes=(), seats=(Place.IN_CIRCLE,)), at, State.CLOSING)
    session, said = say(session, at, *words)
    if session.speech is not None:
        return session, (ForgetPosition(), *said)
    session, lingered = linger(session, at)
    return session, (ForgetPosition(), *said, *lingered)


def linger(session: Session, at: Instant) -> Change:
    """Where there is something to go back to, there is time to."""
    if not session.visited:
        return finish(session, at)
    return become(session, at, State.CLOSING), ()


def finish(session: Session, at: Instant) -> Change:
    session, hushed = hush(session, at)
    spent = Seconds(sum(clock.spent_at(at) for clock in session.clocks))
    return become(session, at, State.ENDED), (*hushed, SessionEnded(spent))
