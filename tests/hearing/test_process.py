"""Inside of the ears' process: which sound an order holds for."""

import io
import os
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from companion.core.attention import Attention
from companion.core.command import Command
from companion.core.errors import DeviceError
from companion.hearing.listener import Listener, Trace
from companion.hearing.mel import RATE
from companion.hearing.message import REPORT_SIZE, Kind, Note, Order, Report, pack_order, unpack_report
from companion.hearing.microphone import Piece
from companion.hearing.process import _listen, _Orders, _Telling
from companion.hearing.utterance import NEVER_QUIET_AFTER
from companion.hearing.verdict import Decision, Reason, Verdict
from companion.language.phrases import vocabulary
from tests.hearing.tones import CALIBRATION, NEXT, PHRASES, ToneRecogniser, hush, tone

COMMANDS = vocabulary(PHRASES)
ALL = frozenset(range(len(COMMANDS)))


class Recording:
    """Sound as if it came from a microphone at these instants, all of it waiting already."""

    dropped, alive = 0, True

    def __init__(self, sound: NDArray[np.int16], began: float, gap_s: float | None = None) -> None:
        places = range(0, len(sound), 512)
        gap = None if gap_s is None else round(gap_s * 16_000) // 512 * 512
        self._pieces = [Piece(sound[at : at + 512].copy(), began + (at + 512) / 16_000, at == gap) for at in places]

    def read(self) -> Piece:
        if not self._pieces:
            raise DeviceError("The recording is over.")
        return self._pieces.pop(0)

    def close(self) -> None: ...


@pytest.fixture
def orders() -> tuple[_Orders, int]:
    source, target = os.pipe()
    # The writing end stays open: its end would end the process.
    return _Orders(os.fdopen(source, "rb"), COMMANDS), target


def given(orders: tuple[_Orders, int], version: int, is_open: bool) -> float:
    """An order, and an instant after which it had come."""
    made, target = orders
    waiting = len(made._came)
    os.write(target, pack_order(Order(version, is_open, False, ALL, frozenset(), frozenset())))
    while len(made._came) == waiting:
        pass
    return time.monotonic()


def reports(
    orders: _Orders, sound: NDArray[np.int16], began: float, every_s: float = 1e9, gap_s: float | None = None
) -> list[Report]:
    listener = Listener(PHRASES, ToneRecogniser(), CALIBRATION)
    source, target = os.pipe()
    with pytest.raises(DeviceError), os.fdopen(target, "wb", buffering=0) as told:
        _listen(listener, Recording(sound, began, gap_s), orders, COMMANDS, told, every_s)
    with os.fdopen(source, "rb") as found:
        data = found.read()
    return [unpack_report(data[at : at + REPORT_SIZE]) for at in range(0, len(data), REPORT_SIZE)]


def commands(orders: _Orders, sound: NDArray[np.int16], began: float) -> list[Report]:
    return [report for report in reports(orders, sound, began) if report.kind is Kind.COMMAND]


def test_an_order_says_what_is_legal_what_is_expected_and_what_is_unlikely(orders: tuple[_Orders, int]) -> None:
    made, target = orders
    masks = frozenset({0, 1, 2}), frozenset({0}), frozenset({1})
    os.write(target, pack_order(Order(1, True, True, *masks)))
    while not made._came:
        pass
    (attention,) = made.until(time.monotonic())
    legal, expected, unlikely = (frozenset(COMMANDS[place] for place in mask) for mask in masks)
    assert attention == Attention(True, legal, expected, True, unlikely)


SAID = np.concatenate([hush(1.2), tone(0, 0.7), hush(0.7)])


@pytest.mark.parametrize(
    ("gap_s", "heard"), [(0.5, [NEXT]), (1.1, []), (1.5, [])], ids=["long before", "right before", "amid"]
)
def test_what_is_said_around_lost_sound_was_never_said(
    orders: tuple[_Orders, int], gap_s: float, heard: list[Command]
) -> None:
    """What was lost may have been talk, of which only the end is left: quiet must come first."""
    found = reports(orders[0], SAID, given(orders, 1, True), gap_s=gap_s)
    assert [COMMANDS[report.place] for report in found if report.kind is Kind.COMMAND] == heard


def test_a_command_is_heard_under_the_order_that_had_come_when_it_was_said(orders: tuple[_Orders, int]) -> None:
    after = given(orders, 3, True)
    (report,) = commands(orders[0], SAID, after)
    assert report.version == 3
    assert report.began - after == pytest.approx(1.2, abs=0.05), "the session can tell what it has overtaken"


def test_sound_that_waited_from_before_the_ears_opened_is_not_heard(orders: tuple[_Orders, int]) -> None:
    given(orders, 3, False)
    opened = given(orders, 4, True)
    assert commands(orders[0], SAID, opened - 2.0) == []


def test_the_first_order_holds_from_the_start_however_late_it_is_read(orders: tuple[_Orders, int]) -> None:
    read = given(orders, 0, True)
    assert [report.version for report in commands(orders[0], SAID, read - 60.0)] == [0]


def test_no_order_is_left_out_though_all_came_before_the_next_sound(orders: tuple[_Orders, int]) -> None:
    """Closed and opened again while a verdict was computed: what was being said is dropped, and the tail ignored."""
    made, first = orders[0], given(orders, 1, True)
    given(orders, 2, False)
    after = given(orders, 3, True)
    assert [attention.open for attention in made.until(after)] == [True, False, True]
    assert made.version == 3
    assert list(made.until(after)) == []
    assert first <= after


def test_an_order_that_comes_later_holds_for_no_earlier_sound(orders: tuple[_Orders, int]) -> None:
    before = given(orders, 1, True)
    given(orders, 2, False)
    assert [attention.open for attention in orders[0].until(before)] == [True]
    assert [attention.open for attention in orders[0].until(time.monotonic())] == [False]


@pytest.mark.parametrize("kind", ["chatter", "a roar"])
def test_a_sign_of_life_says_when_it_has_been_too_noisy_for_any_command(kind: str, orders: tuple[_Orders, int]) -> None:
    chatter = np.concatenate([tone(0, 0.5), hush(0.2)] * round((NEVER_QUIET_AFTER + 10) / 0.7))
    if kind == "a roar":
        chatter = hush(len(chatter) / RATE, 0.15)
    after = given(orders, 1, True)
    life = reports(orders[0], np.concatenate([hush(1.0), chatter, hush(8.0)]), after, every_s=1.0)
    noisy = [report.note is Note.NEVER_QUIET for report in life if report.kind is Kind.LISTENING]
    assert noisy.index(True) >= NEVER_QUIET_AFTER
    assert noisy[-1] is False


@pytest.mark.parametrize(
    ("verdict", "note", "is_told"),
    [
        (Verdict(Decision.ACCEPT, 0, 6.0, needed=3.25, reason=Reason.CLEAR), Note.ACCEPTED, True),
        (Verdict(Decision.ASK, 0, 2.5, needed=3.25, reason=Reason.UNLIKE), Note.ASKED, True),
        (Verdict(Decision.IGNORE, 0, 1.5, needed=3.25, reason=Reason.UNLIKE), Note.UNLIKE, True),
        (Verdict(Decision.IGNORE, 0, 1.0, needed=3.25, reason=Reason.UNLIKE), Note.FAR, False),
        (Verdict(Decision.IGNORE, 0, 4.0, needed=3.25, reason=Reason.BETWEEN), Note.BETWEEN, True),
        (Verdict(Decision.IGNORE, 0, 1.0, needed=3.25, reason=Reason.BETWEEN), Note.FAR, False),
        (Verdict(Decision.IGNORE, 0, 8.6, needed=3.25, reason=Reason.OTHER_WORDS), Note.OTHER_WORDS, False),
        (Verdict(Decision.IGNORE), Note.NO_PHRASE, False),
    ],
)
def test_of_talk_not_even_the_likest_command_is_told(verdict: Verdict, note: Note, is_told: bool) -> None:
    """Which command it was likest, and by how much, would narrow down what was said."""
    target = io.BytesIO()
    command = None if verdict.best is None else COMMANDS[0]
    _Telling(target, COMMANDS).judged(Trace(3.0, 0.8, 0.7, command, verdict, verdict.decision is Decision.ACCEPT))
    told = Report(Kind.JUDGED, place=0, z=verdict.z, needed=verdict.needed, note=note)
    assert unpack_report(target.getvalue()) == (told if is_told else Report(Kind.JUDGED, note=note))


def test_a_block_is_empty_when_it_was_listened_to(orders: tuple[_Orders, int]) -> None:
    made, _ = orders
    given(orders, 1, True)
    recording = Recording(tone(0), time.monotonic())
    blocks = [piece.block for piece in recording._pieces]
    assert any(block.any() for block in blocks)
    with open(os.devnull, "wb", buffering=0) as nowhere, pytest.raises(DeviceError):  # noqa: PTH123
        _listen(Listener(PHRASES, ToneRecogniser(), CALIBRATION), recording, made, COMMANDS, nowhere, 1e9)
    assert not any(block.any() for block in blocks)
