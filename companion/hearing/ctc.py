"""How likely given spellings are, from what each frame of a sound says: connectionist temporal classification.

Graves, Fernández, Gomez and Schmidhuber, Connectionist temporal classification, 2006: every alignment of the
symbols with the frames counts, with blanks between them. No symbol may follow itself here, so a blank between
two is never needed.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
BLANK = 0
_WORST = -30.0
"""What a symbol costs at most when a level is found, in natural logarithms: one impossible text moves no median."""


class Spellings:
    """Texts as places of symbols; place 0 is the blank, no symbol follows itself, no text is empty."""

    def __init__(self, texts: Sequence[Sequence[int]]) -> None:
        self._lengths = np.array([len(text) for text in texts])
        # Blanks before, between and after the symbols; what lies behind a text's own end is never read.
        self._states = np.full((len(texts), 2 * int(self._lengths.max()) + 1), BLANK)
        self._may_skip = np.full(self._states.shape, -np.inf, np.float32)
        for states, may_skip, text in zip(self._states, self._may_skip, texts, strict=True):
            states[1 : 2 * len(text) : 2] = text
            may_skip[3 : 2 * len(text) : 2] = 0.0

    def behind(self, frames: Array, places: Sequence[int]) -> Array:
        """How much less likely these texts are than the likeliest way through the frames, a symbol; -inf: impossible.

        `frames` are log-probabilities, shape (frames, symbols), at least one frame.
        """
        best = frames.max(axis=1).sum()
        return np.asarray((self.likelihoods(frames, places) - best) / self._lengths[places], np.float32)

    def beside(self, frames: Array, places: Sequence[int]) -> Array:
        """How much likelier each of these texts gets when anything may be said before it and after it: 0 or more."""
        alone, amid = self.likelihoods(frames, places), self.likelihoods(frames, places, amid=True)
        more = np.full(len(alone), np.inf, np.float32)
        np.subtract(amid, alone, out=more, where=np.isfinite(alone))
        return np.maximum(more, 0.0)

    def likelihoods(self, frames: Array, places: Sequence[int], amid: bool = False) -> Array:
        """The log-likelihood of each of these texts: that the frames say it and nothing else; `amid`: among others."""
        states, may_skip, last = self._states[places], self._may_skip[places], 2 * self._lengths[places]
        rows, heard = np.arange(len(last)), frames[:, states]
        if amid:
            heard[:, rows, 0] = heard[:, rows, last] = frames.max(axis=1, keepdims=True)
        alphas = np.full(states.shape, -np.inf, np.float32)
        alphas[:, :2] = heard[0][:, :2]
        with np.errstate(invalid="ignore"):  # of nothing known and nothing known: nothing
            for frame in heard[1:]:
                before = alphas.copy()
                alphas[:, 1:] = np.logaddexp(alphas[:, 1:], before[:, :-1])
                alphas[:, 2:] = np.logaddexp(alphas[:, 2:], before[:, :-2] + may_skip[:, 2:])
                alphas += frame
        return np.asarray(np.logaddexp(alphas[rows, last], alphas[rows, last - 1]), np.float32)


def level_of(behind: Array) -> float:
    """What a sound does to all texts alike: the median of how far each is behind."""
    return float(np.median(np.maximum(behind, _WORST)))
