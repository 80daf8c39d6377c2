"""Small values: clocks, texts."""

import pytest

from companion.core.clock import Clock
from companion.core.units import Instant, Seconds
from tests.core.table import text


def test_a_clock_started_twice_keeps_its_first_instant() -> None:
    clock = Clock(Seconds(60.0)).started(Instant(10.0)).started(Instant(20.0))
    assert clock.spent_at(Instant(30.0)) == 20


def test_a_clock_that_stands_still_comes_to_no_instant() -> None:
    with pytest.raises(AssertionError):
        Clock(Seconds(60.0)).left_is(0.0)


def test_a_text_is_given_in_its_language() -> None:
    assert text("words").of("nl") == "words"
