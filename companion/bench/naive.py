"""The same engine used the usual way, to compare with: speech is cut at pauses, the result taken at its word."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.bench.manifest import Clip
from companion.bench.tally import Tally
from companion.core.attention import Attention
from companion.core.command import Command
from companion.hearing.activity import FRAME, FRAME_S, Activity
from companion.hearing.listener import Heard
from companion.hearing.recogniser import Recogniser
from companion.hearing.utterance import Utterances
from companion.language.phrases import Phrase

_LONGEST = 25.0
"""Seconds of speech that are given to the recogniser at most."""
USUAL = 0.8
"""Likeness of characters from which programs take a transcript for a phrase."""
_OTHERS = (0.7, 0.6, 0.5, 0.4, 0.3, 0.0)
_COUNTS = ("recognised", "confused", "recall", "false_activations", "false_in_100_ignored_clips")


@dataclass(frozen=True)
class Taken(Heard):
    """What a transcript is most like; `likeness` is 0..1."""

    likeness: float = 1.0


class LikenessTally(Tally):
    """Counts what is acted upon from the usual likeness on, and beside it from others on: at which one does the
    usual way hear as much as the listener that it is compared with, and what does it do then?"""

    def __init__(self) -> None:
        super().__init__()
        self._others = {level: Tally() for level in _OTHERS}

    def count(
        self, clip: Clip, command: Command | None, speech_ended_s: float, found: Sequence[tuple[Heard, float]]
    ) -> None:
        for level, tally in self._others.items():
            tally.count(clip, command, speech_ended_s, _from(level, found))
        super().count(clip, command, speech_ended_s, _from(USUAL, found))

    def result(self) -> dict[str, Any]:
        usual = super().result()
        results = {USUAL: usual} | {level: tally.result() for level, tally in self._others.items()}
        by_likeness = {str(level): {key: found[key] for key in _COUNTS} for level, found in results.items()}
        return usual | {"by_likeness": by_likeness}


def _from(level: float, found: Sequence[tuple[Heard, float]]) -> list[tuple[Heard, float]]:
    return [(heard, at_s) for heard, at_s in found if isinstance(heard, Taken) and heard.likeness >= level]


class Naive:
    """Takes the place of a `Listener`; what it hears are `Taken`, of any likeness."""

    speech_s = recognised_s = 0.0

    def __init__(self, spoken: Sequence[Phrase], recogniser: Recogniser) -> None:
        recogniser.prepare([phrase.text for phrase in spoken])
        self._spoken, self._recogniser = spoken, recogniser
        self._activity, self._utterances = Activity(), Utterances(_LONGEST)
        self._legal: frozenset[Command] = frozenset()
        self._rest = np.zeros(0, np.int16)
        self._frames = 0

    def attend(self, attention: Attention) -> None:
        self._legal = attention.legal

    def forget(self) -> None:
        """It asks nothing back."""

    def feed(self, block: NDArray[np.int16]) -> Taken | None:
        sound, heard = np.concatenate([self._rest, block]), None
        for start in range(0, len(sound) - FRAME + 1, FRAME):
            heard = self._frame(sound[start : start + FRAME]) or heard
        self._rest = sound[len(sound) // FRAME * FRAME :]
        return heard

    def _frame(self, samples: NDArray[np.int16]) -> Taken | None:
        self._frames += 1
        utterance = self._utterances.feed(samples, self._activity.feed(samples))
        if utterance is None:
            return None
        places = [place for place, phrase in enumerate(self._spoken) if phrase.command in self._legal]
        found = self._recogniser.naive(utterance.sound.astype(np.float32) / 32768.0, places)
        self._utterances.wipe()
        if found is None:
            return None
        place, likeness = found
        began_s = (utterance.ended + 1) * FRAME_S - utterance.voices.speech_s
        return Taken(self._spoken[place].command, began_s, likeness)
