"""Edges with their times to gestures: the one place that knows how long a press is. Pure.

A contact bounces: after an edge its level counts only once it has been steady for DEBOUNCE. That somebody touches the
button is told sooner, after TOUCH, for the light alone. What the touch means is told when the button is let go, as
a hold begins with a press, and a stuck button must mean nothing: least of all that the microphone opens. The light
shows when a hold is long enough, so that nobody has to count.
"""

from dataclasses import dataclass, replace
from enum import Enum

from companion.core.event import HOLD, HOLD_LONG, STUCK, Event, Held, HeldLong, LetGo, Pressed, Touched
from companion.core.units import Instant, after, between

TOUCH, DEBOUNCE = 0.01, 0.03
"""Seconds for which a level must be steady: to be shown as a touch, and to count. Shorter ones are glitches."""


class Notice(Enum):
    """What is no gesture."""

    STUCK = "stuck"
    FREED = "freed"


Outcome = Event | Notice


@dataclass(frozen=True)
class Gestures:
    """One button at one moment; `edge` and `elapse` give the next moment and what it brings."""

    level: bool = False
    """As the contact is now; True is down."""
    level_since: Instant = Instant(0.0)
    touched: bool = False
    """The touch was told."""
    down: bool = False
    """As it counts, after debouncing."""
    down_since: Instant = Instant(0.0)
    stuck: bool = False

    @property
    def deadline(self) -> Instant | None:
        """When `elapse` must be called if no edge comes before; None for never."""
        if self._is_new:
            return after(self.level_since, TOUCH)
        if self._is_unsettled:
            return after(self.level_since, DEBOUNCE)
        return after(self.down_since, STUCK) if self.down and not self.stuck else None

    def edge(self, down: bool, at: Instant) -> tuple["Gestures", tuple[Outcome, ...]]:
        """The contact went down or up at this instant; the same level again is no edge."""
        before, outcomes = self.elapse(at)
        return (before, outcomes) if down == before.level else (replace(before, level=down, level_since=at), outcomes)

    def abandoned(self, at: Instant) -> tuple["Gestures", tuple[Outcome, ...]]:
        """The button is gone: what was begun with it means nothing."""
        if self.stuck:
            return Gestures(), (Notice.FREED,)
        return Gestures(), (LetGo(at),) if self.touched else ()

    def elapse(self, at: Instant) -> tuple["Gestures", tuple[Outcome, ...]]:
        """Time has come to `at`, with no edge since the last call."""
        now, outcomes = self, list[Outcome]()
        while now.deadline is not None and now.deadline <= at:
            now, outcome = now._due(now.deadline)
            outcomes += outcome
        return now, tuple(outcomes)

    @property
    def _is_new(self) -> bool:
        return self.level and not self.touched

    @property
    def _is_unsettled(self) -> bool:
        return self.level != self.down or self.level != self.touched

    def _due(self, at: Instant) -> tuple["Gestures", list[Outcome]]:
        if self._is_new:
            return replace(self, touched=True), [Touched(at)]
        if self._is_unsettled:
            return self._settled()
        return replace(self, stuck=True), [LetGo(at), Notice.STUCK]

    def _settled(self) -> tuple["Gestures", list[Outcome]]:
        """The level counts: from the instant of its edge."""
        at = self.level_since
        if self.level:
            return replace(self, down=True, down_since=at, stuck=False), []
        return replace(self, touched=False, down=False, stuck=False), [self._released(at)]

    def _released(self, at: Instant) -> Outcome:
        if self.stuck:
            return Notice.FREED
        if not self.down:
            return LetGo(at)
        length = between(self.down_since, at)
        return HeldLong(at) if length >= HOLD_LONG else Held(at) if length >= HOLD else Pressed(at)
