"""Frames on virtual time: when they come, how often, and what becomes of a ring that is not there."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.event import Device, DeviceFound, DeviceLost, Event, Touched
from companion.core.method import Ending
from companion.core.scene import scene
from companion.core.session import step
from companion.core.state import Session, State
from companion.core.units import Instant
from companion.light.artist import PAUSES, WELL_AFTER, Artist
from companion.light.colour import Look
from companion.light.pixels import DRAINING, pixels
from companion.light.strip import dark
from tests.core.table import Driver, a_method, a_session, a_step
from tests.light.fake_strip import FakeRing

STILL = Session(methods=(), rule_sets={}, since=Instant(0.0), state=State.COUNTING, counted=3)
MOVING_SESSION = replace(STILL, state=State.READY)
RUNNING = Driver(a_session(a_method([a_step("talk", 600, Ending.SOFT)]), voice_on=False)).to_first_step().session
SETTLES = 1.0
"""Seconds after which the answers to what began a step have faded."""


@dataclass
class Studio:
    """The painter's waiting, on a clock that jumps from one thing to the next."""

    ring: FakeRing = field(default_factory=FakeRing)
    look: Callable[[], Look] = Look
    now: float = 0.0
    posted: list[Event] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    """When the artist was asked for a frame."""
    frames: list[float] = field(default_factory=list)
    """When a frame was sent."""

    def __post_init__(self) -> None:
        self.artist = Artist(self.ring.opened, self.posted.append, self.look)

    def play(self, session: Session, until: float, news: tuple[tuple[float, Session], ...] = ()) -> None:
        """From now on to `until`, with other sessions from these instants on."""
        waiting = [*news]
        due: float | None = self.now
        while True:
            coming = min((at for at in (due, waiting[0][0] if waiting else None) if at is not None), default=until)
            if coming >= until:
                break
            self.now = max(self.now, coming)
            while waiting and waiting[0][0] <= self.now:
                session = waiting.pop(0)[1]
            before = len(self.ring.shown)
            self.asked.append(self.now)
            wait = self.artist.draw(session, Instant(self.now))
            due = None if wait is None else self.now + wait
            self.frames += [self.now] * (len(self.ring.shown) - before)
        self.now = until


def most_in(frames: list[float], seconds: float) -> int:
    """The most frames that come within so many seconds."""
    return max((sum(first <= at < first + seconds - 1e-9 for at in frames) for first in frames), default=0)


def test_what_stands_still_is_sent_again_once_a_second() -> None:
    """A frame that a glitch disturbed would stay wrong: LEDs give no answer."""
    studio = Studio()
    studio.play(STILL, 60.0)
    assert studio.frames == [float(second) for second in range(60)]
    assert studio.asked == studio.frames


def test_a_running_step_is_looked_at_and_sent_once_a_second() -> None:
    studio = Studio()
    studio.play(RUNNING, 600.0)
    settled = [at for at in studio.frames if at >= SETTLES]
    assert most_in(settled, DRAINING) == 1
    assert most_in([at for at in studio.asked if at >= SETTLES], DRAINING) == 1
    assert len({tuple(shown) for shown in studio.ring.shown}) > 60, "it drains"


@pytest.mark.parametrize("state", [State.READY, State.AGREEMENT, State.PAUSED])
def test_what_moves_comes_at_most_thirty_times_a_second(state: State) -> None:
    studio = Studio()
    studio.play(replace(RUNNING, state=state), 10.0)
    assert most_in(studio.frames, 1.0) <= 30
    assert len(studio.asked) > 120


@given(st.lists(st.floats(0.0, 3.0), max_size=80))
def test_news_come_as_they_will_and_frames_no_faster_than_the_eye_needs(instants: list[float]) -> None:
    studio = Studio()
    sessions = [(at, replace(STILL, counted=number)) for number, at in enumerate(sorted(instants), start=1)]
    studio.play(STILL, 5.0, tuple(sessions))
    assert most_in(studio.frames, 1.0) <= 31
    last = sessions[-1][1] if sessions else STILL
    assert studio.ring.shown[-1] == pixels(scene(last, Instant(5.0)), 12, 5.0), "the newest is not lost"


@given(st.floats(0.0, 2.0))
def test_a_touch_is_sent_at_once_even_between_two_frames(at: float) -> None:
    studio = Studio()
    touched, _ = step(MOVING_SESSION, Touched(Instant(at)))
    studio.play(MOVING_SESSION, 3.0, ((at, touched),))
    seen = next(
        when
        for when, shown in zip(studio.frames, studio.ring.shown, strict=True)
        if when >= at and shown == pixels(scene(touched, Instant(when)), 12, when)
    )
    assert seen == at
    assert most_in(studio.frames, 1.0) <= 30


def test_five_touches_a_second_leave_thirty_frames() -> None:
    studio, session, news = Studio(), replace(RUNNING, state=State.PAUSED), []
    for number in range(50):
        session, _ = step(session, Touched(Instant(number / 5)))
        news.append((number / 5, session))
    studio.play(session, 10.0, tuple(news))
    assert most_in(studio.frames, 1.0) <= 30


def test_a_ring_that_is_not_there_is_told_once_and_tried_with_growing_pauses() -> None:
    studio = Studio(FakeRing(pulled=True))
    studio.artist.open(Instant(0.0))
    assert studio.posted == [DeviceLost(Instant(0.0), Device.RING)]
    studio.play(MOVING_SESSION, 200.0, tuple((at / 2, MOVING_SESSION) for at in range(400)))
    assert studio.ring.opens == 1 + len([at for at in (1, 3, 7, 15, 31, 61, 91, 121, 151, 181) if at < 200])
    assert len(studio.posted) == 1
    studio.ring.pulled = False
    studio.play(MOVING_SESSION, 230.0)
    assert studio.posted[1:] == [DeviceFound(Instant(211.0), Device.RING)]
    assert studio.ring.shown


def test_a_ring_that_breaks_is_given_back_and_opened_anew() -> None:
    studio = Studio()
    studio.play(STILL, 100.0)
    studio.ring.pulled = True
    studio.play(replace(STILL, counted=4), 100.5)
    assert studio.ring.strips == 0
    studio.ring.pulled = False
    studio.play(replace(STILL, counted=4), 102.0)
    assert [type(event) for event in studio.posted] == [DeviceLost, DeviceFound]
    assert studio.ring.opens == 2
    assert studio.ring.shown[-1] == pixels(scene(replace(STILL, counted=4), Instant(101.0)), 12, 101.0)


def test_a_loose_wire_is_tried_less_and_less_until_it_holds_for_a_minute() -> None:
    studio, pauses = Studio(), []
    for _ in range(4):
        studio.play(MOVING_SESSION, studio.now + 10.0)
        studio.ring.pulled = True
        studio.play(MOVING_SESSION, studio.now + 0.9)
        lost, studio.ring.pulled = studio.posted[-1].at, False
        studio.play(MOVING_SESSION, studio.now + 10.0)
        pauses.append(studio.posted[-1].at - lost)
    assert pauses == pytest.approx([1.0, 2.0, 4.0, 8.0])


def test_who_was_well_for_long_is_tried_soon_again() -> None:
    studio = Studio()
    for _ in range(3):
        studio.play(MOVING_SESSION, studio.now + 2 * WELL_AFTER)
        studio.ring.pulled = True
        studio.play(MOVING_SESSION, studio.now + 0.5)
        studio.ring.pulled = False
        lost = studio.posted[-1]
        studio.play(MOVING_SESSION, studio.now + 2.0)
        assert studio.posted[-1].at - lost.at == pytest.approx(PAUSES[0])


def test_closing_switches_the_ring_off_also_when_it_is_gone() -> None:
    studio = Studio()
    studio.play(MOVING_SESSION, 1.0)
    studio.artist.close()
    assert studio.ring.shown[-1] == dark(12)
    assert studio.ring.strips == 0
    lost = Studio()
    lost.play(MOVING_SESSION, 1.0)
    lost.ring.pulled = True
    lost.artist.close()
    assert lost.ring.strips == 0
    absent = Studio(FakeRing(pulled=True))
    absent.artist.open(Instant(0.0))
    absent.artist.close()


def test_who_was_killed_leaves_the_ring_lit_and_the_next_start_covers_it() -> None:
    ring = FakeRing()
    Studio(ring).play(RUNNING, 5.0)
    left = ring.shown[-1]
    Studio(ring).play(STILL, 1.0)
    assert ring.shown[-1] == pixels(scene(STILL, Instant(0.0)), 12, 0.0) != left


def test_the_look_is_asked_before_each_frame() -> None:
    look = Look(brightness=0.1)
    studio = Studio(look=lambda: look)
    studio.play(STILL, 1.0)
    assert studio.ring.shown == [pixels(scene(STILL, Instant(0.0)), 12, 0.0, look)]
