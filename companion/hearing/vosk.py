"""Vosk as a verifier: the path score of each phrase in a grammar against that of an unrestricted decode.

Several misuses of the library end the whole process (docs/hearing.md); each is prevented here:
the grammar is never empty, never not JSON, never changed while it runs, and every word in it is known.
"""

import ctypes
import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import vosk

from companion.core.errors import ModelError
from companion.hearing.mel import RATE, Sound
from companion.hearing.models import find
from companion.hearing.recogniser import Scores
from companion.language.phrases import normal

_FRAME = RATE * 3 // 100
"""Samples of an output frame: 30 ms (frame subsampling 3 of Kaldi's chain models)."""
_ALTERNATIVES = 10
_GARBAGE = ("[unk]", "<UNK>", "<unk>")
_LIBC = ctypes.CDLL(None)
_SEED = 1
_HUSH = bytes(2 * RATE // 10)
"""A tenth of a second of silence."""
_IMPOSSIBLE = float("-inf")


class VoskRecogniser:
    """See `Recogniser`. One thread."""

    def __init__(self, model: str) -> None:
        # Level 0 prints the grammar and -1 the unknown words: nothing of either may reach a log.
        vosk.SetLogLevel(-2)
        folder = find(model)
        try:
            self._network = vosk.Model(str(folder))
            # A truncated graph lets Model() succeed and only this fail.
            self._unrestricted = self._recogniser(None)
        except Exception as error:  # the library raises plain Exception
            raise ModelError(f'The model "{model}" is broken: companion models get {model}.') from error
        self._model = model
        self._garbage = next((word for word in _GARBAGE if self._knows(word)), None)
        self._texts: list[str] = []
        self._known: frozenset[int] = frozenset()

    @property
    def model(self) -> str:
        return self._model

    def prepare(
        self,
        phrases: Sequence[str],
        cohort: Sequence[str] = (),  # noqa: ARG002  scores are ratios
        decoys: Sequence[str] = (),  # noqa: ARG002  in one grammar they cost more than they bring (docs/hearing-tried.md)
    ) -> None:
        self._texts = [normal(phrase) for phrase in phrases]
        self._known = frozenset(range(len(phrases))) - frozenset(self.unknown(phrases))

    def unknown(self, phrases: Sequence[str]) -> tuple[int, ...]:
        return tuple(place for place, text in enumerate(phrases) if not all(map(self._knows, normal(text).split())))

    def unheard(self, places: Sequence[int]) -> tuple[float, ...]:  # noqa: ARG002  a ratio knows no silence
        return ()

    def scores(self, sound: Sound, places: Sequence[int]) -> Scores:
        data, frames = _pcm(sound), max(1, len(sound) // _FRAME)
        said = [place for place in places if place in self._known]
        if not said:
            return Scores((_IMPOSSIBLE,) * len(places), None)
        found = dict.fromkeys((self._texts[place] for place in said), _IMPOSSIBLE)
        for text, confidence in _alternatives(self._grammar(said), data):
            # The whole result must be one phrase: words of different phrases recombine in a grammar.
            if text in found:
                found[text] = max(found[text], confidence / frames)
        phrases = tuple(found[self._texts[place]] if place in said else _IMPOSSIBLE for place in places)
        # The unrestricted decode is most of the cost: not for what is no phrase anyway.
        if max(phrases) == _IMPOSSIBLE:
            return Scores(phrases, None)
        # An empty text is an explanation, too: of a cough it is the best.
        free = max((confidence / frames for _, confidence in _alternatives(self._unrestricted, data)), default=math.inf)
        self._forget()
        return Scores(phrases, free)

    def naive(self, sound: Sound, places: Sequence[int]) -> tuple[int, float] | None:
        said = [place for place in places if place in self._known]
        texts = [text for text, _ in _alternatives(self._grammar(said), _pcm(sound))][:1] if said else []
        return next(
            ((place, 1.0) for place in said for text in texts if f" {self._texts[place]} " in f" {text} "), None
        )

    def _grammar(self, places: Sequence[int]) -> Any:
        texts = list(dict.fromkeys(self._texts[place] for place in places))
        return self._recogniser([*texts, *([self._garbage] if self._garbage else [])])

    def _forget(self) -> None:
        """Let the last utterance's features go, but not the graph, whose composing takes ten times the decoding.

        After a final result, and only then, the library begins with new features; Reset() would keep those of
        up to ten minutes and go on adapting to whoever spoke.
        """
        for _ in _alternatives(self._unrestricted, _HUSH):
            pass

    def _recogniser(self, grammar: list[str] | None) -> Any:
        # Non-ASCII words must stay as they are: escaped ones are unknown words to the library.
        words = [] if grammar is None else [json.dumps(grammar, ensure_ascii=False)]
        recogniser = vosk.KaldiRecognizer(self._network, RATE, *words)
        recogniser.SetMaxAlternatives(_ALTERNATIVES)
        return recogniser

    def _knows(self, word: str) -> bool:
        return int(self._network.vosk_model_find_word(word)) >= 0


def _pcm(sound: Sound) -> bytes:
    return (np.clip(sound, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()


def _alternatives(recogniser: Any, data: bytes) -> Iterator[tuple[str, float]]:
    """Texts, the likeliest first, with their path scores, -(0.9 * graph + acoustic cost). Noise has an empty one.

    The texts never leave this module.
    """
    # The features are dithered with rand(): without a seed the same sound scores otherwise each time.
    _LIBC.srand(_SEED)
    recogniser.AcceptWaveform(data)
    result = json.loads(recogniser.FinalResult())
    for alternative in result.get("alternatives", ()):
        yield alternative["text"], float(alternative["confidence"])
