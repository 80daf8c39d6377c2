"""`companion bench teach`: teaches the speller, the small network that reads units of sound off Whisper's encoder.

People: the `teach` share of fillets-ng-data-nl, whose texts fillets-ng-data has. Synthetic voices: espeak-ng, Dutch
manual pages. Neither the commands' recordings nor the rooms and noises of the benches are used. Training needs jax and
optax (`pip install jax optax`), half an hour on two cores and 4 GB; nothing else in the project does.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.bench.hearing import bench_phrases
from companion.bench.lessons import Lesson, by_people, by_voices, noises_of
from companion.bench.speech import group_of, is_in
from companion.bench.standins import GAME, spoken_lines
from companion.bench.talk import sentences
from companion.core.errors import SettingsError
from companion.hearing.mel import RATE
from companion.hearing.speller import HALF, SYMBOLS, symbols
from companion.hearing.whisper import WhisperRecogniser

Array = NDArray[np.float32]
_BATCH, _HIDDEN, _RATE = 24, 256, 2e-3
_LONGEST_S = 9.4
_FRAMES, _SYMBOLS = 48, 24
"""Batches are filled to multiples of these, so that few shapes are compiled."""


@dataclass(frozen=True)
class Pair:
    """What the encoder gives, shape (frames, width), and the symbols that were said."""

    frames: NDArray[np.float16]
    said: tuple[int, ...]


def pairs(lessons: Iterator[Lesson], language: str) -> list[Pair]:
    """Of those lessons that are not too long and that have more frames than symbols."""
    whisper = WhisperRecogniser(language)
    made = (
        Pair(whisper.moments(lesson.sound).astype(np.float16), tuple(symbols(lesson.text)))
        for lesson in lessons
        if len(lesson.sound) <= _LONGEST_S * RATE
    )
    return [pair for pair in made if 0 < len(pair.said) < len(pair.frames)]


def _share(plan: "Plan", number: int) -> list[Pair]:
    """One process's part of the lessons."""
    random = np.random.default_rng([plan.seed, number])
    texts = sentences(plan.texts)
    noises = noises_of(sorted(plan.game.glob("music/*.ogg")), texts, random)
    lines = [(file, text) for file, text in spoken_lines(plan.game).items() if is_in(group_of(file), "teach")]
    lines = lines[number :: plan.processes]
    phrases = [phrase.text for phrase in bench_phrases("nl", None)]
    spoken = chain.from_iterable(by_people(lines, noises, random) for _ in range(plan.rounds))
    count = plan.sentences // plan.processes
    read = by_voices([*texts, *(text for _, text in lines)], phrases, count, noises, random)
    return pairs(chain(spoken, read), "nl")


@dataclass(frozen=True)
class Plan:
    """`rounds` over the recordings of people, so many `sentences` of synthetic voices, `epochs` over all."""

    game: Path
    texts: tuple[Path, ...]
    rounds: int
    sentences: int
    epochs: int
    seed: int
    processes: int


def collect(plan: Plan) -> list[Pair]:
    """All pairs, in as many processes as are asked for."""
    with ProcessPoolExecutor(plan.processes, get_context("spawn")) as pool:
        return [pair for share in pool.map(partial(_share, plan), range(plan.processes)) for pair in share]


def batches(
    found: Sequence[Pair], random: np.random.Generator
) -> Iterator[tuple[Array, Array, NDArray[np.int32], Array]]:
    """Pairs of about one length together, in a new order each time: frames, their padding, symbols, their padding."""
    order = sorted(range(len(found)), key=lambda k: len(found[k].frames) + random.uniform(-8, 8))
    starts = list(range(0, len(order), _BATCH))
    random.shuffle(starts)
    for start in starts:
        yield _filled([found[k] for k in order[start : start + _BATCH]])


def _filled(some: Sequence[Pair]) -> tuple[Array, Array, NDArray[np.int32], Array]:
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


def teach(found: Sequence[Pair], epochs: int, seed: int) -> dict[str, Array]:
    """The speller's weights, as its file names them. Prints the loss, natural logarithms a symbol, of every epoch.

    Raises SettingsError when jax or optax is not installed.
    """
    jax, optax = _libraries()
    jnp, random = jax.numpy, np.random.default_rng(seed)
    sample = np.concatenate([pair.frames[::7].astype(np.float32) for pair in found])
    mean, spread = sample.mean(axis=0), sample.std(axis=0) + 1e-3
    width, taps = sample.shape[1], 2 * HALF + 1
    weights: Any = {
        "kernel": jnp.asarray(random.normal(0, (taps * width) ** -0.5, (taps, width, _HIDDEN)), jnp.float32),
        "kernel_bias": jnp.zeros(_HIDDEN),
        "output": jnp.asarray(random.normal(0, _HIDDEN**-0.5, (_HIDDEN, len(SYMBOLS) + 1)), jnp.float32),
        "output_bias": jnp.zeros(len(SYMBOLS) + 1),
    }

    def dropped(key: Any, x: Any, share: float) -> Any:
        return x * jax.random.bernoulli(key, 1 - share, x.shape) / (1 - share)

    def loss(weights: Any, frames: Any, no_frame: Any, said: Any, no_symbol: Any, key: Any) -> Any:
        keys = jax.random.split(key)
        x = dropped(keys[0], (frames - mean) / spread * (1 - no_frame)[..., None], 0.2)
        axes = ("NWC", "WIO", "NWC")
        x = jax.lax.conv_general_dilated(x, weights["kernel"], (1,), "SAME", dimension_numbers=axes)
        x = dropped(keys[1], jax.nn.gelu(x + weights["kernel_bias"]), 0.3)
        logits = x @ weights["output"] + weights["output_bias"]
        return (optax.ctc_loss(logits, no_frame, said, no_symbol) / (1 - no_symbol).sum(1)).mean()

    steps = epochs * -(-len(found) // _BATCH)
    rate = optax.warmup_cosine_decay_schedule(0.0, _RATE, max(1, steps // 12), steps)
    optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(rate, weight_decay=0.02))

    def step(weights: Any, state: Any, key: Any, *batch: Any) -> Any:
        value, gradient = jax.value_and_grad(loss)(weights, *batch, key)
        change, state = optimiser.update(gradient, state, weights)
        return optax.apply_updates(weights, change), state, value

    compiled = jax.jit(step)
    state, key = optimiser.init(weights), jax.random.PRNGKey(seed)
    for epoch in range(epochs):
        losses = []
        for batch in batches(found, random):
            key, now = jax.random.split(key)
            weights, state, value = compiled(weights, state, now, *batch)
            losses.append(float(value))
        print(f"Epoch {epoch + 1} of {epochs}: {np.mean(losses):.3f} a symbol.", flush=True)
    return {"mean": mean, "spread": spread} | {name: np.asarray(value) for name, value in weights.items()}


def _libraries() -> tuple[Any, Any]:
    try:
        import jax
        import optax
    except ImportError as error:
        raise SettingsError("Teaching needs jax and optax; install them: pip install jax optax.") from error
    return jax, optax


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `companion bench teach`."""
    parser.add_argument("--game", type=Path, default=GAME, metavar="FOLDER", help="with script/, sound/ and music/")
    parser.add_argument("--text", type=Path, action="append", default=[], metavar="FILE", help="Dutch text to read")
    parser.add_argument("--rounds", type=int, default=8, help="over the recordings, each time in other conditions")
    parser.add_argument("--sentences", type=int, default=4000, help="by synthetic voices")
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the speller to write, .npz")


def run(args: argparse.Namespace) -> int:
    """Write the speller and say what it rests on."""
    _libraries()
    plan = Plan(args.game, tuple(args.text), args.rounds, args.sentences, args.epochs, args.seed, args.processes)
    found = collect(plan)
    weights = teach(found, plan.epochs, plan.seed)
    halves: dict[str, Any] = {name: value.astype(np.float16) for name, value in weights.items()}
    np.savez(args.out, **halves)
    hours = sum(len(pair.frames) for pair in found) / 50 / 3600
    print(f"{args.out}: taught with {len(found)} utterances, {hours:.1f} h.")
    return 0
