"""Whisper's text decoder in NumPy: log-probabilities of a whole tree of given tokens in one pass.

CTranslate2 scores one given text a call (0.1 s of CPU each, 2.9 s for 29 in a batch); the phrases of a
session share their beginnings, so one pass over the tree of their tokens costs a tenth.
The network is that of openai/whisper `model.py` (pre-norm transformer, GELU); weights are named as
CTranslate2 stores them: `linear_0` of self attention is query, key and value, of cross attention the query,
`linear_1` of cross attention key and value.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
_Memory = list[tuple[Array, Array]]

_PIECE = 2048
_MANY = 20
"""Texts that share a beginning from which it pays to look at the beginning first."""
_UNLIKELY = -6.5
"""Log-probability of a shared beginning under which it was not said. The name "tafel" scores -2.6 or more
where it was said (32 synthetic clips) and -8.5 in the median where it was not."""


@dataclass(frozen=True)
class Tree:
    """Texts as a tree of tokens behind a common prompt.

    `tokens[i]` follows `tokens[parents[i]]` (-1 for the root); `paths[k]` are the places of text k's tokens.
    """

    prompt: tuple[int, ...]
    texts: tuple[tuple[int, ...], ...]
    tokens: tuple[int, ...]
    parents: tuple[int, ...]
    depths: tuple[int, ...]
    paths: tuple[tuple[int, ...], ...]

    def shared(self) -> Iterator[tuple[int, int]]:
        """Beginnings, as (text, number of tokens), that many texts share: each the longest of its kind."""
        counts = Counter(text[:length] for text in self.texts for length in range(1, len(text)))
        seen = set()
        for k, text in enumerate(self.texts):
            length = max((n for n in range(1, len(text)) if counts[text[:n]] >= _MANY), default=0)
            if length and text[:length] not in seen:
                seen.add(text[:length])
                yield k, length


def tree_of(prompt: Sequence[int], texts: Sequence[Sequence[int]]) -> Tree:
    """The tree of the prompt and these texts; every text has at least one token."""
    tokens, parents, depths = list(prompt), list(range(-1, len(prompt) - 1)), list(range(len(prompt)))
    root = len(prompt) - 1
    children: dict[tuple[int, int], int] = {}
    paths = []
    for text in texts:
        at, path = root, []
        for token in text:
            if (at, token) not in children:
                children[(at, token)] = len(tokens)
                tokens.append(token)
                parents.append(at)
                depths.append(depths[at] + 1)
            at = children[(at, token)]
            path.append(at)
        paths.append(tuple(path))
    whole = tuple(tuple(text) for text in texts)
    return Tree(tuple(prompt), whole, tuple(tokens), tuple(parents), tuple(depths), tuple(paths))


class Decoder:
    """The decoder of one model. Any one thread at a time."""

    def __init__(self, tensors: Mapping[str, Array]) -> None:
        self._weights = tensors
        self._heads = 8
        self._layers = sum(name.endswith("ffn/linear_0/weight") for name in tensors)
        self._embeddings = tensors["embeddings/weight"]

    def scores(self, tree: Tree, encoded: Array, ends: Sequence[int]) -> list[float]:
        """For each text of the tree: mean log-probability of its tokens and of an end after them.

        `encoded` is the encoder's output, shape (frames, width). `ends` are the tokens that end a text;
        together they count as one more token. Natural logarithms, at most 0.
        """
        return self._scores(tree, self._memory(encoded), ends)

    def likely_scores(self, tree: Tree, encoded: Array, ends: Sequence[int]) -> list[float]:
        """As `scores`, but -inf for texts whose beginning, shared with many others, was surely not said.

        A device's name before each phrase doubles the tree, and is seldom said.
        """
        memory = self._memory(encoded)
        shared = tree_of(tree.prompt, [tree.texts[k][:length] for k, length in tree.shared()])
        unlikely: set[tuple[int, ...]] = set()
        if shared.texts:
            begun = self._step_scores(shared, self._hidden(shared, memory))
            sums = (float(sum(begun[at] for at in path)) for path in shared.paths)
            unlikely = {text for text, total in zip(shared.texts, sums, strict=True) if total < _UNLIKELY}
        kept = [k for k, text in enumerate(tree.texts) if not any(text[: len(cut)] == cut for cut in unlikely)]
        found = [float("-inf")] * len(tree.texts)
        if kept:
            scores = self._scores(tree_of(tree.prompt, [tree.texts[k] for k in kept]), memory, ends)
            for k, score in zip(kept, scores, strict=True):
                found[k] = score
        return found

    def _scores(self, tree: Tree, memory: _Memory, ends: Sequence[int]) -> list[float]:
        hidden = self._hidden(tree, memory)
        totals = self._normalisers(hidden)
        steps = self._step_scores(tree, hidden, totals)
        final = hidden @ self._embeddings[list(ends)].T - totals[:, None]
        after = np.logaddexp.reduce(final, axis=1)
        return [float(sum(steps[at] for at in path) + after[path[-1]]) / (len(path) + 1) for path in tree.paths]

    def _step_scores(self, tree: Tree, hidden: Array, totals: Array | None = None) -> Array:
        """The log-probability of every place's token after its parent; the root's means nothing."""
        totals = self._normalisers(hidden) if totals is None else totals
        before = list(tree.parents)
        chosen = (hidden[before] * self._embeddings[list(tree.tokens)]).sum(axis=1)
        return np.asarray(chosen - totals[before], np.float32)

    def _normalisers(self, hidden: Array) -> Array:
        """Logarithm of the sum over the vocabulary, by pieces that stay in the processor's cache."""
        total = np.full(len(hidden), -np.inf, np.float32)
        for start in range(0, len(self._embeddings), _PIECE):
            logits = hidden @ self._embeddings[start : start + _PIECE].T
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

    def _hidden(self, tree: Tree, memory: _Memory) -> Array:
        places = self._weights["position_encodings/encodings"][list(tree.depths)]
        x = self._embeddings[list(tree.tokens)] + places
        mask = _ancestors(tree)
        for layer in range(self._layers):
            x = x + self._self_attention(f"layer_{layer}/self_attention/", x, mask)
            x = x + self._cross_attention(f"layer_{layer}/attention/", x, *memory[layer])
            x = x + self._feed_forward(f"layer_{layer}/ffn/", x)
        return self._norm("layer_norm/", x)

    def _self_attention(self, name: str, x: Array, mask: Array) -> Array:
        query, key, value = np.split(self._linear(name + "linear_0/", self._norm(name + "layer_norm/", x)), 3, axis=1)
        return self._linear(name + "linear_1/", self._attend(query, key, value, mask))

    def _cross_attention(self, name: str, x: Array, key: Array, value: Array) -> Array:
        query = self._linear(name + "linear_0/", self._norm(name + "layer_norm/", x))
        return self._linear(name + "linear_2/", self._attend(query, key, value, None))

    def _feed_forward(self, name: str, x: Array) -> Array:
        inner = self._linear(name + "linear_0/", self._norm(name + "layer_norm/", x))
        return self._linear(name + "linear_1/", _gelu(inner))

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


def _ancestors(tree: Tree) -> Array:
    """What may look at what: 0 for oneself and one's ancestors, a large negative number for all others."""
    mask = np.full((len(tree.tokens), len(tree.tokens)), -1e9, np.float32)
    for place, parent in enumerate(tree.parents):
        if parent >= 0:
            mask[place] = mask[parent]
        mask[place, place] = 0.0
    return mask


def _gelu(x: Array) -> Array:
    """GELU by its error function; the polynomial is 7.1.26 of Abramowitz and Stegun (error below 1.5e-7)."""
    z = np.abs(x) * np.float32(0.5**0.5)
    t = 1.0 / (1.0 + 0.3275911 * z)
    terms = (((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592
    erf = np.sign(x) * (1.0 - terms * t * np.exp(-z * z))
    return np.asarray(0.5 * x * (1.0 + erf), np.float32)
