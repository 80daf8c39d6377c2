"""Teaches the speller's network with pairs of what Whisper's encoder gives and what was said. Needs jax and optax."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from companion.core.errors import SettingsError
from companion.hearing.speller import HALF

Array = NDArray[np.float32]
Batch = tuple[Array, Array, NDArray[np.int32], Array]
"""Frames (utterances, frames, width), their padding, symbols (utterances, symbols), their padding; padding is 1."""
_BATCH, _HIDDEN, _RATE = 24, 256, 2e-3
_FRAMES, _SYMBOLS = 48, 24
"""Batches are filled to multiples of these, so that few shapes are compiled."""
_KEPT_BACK = 20
"""One text of so many is not taught, in whatever voice: the loss on these tells how new speech is taken."""


@dataclass(frozen=True)
class Pair:
    """What the encoder gives, shape (frames, width), and the symbols that were said."""

    frames: NDArray[np.float16]
    said: tuple[int, ...]

    @property
    def is_kept_back(self) -> bool:
        return crc32(bytes(self.said)) % _KEPT_BACK == 0


def batches(found: Sequence[Pair], random: np.random.Generator) -> Iterator[Batch]:
    """Pairs of about one length together, in a new order each time."""
    order = sorted(range(len(found)), key=lambda k: len(found[k].frames) + random.uniform(-8, 8))
    starts = list(range(0, len(order), _BATCH))
    random.shuffle(starts)
    for start in starts:
        yield _filled([found[k] for k in order[start : start + _BATCH]])


def _filled(some: Sequence[Pair]) -> Batch:
    length = -(-max(len(pair.frames) for pair in some) // _FRAMES) * _FRAMES
    most = -(-max(len(pair.said) for pair in some) // _SYMBOLS) * _SYMBOLS
    frames = np.zeros((_BATCH, length, some[0].frames.shape[1]), np.float32)
    said = np.zeros((_BATCH, most), np.int32)
    no_frame, no_symbol = np.ones((_BATCH, length), np.float32), np.ones((_BATCH, most), np.float32)
    for k in range(_BATCH):
        pair = some[k % len(some)]
        frames[k, : len(pair.frames)], said[k, : len(pair.said)] = pair.frames, pair.said
        no_frame[k, : len(pair.frames)] = no_symbol[k, : len(pair.said)] = 0.0
    return frames, no_frame, said, no_symbol


class _Training:
    """The network, its loss in natural logarithms a symbol, and one step down it."""

    def __init__(self, mean: Array, spread: Array, steps: int) -> None:
        self._jax, self._optax = libraries()
        self._mean, self._spread = mean, spread
        rate = self._optax.warmup_cosine_decay_schedule(0.0, _RATE, max(1, steps // 12), max(2, steps))
        clipped = self._optax.clip_by_global_norm(1.0)
        self._optimiser = self._optax.chain(clipped, self._optax.adamw(rate, weight_decay=0.02))
        self.begin = self._optimiser.init
        self.step, self.loss = self._jax.jit(self._step), self._jax.jit(self._loss)

    def _dropped(self, key: Any, x: Any, share: float) -> Any:
        if key is None:
            return x
        return x * self._jax.random.bernoulli(key, 1 - share, x.shape) / (1 - share)

    def _loss(self, weights: Any, batch: Any, key: Any = None) -> Any:
        frames, no_frame, said, no_symbol = batch
        keys = (None, None) if key is None else self._jax.random.split(key)
        x = self._dropped(keys[0], (frames - self._mean) / self._spread * (1 - no_frame)[..., None], 0.2)
        axes = ("NWC", "WIO", "NWC")
        x = self._jax.lax.conv_general_dilated(x, weights["kernel"], (1,), "SAME", dimension_numbers=axes)
        x = self._dropped(keys[1], self._jax.nn.gelu(x + weights["kernel_bias"], approximate=False), 0.3)
        logits = x @ weights["output"] + weights["output_bias"]
        return (self._optax.ctc_loss(logits, no_frame, said, no_symbol) / (1 - no_symbol).sum(1)).mean()

    def _step(self, weights: Any, state: Any, key: Any, batch: Any) -> Any:
        value, gradient = self._jax.value_and_grad(self._loss)(weights, batch, key)
        change, state = self._optimiser.update(gradient, state, weights)
        return self._optax.apply_updates(weights, change), state, value


def teach(found: Sequence[Pair], symbols: int, epochs: int, seed: int) -> dict[str, Array]:
    """The speller's weights, as its file names them, for so many symbols beside the blank.

    Prints the loss, natural logarithms a symbol, of every epoch, on what is taught and on what is kept back. Raises
    SettingsError when jax or optax is not installed, or when there is too little to keep any back.
    """
    taught, kept = ([pair for pair in found if pair.is_kept_back is kept] for kept in (False, True))
    if not (taught and kept):
        raise SettingsError(f"{len(found)} lessons are too few to keep any back; ask for more --sentences or --rounds.")
    random = np.random.default_rng(seed)
    sample = np.concatenate([pair.frames[::7].astype(np.float32) for pair in taught])
    mean, spread = sample.mean(axis=0), sample.std(axis=0) + np.float32(1e-3)
    training = _Training(mean, spread, epochs * -(-len(taught) // _BATCH))
    jax, weights = libraries()[0], _beginning(len(mean), symbols, random)
    state, key = training.begin(weights), jax.random.PRNGKey(seed)
    for epoch in range(epochs):
        losses = []
        for batch in batches(taught, random):
            key, now = jax.random.split(key)
            weights, state, value = training.step(weights, state, now, batch)
            losses.append(float(value))
        new = np.mean([float(training.loss(weights, batch)) for batch in batches(kept, random)])
        print(f"Epoch {epoch + 1} of {epochs}: {np.mean(losses):.3f} a symbol, {new:.3f} kept back.", flush=True)
    return {"mean": mean, "spread": spread} | {name: np.asarray(value) for name, value in weights.items()}


def _beginning(width: int, symbols: int, random: np.random.Generator) -> dict[str, Array]:
    taps = 2 * HALF + 1
    return {
        "kernel": random.normal(0, (taps * width) ** -0.5, (taps, width, _HIDDEN)).astype(np.float32),
        "kernel_bias": np.zeros(_HIDDEN, np.float32),
        "output": random.normal(0, _HIDDEN**-0.5, (_HIDDEN, symbols + 1)).astype(np.float32),
        "output_bias": np.zeros(symbols + 1, np.float32),
    }


def libraries() -> tuple[Any, Any]:
    """jax and optax. Raises SettingsError when they are not installed."""
    try:
        import jax
        import optax
    except ImportError as error:
        raise SettingsError("Teaching needs jax and optax; install them: pip install jax optax.") from error
    return jax, optax
