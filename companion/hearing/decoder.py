"""Whisper's text decoder in NumPy: log-probabilities of a whole tree of given tokens, in a few looks.

CTranslate2 scores one given text a call (0.1 s of CPU each, 2.9 s for 29 in a batch); the phrases of a
session share their beginnings, so one pass over the tree of their tokens costs a tenth, and most of them
were so surely not said after their first tokens that the rest need not be computed.
The network is that of openai/whisper `model.py` (pre-norm transformer, GELU); weights are named as
CTranslate2 stores them: `linear_0` of self attention is query, key and value, of cross attention the query,
`linear_1` of cross attention key and value.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from companion.hearing.tree import Tree

Array = NDArray[np.float32]
_Memory = list[tuple[Array, Array]]

_PIECE = 2048
QUICK = ((2, -6.2),)
"""Looks: after so many tokens of each text, those whose known tokens have a mean log-probability under this are
dropped. After n tokens n + 1 are known. Of what was really said (Dutch, clean, noise, room) 2 % lie under it, and
none of these could have reached its threshold; of all other phrases two thirds do. A second look costs more than
it saves: every look reads all weights once, as long as the computing for 25 tokens takes."""
UNNAMED = -9.5
"""Log-probability of a beginning that many texts share, under which it was not said. "Tafel" scores over -5, -9,
-7 in 98 of 100 cases where it was said (tune half: clean, kitchen, room), under -11.9, -10.8, -9.7 where it was not."""


class Decoder:
    """The decoder of one model. Any one thread at a time."""

    def __init__(self, tensors: Mapping[str, Array]) -> None:
        self._weights = tensors
        self._heads = 8
        self._layers = sum(name.endswith("ffn/linear_0/weight") for name in tensors)
        self._embeddings = tensors["embeddings/weight"]
        self._rivals = self._embeddings

    def among(self, tokens: Sequence[int]) -> None:
        """From now on, probabilities are among these tokens: all of the texts to come, all ends, and their rivals.

        Computing what every token of the vocabulary would score is half of the work.
        """
        self._rivals = np.ascontiguousarray(self._embeddings[sorted(set(tokens))])

    def scores(
        self, tree: Tree, encoded: Array, ends: Sequence[int], looks: Sequence[tuple[int, float]] = (), always: int = 0
    ) -> list[float]:
        """For each text of the tree: mean log-probability of its tokens and of an end after them.

        `encoded` is the encoder's output, shape (frames, width). `ends` are the tokens that end a text;
        together they count as one more token. Natural logarithms, at most 0; -inf for a text that was dropped
        in one of the `looks`: (tokens, least mean of those known by then), or whose shared beginning was not said.
        The first `always` texts are kept.
        """
        look = _Look(self, tree, self._memory(encoded))
        alive = list(range(len(tree.paths)))
        for depth, least in looks:
            look.extend(alive, depth)
            alive = [
                k for k in alive if k < always or (look.begun(k, depth + 1) >= least and look.may_begin(k, depth + 1))
            ]
        look.extend(alive)
        found = [-np.inf] * len(tree.paths)
        for k in alive:
            path = tree.paths[k]
            if k >= always and not look.may_begin(k, len(path)):
                continue
            after = np.logaddexp.reduce(self._embeddings[list(ends)] @ look.hidden[path[-1]]) - look.totals[path[-1]]
            found[k] = (look.begun(k, len(path)) * len(path) + float(after)) / (len(path) + 1)
        return found

    def normalisers(self, hidden: Array) -> Array:
        """Logarithm of the sum over all that may follow, by pieces that stay in the processor's cache."""
        total = np.full(len(hidden), -np.inf, np.float32)
        for start in range(0, len(self._rivals), _PIECE):
            logits = hidden @ self._rivals[start : start + _PIECE].T
            top = logits.max(axis=1, keepdims=True)
            np.exp(logits - top, out=logits)
            total = np.logaddexp(total, top[:, 0] + np.log(logits.sum(axis=1)))
        return total

    def _memory(self, encoded: Array) -> _Memory:
        """Keys and values of the sound for every layer: the same for all texts."""
        memory = []
        for layer in range(self._layers):
            key, value = np.split(self._linear(f"layer_{layer}/attention/linear_1/", encoded), 2, axis=1)
            memory.append((key, value))
        return memory

    def hidden(
        self, tree: Tree, new: Sequence[int], known: Sequence[int], mask: Array, past: _Memory, memory: _Memory
    ) -> Array:
        """The last layer at the `new` places, which are among the `known`; their keys and values go into `past`."""
        x = self.embedded(tree, new) + self._weights["position_encodings/encodings"][[tree.depths[at] for at in new]]
        for layer in range(self._layers):
            x = x + self._self_attention(f"layer_{layer}/self_attention/", x, new, known, mask, past[layer])
            x = x + self._cross_attention(f"layer_{layer}/attention/", x, *memory[layer])
            x = x + self._feed_forward(f"layer_{layer}/ffn/", x)
        return self._norm("layer_norm/", x)

    def embedded(self, tree: Tree, places: Sequence[int]) -> Array:
        return self._embeddings[[tree.tokens[at] for at in places]]

    def _self_attention(
        self, name: str, x: Array, new: Sequence[int], known: Sequence[int], mask: Array, past: tuple[Array, Array]
    ) -> Array:
        query, key, value = np.split(self._linear(name + "linear_0/", self._norm(name + "layer_norm/", x)), 3, axis=1)
        past[0][new], past[1][new] = key, value
        return self._linear(name + "linear_1/", self._attend(query, past[0][known], past[1][known], mask))

    def _cross_attention(self, name: str, x: Array, key: Array, value: Array) -> Array:
        query = self._linear(name + "linear_0/", self._norm(name + "layer_norm/", x))
        return self._linear(name + "linear_2/", self._attend(query, key, value, None))

    def _feed_forward(self, name: str, x: Array) -> Array:
        inner = self._linear(name + "linear_0/", self._norm(name + "layer_norm/", x))
        return self._linear(name + "linear_1/", gelu(inner))

    def _attend(self, query: Array, key: Array, value: Array, mask: Array | None) -> Array:
        heads = self._heads
        split = [part.reshape(len(part), heads, -1).transpose(1, 0, 2) for part in (query, key, value)]
        weights = split[0] @ split[1].transpose(0, 2, 1) * np.float32((query.shape[1] / heads) ** -0.5)
        if mask is not None:
            weights = weights + mask
        weights = np.exp(weights - weights.max(axis=2, keepdims=True))
        weights /= weights.sum(axis=2, keepdims=True)
        return np.asarray((weights @ split[2]).transpose(1, 0, 2).reshape(query.shape), np.float32)

    def _linear(self, name: str, x: Array) -> Array:
        return x @ self._weights[name + "weight"].T + self._weights[name + "bias"]

    def _norm(self, name: str, x: Array) -> Array:
        centred = x - x.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
        return np.asarray(centred / spread * self._weights[name + "gamma"] + self._weights[name + "beta"], np.float32)


class _Look:
    """One sound's way through the tree: what is known of its places so far."""

    def __init__(self, decoder: Decoder, tree: Tree, memory: _Memory) -> None:
        places, width = len(tree.tokens), memory[0][0].shape[1]
        self._decoder, self._tree, self._memory = decoder, tree, memory
        self._past = [(np.zeros((places, width), np.float32), np.zeros((places, width), np.float32)) for _ in memory]
        self._known: list[int] = []
        self._mask = _ancestors(tree)
        self.hidden = np.zeros((places, width), np.float32)
        self.totals = np.zeros(places, np.float32)
        """Logarithm of the sum over all that may follow."""

    def extend(self, texts: Sequence[int], depth: int | None = None) -> None:
        """Compute the first `depth` tokens (None: all) of these texts, where they are not known yet."""
        wanted = {at for k in texts for at in self._tree.paths[k][:depth]} | set(range(len(self._tree.prompt)))
        new = sorted(wanted - set(self._known))
        if not new:
            return
        self._known += new
        self.hidden[new] = self._decoder.hidden(
            self._tree, new, self._known, self._mask[np.ix_(new, self._known)], self._past, self._memory
        )
        self.totals[new] = self._decoder.normalisers(self.hidden[new])

    def begun(self, text: int, length: int) -> float:
        """Mean log-probability of the first `length` tokens, or of all where there are fewer."""
        path = list(self._tree.paths[text][:length])
        before = [self._tree.parents[at] for at in path]
        chosen = (self.hidden[before] * self._decoder.embedded(self._tree, path)).sum(axis=1)
        return float((chosen - self.totals[before]).mean())

    def may_begin(self, text: int, known: int) -> bool:
        """The beginning that it shares with many may have been said, as far as its first tokens are known."""
        length = min(self._tree.shared[text], known)
        return length == 0 or self.begun(text, length) * length >= UNNAMED


def _ancestors(tree: Tree) -> Array:
    """What may look at what: 0 for oneself and one's ancestors, a large negative number for all others."""
    mask = np.full((len(tree.tokens), len(tree.tokens)), -1e9, np.float32)
    for place, parent in enumerate(tree.parents):
        if parent >= 0:
            mask[place] = mask[parent]
        mask[place, place] = 0.0
    return mask


def gelu(x: Array) -> Array:
    """GELU by its error function; the polynomial is 7.1.26 of Abramowitz and Stegun (error below 1.5e-7)."""
    z = np.abs(x) * np.float32(0.5**0.5)
    t = 1.0 / (1.0 + 0.3275911 * z)
    terms = (((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592
    erf = np.sign(x) * (1.0 - terms * t * np.exp(-z * z))
    return np.asarray(0.5 * x * (1.0 + erf), np.float32)
