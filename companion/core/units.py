"""Time as the core knows it: monotonic instants and lengths, both in seconds."""

from typing import NewType

Seconds = NewType("Seconds", float)
"""A length of time in seconds."""

Instant = NewType("Instant", float)
"""A point on one monotonic clock, in seconds; only differences mean anything."""


def between(earlier: Instant, later: Instant) -> Seconds:
    return Seconds(later - earlier)


def rounded(length: Seconds) -> Seconds:
    """The length as a person would give it: tens of seconds, then half minutes, then minutes."""
    grain = 10.0 if length < 60 else 30.0 if length < 600 else 60.0
    return Seconds(max(grain, round(length / grain) * grain))


def after(instant: Instant, length: float) -> Instant:
    return Instant(instant + length)
