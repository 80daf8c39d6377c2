"""The minutes of every method, against what its source publishes. The numbers are those of the research notes."""

from itertools import groupby

import pytest

from companion.core.method import Method, Timing
from companion.core.plan import Plan, make_plan
from companion.methods import find_method, load_methods

METHODS = load_methods()

Minutes = float | tuple[float, float] | None
"""Published minutes of a step: exactly, from - to, or none published (then they are ours)."""

PUBLISHED: dict[str, tuple[Minutes, list[Minutes]]] = {
    "action-learning": (30, [5, 5, 10, 5, 5]),
    "balintgroep": (45, [None, None, None, None, None]),
    "balintmethode": ((60, 120), [5, None, 5, None, 10, 5, None, None, None, None, None]),
    "case-clinic": (55, [3, 10, 2, 10, 20, 10]),
    "case-clinic-kort": ((31, 33), [5, (3, 5), 1, 5, 12, 5]),
    "clearness-committee": ((90, 120), [None, (10, 15), None, (0, 15), None]),
    "consultancy": (50, [(5, 10), 5, 10, 15, None, None]),
    "incidentmethode": (50, [10, 5, 15, 7.5, 7.5, 5]),
    "incidentmethode-fotoscholing": (65, [5, 10, 5, 15, 10, 10, 10]),
    "incidentmethode-met-roddelen": (60, [10, 5, 15, 10, 10, 5, 5]),
    "incidentmethode-wikiwijs": (74, [5, 10, 10, 2, 10, 10, 10, 15, 2]),
    "kollegiale-beratung": ((45, 50), [5, 10, None, 5, 5, 5, 10, 10, 10, None]),
    "leerkring": ((30, 40), [2, (5, 10), (10, 15), 2, 5, 2]),
    "leren-van-successen": (60, [15, 20, 15, 10]),
    "luisteroefening": (30, [3, 5, 5, 2, 10, 4, 1]),
    "reflecting-team": (60, [None] * 6),
    "roddelmethode": ((50, 65), [5, 15, 15, 15, None]),
    "rollenspel": (50, [None] * 6),
    "sessie-in-vijf-delen": ((120, 240), [None] * 5),
    "starr-reflectie": ((10, 60), [None] * 6),
    "themabijeenkomst": (None, [None] * 7),
    "tienstappenmethode": ((120, 150), [None] * 10),
    "troika": (30, [1, (1, 2), (1, 2), (4, 5), (1, 2)]),
    "vijfstappenmethode": (90, [(5, 10), None, 5, 10, 20, None, 10]),
    "wise-crowds": (60, [2, 3, 8, 2]),
    "zelfsturende-bijeenkomst": (None, [30, None, None, 15]),
}


def step_minutes(plan: Plan) -> list[float]:
    """Minutes of each step, whole rounds together; of a repeated block, those of its first copy."""
    slots = [slot for slot in plan.slots if slot.case <= 1]
    return [sum(slot.planned for slot in run) / 60 for _, run in groupby(slots, key=lambda slot: slot.number)]


def fits(spent: float, published: Minutes) -> bool:
    if isinstance(published, tuple):
        return published[0] <= spent <= published[1]
    return published is None or spent == pytest.approx(published, abs=1e-9)


def test_every_method_is_in_the_table() -> None:
    assert {method.id for method in METHODS} == set(PUBLISHED)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_the_usual_group_gets_the_published_minutes(method: Method) -> None:
    plan = make_plan(method, method.group.usual)
    total, steps = PUBLISHED[method.id]
    spent = step_minutes(plan)
    assert len(spent) == len(steps)
    assert [(step.id, minutes) for step, minutes, published in zip(method.steps, spent, steps, strict=True)
            if not fits(minutes, published)] == []  # fmt: skip
    assert fits(plan.total / 60, total)
    assert plan.total == method.total
    assert plan.left_out == ()


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_whose_the_minutes_are_is_said_honestly(method: Method) -> None:
    for step, published in zip(method.steps, PUBLISHED[method.id][1], strict=True):
        expected = {Timing.OURS} if published is None else {Timing.PUBLISHED}
        if isinstance(published, tuple):
            expected = {Timing.PUBLISHED, Timing.ADAPTED}
        assert step.timing in expected, step.id
    timings = {step.timing for step in method.steps}
    if method.timing is Timing.PUBLISHED:
        assert Timing.OURS not in timings
    elif method.timing is Timing.OURS:
        assert timings == {Timing.OURS}


@pytest.mark.parametrize(
    ("id", "people", "minutes"),
    [
        ("incidentmethode", 6, 50),
        ("troika", 6, 30),
        ("troika", 9, 30),
        ("wise-crowds", 5, 75),
        ("wise-crowds", 8, 60),
        ("balintgroep", 6, 45),
        ("case-clinic", 3, 55),
    ],
)
def test_other_groups_get_the_total_that_is_published_for_them(id: str, people: int, minutes: float) -> None:
    assert make_plan(find_method(id, METHODS), people).total == pytest.approx(minutes * 60)


def test_two_cases_of_a_balint_group_take_the_ninety_minutes_of_a_meeting() -> None:
    assert make_plan(find_method("balintgroep", METHODS), 8, cases=2).total == pytest.approx(90 * 60)


def test_diagnosis_and_solutions_are_five_turns_of_a_minute_and_a_half() -> None:
    slots = make_plan(find_method("incidentmethode", METHODS), 6).slots
    assert [slot.planned for slot in slots if slot.turns] == [pytest.approx(90)] * 10


@pytest.mark.parametrize("id", ["clearness-committee", "zelfsturende-bijeenkomst"])
@pytest.mark.parametrize("minutes", [None, 130, 180])
def test_the_last_part_begins_a_quarter_before_the_end(id: str, minutes: int | None) -> None:
    method = find_method(id, METHODS)
    plan = make_plan(method, method.group.usual, None if minutes is None else minutes * 60)  # type: ignore[arg-type]
    first = next(at for at, slot in enumerate(plan.slots) if slot.step.before_end is not None)
    assert sum(slot.planned for slot in plan.slots[first:]) == 15 * 60
