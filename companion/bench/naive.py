"""The same engine used the usual way, to compare with: speech is cut at pauses, the result taken at its word."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from companion.core.attention import Attention
from companion.core.command import Command
from companion.hearing.activity import FRAME, FRAME_S, Activity
from companion.hearing.listener import Heard
from companion.hearing.recogniser import Recogniser
from companion.hearing.utterance import Utterances
from companion.language.phrases import Phrase

_LONGEST = 25.0
"""Seconds of speech that are given to the recogniser at most."""


class Naive:
    """Takes the place of a `Listener`."""

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

    def feed(self, block: NDArray[np.int16]) -> Heard | None:
        sound, heard = np.concatenate([self._rest, block]), None
        for start in range(0, len(sound) - FRAME + 1, FRAME):
            heard = self._frame(sound[start : start + FRAME]) or heard
        self._rest = sound[len(sound) // FRAME * FRAME :]
        return heard

    def _frame(self, samples: NDArray[np.int16]) -> Heard | None:
        self._frames += 1
        utterance = self._utterances.feed(samples, self._activity.feed(samples))
        if utterance is None:
            return None
        places = [place for place, phrase in enumerate(self._spoken) if phrase.command in self._legal]
        place = self._recogniser.naive(utterance.sound.astype(np.float32) / 32768.0, places)
        self._utterances.wipe()
        if place is None:
            return None
        ended_s = (utterance.ended + 1) * FRAME_S
        return Heard(self._spoken[place].command, ended_s, self._frames * FRAME_S)
