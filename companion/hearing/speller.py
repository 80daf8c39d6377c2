"""What each moment of a sound says, in units of sound: a small network that reads what Whisper's encoder gives.

The decoder asks which text is likely; the speller asks what was heard, frame by frame, and knows no words. The two
err differently, so together they tell a phrase from what is only like it better than either (docs/hearing.md).
Taught by `companion bench teach`; one file a model and language, in `spellers/`.
"""

import re
import unicodedata
from collections.abc import Mapping
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable

import numpy as np
from num2words import num2words

from companion.core.errors import ModelError
from companion.hearing.ctc import Array
from companion.hearing.decoder import gelu

SYMBOLS = "abdefhijklmnoprstuvwzEINOUWXY"
"""Units of sound: letters, and capitals for what several letters write in Dutch."""
_WRITTEN = (
    *(("sch", "sX"), ("ch", "X"), ("ng", "N"), ("ij", "Y"), ("ei", "Y"), ("ui", "U"), ("eu", "E"), ("oe", "O")),
    *(
        ("ie", "I"),
        ("ou", "W"),
        ("au", "W"),
        ("qu", "kw"),
        ("ck", "k"),
        ("x", "ks"),
        ("q", "k"),
        ("g", "X"),
        ("y", "i"),
    ),
)


WEIGHTS = ("mean", "spread", "kernel", "kernel_bias", "output", "output_bias")
HALF = 2
"""Frames of 20 ms before and after each that the kernel sees."""


def units(text: str) -> str:
    """The units of sound of a Dutch text; long and short vowels are one, and so are doubled letters."""
    counted = re.sub(r"\d+", lambda digits: num2words(int(digits.group()), lang="nl"), text.lower())
    plain = unicodedata.normalize("NFD", counted)
    words = re.sub(r"[^a-z]+", " ", "".join(char for char in plain if not unicodedata.combining(char))).split()
    return re.sub(r"(.)\1+", r"\1", "".join(_word(word) for word in words))


def _word(word: str) -> str:
    for written, unit in _WRITTEN:
        word = word.replace(written, unit)
    return re.sub(r"c(?=[eiI])", "s", word).replace("c", "k")


def symbols(text: str) -> list[int]:
    """Its units as places of `SYMBOLS` from 1 on; 0 is the blank."""
    return [SYMBOLS.index(unit) + 1 for unit in units(text)]


class Speller:
    """One convolution over five frames of the encoder (0.1 s), one layer more."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights

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
            return Speller({name: found[name].astype(np.float32) for name in WEIGHTS})
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{source.name} is no speller; make it again: companion bench teach.") from error


def _file(model: str, language: str) -> Traversable:
    return files("companion.hearing") / "spellers" / f"{model}.{language}.npz"
