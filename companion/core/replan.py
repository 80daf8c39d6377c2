"""What is still to come, and how its times follow when steps took more or less than planned.

The rest is fitted by the rules of the plan: one factor, each step's limits, protected steps never cut. A step
that a case or person before has had keeps its length, so that all get the same. Where the group asked for no time
of its own, no step gets longer than published: what is left over is kept for later overruns.
"""

from dataclasses import replace

from companion.core.clock import Clock
from companion.core.fit import STEP_GRAIN, TURN_GRAIN, Unit, fitted
from companion.core.plan import Slot
from companion.core.state import Session
from companion.core.units import Instant, Seconds

WORTH_TELLING = 60.0
"""Seconds by which the end must move before the rest is changed for it, and before it is told."""


def following(session: Session) -> int | None:
    """Where the next step that will be done begins; None after the last."""
    for position in range(session.position + 1, len(session.the_plan.slots)):
        if session.the_plan.slots[position].number > session.slot.number and will_run(session, position):
            return position
    return None


def will_run(session: Session, position: int) -> bool:
    """Of the alternatives of a choice, the first that the group did not leave out."""
    slots = session.the_plan.slots
    choice = _choice(slots[position])
    if choice is None:
        return True
    kept = [at for at, slot in enumerate(slots) if _choice(slot) == choice and at not in session.skipped]
    return bool(kept) and slots[kept[0]].number == slots[position].number


def _choice(slot: Slot) -> tuple[str, int] | None:
    return None if slot.step.choice is None else (slot.step.choice, slot.case)


def replanned(session: Session, at: Instant) -> Session:
    """The session, at the beginning of a step, with the times of all that is to come fitted into what is left."""
    todo = [position for position in _to_come(session) if not session.clocks[position].spent]
    begun = sum(max(0.0, session.clocks[there].left_at(at)) for there in _to_come(session) if there not in todo)
    by_step: dict[str, list[int]] = {}
    for position in todo:
        by_step.setdefault(session.the_plan.slots[position].step.id, []).append(position)
    units = [_unit(session, positions) for positions in by_step.values()]
    added = sum(session.clocks[position].added for position in todo)
    left = _left(session, at) - begun - added
    lengths = _lengths(units, int(left), session.the_plan.as_published)
    planned = {
        position: Seconds(float(length))
        for positions, length in zip(by_step.values(), lengths, strict=True)
        for position in positions
    }
    clocks = (_with(clock, planned.get(position)) for position, clock in enumerate(session.clocks))
    return replace(session, clocks=tuple(clocks))


def shift(session: Session, at: Instant) -> float:
    """Seconds by which the session will end later than agreed; negative: earlier."""
    to_come = sum(max(0.0, session.clocks[position].left_at(at)) for position in _to_come(session))
    return float(to_come - _left(session, at))


def end_shift(session: Session, at: Instant) -> float:
    """The same, with the minutes that the group asked for."""
    return shift(session, at) + sum(clock.added for clock in session.clocks)


def _left(session: Session, at: Instant) -> float:
    """Seconds from now to the agreed end."""
    agreed = session.the_plan.total + session.the_plan.spare + sum(clock.added for clock in session.clocks)
    return agreed + _graces(session) - sum(clock.spent_at(at) for clock in session.clocks)


def _graces(session: Session) -> float:
    """Seconds that firm steps took beyond their time because the method grants them: nobody is late for that."""
    pairs = zip(session.the_plan.slots, session.clocks, strict=True)
    return sum(min(max(0.0, clock.spent - clock.granted), slot.step.grace) for slot, clock in pairs)


def _to_come(session: Session) -> list[int]:
    slots = session.the_plan.slots
    return [at for at in range(session.position, len(slots)) if will_run(session, at)]


def _unit(session: Session, positions: list[int]) -> Unit:
    """The length of a step that is to come, as often as it is to come."""
    slot, count = session.the_plan.slots[positions[0]], len(positions)
    grain = TURN_GRAIN if slot.turns else STEP_GRAIN
    fixed = _fixed_length(session, slot, positions)
    if fixed is not None:
        return Unit(fixed, fixed, fixed, count, grain)
    times, planned = slot.step.times, slot.planned
    longest = planned if session.the_plan.as_published else max(planned, times.longest / slot.share)
    return Unit(planned, min(planned, slot.step.shortest / slot.share), longest, count, grain)


def _fixed_length(session: Session, slot: Slot, positions: list[int]) -> Seconds | None:
    """The length that somebody had this step at before, or that counts back from the end; None for any."""
    slots = session.the_plan.slots
    for position, other in enumerate(slots[: session.position]):
        if other.step is slot.step:
            return session.clocks[position].planned
    anchor = next((at for at, other in enumerate(slots) if other.step.before_end is not None), len(slots))
    return slot.planned if session.position < anchor <= positions[0] else None


def _lengths(units: list[Unit], wanted: int, as_published: bool) -> list[int]:
    planned = sum(unit.usual * unit.count for unit in units)
    late = planned - wanted
    if abs(late) < WORTH_TELLING or (as_published and late < 0):
        return [int(unit.usual) for unit in units]
    return fitted(units, wanted)


def _with(clock: Clock, planned: Seconds | None) -> Clock:
    return clock if planned is None else replace(clock, planned=planned)
