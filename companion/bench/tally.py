"""What `companion bench hearing` counts, and the JSON object that it prints."""

import json
import math
import resource
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from companion.bench.manifest import Clip
from companion.core.command import MOVING, Command
from companion.hearing.listener import Heard, Trace


@dataclass
class Tally:
    """Counts of one run. Seconds are of the stream, `cpu_s` of computing."""

    ignored: int = 0
    """Clips that had to be ignored."""
    false_in_ignored: int = 0
    """Clips that had to be ignored and were not."""
    false_steps: int = 0
    ignore_s: float = 0.0
    stream_s: float = 0.0
    speech_s: float = 0.0
    """Seconds in which somebody spoke, as the activity found it."""
    recognised_s: float = 0.0
    """Seconds of speech that a recogniser was given."""
    cpu_s: float = 0.0
    done_s: float = 0.0
    """When a single core would be done with all sound so far, on the stream's clock."""
    latencies: list[float] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    false_by_command: Counter[str] = field(default_factory=Counter)
    taken_for: Counter[str] = field(default_factory=Counter)
    """What was said and which command it was taken for."""

    def computed(self, arrived_s: float, cpu_s: float) -> float:
        """A block that came at `arrived_s` took so much computing; when that is done."""
        self.cpu_s += cpu_s
        self.done_s = max(self.done_s, arrived_s) + cpu_s
        return self.done_s

    def count(
        self, clip: Clip, command: Command | None, speech_ended_s: float, found: Sequence[tuple[Heard, float]]
    ) -> None:
        """One clip, the command it stands for, and what was heard in it with the instants of the answers."""
        wrong = [heard.command for heard, _ in found]
        if command is None:
            self.ignored += 1
            self.false_in_ignored += bool(wrong)
        else:
            wrong = self._count_expected(str(clip.expect), command, speech_ended_s, found)
        self.false_steps += sum(each.name in MOVING for each in wrong)
        for each in wrong:
            self.false_by_command[_named(each)] += 1

    def _count_expected(
        self, phrase: str, command: Command, speech_ended_s: float, found: Sequence[tuple[Heard, float]]
    ) -> list[Command]:
        """The first answer is the answer to it; all others are false."""
        self.asked[phrase] += 1
        if not found:
            return []
        first, answered_s = found[0]
        if first.command == command:
            self.right[phrase] += 1
            self.latencies.append(answered_s - speech_ended_s)
        else:
            self.taken_for[f"{phrase}: {_named(first.command)}"] += 1
        return [heard.command for heard, _ in found[1:]]

    def result(self) -> dict[str, Any]:
        """The keys that `companion bench hearing` prints, as the design names them."""
        hours, at_most = self.ignore_s / 3600, min(upper_bound(self.false_in_ignored), self.ignored)
        expected, recognised, false = (each.total() for each in (self.asked, self.right, self.false_by_command))
        return {
            "expected": expected,
            "recognised": recognised,
            "confused": self.taken_for.total(),
            "recall": share(recognised, expected),
            "recall_95": lower_bound(recognised, expected),
            "ignored_clips": self.ignored,
            "false_in_100_ignored_clips": rate(self.false_in_ignored * 100, self.ignored),
            "false_in_100_ignored_clips_95": rate(at_most * 100, self.ignored),
            "ignore_hours": round(hours, 4),
            "false_activations": false,
            "false_activations_per_hour": rate(false, hours),
            "false_activations_per_hour_95": rate(upper_bound(false), hours),
            "false_steps_per_hour": rate(self.false_steps, hours),
            "latency_s": _spread(self.latencies),
            "cpu_s_per_hour": rate(self.cpu_s * 3600, self.stream_s),
            "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "share_recognised": share(self.recognised_s, self.speech_s),
            "by_phrase": {phrase: [self.right[phrase], count] for phrase, count in sorted(self.asked.items())},
            "taken_for": dict(self.taken_for.most_common()),
            "false_by_command": dict(self.false_by_command.most_common()),
        }


def upper_bound(count: int) -> float:
    """The one-sided 95 % upper bound of a Poisson mean after `count` events (3.0 for none), by bisection."""

    def tail(mean: float) -> float:
        return sum(math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) for k in range(count + 1))

    low, high = 1e-9, 10.0 + 3.0 * count
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(middle) > 0.05 else (low, middle)
    return high


def lower_bound(count: int, of: int) -> float | None:
    """The one-sided 95 % lower bound of a share, by Wilson's score interval (Wilson, Probable inference, 1927)."""
    if not of:
        return None
    z, found = 1.6449, count / of
    middle, spread = found + z**2 / (2 * of), z * math.sqrt(found * (1 - found) / of + z**2 / (4 * of**2))
    return round((middle - spread) / (1 + z**2 / of), 4)


def rate(count: float, hours: float) -> float | None:
    return round(count / hours, 2) if hours else None


def share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _named(command: Command) -> str:
    return f"{command.name.value} {command.argument or ''}".strip()


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {"median": round(float(np.median(values)), 3), "p95": round(float(np.percentile(values, 95)), 3)}


def trace_line(trace: Trace) -> str:
    """One utterance that reached the recogniser, as a line of JSON: numbers and a command."""
    verdict = trace.verdict
    numbers = {
        "ended_s": trace.ended_s,
        "speech_s": trace.speech_s,
        "verdict": verdict.decision.value,
        "counts": trace.counts,
        "command": None if trace.command is None else [trace.command.name.value, trace.command.argument],
        "z": verdict.z,
        "needed": verdict.needed,
        "ratio": verdict.ratio,
        "margin": verdict.margin,
    }
    plain = {key: _plain(value) for key, value in numbers.items()}
    return json.dumps(plain) + "\n"


def _plain(value: object) -> object:
    """JSON knows no infinity."""
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else None
    return value
