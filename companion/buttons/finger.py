"""The thread between edges and events: waits until the gestures' deadline, posts what comes of them."""

import queue
import threading
from collections.abc import Callable

from companion.buttons.gestures import Gestures, Notice, Outcome
from companion.core.event import Device, DeviceFound, DeviceLost, Event
from companion.core.units import Instant, between

MOST_EDGES = 256
"""Edges that may wait: a contact that bounces faster than a thread can follow costs edges, not memory."""


class Finger:
    """`edge` may be called from any thread and returns at once; `post` is called from this object's own thread.

    `part` is the name by which this button is lost and found, as others may be.
    """

    def __init__(self, post: Callable[[Event], None], clock: Callable[[], Instant], part: str) -> None:
        self._post, self._clock, self._part = post, clock, part
        self._edges: queue.Queue[tuple[bool | None, Instant, float] | None] = queue.Queue(MOST_EDGES)
        self._gestures = Gestures()
        self._late = 0.0
        """How far in the past this thread lives, as edges may be still to come that are told as late as the last."""
        self.dropped = 0
        """Edges that found the queue full."""
        self._thread = threading.Thread(target=self._run, name="button", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def edge(self, down: bool, at: Instant, late: float = 0.0) -> None:
        """`late`: the seconds after `at` at which this is told. A level is steady for as long, told late or in time."""
        try:
            self._edges.put_nowait((down, at, late))
        except queue.Full:
            self.dropped += 1

    def abandon(self, at: Instant) -> None:
        """The button was pulled out, up or down: no gesture follows."""
        self._edges.put((None, at, 0.0))

    def close(self) -> None:
        """Post nothing any more."""
        if self._thread.is_alive():
            self._edges.put(None)
            self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                edge = self._edges.get(timeout=self._patience())
            except queue.Empty:
                self._take(self._gestures.elapse(self._now()))
                continue
            if edge is None:
                return
            down, at, self._late = edge
            change = self._gestures.abandoned(at) if down is None else self._gestures.edge(down, at)
            self._take(change)

    def _patience(self) -> float | None:
        deadline = self._gestures.deadline
        return None if deadline is None else max(0.0, between(self._now(), deadline))

    def _now(self) -> Instant:
        return Instant(self._clock() - self._late)

    def _take(self, change: tuple[Gestures, tuple[Outcome, ...]]) -> None:
        self._gestures, outcomes = change
        for outcome in outcomes:
            self._post(outcome if isinstance(outcome, Event) else self._told(outcome))

    def _told(self, notice: Notice) -> Event:
        """A stuck button is as good as none."""
        kind = DeviceLost if notice is Notice.STUCK else DeviceFound
        return kind(self._clock(), Device.BUTTON, self._part)
