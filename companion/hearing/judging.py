"""From the scores of one utterance to the verdict on it: the room's level, every phrase's norm, how long it
lasted, what was said beside it.

The one way round, live and in every bench: what is calibrated and drawn is judged as what is heard, but for
`said_alone`, which needs the sound's frames, and samples keep none.
"""

import math
from collections.abc import Sequence, Set
from dataclasses import replace
from statistics import median

from companion.core.command import Command
from companion.hearing.calibration import Calibration
from companion.hearing.recogniser import Scores, Span
from companion.hearing.spoken import Spoken
from companion.hearing.utterance import Voices
from companion.hearing.verdict import Candidate, Decision, Norm, Reason, Verdict, judge, likeness

ALLOWED_BESIDE, MOST_BESIDE = 12.0, 30.0
"""Natural logarithms that a breath, a hesitation or an accent may bring, and what counts at most beyond them."""
_MOST_VOICE = 0.7
"""Seconds of voice beside a phrase from which it was not said alone: of 1,192 commands in the voices that were tuned on
(in a kitchen, in a room, with somebody else over them, after a hesitation) none had more, of 36 amid talk 25."""
_BEFORE = 0.6
"""How much of a second a second before the phrase is: people say "eh" before it, and nothing after it."""
_FASTEST_UNIT = 0.0425
"""Seconds a unit of sound, from the first to the last, under which nobody speaks: scraps of half a second passed for
"harder". Of 1,663 Dutch commands in the voices that were tuned on three took less, two of these with two units only;
of 111 English ones in a room one took 0.0424."""
_TELLING = 4
"""Units of sound from which that counts: "nee" is known by the moment between its two."""


class Judge:
    """Pure. `norms` has one norm for each of the `spoken` phrases; places are places among those."""

    def __init__(self, spoken: Sequence[Spoken], norms: Sequence[Norm], calibration: Calibration) -> None:
        self._spoken, self._norms, self._calibration = spoken, norms, calibration
        # Decoys have estimated spreads, all alike: how many there are must not change how commands are told apart.
        known = zip(spoken, norms, strict=True)
        self._usual = median(norm.spread for one, norm in known if not one.candidate.is_decoy)

    def lowered(self, scores: Scores, places: Sequence[int], speech_s: float) -> Scores:
        """The scores of these places, less what each loses because something else was said beside the phrase.

        That shows in so many seconds of speech, and where it is known in the spelling.
        """
        beside = scores.beside or (0.0,) * len(places)
        lowered = (
            score - self._loss(place, speech_s, more)
            for score, place, more in zip(scores.phrases, places, beside, strict=True)
        )
        return replace(scores, phrases=tuple(lowered))

    def verdict(self, scores: Scores, places: Sequence[int], expected: frozenset[Command]) -> Verdict:
        """On `lowered` scores. Its `best` is a place among the `places`."""
        level = self._calibration.level(scores)
        return judge(
            [self._spoken[place].candidate for place in places],
            [score - level for score in scores.phrases],
            [self._norms[place] for place in places],
            None if scores.free is None else scores.free - level,
            expected,
            self._calibration.thresholds,
            self._usual,
        )

    def likeliest(self, scores: Scores, places: Sequence[int], count: int) -> list[int]:
        """Where among the places the `count` phrases are that the sound is most like, and the decoys it may be."""
        alike = likeness(scores.phrases, [self._norms[place] for place in places], self._usual)
        order = sorted(range(len(places)), key=alike.__getitem__, reverse=True)
        decoys = [at for at in order if self._spoken[places[at]].candidate.is_decoy]
        phrases = [at for at in order if at not in decoys][:count]
        return phrases + [at for at in decoys if alike[at] > -math.inf]

    def is_open(self, verdict: Verdict) -> bool:
        """The sound is to be listened to again: near the threshold, or over it with another command as likely."""
        over, again = verdict.z - verdict.needed, self._calibration.thresholds.again
        return abs(over) <= again or (verdict.reason is Reason.BETWEEN and over > again > 0)

    def _loss(self, place: int, speech_s: float, beside: float) -> float:
        rules, lingers_s = self._calibration.thresholds, self._spoken[place].lingers_s(speech_s)
        more = min(MOST_BESIDE, max(0.0, beside - ALLOWED_BESIDE))
        return self._norms[place].spread * (rules.lingering * lingers_s + rules.beside * more)


def said_alone(verdict: Verdict, spans: Sequence[Span], voices: Voices) -> Verdict:
    """Ignored after all, where somebody spoke on beside what was taken for the phrase, or that took no time."""
    if verdict.best is None or verdict.decision is Decision.IGNORE or not spans:
        return verdict
    span = spans[verdict.best]
    before_s, after_s = voices.beside_s(span.begin_s, span.end_s)
    is_hasty = span.units >= _TELLING and span.end_s - span.begin_s < _FASTEST_UNIT * span.units
    if not is_hasty and _BEFORE * before_s + after_s <= _MOST_VOICE:
        return verdict
    return replace(verdict, decision=Decision.IGNORE, reason=Reason.OTHER_WORDS)


def asked_back(verdict: Verdict, candidates: Sequence[Candidate], unlikely: Set[Command]) -> Verdict:
    """Asked back instead of accepted, where the moment makes the command unlikely: "harder" in a long silence.

    Who says the name before it means the device.
    """
    if verdict.best is None or verdict.decision is not Decision.ACCEPT:
        return verdict
    candidate = candidates[verdict.best]
    is_unlikely = candidate.command in unlikely and not candidate.named
    return replace(verdict, decision=Decision.ASK) if is_unlikely else verdict
