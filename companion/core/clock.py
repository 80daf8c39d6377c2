"""A clock that can be paused, extended and gone back to: arithmetic on instants, nothing ticks."""

from dataclasses import dataclass, replace

from companion.core.units import Instant, Seconds, after, between


@dataclass(frozen=True)
class Clock:
    """Time planned, added and spent, in seconds; `running_since` is None while it stands still."""

    planned: Seconds
    added: Seconds = Seconds(0)
    spent: Seconds = Seconds(0)
    running_since: Instant | None = None
    excused: Seconds = Seconds(0)
    """What was spent over time when time was added: it counts from then on, and the session is as late as before."""

    @property
    def granted(self) -> Seconds:
        return Seconds(self.planned + self.added + self.excused)

    def spent_at(self, now: Instant) -> Seconds:
        if self.running_since is None:
            return self.spent
        return Seconds(self.spent + max(0.0, between(self.running_since, now)))

    def left_at(self, now: Instant) -> Seconds:
        """Seconds left; negative in overtime."""
        return Seconds(self.granted - self.spent_at(now))

    def started(self, now: Instant) -> "Clock":
        return self if self.running_since is not None else replace(self, running_since=now)

    def stopped(self, now: Instant) -> "Clock":
        return replace(self, spent=self.spent_at(now), running_since=None)

    def extended(self, length: Seconds) -> "Clock":
        return replace(self, added=Seconds(self.added + length))

    def caught_up(self, now: Instant) -> "Clock":
        """As it is, or with nothing over time."""
        return replace(self, excused=Seconds(self.excused + max(0.0, -self.left_at(now))))

    def left_is(self, length: float) -> Instant:
        """The instant at which a running clock has `length` seconds left (negative: in overtime)."""
        assert self.running_since is not None, "only a running clock comes to an instant"
        return after(self.running_since, self.granted - length - self.spent)
