"""What crosses between the processes is of fixed size and made of numbers only."""

from dataclasses import fields
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.hearing.message import (
    MOST_COMMANDS,
    ORDER_SIZE,
    REPORT_SIZE,
    Kind,
    Note,
    Order,
    Report,
    pack_order,
    pack_report,
    unpack_order,
    unpack_report,
)

_places = st.frozensets(st.integers(0, MOST_COMMANDS - 1))
_versions = st.integers(0, 2**32 - 1)
_singles = st.floats(width=32, allow_nan=False)
_doubles = st.floats(allow_nan=False)


@given(st.builds(Order, _versions, st.booleans(), st.booleans(), _places, _places, _places))
def test_every_order_crosses_whole(order: Order) -> None:
    assert len(pack_order(order)) == ORDER_SIZE
    assert unpack_order(pack_order(order)) == order


@given(
    st.builds(
        Report,
        st.sampled_from(Kind),
        _versions,
        st.integers(-1, MOST_COMMANDS - 1),
        _doubles,
        _singles,
        _singles,
        _versions,
        _singles,
        _singles,
        st.sampled_from(Note),
    )
)
def test_every_report_crosses_whole(report: Report) -> None:
    assert len(pack_report(report)) == REPORT_SIZE
    assert unpack_report(pack_report(report)) == report


def test_a_report_holds_nothing_but_numbers() -> None:
    hints = get_type_hints(Report)
    assert {hints[field.name] for field in fields(Report)} <= {Kind, Note, int, float}
    assert REPORT_SIZE < 40


@pytest.mark.parametrize("data", [bytes(REPORT_SIZE), b"\xff" * REPORT_SIZE])
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="is not a valid Kind"):
        unpack_report(data)
