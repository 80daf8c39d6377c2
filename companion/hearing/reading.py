"""Reads one utterance: scores it, judges the scores, and listens again where that is not sure.

What is only like a phrase is so by chance, and the chance is another one a little faster and a little slower: the
mean of three looks tells them apart better than one (measured in docs/hearing.md).
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import soxr

from companion.core.command import Command
from companion.hearing.calibration import Calibration
from companion.hearing.mel import RATE, Sound
from companion.hearing.norms import norms_of
from companion.hearing.recogniser import Recogniser, Scores
from companion.hearing.spoken import Spoken
from companion.hearing.verdict import Verdict, judge

SPEEDS = (0.93, 1.07)
"""At which a sound is listened to again, pitch and all."""
_AMONG = 8
"""Phrases, the likeliest, that are scored again."""


class Reader:
    """One thread. The recogniser is prepared for the `spoken` phrases."""

    def __init__(self, spoken: Sequence[Spoken], recogniser: Recogniser, calibration: Calibration) -> None:
        recogniser.prepare([one.text for one in spoken], tuple(calibration.cohort))
        self._recogniser, self._calibration = recogniser, calibration
        self._spoken = spoken
        self._norms = norms_of(spoken, recogniser, calibration)

    def read(self, sound: Sound, speech_s: float, places: Sequence[int], expected: frozenset[Command]) -> Verdict:
        """The verdict on a sound of which so many seconds are speech.

        Its `best` is a place among the `places`, which are not empty.
        """
        losses = [self._loss(place, speech_s) for place in places]
        first = _lowered(self._recogniser.scores(sound, places), losses)
        verdict = self._judged(first, places, expected)
        if not self._is_open(verdict):
            return verdict
        likely = self._likeliest(first, places)
        near = [places[at] for at in likely]
        again = [_lowered(self._heard_at(speed, sound, near), [losses[at] for at in likely]) for speed in SPEEDS]
        return self._judged(_mean(first, again, likely), places, expected)

    def _loss(self, place: int, speech_s: float) -> float:
        """What a phrase's score loses because the speech lasts too long for it."""
        rate = self._calibration.thresholds.lingering * self._norms[place].spread
        return rate * self._spoken[place].lingers_s(speech_s)

    def _heard_at(self, speed: float, sound: Sound, places: Sequence[int]) -> Scores:
        played = np.asarray(soxr.resample(sound, RATE * speed, RATE), np.float32)
        scores = self._recogniser.scores(played, places)
        played[:] = 0
        return scores

    def _is_open(self, verdict: Verdict) -> bool:
        return abs(verdict.z - verdict.needed) <= self._calibration.thresholds.again

    def _judged(self, scores: Scores, places: Sequence[int], expected: frozenset[Command]) -> Verdict:
        relative = scores.free if self._calibration.relative else self._calibration.level(scores.cohort)
        return judge(
            [self._spoken[place].candidate for place in places],
            [score - relative for score in scores.phrases],
            [self._norms[place] for place in places],
            scores.free - relative,
            expected,
            self._calibration.thresholds,
        )

    def _likeliest(self, scores: Scores, places: Sequence[int]) -> list[int]:
        """Where among the places the phrases are that this sound is most like."""

        def likeness(at: int) -> float:
            norm = self._norms[places[at]]
            return (scores.phrases[at] - norm.mean) / norm.spread

        return sorted(range(len(places)), key=likeness, reverse=True)[:_AMONG]


def _lowered(scores: Scores, losses: Sequence[float]) -> Scores:
    return replace(scores, phrases=tuple(score - loss for score, loss in zip(scores.phrases, losses, strict=True)))


def _mean(first: Scores, again: Sequence[Scores], likely: Sequence[int]) -> Scores:
    """The mean of all looks for what was looked at again; the rest was surely not said."""
    phrases = [-math.inf] * len(first.phrases)
    for k, at in enumerate(likely):
        phrases[at] = float(np.mean([first.phrases[at], *(look.phrases[k] for look in again)]))
    looks = [first, *again]
    cohort = np.mean([look.cohort for look in looks], axis=0)
    return Scores(tuple(phrases), float(np.mean([look.free for look in looks])), tuple(map(float, cohort)))
