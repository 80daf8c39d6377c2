"""The painter's thread on a strip that behaves; what it shows is waited for, never slept for."""

import queue
from collections.abc import Iterator
from dataclasses import replace

import pytest

from companion.core.errors import DeviceError
from companion.core.event import Device, DeviceFound, DeviceLost, Event
from companion.core.scene import scene
from companion.core.state import Session, State
from companion.core.units import Instant
from companion.light.artist import Artist
from companion.light.colour import Pixels
from companion.light.painter import Painter
from companion.light.pixels import pixels
from companion.light.strip import dark

COUNT = 12


class FakeStrip:
    """Tells what it shows; its wire can be pulled and put back."""

    count = COUNT

    def __init__(self) -> None:
        self.shown: queue.SimpleQueue[Pixels] = queue.SimpleQueue()
        self.tries: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.pulled = False
        self.closed = False

    def show(self, pixels: Pixels) -> None:
        self.tries.put(None)
        if self.pulled:
            raise DeviceError("The ring is gone; check its wires.")
        self.shown.put(pixels)

    def close(self) -> None:
        self.closed = True

    def opened(self) -> "FakeStrip":
        self.closed = False
        return self


class Clock:
    """Jumps a second whenever it is asked: every pause is over."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> Instant:
        self.now += 1.0
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
def events() -> "queue.SimpleQueue[Event]":
    return queue.SimpleQueue()


@pytest.fixture
def painter(strip: FakeStrip, events: "queue.SimpleQueue[Event]") -> Iterator[Painter]:
    built = Painter(Artist(strip.opened, events.put, pauses=(0.001,)), Clock())
    yield built
    built.close()


def test_the_newest_session_is_drawn_at_the_present_instant(painter: Painter, strip: FakeStrip) -> None:
    painter.show(STILL)
    assert strip.shown.get(timeout=30) == picture(STILL, 101.0)
    painter.show(ANOTHER)
    assert strip.shown.get(timeout=30) == picture(ANOTHER, 102.0)


def test_what_moves_is_drawn_again_and_again(painter: Painter, strip: FakeStrip) -> None:
    painter.show(MOVING)
    assert [strip.shown.get(timeout=30) for _ in range(3)] == [picture(MOVING, at) for at in (101.0, 102.0, 103.0)]


def test_closing_switches_the_ring_off(painter: Painter, strip: FakeStrip) -> None:
    painter.show(MOVING)
    strip.shown.get(timeout=30)
    painter.close()
    assert [strip.shown.get() for _ in range(strip.shown.qsize())][-1] == dark(COUNT)
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
    assert events.get(timeout=30) == DeviceLost(Instant(101.0), Device.RING)
    found = events.get(timeout=30)
    assert isinstance(found, DeviceFound)
    assert strip.shown.get(timeout=30) == picture(session, found.at)
    assert events.empty()


def test_a_lost_ring_does_not_keep_the_house_from_closing(painter: Painter, strip: FakeStrip) -> None:
    strip.pulled = True
    painter.show(MOVING)
    strip.tries.get(timeout=30)
    painter.close()
    assert strip.closed
