"""Phrases as they may be said: bare, or with the device's name before them, and how long that takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from companion.hearing.verdict import Candidate
from companion.language.phrases import Phrase, normal

_USUAL, _BREATH = 0.065, 0.5
"""Seconds a letter, and what breath, echo and noise may add: 2 % of the tune half take longer when all is
clear, 5 % in a room, 12 % in a kitchen."""
_FASTEST, _EDGES = 0.05, 0.1
"""Seconds a letter at least, less what the soft edges of a word may lose. Of 220 commands of the tune half, clean, in a
kitchen and in a room, the fastest took 0.05 s a letter and all but a few over 0.056."""
_SLOWEST = 0.08
_ROOM = 1.3
"""A phrase takes at most 0.08 s a letter, and up to 1.3 s more for breath, echo and noise: none of 247 commands of
the tune half took longer in a kitchen. With 0.1 and 0.9 five did, and some passed for another command."""


@dataclass(frozen=True)
class Spoken:
    """`text` is what is said, `bare` the same without the device's name."""

    text: str
    bare: str
    candidate: Candidate

    @property
    def least_s(self) -> float:
        """Seconds that saying it takes at least."""
        return max(0.0, _FASTEST * len(normal(self.text)) - _EDGES)

    def lingers_s(self, speech_s: float) -> float:
        """Seconds by which speech lasts longer than this phrase usually does: something else may be in it."""
        return max(0.0, speech_s - _USUAL * len(normal(self.text)) - _BREATH)

    @property
    def most_s(self) -> float:
        """Seconds that saying it takes at most."""
        return _ROOM + _SLOWEST * len(normal(self.text))


def spoken_forms(phrases: Sequence[Phrase], name: str | None, decoys: Sequence[str] = ()) -> tuple[Spoken, ...]:
    """Every phrase, then, where the device has a name, every phrase with it, then the decoys that are no phrase."""
    bare = [(phrase.text, phrase, False) for phrase in phrases]
    named = [] if name is None else [(f"{name}, {phrase.text}", phrase, True) for phrase in phrases]
    said = {normal(phrase.text) for phrase in phrases}
    return (
        *(Spoken(text, phrase.text, Candidate(phrase.command, is_named)) for text, phrase, is_named in (*bare, *named)),
        *(Spoken(text, text, Candidate(None)) for text in decoys if normal(text) not in said),
    )
