"""The painter's thread on a strip that behaves; what it shows is waited for, never slept for."""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from companion.core.errors import DeviceError
from companion.core.event import Device, DeviceFound, DeviceLost, Event
from companion.core.scene import scene
from companion.core.state import Session, State
from companion.core.units import Instant
from companion.light.colour import Look, Pixels
from companion.light.painter import Painter
from companion.light.pixels import pixels
from companion.light.strip import dark

COUNT = 12


class FakeStrip:
    """Remembers what it shows; its wire can be pulled and put back."""

    count = COUNT

    def __init__(self) -> None:
        self.shown: queue.SimpleQueue[Pixels] = queue.SimpleQueue()
        self.tries: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.pulled = False
        self.closed = False

    def show(self, pixels: Pixels) -> None:
        assert not self.closed
        assert len(pixels) == self.count
        self.tries.put(None)
        if self.pulled:
            raise DeviceError("The ring is gone; check its wires.")
        self.shown.put(pixels)

    def close(self) -> None:
        self.closed = True

    def all_shown(self) -> list[Pixels]:
        return [self.shown.get() for _ in range(self.shown.qsize())]


class Clock:
    """Moves only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> Instant:
        return Instant(self.now)


STILL = Session(methods=(), rule_sets={}, since=Instant(0.0), state=State.COUNTING, counted=3)
ANOTHER = replace(STILL, counted=4)
MOVING = replace(STILL, state=State.READY)


def picture(session: Session, at: float) -> Pixels:
    return pixels(scene(session, Instant(at)), COUNT, at)


@pytest.fixture
def strip() -> FakeStrip:
    return FakeStrip()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def events() -> "queue.SimpleQueue[Event]":
    return queue.SimpleQueue()


@pytest.fixture
def painter(strip: FakeStrip, clock: Clock, events: "queue.SimpleQueue[Event]") -> Iterator[Painter]:
    built = Painter(strip, clock, events.put, first_pause=0.001)
    yield built
    if not strip.closed:
        built.close()


def test_the_newest_session_is_drawn_at_the_present_instant(painter: Painter, strip: FakeStrip, clock: Clock) -> None:
    painter.show(STILL)
    assert strip.shown.get(timeout=30) == picture(STILL, 100.0)
    clock.now = 107.0
    painter.show(ANOTHER)
    assert strip.shown.get(timeout=30) == picture(ANOTHER, 107.0)


def test_what_moves_is_drawn_again_and_again(painter: Painter, strip: FakeStrip, clock: Clock) -> None:
    painter.show(MOVING)
    for now in (100.0, 101.0, 102.0):
        clock.now = now
        while strip.shown.get(timeout=30) != picture(MOVING, now):
            pass


def test_a_picture_that_did_not_change_is_not_sent_again(painter: Painter, strip: FakeStrip) -> None:
    for _ in range(3):
        painter.paint(STILL, Instant(5.0))
    painter.paint(ANOTHER, Instant(5.0))
    assert strip.all_shown() == [picture(STILL, 5.0), picture(ANOTHER, 5.0)]


def test_painting_needs_no_thread(painter: Painter, strip: FakeStrip) -> None:
    before = threading.active_count()
    painter.paint(MOVING, Instant(7.0))
    assert threading.active_count() == before
    assert strip.all_shown() == [picture(MOVING, 7.0)]


def test_the_look_is_obeyed(strip: FakeStrip, clock: Clock, events: "queue.SimpleQueue[Event]") -> None:
    look = Look(brightness=0.1)
    Painter(strip, clock, events.put, lambda: look).paint(STILL, Instant(0.0))
    assert strip.all_shown() == [pixels(scene(STILL, Instant(0.0)), COUNT, 0.0, look)]


def test_closing_switches_the_ring_off(painter: Painter, strip: FakeStrip) -> None:
    painter.show(MOVING)
    strip.shown.get(timeout=30)
    painter.close()
    assert strip.all_shown()[-1] == dark(COUNT)
    assert strip.closed


@pytest.mark.parametrize("session", [STILL, MOVING], ids=["still", "moving"])
def test_a_lost_ring_is_told_once_tried_again_and_found(
    session: Session, painter: Painter, strip: FakeStrip, events: "queue.SimpleQueue[Event]"
) -> None:
    strip.pulled = True
    painter.show(session)
    for _ in range(3):
        strip.tries.get(timeout=30)
    strip.pulled = False
    found: Callable[[], Event] = lambda: events.get(timeout=30)  # noqa: E731
    assert found() == DeviceLost(Instant(100.0), Device.RING)
    assert found() == DeviceFound(Instant(100.0), Device.RING)
    assert strip.shown.get(timeout=30) == picture(session, 100.0)
    assert events.empty()


def test_a_lost_ring_does_not_keep_the_house_from_closing(painter: Painter, strip: FakeStrip) -> None:
    strip.pulled = True
    painter.show(MOVING)
    strip.tries.get(timeout=30)
    painter.close()
    assert strip.closed
