"""Edges with their times to gestures: the one place that knows how long a press is. Pure.

A contact bounces: after an edge its level counts only once it has been steady for DEBOUNCE. A press is given when
the button is let go, as a hold begins with a press; the long hold is given as soon as it is long enough, so that
one can feel for it without counting.
"""

from dataclasses import dataclass, replace
from enum import Enum

from companion.core.event import Event, Held, HeldLong, Pressed
from companion.core.units import Instant, after, between

DEBOUNCE = 0.03
"""Seconds for which a level must be steady; shorter ones are glitches."""
HOLD, HOLD_LONG, STUCK = 1.0, 3.0, 10.0
"""Seconds down for a hold and a long hold, and after which the button counts as stuck."""


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
    down: bool = False
    """As it counts, after debouncing."""
    down_since: Instant = Instant(0.0)
    held_long: bool = False
    stuck: bool = False

    @property
    def deadline(self) -> Instant | None:
        """When `elapse` must be called if no edge comes before; None for never."""
        if self.level != self.down:
            return after(self.level_since, DEBOUNCE)
        if self.down and not self.stuck:
            return after(self.down_since, STUCK if self.held_long else HOLD_LONG)
        return None

    def edge(self, down: bool, at: Instant) -> tuple["Gestures", tuple[Outcome, ...]]:
        """The contact went down or up at this instant; the same level again is no edge."""
        before, outcomes = self.elapse(at)
        return (before, outcomes) if down == before.level else (replace(before, level=down, level_since=at), outcomes)

    def elapse(self, at: Instant) -> tuple["Gestures", tuple[Outcome, ...]]:
        """Time has come to `at`, with no edge since the last call."""
        now, outcomes = self, list[Outcome]()
        while now.deadline is not None and now.deadline <= at:
            now, outcome = now._due(now.deadline)
            outcomes += outcome
        return now, tuple(outcomes)

    def _due(self, at: Instant) -> tuple["Gestures", list[Outcome]]:
        if self.level != self.down:
            return self._settled()
        if not self.held_long:
            return replace(self, held_long=True), [HeldLong(at)]
        return replace(self, stuck=True), [Notice.STUCK]

    def _settled(self) -> tuple["Gestures", list[Outcome]]:
        """The level counts: from the instant of its edge."""
        at = self.level_since
        if self.level:
            return replace(self, down=True, down_since=at, held_long=False, stuck=False), []
        return replace(self, down=False, held_long=False, stuck=False), self._released(at)

    def _released(self, at: Instant) -> list[Outcome]:
        if self.stuck:
            return [Notice.FREED]
        if self.held_long:
            return []
        return [Held(at) if between(self.down_since, at) >= HOLD else Pressed(at)]
