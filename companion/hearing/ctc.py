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
        self.lengths = np.array([len(text) for text in texts])
        """How many symbols each text has."""
        # Blanks before, between and after the symbols; what lies behind a text's own end is never read.
        self._states = np.full((len(texts), 2 * int(self.lengths.max()) + 1), BLANK)
        self._may_skip = np.full(self._states.shape, -np.inf, np.float32)
        for states, may_skip, text in zip(self._states, self._may_skip, texts, strict=True):
            states[1 : 2 * len(text) : 2] = text
            may_skip[3 : 2 * len(text) : 2] = 0.0

    def behind(self, frames: Array, places: Sequence[int]) -> Array:
        """How much less likely these texts are than the likeliest way through the frames, a symbol; -inf: impossible.

        `frames` are log-probabilities, shape (frames, symbols), at least one frame.
        """
        best = frames.max(axis=1).sum()
        return np.asarray((self.likelihoods(frames, places) - best) / self.lengths[places], np.float32)

    def beside(self, frames: Array, places: Sequence[int]) -> Array:
        """How much likelier each of these texts gets when anything may be said before it and after it: 0 or more."""
        alone, amid = self.likelihoods(frames, places), self.likelihoods(frames, places, amid=True)
        more = np.full(len(alone), np.inf, np.float32)
        np.subtract(amid, alone, out=more, where=np.isfinite(alone))
        return np.maximum(more, 0.0)

    def likelihoods(self, frames: Array, places: Sequence[int], amid: bool = False) -> Array:
        """The log-likelihood of each of these texts: that the frames say it and nothing else; `amid`: among others."""
        may_skip, last = self._may_skip[places], 2 * self.lengths[places]
        rows, heard = np.arange(len(last)), self._heard(frames, places, amid)
        alphas = _begun(heard)
        with np.errstate(invalid="ignore"):  # of nothing known and nothing known: nothing
            for frame in heard[1:]:
                before = alphas.copy()
                alphas[:, 1:] = np.logaddexp(alphas[:, 1:], before[:, :-1])
                alphas[:, 2:] = np.logaddexp(alphas[:, 2:], before[:, :-2] + may_skip[:, 2:])
                alphas += frame
        return np.asarray(np.logaddexp(alphas[rows, last], alphas[rows, last - 1]), np.float32)

    def spans(self, frames: Array, places: Sequence[int]) -> NDArray[np.int64]:
        """Where each of these texts most likely lies, amid whatever else: its first frame and that after its last.

        Shape (texts, 2); the likeliest single alignment decides. `frames` as in `behind`.
        """
        may_skip, last = self._may_skip[places], 2 * self.lengths[places]
        heard = self._heard(frames, places, amid=True)
        ways = np.full((3, *heard.shape[1:]), -np.inf, np.float32)
        scores, steps = _begun(heard), np.zeros(heard.shape, np.int8)
        for at, frame in enumerate(heard[1:], 1):
            ways[0], ways[1, :, 1:], ways[2, :, 2:] = scores, scores[:, :-1], scores[:, :-2] + may_skip[:, 2:]
            steps[at] = ways.argmax(axis=0)
            scores = ways.max(axis=0) + frame
        rows = np.arange(len(last))
        ends = np.where(scores[rows, last] > scores[rows, last - 1], last, last - 1)
        return np.array([_span(steps[:, row], int(ends[row]), int(last[row])) for row in rows])

    def _heard(self, frames: Array, places: Sequence[int], amid: bool) -> Array:
        """What each frame says of each state, shape (frames, texts, states); `amid`: anything before and after."""
        heard = frames[:, self._states[places]]
        if amid:
            rows, last = np.arange(len(places)), 2 * self.lengths[places]
            heard[:, rows, 0] = heard[:, rows, last] = frames.max(axis=1, keepdims=True)
        return heard


def _begun(heard: Array) -> Array:
    """What is known of each state after the first frame: only the first two can be."""
    found = np.full(heard.shape[1:], -np.inf, np.float32)
    found[:, :2] = heard[0][:, :2]
    return found


def _span(steps: NDArray[np.int8], state: int, last: int) -> tuple[int, int]:
    """Back along the likeliest way: the first frame that is not before the text any more, and the first after it."""
    at, end = len(steps) - 1, len(steps)
    while state > 0 and at >= 0:
        if state == last:
            end = at
        state -= int(steps[at, state])
        at -= 1
    return at + 1, end


def level_of(behind: Array) -> float:
    """What a sound does to all texts alike: the median of how far each is behind."""
    return float(np.median(np.maximum(behind, _WORST)))
