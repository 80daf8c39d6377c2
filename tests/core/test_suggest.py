"""Which methods are offered to a group."""

import pytest

from companion.core.answers import suggested
from companion.core.command import Name
from companion.core.method import Experience, Group, Method, Purpose
from companion.core.suggest import Wanted, suggest
from companion.core.units import Seconds
from tests.core.table import Driver, a_method, a_session, a_step


def offered(id: str, minutes: float, *purposes: Purpose, **more: object) -> Method:
    return a_method([a_step("one", minutes * 60)], id=id, purposes=purposes, **more)


METHODS = (
    offered("long", 120, Purpose.SUPPORT),
    offered("hour", 60, Purpose.REFLECT, Purpose.DECIDE),
    offered("hour-other", 70, Purpose.REFLECT),
    offered("half", 30, Purpose.DECIDE),
    offered("hard", 60, Purpose.DECIDE, experience=Experience.EXPERIENCED),
    offered("large", 60, Purpose.LEARN, group=Group(9, 10, 12)),
    offered("plain", 45),
)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), ["long", "hour", "half"]),
        (Wanted(total=Seconds(3600)), ["hour", "plain", "half"]),
        (Wanted(total=Seconds(3600), experience=Experience.EXPERIENCED), ["hour", "hard", "plain"]),
        (Wanted(purpose=Purpose.DECIDE), ["half", "hour", "long"]),
        (Wanted(purpose=Purpose.SUPPORT, total=Seconds(7200)), ["long", "hour-other", "plain"]),
        (Wanted(people=10), ["large"]),
        (Wanted(people=16), []),
        (Wanted(total=Seconds(600)), []),
        (Wanted(total=Seconds(1200)), ["half"]),
    ],
)
def test_what_suits_is_offered_the_best_first(wanted: Wanted, ids: list[str]) -> None:
    assert [each.method.id for each in suggest(METHODS, wanted)] == ids


def test_only_variants_of_a_method_keep_each_other_out() -> None:
    own = [offered(id, 30) for id in ("own-circle", "own-round", "own-circle-short")]
    assert [each.method.id for each in suggest(own, Wanted())] == ["own-circle", "own-round"]


def test_a_method_that_must_be_shortened_tells_the_shorter_time() -> None:
    assert suggest(METHODS, Wanted(total=Seconds(1200)))[0].time == 1200


def test_each_is_told_with_what_it_is_good_for() -> None:
    keys = [sentence.key for sentence in suggested(suggest(METHODS, Wanted(total=Seconds(3600))))]
    assert keys == ["suggestion_reflect", "suggestion", "suggestion_decide"]
    assert [sentence.key for sentence in suggested(())] == ["no_suggestion"]


def test_a_group_can_ask_before_it_starts() -> None:
    driver = Driver(a_session(*METHODS))
    driver.command(Name.SUGGEST)
    assert driver.said() == ["suggestion_support", "suggestion_reflect", "suggestion_decide"]
