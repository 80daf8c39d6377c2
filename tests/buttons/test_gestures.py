from dataclasses import dataclass, field

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from companion.buttons.gestures import DEBOUNCE, TOUCH, Gestures, Notice, Outcome
from companion.core.event import HOLD, HOLD_LONG, STUCK, Held, HeldLong, LetGo, Pressed, Touched
from companion.core.units import Instant


@dataclass
class Hand:
    """Plays edges into gestures, and lets every deadline come on time."""

    gestures: Gestures = field(default_factory=Gestures)
    outcomes: list[Outcome] = field(default_factory=list)

    def wait(self, until: float) -> None:
        while (deadline := self.gestures.deadline) is not None and deadline <= until:
            self._take(self.gestures.elapse(deadline))

    def move(self, down: bool, at: float) -> None:
        self.wait(at)
        self._take(self.gestures.edge(down, Instant(at)))

    def _take(self, change: tuple[Gestures, tuple[Outcome, ...]]) -> None:
        self.gestures, outcomes = change
        self.outcomes += outcomes


def played(*edges: float, first: bool = True) -> list[Outcome]:
    """What comes of edges at these instants, down and up in turn, and of a long time after; but for the touches."""
    return [outcome for outcome in all_played(*edges, first=first) if not isinstance(outcome, Touched | LetGo)]


def all_played(*edges: float, first: bool = True) -> list[Outcome]:
    hand = Hand()
    for number, at in enumerate(edges):
        hand.move((number % 2 == 0) == first, at)
    hand.wait(edges[-1] + 100.0)
    return hand.outcomes


@pytest.mark.parametrize(
    ("edges", "outcomes"),
    [
        ((1.0, 1.2), [Pressed(Instant(1.2))]),
        ((1.0, 1.031), [Pressed(Instant(1.031))]),
        ((1.0, 1.999), [Pressed(Instant(1.999))]),
        ((1.0, 2.0), [Held(Instant(2.0))]),
        ((1.0, 3.99), [Held(Instant(3.99))]),
        ((1.0, 4.0), [HeldLong(Instant(4.0))]),
        ((1.0, 9.0), [HeldLong(Instant(9.0))]),
        ((1.0, 1.02), []),
        ((1.0, 1.001, 1.003, 1.004, 1.006, 1.2), [Pressed(Instant(1.2))]),
        ((1.0, 1.2, 1.205, 1.21, 1.215, 1.22), [Pressed(Instant(1.22))]),
        ((1.0, 1.5, 1.52, 2.2), [Held(Instant(2.2))]),
        ((1.0, 3.99, 4.01, 4.5), [HeldLong(Instant(4.5))]),
        ((1.0, 1.2, 1.4, 1.6), [Pressed(Instant(1.2)), Pressed(Instant(1.6))]),
        ((1.0,), [Notice.STUCK]),
        ((1.0, 20.0), [Notice.STUCK, Notice.FREED]),
        ((1.0, 20.0, 21.0, 21.2), [Notice.STUCK, Notice.FREED, Pressed(Instant(21.2))]),
    ],
    ids=[
        "press",
        "shortest press",
        "longest press",
        "shortest hold",
        "longest hold",
        "shortest long hold",
        "long hold",
        "glitch",
        "bouncing down",
        "bouncing up",
        "a slipping finger",
        "a slip at three seconds",
        "two presses",
        "stuck",
        "freed",
        "freed and pressed",
    ],
)
def test_edges_become_gestures(edges: tuple[float, ...], outcomes: list[Outcome]) -> None:
    assert played(*edges) == outcomes


def test_a_button_means_nothing_before_it_is_let_go() -> None:
    hand = Hand()
    hand.move(True, 1.0)
    hand.wait(1.0 + HOLD_LONG + 1.0)
    assert hand.outcomes == [Touched(Instant(1.0 + TOUCH))]
    hand.move(False, 1.0 + HOLD_LONG + 2.0)
    hand.wait(10.0)
    assert hand.outcomes[1:] == [HeldLong(Instant(1.0 + HOLD_LONG + 2.0))]


@pytest.mark.parametrize(
    ("edges", "outcomes"),
    [
        ((1.0, 1.2), [Touched(Instant(1.01)), Pressed(Instant(1.2))]),
        ((1.0, 1.02), [Touched(Instant(1.01)), LetGo(Instant(1.02))]),
        ((1.0, 1.009), []),
        ((1.0, 1.02, 1.025, 1.2), [Touched(Instant(1.01)), Pressed(Instant(1.2))]),
        ((1.0, 1.004, 1.008, 1.2), [Touched(Instant(1.018)), Pressed(Instant(1.2))]),
        ((1.0, 1.2, 1.21, 1.215), [Touched(Instant(1.01)), Pressed(Instant(1.215))]),
        ((1.0,), [Touched(Instant(1.01)), LetGo(Instant(11.0)), Notice.STUCK]),
        ((1.0, 12.0, 12.01, 13.0), [Touched(Instant(1.01)), LetGo(Instant(11.0)), Notice.STUCK, Notice.FREED]),
    ],
    ids=["press", "brushed", "glitch", "slips", "bounces", "bounces up", "stuck", "stuck and bouncing"],
)
def test_a_touch_is_told_at_once_and_always_ends(edges: tuple[float, ...], outcomes: list[Outcome]) -> None:
    assert all_played(*edges) == outcomes


@pytest.mark.parametrize(
    ("down_s", "outcomes"),
    [(0.005, []), (0.5, [LetGo(Instant(0.5))]), (2 * STUCK, [Notice.FREED])],
    ids=["a glitch", "down", "stuck"],
)
def test_a_button_that_is_gone_begins_anew_and_is_not_stuck_any_more(down_s: float, outcomes: list[Outcome]) -> None:
    hand = Hand()
    hand.move(True, 0.0)
    hand.wait(down_s)
    assert hand.gestures.abandoned(Instant(down_s)) == (Gestures(), tuple(outcomes))


def test_a_stuck_button_is_told_once_after_ten_seconds() -> None:
    hand = Hand()
    hand.move(True, 0.0)
    hand.wait(STUCK - 0.001)
    assert Notice.STUCK not in hand.outcomes
    hand.wait(STUCK)
    hand.wait(10 * STUCK)
    assert hand.outcomes.count(Notice.STUCK) == 1
    assert hand.gestures.deadline is None


lengths = st.floats(DEBOUNCE + 0.001, 9.5)
bounces = st.lists(st.floats(0.0005, DEBOUNCE - 0.002), max_size=6).filter(lambda list_: len(list_) % 2 == 0)


def chatter(edges: list[float], at: float, bounces_: list[float]) -> float:
    """Add an edge and its bounces; the instant of the last of them, from which the level is steady."""
    edges.append(at)
    for bounce in bounces_:
        edges.append(edges[-1] + bounce)
    return edges[-1]


@given(st.lists(st.tuples(lengths, lengths, bounces, bounces), min_size=1, max_size=10))
def test_each_clean_or_bouncing_press_is_one_gesture(presses) -> None:
    edges: list[float] = []
    expected: list[type] = []
    now = 1.0
    for down, up, before, after in presses:
        pressed = chatter(edges, now, before)
        released = chatter(edges, pressed + down, after)
        now = released + up
        length = released - pressed
        assume(all(abs(length - border) > 1e-6 for border in (HOLD, HOLD_LONG, STUCK)))
        expected.append(Pressed if length < HOLD else Held if length < HOLD_LONG else HeldLong)
    assert [type(outcome) for outcome in played(*edges)] == expected


@given(st.lists(st.floats(0.0005, 5.0), min_size=1, max_size=40))
def test_any_chatter_keeps_order_and_never_more_gestures_than_edges(gaps: list[float]) -> None:
    edges, now = [], 0.0
    for gap in gaps:
        now += gap
        edges.append(now)
    outcomes = all_played(*edges)
    touches = [outcome for outcome in outcomes if not isinstance(outcome, Notice)]
    assert all(isinstance(outcome, Touched) == (number % 2 == 0) for number, outcome in enumerate(touches))
    gestures = [outcome for outcome in outcomes if not isinstance(outcome, Notice | Touched | LetGo)]
    assert [gesture.at for gesture in gestures] == sorted(gesture.at for gesture in gestures)
    assert len(gestures) <= (len(edges) + 1) // 2
    assert outcomes.count(Notice.FREED) <= outcomes.count(Notice.STUCK)


@given(st.lists(st.floats(0.0005, 5.0), min_size=1, max_size=20), st.floats(0, 20))
def test_late_deadlines_lose_nothing(gaps: list[float], late: float) -> None:
    """A thread that sleeps too long gets the same gestures, with the instants at which they happened."""
    now, lazy = 0.0, Gestures()
    hand, outcomes = Hand(), []
    for number, gap in enumerate(gaps):
        now += gap
        hand.move(number % 2 == 0, now)
        lazy, found = lazy.edge(number % 2 == 0, Instant(now))
        outcomes += found
    hand.wait(now + late)
    outcomes += lazy.elapse(Instant(now + late))[1]
    assert outcomes == hand.outcomes


def test_the_same_level_again_is_no_edge() -> None:
    gestures, _ = Gestures().edge(True, Instant(1.0))
    assert gestures.edge(True, Instant(1.005))[0] == gestures
