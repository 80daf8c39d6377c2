"""Texts as a tree of tokens: what they share is computed once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_MANY = 20
"""Texts, and half of all, that must share a beginning for it to be looked at by itself: a name before every phrase."""


@dataclass(frozen=True)
class Tree:
    """Texts as a tree of tokens behind a common prompt.

    `tokens[i]` follows `tokens[parents[i]]` (-1 for the root); `paths[k]` are the places of text k's tokens;
    `shared[k]` is how many tokens at its beginning half of all texts have too.
    """

    prompt: tuple[int, ...]
    tokens: tuple[int, ...]
    parents: tuple[int, ...]
    depths: tuple[int, ...]
    paths: tuple[tuple[int, ...], ...]
    shared: tuple[int, ...]


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
    counts = Counter(at for path in paths for at in path)
    many = max(_MANY, len(texts) / 2)
    shared = tuple(sum(counts[at] >= many for at in path) for path in paths)
    return Tree(tuple(prompt), tuple(tokens), tuple(parents), tuple(depths), tuple(paths), shared)
