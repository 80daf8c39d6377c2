"""Method + people + cases + time -> a plan: slots of whole seconds, the same for the same input.

The rules are those of the research notes on methods, 3.7: published times exactly when they fill the
time asked for; otherwise one stretch factor for everything, clamped to each step's limits, rounded
down to 5 s a turn and 15 s a step; what remains is handed out in whole grains, longest first. Where
even the shortest times do not fit, optional steps are left out, the last first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil

from companion.core.errors import PlanError
from companion.core.fit import STEP_GRAIN, TURN_GRAIN, Unit, fitted, shortest_sum
from companion.core.method import Method, Repeat, Step, Turns
from companion.core.units import Seconds

LEAST_PEOPLE, MOST_PEOPLE = 2, 16
LEAST_CASES, MOST_CASES = 1, 4


@dataclass(frozen=True)
class Slot:
    """One stretch of time with a clock of its own: a step, or one turn of a round."""

    step: Step
    number: int
    """Place of the step in the plan, from 1."""
    case: int
    """Which copy of a repeated block, from 1; 0 for a step outside of one, or when there is one copy."""
    turn: int
    """Place of the turn in its round, from 1; 0 for a step without turns."""
    turns: int
    planned: Seconds
    counted: bool = True
    """False for the alternatives of a choice but the first: one of them takes its time."""

    @property
    def share(self) -> int:
        """How many such slots the step's times are for."""
        return self.turns if self.turns and not self.step.times.each else 1


@dataclass(frozen=True)
class Plan:
    method: Method
    people: int
    cases: int
    slots: tuple[Slot, ...]
    spare: Seconds
    """Agreed time that no step may take."""
    left_out: tuple[Step, ...] = ()
    """Optional steps for which there is no time."""
    as_published: bool = True
    """The group asked for no time of its own."""

    @property
    def total(self) -> Seconds:
        return Seconds(sum(slot.planned for slot in self.slots if slot.counted))

    @property
    def keeps_usual_times(self) -> bool:
        """Every step, or everybody's turn, is as long as the method says, to the second."""
        return not self.left_out and all(
            abs(slot.planned - slot.step.times.usual / slot.share) < 1 for slot in self.slots
        )

    @property
    def steps(self) -> int:
        """How many steps are done; of a choice, one."""
        return self.place(self.slots[-1])

    def place(self, slot: Slot) -> int:
        """Which step this is, from 1; the alternatives of a choice are one."""
        return len({other.number for other in self.slots if other.counted and other.number <= slot.number})


def make_plan(method: Method, people: int, total: Seconds | None = None, cases: int | None = None) -> Plan:
    """The plan for `people` (2 to 16) in `total` seconds (None: as published), 1 to 4 cases.

    Raises PlanError when the shortest times of all steps together are longer than `total`.
    """
    cases = method.cases if cases is None else cases
    _check(method, people, cases)
    wanted = _published_total(method, people, cases) if total is None else int(total)
    steps = _steps_that_fit(method, people, cases, wanted)
    lengths = _lengths(method, people, cases, steps, wanted)
    slots = tuple(_slots(method, people, cases, steps, lengths))
    left_out = tuple(step for step in method.steps if step not in steps)
    plan = Plan(method, people, cases, slots, Seconds(0), left_out, as_published=total is None)
    return replace(plan, spare=Seconds(max(0.0, wanted - plan.total)))


def nearest_plan(method: Method, people: int, total: Seconds | None, cases: int | None) -> Plan:
    """The plan in `total` where the group can keep it, else in the least whole minutes that do; for a group that asked
    for no time the published one, else the usual one."""
    cases = _possible_cases(method, method.cases if cases is None else cases)
    try:
        return make_plan(method, people, total, cases)
    except PlanError:
        shortest = shortest_total(method, people, cases)
    least = ceil(shortest / 60) * 60 if total is not None else max(usual_total(method, people, cases), shortest)
    return make_plan(method, people, Seconds(float(least)), cases)


def shortest_total(method: Method, people: int, cases: int | None = None) -> Seconds:
    """The least time, in seconds, in which the method can be done, without its optional steps."""
    cases = method.cases if cases is None else cases
    steps = tuple(step for step in method.steps if not step.optional)
    return Seconds(_shortest(method, people, cases, steps))


def usual_total(method: Method, people: int, cases: int | None = None, since: int = 0) -> float:
    """The steps' usual times together, in seconds; `since`: from this step on."""
    cases = method.cases if cases is None else cases
    units = (_unit(method, step, people, cases) for step in method.steps[since:])
    return round(sum(unit.usual * unit.count for unit in units), 6)


def turn_count(method: Method, step: Step, people: int) -> int:
    """How many turns the step has: 0 when it is no round."""
    size = circle_size(method, people)
    return {Turns.NONE: 0, Turns.EVERYONE: size, Turns.OTHERS: size - 1}[step.turns]


def circle_size(method: Method, people: int) -> int:
    """People in the largest circle: all, or so many that circles of the method's size differ by one at most."""
    return ceil(people / circle_count(method, people))


def circle_count(method: Method, people: int) -> int:
    """Circles that work at the same time, none of them too small for the method; 1 where all work together."""
    group = method.group
    return max(1, min(round(people / group.circle), people // group.least)) if group.circle else 1


def _check(method: Method, people: int, cases: int) -> None:
    if not LEAST_PEOPLE <= people <= MOST_PEOPLE:
        raise PlanError(
            f"{method.id}: a plan for {people} cannot be made; give {LEAST_PEOPLE} to {MOST_PEOPLE} people."
        )
    if not LEAST_CASES <= cases <= MOST_CASES:
        raise PlanError(f"{method.id}: a plan for {cases} cases cannot be made; give {LEAST_CASES} to {MOST_CASES}.")
    if cases != _possible_cases(method, cases):
        raise PlanError(f"{method.id}: everybody brings a case in turn; leave the number of cases out.")


def _possible_cases(method: Method, cases: int) -> int:
    return 1 if method.repeats_for_people else cases


def _published_total(method: Method, people: int, cases: int) -> int:
    """What the usual group takes for so many cases; where everybody brings one, the sum for these people."""
    return int(usual_total(method, people if method.repeats_for_people else method.group.usual, cases))


def _repeat(method: Method, step: Step) -> Repeat:
    return Repeat.CASE if method.repeats_as_a_whole else step.repeat


def _copies(method: Method, step: Step, people: int, cases: int) -> int:
    counts = {Repeat.NOT: 1, Repeat.CASE: cases, Repeat.PERSON: circle_size(method, people)}
    return counts[_repeat(method, step)]


def _is_counted(method: Method, step: Step) -> bool:
    return step.choice is None or step is next(other for other in method.steps if other.choice == step.choice)


def _steps_that_fit(method: Method, people: int, cases: int, wanted: int) -> tuple[Step, ...]:
    steps = method.steps
    while _shortest(method, people, cases, steps) > wanted:
        optional = [step for step in steps if step.optional]
        if not optional:
            shortest = -(-int(shortest_total(method, people, cases)) // 60)
            raise PlanError(
                f"{method.id} does not fit in {wanted / 60:g} minutes with this group; "
                f"the shortest time that does is {shortest} minutes{_with_fewer_cases(method, people, cases, wanted)}."
            )
        steps = tuple(step for step in steps if step is not optional[-1])
    return steps


def _with_fewer_cases(method: Method, people: int, cases: int, wanted: int) -> str:
    fewer = [count for count in range(1, cases) if shortest_total(method, people, count) <= wanted]
    return f", and with --cases {fewer[-1]} it does fit" if fewer else ""


def _unit(method: Method, step: Step, people: int, cases: int) -> Unit:
    times, turns = step.times, turn_count(method, step, people)
    count = _copies(method, step, people, cases) if _is_counted(method, step) else 0
    if not turns:
        return Unit(times.usual, step.shortest, times.longest, count, STEP_GRAIN)
    # Whoever gives seven people six seconds together has made a slip; a turn of no time would divide by it.
    share = 1 if times.each else turns
    usual, shortest, longest = (
        max(float(TURN_GRAIN), length / share) for length in (times.usual, step.shortest, times.longest)
    )
    return Unit(usual, shortest, longest, count * turns, TURN_GRAIN)


def _lengths(method: Method, people: int, cases: int, steps: Sequence[Step], wanted: int) -> list[int]:
    """Seconds of each step, or of one of its turns; the part from a step that begins before the end is by itself."""
    head, tail, before_end = _parts(method, people, cases, steps)
    lengths = _part(head, wanted - before_end) + _part(tail, before_end)
    firsts = {step.choice: length for step, length in reversed(list(zip(steps, lengths, strict=True)))}
    return [length if step.choice is None else firsts[step.choice] for step, length in zip(steps, lengths, strict=True)]


def _parts(method: Method, people: int, cases: int, steps: Sequence[Step]) -> tuple[list[Unit], list[Unit], int]:
    """What comes before a step that begins a set time before the end, the rest, and how long the rest takes."""
    units = [_unit(method, step, people, cases) for step in steps]
    split = next((at for at, step in enumerate(steps) if step.before_end is not None), len(steps))
    head, tail = units[:split], units[split:]
    if not tail:
        return head, tail, 0
    wanted = int(steps[split].before_end or 0) * _copies(method, steps[split], people, cases)
    most = sum(int(unit.longest) * unit.count for unit in tail)
    return head, tail, max(shortest_sum(tail), min(wanted, most))


def _shortest(method: Method, people: int, cases: int, steps: Sequence[Step]) -> int:
    head, _, before_end = _parts(method, people, cases, steps)
    return shortest_sum(head) + before_end


def _part(units: Sequence[Unit], wanted: int) -> list[int]:
    if abs(sum(unit.usual * unit.count for unit in units) - wanted) < 0.5:
        return [int(unit.usual) for unit in units]
    return fitted(units, wanted)


def _slots(method: Method, people: int, cases: int, steps: Sequence[Step], lengths: Sequence[int]) -> Iterator[Slot]:
    for number, (step, case, length) in enumerate(_in_order(method, people, cases, steps, lengths), start=1):
        turns, counted = turn_count(method, step, people), _is_counted(method, step)
        for turn in range(1, turns + 1) if turns else (0,):
            yield Slot(step, number, case, turn, turns, Seconds(float(length)), counted)


def _in_order(
    method: Method, people: int, cases: int, steps: Sequence[Step], lengths: Sequence[int]
) -> Iterator[tuple[Step, int, int]]:
    """The steps as they are run: a repeated block stands once for each case or person."""
    timed = zip(steps, lengths, strict=True)
    for _, block in groupby(timed, key=lambda pair: _repeat(method, pair[0])):
        pairs = list(block)
        copies = _copies(method, pairs[0][0], people, cases)
        for case in range(1, copies + 1):
            shown = case if copies > 1 else 0
            yield from ((step, shown, length) for step, length in pairs)
