"""Time as the core knows it: monotonic instants and lengths, both in seconds."""

from typing import NewType

Seconds = NewType("Seconds", float)
"""A length of time in seconds."""

Instant = NewType("Instant", float)
"""A point on one monotonic clock, in seconds; only differences mean anything."""


def between(earlier: Instant, later: Instant) -> Seconds:
    return Seconds(later - earlier)


def after(instant: Instant, length: float) -> Instant:
    return Instant(instant + length)
