"""The session: the only place where one changes.

`step(session, event) -> (session, effects)` is a pure function of frozen values. Its rules:

1. Commands, presses, ended speeches and deadlines are *triggers*; the table in `transitions` says, for
   each state, which it takes, what handles them and which states may follow.
2. A command that the table does not hold, or whose guard says no, changes nothing and is answered.
   A stale speech end or an early deadline does nothing.
3. A short press while the device speaks only silences it (as if the speech had ended), except while
   people are counted, right after that, and while methods are turned through: there every press counts.
4. Every deadline that `next_deadline` names, once reached, removes its own cause.
5. Microphone, voice and lost devices lie beside the state: no transition depends on them, except that
   without a voice an announcement takes no time.
"""

from dataclasses import replace

from companion.core import announcing, answers, beginning, handlers, moves
from companion.core.clock import Clock
from companion.core.command import MOVING, Command
from companion.core.deadlines import deadlines
from companion.core.effect import Position, Refused, Ring, Sentence
from companion.core.errors import PlanError
from companion.core.event import (
    NOISE,
    CommandDoubted,
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
from companion.core.method import Ending, Place
from companion.core.speaking import say, without_notice
from companion.core.state import TICKING, Change, Session, State, answered_at, become, let_go, save, touched
from companion.core.transitions import ANYWHERE, GUARDS, TRANSITIONS, Trigger
from companion.core.units import Instant, Seconds

_GESTURES = {Pressed: Trigger.PRESS, Held: Trigger.HOLD, HeldLong: Trigger.HOLD_LONG}


def step(session: Session, event: Event) -> Change:
    """What happens to the session, and what the world must do about it. Never raises."""
    changed, effects = _step(session, event)
    has_ended = session.speech is not None and changed.speech is None
    has_rung = changed.can_speak and any(isinstance(effect, Ring) for effect in effects)
    return (replace(changed, spoke_at=event.at) if has_ended or has_rung else changed), effects


def _step(session: Session, event: Event) -> Change:
    match event:
        case CommandGiven(command=command, began=began):
            return (session, ()) if _is_late(session, command, began) else _command(session, event.at, command)
        case CommandDoubted():
            return replace(session, doubted_at=answered_at(session.doubted_at, event.at)), ()
        case DeadlineReached():
            return _deadline(session, event.at)
        case SpeechEnded(speech=number):
            return _speech_ended(session, event.at, number)
        case DeviceLost(device=device, part=part):
            return _lost(session, event.at, device, part)
        case DeviceFound(device=device, part=part):
            return _found(session, device, part)
        case Touched():
            return touched(session, event.at, down=True), ()
        case LetGo():
            return let_go(session), ()
        case _:
            return _gesture(session, event)


def next_deadline(session: Session) -> Instant | None:
    """The next instant at which the session changes by itself; None: only an event can change it."""
    return min((at for at, _ in deadlines(session)), default=None)


def is_legal(session: Session, command: Command) -> bool:
    if session.state is State.ENDED:
        return False
    guard = GUARDS.get(command.name)
    is_taken = command.name in ANYWHERE or command.name in TRANSITIONS[session.state]
    return is_taken and (guard is None or guard(session, command))


def waits_for_people(session: Session) -> bool:
    """Nothing will happen until somebody presses or says something."""
    if session.speech is not None or session.late_until is not None:
        return False
    if session.state in (State.READY, State.AGREEMENT, State.ASKING):
        return True
    if session.state is State.COUNTING:
        return session.counted == 0
    if session.state is State.OVERTIME:
        return session.grace_ends is None
    return session.state in TICKING and session.slot.step.ending is Ending.OPEN


def resume(session: Session, position: Position, at: Instant) -> Change:
    """Go on where a power cut left the session; `session` is a fresh one of these methods.

    Raises PlanError when the position does not fit them: the method was changed since it was saved.
    """
    session = _planned_as(session, position)
    times = zip(position.planned_s, position.added_s, position.spent_s, position.excused_s, strict=True)
    session = replace(
        session,
        clocks=tuple(
            Clock(Seconds(planned), Seconds(added), Seconds(spent), excused=Seconds(excused))
            for planned, added, spent, excused in times
        ),
        visited=tuple(slot for slot in position.visited if 0 <= slot < len(session.clocks)),
        passed=position.passed,
        offered=position.offered,
        told_shift=position.told_shift_s,
        skipped=position.skipped,
        resumed_at=at,
        resumed=position.resumed + 1,
        voice_on=session.voice_on and position.voice_on,
        microphone_off=session.microphone_off or position.microphone_off,
    )
    session = _as_told(replace(session, position=position.slot))
    if position.standing:
        return save(become(replace(session, resumes=(State.ANNOUNCING,)), at, State.PAUSED), at)
    has_begun = session.slot.turn > 1 or session.clock.spent
    words = announcing.where_it_goes_on(session, at, position.slot) if has_begun else ()
    return moves.enter(session, at, position.slot, *words, before=(Sentence("resumed"),))


def _as_told(session: Session) -> Session:
    """With the seat and the case that the group was told before the power cut: those of what had begun."""
    slots, here, begun = session.the_plan.slots, session.slot, session.begun
    before = slots[session.visited[-1]].step.place if session.visited else Place.IN_CIRCLE
    seat = here.step.place if any(slot.number == here.number for slot in begun) else before
    case = here.case if any(slot.case == here.case for slot in begun) else session.case_told
    return replace(session, seats=(seat,), case_told=case)


def _planned_as(session: Session, position: Position) -> Session:
    ids = [method.id for method in session.methods]
    if position.method in ids:
        session = replace(session, chosen=ids.index(position.method), total=_length(position.total_s))
        session = moves.planned(replace(session, cases=position.cases), position.people)
        saved = (position.spent_s, position.added_s, position.planned_s, position.excused_s)
        lengths = {len(times) for times in (session.clocks, *saved)}
        if len(lengths) == 1 and 0 <= position.slot < len(session.clocks):
            return session
    raise PlanError(f"the saved position in {position.method} fits no method that is here; the session begins anew.")


def _length(seconds: float | None) -> Seconds | None:
    return None if seconds is None else Seconds(seconds)


def _is_late(session: Session, command: Command, began: Instant | None) -> bool:
    """It would move the session a second time: who began to say it did not know yet that it had moved, because the
    button was pressed meanwhile, the time of a step was up, or the same had just been said.

    Overtime begins by itself; what was said before it means the same in it.
    """
    is_moving = command.name in MOVING and session.state is not State.OVERTIME
    return is_moving and began is not None and began < session.since


def _command(session: Session, at: Instant, command: Command) -> Change:
    if not is_legal(session, command):
        return _refuse(session, at, command)
    session = replace(session, heard_at=answered_at(session.heard_at, at), window_ends=None)
    move = TRANSITIONS[session.state].get(command.name) or ANYWHERE[command.name]
    return move.handler(session, at, command)


def _gesture(session: Session, event: Event) -> Change:
    if session.state is State.ENDED:
        return _refuse(session, event.at, None)
    trigger, speech = _GESTURES[type(event)], session.speech
    was_down = session.touch is not None and session.touch.down
    session = let_go(session) if was_down else touched(session, event.at, down=False)
    silences = speech is not None and not speech.gives_way and not beginning.is_counting(session)
    if trigger is Trigger.PRESS and silences:
        return handlers.silence(session, event.at)
    move = TRANSITIONS[session.state].get(trigger) or ANYWHERE.get(trigger)
    return _refuse(session, event.at, None) if move is None else move.handler(session, event.at, None)


def _refuse(session: Session, at: Instant, command: Command | None) -> Change:
    """Nothing changes; light answers, and a sentence where it interrupts nothing."""
    if session.state is State.ENDED:
        return session, (Refused(command),)
    session = replace(session, refused_at=answered_at(session.refused_at, at))
    if session.speech is not None or session.state is State.READY:
        return session, (Refused(command),)
    taken = command.name if command is not None and command.name in TRANSITIONS[session.state] else None
    session, said = say(session, at, answers.refusal(session, taken))
    return session, (Refused(command), *said)


def _speech_ended(session: Session, at: Instant, number: int) -> Change:
    if session.speech is None or session.speech.number != number:
        return session, ()
    return handlers.after_speech(replace(session, speech=None), at)


def _lost(session: Session, at: Instant, device: Device, part: str) -> Change:
    """Told once, however many parts follow."""
    known = _is_missing(session, device)
    session = replace(session, faults=session.faults | {(device, part)})
    if known or part == NOISE:
        return session, ()
    session = without_notice(session, _notice(device))
    session = replace(session, notices=(*session.notices, _notice(device)))
    return handlers.silence(session, at) if device is Device.SPEAKER and session.speech else (session, ())


def _found(session: Session, device: Device, part: str) -> Change:
    """A fault that mended itself before it was told needs no telling; a voice can only tell afterwards."""
    session = replace(session, faults=session.faults - {(device, part)})
    if device is Device.SPEAKER or _is_missing(session, device):
        return session, ()
    return without_notice(session, _notice(device)), ()


def _is_missing(session: Session, device: Device) -> bool:
    """It is lost, or a part of it; a room that is too noisy takes no microphone away."""
    return any(lost is device and part != NOISE for lost, part in session.faults)


def _notice(device: Device) -> Sentence:
    return Sentence(f"lost_{device.value}")


def _deadline(session: Session, at: Instant) -> Change:
    due = [(instant, trigger) for instant, trigger in deadlines(session) if instant <= at]
    if not due:
        return session, ()
    trigger = min(due, key=lambda pair: pair[0])[1]
    move = TRANSITIONS[session.state].get(trigger) or ANYWHERE[trigger]
    return move.handler(session, at, None)
