"""An inbox and a clock that moves only when told to, for buttons with threads of their own."""

import queue

from companion.core.event import Event, LetGo, Touched
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
        """What was posted next but for touches, which come before and after everything that is meant."""
        while isinstance(event := self.next_of_all(), Touched | LetGo):
            continue
        return event

    def next_of_all(self) -> Event:
        return self._events.get(timeout=30)

    def is_quiet(self) -> bool:
        """Nothing but touches waits."""
        waiting = [self._events.get() for _ in range(self._events.qsize())]
        return all(isinstance(event, Touched | LetGo) for event in waiting)
