"""Reads one utterance: scores it, judges the scores, and listens again where that is not sure.

What is only like a phrase is so by chance, and the chance is another one a little faster and a little slower: the
mean of three looks tells them apart better than one (docs/verdict.md).
"""

import math
from collections.abc import Sequence

import numpy as np
import soxr

from companion.core.command import Command
from companion.hearing.calibration import Calibration
from companion.hearing.judging import Judge, said_alone
from companion.hearing.mel import RATE, Sound
from companion.hearing.norms import norms_of
from companion.hearing.recogniser import LIKELIEST, Recogniser, Scores
from companion.hearing.spoken import Spoken
from companion.hearing.utterance import Voices
from companion.hearing.verdict import Verdict

SPEEDS = (0.93, 1.07)
"""At which a sound is listened to again, pitch and all."""


class Reader:
    """One thread. The recogniser is prepared for the `spoken` phrases."""

    def __init__(self, spoken: Sequence[Spoken], recogniser: Recogniser, calibration: Calibration) -> None:
        phrases = [one.text for one in spoken if not one.candidate.is_decoy]
        decoys = [one.text for one in spoken if one.candidate.is_decoy]
        recogniser.prepare(phrases, tuple(calibration.cohort), decoys)
        self._recogniser = recogniser
        self._judge = Judge(spoken, norms_of(spoken, recogniser, calibration), calibration)

    def read(self, sound: Sound, voices: Voices, places: Sequence[int], expected: frozenset[Command]) -> Verdict:
        """The verdict on a sound in which these voices were heard.

        Its `best` is a place among the `places`, which are not empty.
        """
        speech_s = voices.voiced_s
        first = self._judge.lowered(self._recogniser.scores(sound, places), places, speech_s)
        return said_alone(self._verdict(sound, first, speech_s, places, expected), first.spans, voices)

    def _verdict(
        self, sound: Sound, first: Scores, speech_s: float, places: Sequence[int], expected: frozenset[Command]
    ) -> Verdict:
        verdict = self._judge.verdict(first, places, expected)
        if not self._judge.is_open(verdict):
            return verdict
        likely = self._judge.likeliest(first, places, LIKELIEST)
        near = [places[at] for at in likely]
        again = [self._judge.lowered(self._heard_at(speed, sound, near), near, speech_s) for speed in SPEEDS]
        return self._judge.verdict(_mean(first, again, likely), places, expected)

    def _heard_at(self, speed: float, sound: Sound, places: Sequence[int]) -> Scores:
        played = np.asarray(soxr.resample(sound, RATE * speed, RATE), np.float32)
        try:
            return self._recogniser.scores(played, places)
        finally:
            played[:] = 0


def _mean(first: Scores, again: Sequence[Scores], likely: Sequence[int]) -> Scores:
    """The mean of all looks for what was looked at again; the rest was surely not said."""
    phrases = [-math.inf] * len(first.phrases)
    for k, at in enumerate(likely):
        # What one look found surely not said, such as the name, was not: any number in its place would be too high for
        # a phrase of rare words, whose norm is low.
        phrases[at] = float(np.mean([first.phrases[at], *(look.phrases[k] for look in again)]))
    looks = [first, *again]
    cohort = np.mean([look.cohort for look in looks], axis=0)
    free = [look.free for look in looks if look.free is not None]
    return Scores(tuple(phrases), float(np.mean(free)) if free else None, tuple(map(float, cohort)))
