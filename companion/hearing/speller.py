"""What each moment of a sound says, in units of sound: a small network that reads what Whisper's encoder gives.

The decoder asks which text is likely; the speller asks what was heard, frame by frame, and knows no words. The two
err differently, so together they tell a phrase from what is only like it better than either (docs/hearing-tried.md).
Taught by `companion bench teach`; one file a model and language, in `spellers/`.
"""

from collections.abc import Mapping
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable

import numpy as np

from companion.core.errors import ModelError
from companion.hearing.ctc import Array
from companion.hearing.decoder import gelu
from companion.hearing.spelling import SPELLINGS

_WEIGHTS = ("mean", "spread", "kernel", "kernel_bias", "output", "output_bias")
HALF = 2
"""Frames of 20 ms before and after each that the kernel sees."""


class Speller:
    """One convolution over five frames of the encoder (0.1 s), one layer more.

    `counts` is how much its word counts beside the decoder's; `least` what a spelling loses at most, in natural
    logarithms a unit: what is spelt worse is as wrong as can be, and how much worse says nothing. Both were decided
    with this speller, on the tune half (docs/hearing-tried.md).
    """

    def __init__(self, weights: Mapping[str, Array], counts: float, least: float) -> None:
        self._weights = weights
        self.counts, self.least = counts, least

    def frames(self, encoded: Array) -> Array:
        """Log-probabilities of blank and symbols, shape (frames, symbols), from the encoder's (frames, width)."""
        weights, count = self._weights, len(encoded)
        inner = np.pad((encoded - weights["mean"]) / weights["spread"], ((HALF, HALF), (0, 0)))
        taps = (inner[at : at + count] @ tap for at, tap in enumerate(weights["kernel"]))
        logits = gelu(sum(taps, weights["kernel_bias"])) @ weights["output"] + weights["output_bias"]
        logits -= logits.max(axis=1, keepdims=True)
        return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), np.float32)


def is_taught(model: str, language: str) -> bool:
    """A speller was taught for this model and language."""
    return _file(model, language).is_file()


def load_speller(model: str, language: str) -> Speller | None:
    """The speller that was taught for this model and language, if one was. Raises ModelError when it is broken."""
    source = _file(model, language)
    if not source.is_file():
        return None
    try:
        with as_file(source) as file, np.load(file) as found:
            weights = {name: found[name].astype(np.float32) for name in _WEIGHTS}
            counts, least = float(found["counts"]), float(found["least"])
        if len(weights["output_bias"]) != len(SPELLINGS[language].symbols) + 1:
            raise ValueError("it was taught other units")
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{source.name} is no speller; make it again: companion bench teach.") from error
    return Speller(weights, counts, least)


def _file(model: str, language: str) -> Traversable:
    return files("companion.hearing") / "spellers" / f"{model}.{language}.npz"
