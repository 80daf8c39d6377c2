"""Fits lengths into a time with one stretch factor: what a plan and a changed plan have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

STEP_GRAIN, TURN_GRAIN = 15, 5
"""Seconds to which a step and a turn are rounded (research notes on methods, 3.7)."""
_LEAST_STRETCH, _MOST_STRETCH = 0.01, 100.0


@dataclass(frozen=True)
class Unit:
    """A length in seconds that occurs `count` times; copies are never scaled apart, so equal stays equal."""

    usual: float
    shortest: float
    longest: float
    count: int
    grain: int

    def stretched(self, factor: float) -> int:
        """Whole grains, also at the limits, but for a usual length that is none."""
        grain, usual = self.grain, int(self.usual)
        longest = max(int(self.longest) // grain * grain, min(usual, int(self.longest)))
        shortest = min(ceil(self.shortest / grain) * grain, usual)
        return max(min(int(self.usual * factor + 1e-9) // grain * grain, longest), shortest)


def shortest_sum(units: Sequence[Unit]) -> int:
    """The least time in which all fit."""
    return _spent(units, _LEAST_STRETCH)


def fitted(units: Sequence[Unit], wanted: int) -> list[int]:
    """A length for each unit, all together at most `wanted`; the shortest ones where that is too little."""
    low, high = _LEAST_STRETCH, _MOST_STRETCH
    if _spent(units, low) > wanted:
        return [unit.stretched(low) for unit in units]
    while high - low > 1e-6 * low:
        middle = (low + high) / 2
        low, high = (middle, high) if _spent(units, middle) <= wanted else (low, middle)
    return _hand_out(units, [unit.stretched(low) for unit in units], wanted)


def _spent(units: Sequence[Unit], factor: float) -> int:
    return sum(unit.stretched(factor) * unit.count for unit in units)


def _hand_out(units: Sequence[Unit], lengths: list[int], wanted: int) -> list[int]:
    """Give what the stretch left over in whole grains, once to each unit, the longest first."""
    left = wanted - sum(length * unit.count for unit, length in zip(units, lengths, strict=True))
    for place in sorted(range(len(units)), key=lambda place: (-lengths[place], place)):
        unit = units[place]
        if left >= unit.grain * unit.count and lengths[place] + unit.grain <= unit.longest:
            lengths[place] += unit.grain
            left -= unit.grain * unit.count
    return lengths
