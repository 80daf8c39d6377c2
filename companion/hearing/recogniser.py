"""What every recogniser does: score how well each phrase explains a sound. Numbers come out, never words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from companion.hearing.mel import Sound

SURE = -2.0
"""Ratio of a phrase to the best unrestricted explanation from which that does not count against it. No explanation
scores over 0: a phrase that scores this much itself needs none to be looked for."""
LIKELIEST = 8
"""Phrases that a recogniser looks at closely, and that are scored again where a verdict is not sure: asked for so few,
it leaves none of them out because of its spelling. With all of them no more is heard (Whisper, tune half, Dutch)."""
LIKELIEST_DECOYS = 4
"""Decoys that it looks at closely beside them."""


class Span(NamedTuple):
    """Where a phrase would lie in a sound: from the beginning of its first unit of sound to the end of its last."""

    begin_s: float
    """Seconds since the sound's beginning."""
    end_s: float
    units: int
    """How many there are."""


@dataclass(frozen=True)
class Scores:
    """Natural logarithms, each a mean over tokens or frames, so that lengths compare; higher is better."""

    phrases: tuple[float, ...]
    """One for each phrase that was asked for, in that order; -inf: cannot be, or was surely not said."""
    free: float | None
    """Of the best unrestricted explanation of the same sound; None where none can count against the phrases."""
    cohort: tuple[float, ...] = ()
    """One for each phrase of the cohort, whether that is legal or not; -inf where no phrase can be it; empty where
    there is none."""
    beside: tuple[float, ...] = ()
    """For each phrase, how much likelier it gets when something else was said before or after it, 0 or more, a sum of
    natural logarithms; empty where that is not known."""
    spans: tuple[Span, ...] = ()
    """Where each phrase would lie in the sound; empty where that is not known."""


class Recogniser(Protocol):
    """One thread at a time; the same sound and phrases give the same scores."""

    @property
    def model(self) -> str:
        """The catalogue's name of its model."""

    def prepare(self, phrases: Sequence[str], cohort: Sequence[str] = (), decoys: Sequence[str] = ()) -> None:
        """Take over the phrases that may be asked for later, and those that every sound is compared with.

        The decoys' places follow the phrases'; a recogniser that makes nothing of decoys gives them -inf; every one
        gives that to what is `unknown` to it. Raises PhraseError for a phrase without letters.
        """

    def unknown(self, phrases: Sequence[str]) -> tuple[int, ...]:
        """The places of those with a word that it cannot know: they are never heard, and must be named."""

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        """How well the prepared phrases at these places explain the sound.

        `sound` is 16 kHz mono in -1..1, one utterance of 0.3 to 5 s; `places` are not empty.
        """

    def unheard(self, places: Sequence[int]) -> tuple[float, ...]:
        """The scores on silence: how likely the phrases' words are before anything is heard.

        Empty for a recogniser that gives no such scores.
        """

    def naive(self, sound: Sound, places: Sequence[int]) -> tuple[int, float] | None:
        """The place of the phrase that a program without a verdict would take this for, and how like it is to what
        was heard, 0..1: to compare with.

        Whisper: the phrase that is most like its transcript. Vosk: the final result of a grammar contains the
        phrase, so 1. `sound` may last 30 s.
        """
