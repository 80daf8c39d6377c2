"""An inbox and a clock that moves only when told to, for buttons with threads of their own."""

import queue

from companion.core.event import Event
from companion.core.units import Instant


class Desk:
    def __init__(self) -> None:
        self.now = 100.0
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def clock(self) -> Instant:
        return Instant(self.now)

    def post(self, event: Event) -> None:
        self._events.put(event)

    def next(self) -> Event:
        return self._events.get(timeout=30)

    def is_quiet(self) -> bool:
        return self._events.empty()
