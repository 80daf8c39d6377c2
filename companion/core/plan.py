"""Method + people + time -> a plan: slots of whole seconds, the same for the same input.

The rules are those of the research notes on methods, 3.7: published times exactly when they fill the
time asked for; otherwise one stretch factor for everything, clamped to each step's limits, rounded
down to 5 s a turn and 15 s a step; what remains is handed out in whole grains, longest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from companion.core.errors import PlanError
from companion.core.method import Method, Step, Turns
from companion.core.units import Seconds

LEAST_PEOPLE, MOST_PEOPLE = 2, 16
LEAST_CASES, MOST_CASES = 1, 4
_STEP_GRAIN, _TURN_GRAIN = 15, 5
_LEAST_STRETCH, _MOST_STRETCH = 0.01, 100.0


@dataclass(frozen=True)
class Slot:
    """One stretch of time with a clock of its own: a step, or one turn of a round."""

    step: Step
    number: int
    """Place of the step in the plan, from 1."""
    case: int
    """Which case, from 1; 0 for a step outside the cases, or when there is one case."""
    turn: int
    """Place of the turn in its round, from 1; 0 for a step without turns."""
    turns: int
    planned: Seconds


@dataclass(frozen=True)
class Plan:
    method: Method
    people: int
    cases: int
    slots: tuple[Slot, ...]
    spare: Seconds
    """Agreed time that no step may take."""

    @property
    def total(self) -> Seconds:
        return Seconds(sum(slot.planned for slot in self.slots))

    @property
    def steps(self) -> int:
        return self.slots[-1].number


@dataclass(frozen=True)
class _Unit:
    """A length that occurs `count` times; copies are never scaled apart, so equal stays equal."""

    usual: int
    shortest: int
    longest: int
    count: int
    grain: int

    def stretched(self, factor: float) -> int:
        length = int(self.usual * factor) // self.grain * self.grain
        return min(max(length, self.shortest), self.longest)


def make_plan(method: Method, people: int, total: Seconds | None = None, cases: int | None = None) -> Plan:
    """The plan for `people` (2 to 16) in `total` seconds (None: as published), 1 to 4 cases.

    Raises PlanError when the shortest times of all steps together are longer than `total`.
    """
    cases = method.cases if cases is None else cases
    _check(method, people, cases)
    units = _units(method, people, cases)
    wanted = int(method.total if total is None else total)
    if sum(unit.usual * unit.count for unit in units) == wanted:
        lengths = [unit.usual for unit in units]
    else:
        lengths = _fitted(method, units, wanted)
    slots = _slots(method, people, cases, lengths)
    return Plan(method, people, cases, slots, Seconds(max(0.0, wanted - sum(slot.planned for slot in slots))))


def nearest_plan(method: Method, people: int, total: Seconds | None, cases: int | None) -> Plan:
    """The plan in `total` where the group can keep it, else in the published time, else in the usual one."""
    for wanted in (total, method.total):
        if wanted is not None and wanted >= shortest_total(method, people, cases):
            return make_plan(method, people, wanted, cases)
    usual = Seconds(sum(unit.usual * unit.count for unit in _units(method, people, cases)))
    return make_plan(method, people, usual, cases)


def shortest_total(method: Method, people: int, cases: int | None = None) -> Seconds:
    """The least time, in seconds, in which the method can be done."""
    return Seconds(sum(unit.shortest * unit.count for unit in _units(method, people, cases)))


def turn_count(step: Step, people: int) -> int:
    """How many turns the step has: 0 when it is no round."""
    return {Turns.NONE: 0, Turns.EVERYONE: people, Turns.OTHERS: people - 1}[step.turns]


def _check(method: Method, people: int, cases: int) -> None:
    if not LEAST_PEOPLE <= people <= MOST_PEOPLE:
        raise PlanError(
            f"{method.id}: a plan for {people} cannot be made; give {LEAST_PEOPLE} to {MOST_PEOPLE} people."
        )
    if not LEAST_CASES <= cases <= MOST_CASES:
        raise PlanError(f"{method.id}: a plan for {cases} cases cannot be made; give {LEAST_CASES} to {MOST_CASES}.")


def _units(method: Method, people: int, cases: int | None) -> list[_Unit]:
    return [_unit(step, people, method.cases if cases is None else cases) for step in method.steps]


def _unit(step: Step, people: int, cases: int) -> _Unit:
    times, repeats = step.times, cases if step.per_case else 1
    count = repeats * (turn_count(step, people) if times.each else 1)
    grain = _TURN_GRAIN if times.each else _STEP_GRAIN
    return _Unit(int(times.usual), ceil(times.shortest), int(times.longest), count, grain)


def _fitted(method: Method, units: Sequence[_Unit], wanted: int) -> list[int]:
    def spent(factor: float) -> int:
        return sum(unit.stretched(factor) * unit.count for unit in units)

    if spent(_LEAST_STRETCH) > wanted:
        shortest = -(-spent(_LEAST_STRETCH) // 60)
        raise PlanError(
            f"{method.id} does not fit in {wanted / 60:g} minutes with this group; "
            f"the shortest time that does is {shortest} minutes."
        )
    low, high = _LEAST_STRETCH, _MOST_STRETCH
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if spent(middle) <= wanted else (low, middle)
    return _hand_out(units, [unit.stretched(low) for unit in units], wanted)


def _hand_out(units: Sequence[_Unit], lengths: list[int], wanted: int) -> list[int]:
    """Give what the stretch left over in whole grains, once to each unit, the longest first."""
    left = wanted - sum(length * unit.count for unit, length in zip(units, lengths, strict=True))
    for place in sorted(range(len(units)), key=lambda place: (-lengths[place], place)):
        unit = units[place]
        if left >= unit.grain * unit.count and lengths[place] + unit.grain <= unit.longest:
            lengths[place] += unit.grain
            left -= unit.grain * unit.count
    return lengths


def _slots(method: Method, people: int, cases: int, lengths: Sequence[int]) -> tuple[Slot, ...]:
    slots: list[Slot] = []
    for number, (step, case, length) in enumerate(_in_order(method, cases, lengths), start=1):
        turns = turn_count(step, people)
        if turns:
            each = length if step.times.each else length // turns
            slots += [Slot(step, number, case, turn, turns, Seconds(float(each))) for turn in range(1, turns + 1)]
        else:
            slots.append(Slot(step, number, case, 0, 0, Seconds(float(length))))
    return tuple(slots)


def _in_order(method: Method, cases: int, lengths: Sequence[int]) -> list[tuple[Step, int, int]]:
    """The steps as they are run: a block of per-case steps stands once for each case."""
    order: list[tuple[Step, int, int]] = []
    timed = zip(method.steps, lengths, strict=True)
    for per_case, block in groupby(timed, key=lambda pair: pair[0].per_case):
        steps = list(block)
        for case in range(1, (cases if per_case else 1) + 1):
            shown = case if per_case and cases > 1 else 0
            order += [(step, shown, length) for step, length in steps]
    return order
