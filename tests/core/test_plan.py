"""Plans: published times exactly, one stretch otherwise, equal turns equal, nothing over the time agreed."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.errors import PlanError
from companion.core.method import Ending, Group, Method, Repeat, Turns
from companion.core.plan import Plan, make_plan, shortest_total
from companion.core.units import Seconds
from companion.methods import find_method, load_methods
from tests.core.table import RICH_STEPS, a_method, a_step

METHODS = load_methods()
RANDOM_PLANS = int(os.environ.get("COMPANION_RANDOM_PLANS", "1000"))
"""The full run makes 100,000."""


def lengths(plan: Plan) -> list[float]:
    return [slot.planned for slot in plan.slots]


@pytest.mark.parametrize(
    ("name", "people", "expected"),
    [
        ("luisteroefening", 5, [180, 300, *[75] * 4, 120, 600, *[60] * 4, 60]),
        ("luisteroefening", 6, [180, 300, *[60] * 5, 120, 600, *[48] * 5, 60]),
        ("incidentmethode", 6, [600, 300, 900, *[90] * 10, 300]),
        ("sessie-in-vijf-delen", 6, [*[90] * 6, 1500, 1350, 300, 1500, 1350, 300, *[60] * 6]),
    ],
)
def test_published_times_are_kept_to_the_second(name: str, people: int, expected: list[float]) -> None:
    plan = make_plan(find_method(name, METHODS), people)
    assert lengths(plan) == expected
    assert plan.total == plan.method.total
    assert plan.spare == 0
    assert plan.keeps_usual_times


@pytest.mark.parametrize(
    ("name", "people", "minutes"),
    [("luisteroefening", 6, 20.0), ("case-clinic-kort", 6, None), ("incidentmethode-met-roddelen", 6, 200.0)],
)
def test_what_was_fitted_keeps_no_usual_times(name: str, people: int, minutes: float | None) -> None:
    total = None if minutes is None else Seconds(minutes * 60.0)
    assert not make_plan(find_method(name, METHODS), people, total).keeps_usual_times


@pytest.mark.parametrize(("minutes", "remedy"), [(60.0, "s, and with --cases 1 it does fit."), (9.0, " minutes.")])
def test_what_does_not_fit_may_with_fewer_cases(minutes: float, remedy: str) -> None:
    with pytest.raises(PlanError) as refusal:
        make_plan(find_method("sessie-in-vijf-delen", METHODS), 6, Seconds(minutes * 60))
    assert str(refusal.value).endswith(remedy)


@pytest.mark.parametrize("minutes", [20, 45, 60])
def test_another_total_is_scaled_and_filled(minutes: int) -> None:
    plan = make_plan(find_method("luisteroefening", METHODS), 6, Seconds(minutes * 60.0))
    assert minutes * 60 - 15 <= plan.total + plan.spare <= minutes * 60
    assert [slot.step.id for slot in plan.slots][-1] == "inzichten"


@pytest.mark.parametrize("minutes", [20, 150])
def test_a_turn_at_its_limit_has_a_length_that_one_would_say(minutes: int) -> None:
    """Limits are shares of a step: 900 seconds among seven are 128 each, "two minutes and eight seconds"."""
    plan = make_plan(find_method("leerkring", METHODS), 8, Seconds(minutes * 60.0))
    assert [slot.planned % 5 for slot in plan.slots] == [0] * len(plan.slots)


def test_a_round_of_hardly_any_time_gives_a_turn_that_can_be_divided_by() -> None:
    plan = make_plan(a_method([a_step("round", 6, turns=Turns.EVERYONE), a_step("end", 60)]), 7)
    assert {slot.planned for slot in plan.slots if slot.turns} == {5.0}


def test_cases_get_equal_time_and_are_numbered() -> None:
    plan = make_plan(find_method("sessie-in-vijf-delen", METHODS), 6, cases=3)
    by_case = {case: [(slot.step.id, slot.planned) for slot in plan.slots if slot.case == case] for case in (1, 2, 3)}
    assert by_case[1] == by_case[2] == by_case[3]
    assert len(by_case[1]) == 3
    assert [slot.number for slot in plan.slots if slot.turn <= 1] == list(range(1, plan.steps + 1))


@pytest.mark.parametrize(
    ("people", "minutes", "cases", "message"),
    [
        (1, None, None, "luisteroefening: a plan for 1 cannot be made; give 2 to 16 people."),
        (17, None, None, "luisteroefening: a plan for 17 cannot be made; give 2 to 16 people."),
        (6, None, 5, "luisteroefening: a plan for 5 cases cannot be made; give 1 to 4."),
        (6, 10, None, "luisteroefening does not fit in 10 minutes with this group; "
            "the shortest time that does is 16 minutes."),
    ],
)  # fmt: skip
def test_what_makes_no_plan_is_said_in_one_sentence(
    people: int, minutes: float | None, cases: int | None, message: str
) -> None:
    total = None if minutes is None else Seconds(minutes * 60.0)
    with pytest.raises(PlanError) as caught:
        make_plan(find_method("luisteroefening", METHODS), people, total, cases)
    assert str(caught.value) == message


def test_circles_of_three_or_four_give_everybody_a_turn() -> None:
    step = a_step("turn", 300, repeat=Repeat.PERSON)
    method = a_method([step], group=Group(3, 6, 12, circle=3))
    sizes = {people: len(make_plan(method, people).slots) for people in (3, 4, 5, 6, 7, 8, 9, 11)}
    assert sizes == {3: 3, 4: 4, 5: 5, 6: 3, 7: 4, 8: 4, 9: 3, 11: 4}, "no pair: nobody would be left to talk with"
    with pytest.raises(PlanError, match="everybody brings a case in turn; leave the number of cases out"):
        make_plan(method, 6, cases=2)


def test_a_method_without_a_block_is_done_once_for_each_case() -> None:
    plan = make_plan(find_method("luisteroefening", METHODS), 6, cases=2)
    assert plan.total == 2 * plan.method.total
    assert [slot.case for slot in plan.slots if slot.step.id == "vragen"] == [1, 2]


def test_optional_steps_are_left_out_the_last_first() -> None:
    steps = [a_step("one", 600), a_step("two", 600, optional=True), a_step("three", 600, optional=True)]
    method = a_method(steps)
    assert [step.id for step in make_plan(method, 6, Seconds(900)).left_out] == []
    assert [step.id for step in make_plan(method, 6, Seconds(600)).left_out] == ["three"]
    assert [step.id for step in make_plan(method, 6, Seconds(300)).left_out] == ["three", "two"][::-1]
    with pytest.raises(PlanError, match="the shortest time that does is 5 minutes"):
        make_plan(method, 6, Seconds(290))


def test_a_step_counts_back_from_the_end_whatever_the_time() -> None:
    steps = [a_step("one", 600), a_step("two", 600), a_step("end", 300, before_end=Seconds(300))]
    for minutes in (20, 25, 40):
        plan = make_plan(a_method(steps), 6, Seconds(minutes * 60.0))
        assert lengths(plan)[-1] == 300


def test_the_alternatives_of_a_choice_take_the_same_time_once() -> None:
    plan = make_plan(a_method(RICH_STEPS), 5, Seconds(2400))
    ways = [slot.planned for slot in plan.slots if slot.step.choice]
    assert len(ways) == 3
    assert len(set(ways)) == 1
    assert plan.total == sum(lengths(plan)) - 2 * ways[0] <= 2400


STEPS = st.builds(
    lambda seconds, turns, each, keeps: (seconds, turns, each and turns is not Turns.NONE, keeps),
    st.integers(2, 120).map(lambda n: n * 15),
    st.sampled_from(Turns),
    st.booleans(),
    st.sampled_from([{}, {}, {"optional": True}, {"protected": True}]),
)
SOME_METHODS = st.lists(STEPS, min_size=1, max_size=8).map(
    lambda parts: a_method(
        [
            a_step(
                f"s{n}", seconds, Ending.HARD, turns, each, repeat=Repeat.CASE if n in (1, 2) else Repeat.NOT, **keeps
            )
            for n, (seconds, turns, each, keeps) in enumerate(parts)
        ]
    )
)


@settings(max_examples=RANDOM_PLANS, deadline=None)
@given(
    SOME_METHODS | st.sampled_from([*METHODS, a_method(RICH_STEPS)]),
    st.integers(2, 12),
    st.integers(1, 4),
    st.integers(5, 300),
)
def test_no_plan_breaks_a_limit(method: Method, people: int, cases: int, minutes: int) -> None:
    total = Seconds(minutes * 60.0)
    if total < shortest_total(method, people, cases) or (method.repeats_for_people and cases > 1):
        with pytest.raises(PlanError):
            make_plan(method, people, total, cases)
        return
    plan = make_plan(method, people, total, cases)
    assert plan == make_plan(method, people, total, cases)
    assert plan.total <= total
    assert plan.total + plan.spare == total
    by_step: dict[tuple[str, int], list[float]] = {}
    for slot in plan.slots:
        by_step.setdefault((slot.step.id, slot.number), []).append(slot.planned)
        assert slot.planned == int(slot.planned)
    equal: dict[str, set[tuple[float, ...]]] = {}
    for (step, _), planned in by_step.items():
        assert len(set(planned)) == 1
        equal.setdefault(step, set()).add(tuple(planned))
    assert all(len(kinds) == 1 for kinds in equal.values())
    for slot in plan.slots:
        times = slot.step.times
        if times.each or not slot.turns:
            assert slot.step.shortest <= slot.planned <= times.longest
        else:
            assert slot.step.shortest - slot.turns < slot.planned * slot.turns <= times.longest
