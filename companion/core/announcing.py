"""What is said when a step begins, is asked for, or is come back to: sentences only, nothing moves."""

from companion.core.effect import Sentence, verbatim
from companion.core.fit import TURN_GRAIN
from companion.core.method import Announced, Kind, Place, Repeat
from companion.core.replan import WORTH_TELLING, end_shift, shift
from companion.core.state import Session
from companion.core.units import Instant, Seconds

_LEAST_LEFT_TOLD = 5.0
"""Seconds left that are told on coming back to a step."""


def question(session: Session, at: Instant) -> tuple[Sentence, ...]:
    """What is asked before the present step, if anything: its own question, or whether there is still time for it.

    Without a voice the light alone asks, and only for an alternative to others: they could not be reached otherwise.
    """
    step = session.slot.step
    if not session.can_speak and step.choice is None:
        return ()
    if step.question is not None:
        asked = verbatim(step.question)
        return (asked,) if _was_told_how(session) else (asked, Sentence("yes_or_no"))
    if step.optional and shift(session, at) >= WORTH_TELLING:
        late = () if _end_moved(session, at) else (Sentence("running_late"),)
        return (*late, Sentence("ask_optional", (("cue", step.cue),)), Sentence("yes_or_no"))
    return ()


def _was_told_how(session: Session) -> bool:
    """Another alternative of this choice was asked for just now."""
    before = session.the_plan.slots[session.position - 1].step if session.position else None
    return before is not None and before.choice is not None and before.choice == session.slot.step.choice


def news(session: Session, at: Instant) -> list[Sentence]:
    """What the group does not know yet: what is lost, and that the end has moved where that is worth telling."""
    return [*session.notices, *_end_moved(session, at)]


def _end_moved(session: Session, at: Instant) -> tuple[Sentence, ...]:
    """From the end that was agreed upon before the start: whoever asks for more minutes knows that they move it.

    Where a step begins without a word, it waits.
    """
    end = end_shift(session, at)
    begins_silently = session.slot.step.announced is Announced.NOTHING
    if begins_silently or abs(end - session.told_shift) < WORTH_TELLING:
        return ()
    key = "ends_on_time" if abs(end) < WORTH_TELLING else "ends_later" if end > 0 else "ends_earlier"
    return (Sentence(key, (("time", abs(end)),)),)


def first(session: Session, at: Instant, place: Place) -> list[Sentence]:
    """What must be heard before a step: the news, whose case it is, that the case giver sits at this place."""
    return [*news(session, at), *_new_case(session), *seat(session, place)]


def first_again(session: Session, at: Instant) -> list[Sentence]:
    """The same on coming back to a slot, whose case is known unless it was never begun."""
    is_begun = any(slot.case == session.slot.case for slot in session.begun)
    return [*news(session, at), *([] if is_begun else _new_case(session)), *seat(session, session.slot.step.place)]


def announcement(session: Session, at: Instant) -> tuple[Sentence, ...]:
    """What is said when a step begins: where the case giver sits, the cue, the instruction, the turns."""
    step = session.slot.step
    sentences = first(session, at, step.place)
    if step.announced is not Announced.NOTHING:
        sentences.append(verbatim(step.cue))
    if step.announced is Announced.FULL and not session.experienced:
        sentences.append(verbatim(step.instruction))
    if step.announced is not Announced.NOTHING:
        sentences += shares(session)
    return tuple(sentences)


def announced_again(session: Session, at: Instant) -> tuple[Sentence, ...]:
    """What is said on going on where an announcement was broken off; a step that had begun is only named."""
    if session.clock.spent:
        return (*first_again(session, at), *where_it_goes_on(session, at, session.position))
    return announcement(session, at)


def shares(session: Session) -> list[Sentence]:
    """How long a turn or a break lasts, and how much each may contribute."""
    slot = session.slot
    if slot.step.kind is Kind.BREAK:
        return [Sentence("break_lasts", (("time", session.clock.granted),))]
    time = Seconds(round(session.clock.planned / TURN_GRAIN) * TURN_GRAIN)
    each = [Sentence("each_turn", (("time", time),))] if slot.turns else []
    most = slot.step.at_most_each
    what = "question" if slot.step.kind is Kind.ASK else "contribution"
    key = f"at_most_one_{what}" if most == 1 else f"at_most_{what}s"
    return [*each, Sentence(key, (("count", most),))] if most else each


def _new_case(session: Session) -> list[Sentence]:
    """Said when a repeated block begins anew: another case, or the next person's turn to bring one."""
    slot = session.slot
    if slot.case in (0, session.case_told):
        return []
    role = ("role", session.method.case_giver)
    if slot.step.repeat is Repeat.PERSON:
        # Who is first was agreed upon before the start: it must not cost them their time.
        return [] if slot.case == 1 else [Sentence("next_person", (role,))]
    if not session.method.case_giver_first:
        return [Sentence("case_number", (("number", slot.case),))]
    return [Sentence("new_case", (("number", slot.case), role))]


def seat(session: Session, place: Place) -> list[Sentence]:
    """What tells the case giver to go there; whoever is out of the room is called back for anything else."""
    if session.seats == (place,):
        return []
    left = (other for other in session.seats if other is not place)
    keys = [f"from_{other.value}" for other in left if place is Place.IN_CIRCLE or other is Place.OUT_OF_ROOM]
    keys += [] if place is Place.IN_CIRCLE else [f"to_{place.value}"]
    return [Sentence(key, (("role", session.method.case_giver),)) for key in keys]


def where_it_goes_on(session: Session, at: Instant, position: int) -> tuple[Sentence, ...]:
    """What is said on coming back to a slot: where we are and what time is left."""
    here = verbatim(session.the_plan.slots[position].step.cue)
    left = session.clocks[position].left_at(at)
    return (here, Sentence("time_left", (("time", left),))) if left > _LEAST_LEFT_TOLD else (here,)
