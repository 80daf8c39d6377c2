"""The tree of texts, and the front end against figures that follow from their definitions."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.errors import ModelError
from companion.hearing.decoder import Decoder
from companion.hearing.mel import RATE, log_mel
from companion.hearing.tensors import read_tensors
from companion.hearing.tree import tree_of

_texts = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=5), min_size=1, max_size=12)


@given(_texts)
def test_a_tree_holds_every_text_once_and_shares_beginnings(texts: list[list[int]]) -> None:
    tree = tree_of([90, 91], texts)
    assert [[tree.tokens[at] for at in path] for path in tree.paths] == texts
    assert len(tree.tokens) == 2 + len({tuple(text[:k]) for text in texts for k in range(1, len(text) + 1)})
    for path in tree.paths:
        assert [tree.parents[at] for at in path] == [1, *path[:-1]]
        assert [tree.depths[at] for at in path] == list(range(2, 2 + len(path)))


def small_decoder(vocabulary: int = 12, width: int = 16) -> Decoder:
    """Random weights of a decoder with two layers and eight heads."""
    random = np.random.default_rng(5)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings/weight": (vocabulary, width),
        "position_encodings/encodings": (32, width),
        "layer_norm/gamma": (width,),
        "layer_norm/beta": (width,),
    }
    sizes = {
        "self_attention": (3 * width, width),
        "attention": (width, 2 * width, width),
        "ffn": (4 * width, width),
    }
    for layer in range(2):
        for part, outs in sizes.items():
            name = f"layer_{layer}/{part}/"
            shapes |= {f"{name}layer_norm/gamma": (width,), f"{name}layer_norm/beta": (width,)}
            for number, out in enumerate(outs):
                inner = 4 * width if part == "ffn" and number == 1 else width
                shapes |= {f"{name}linear_{number}/weight": (out, inner), f"{name}linear_{number}/bias": (out,)}
    return Decoder({name: random.normal(0, 0.4, shape).astype(np.float32) for name, shape in shapes.items()})


@given(_texts)
def test_a_text_scores_the_same_in_any_company(texts: list[list[int]]) -> None:
    decoder, sound = small_decoder(), np.random.default_rng(6).normal(0, 1, (20, 16)).astype(np.float32)
    together = decoder.scores(tree_of([10, 11], texts), sound, ends=[8, 9])
    alone = [decoder.scores(tree_of([10, 11], [text]), sound, ends=[8, 9])[0] for text in texts]
    assert together == pytest.approx(alone, abs=1e-4)
    assert max(together) <= 0


def test_probabilities_of_all_continuations_add_up_to_one() -> None:
    decoder, sound = small_decoder(), np.ones((5, 16), np.float32)
    means = decoder.scores(tree_of([10, 11], [[token] for token in range(12)]), sound, ends=range(12))
    # Every token is an end here, so the end is certain and the mean of two is half of the one.
    assert np.exp(2 * np.array(means)).sum() == pytest.approx(1.0, abs=1e-5)


@given(_texts, st.floats(-6.0, -0.5))
def test_dropping_what_is_unlikely_changes_no_other_score(texts: list[list[int]], least: float) -> None:
    decoder, sound = small_decoder(), np.random.default_rng(6).normal(0, 1, (20, 16)).astype(np.float32)
    tree = tree_of([10, 11], texts)
    whole, some = decoder.scores(tree, sound, [8, 9]), decoder.scores(tree, sound, [8, 9], [(1, least), (2, least)])
    assert [score for score in some if score > -np.inf] == pytest.approx(
        [score for score, kept in zip(whole, some, strict=True) if kept > -np.inf], abs=1e-4
    )
    assert decoder.scores(tree, sound, [8, 9], [(1, 0.0)]) == [-np.inf] * len(texts)


def test_only_what_half_of_all_texts_begin_with_is_a_name() -> None:
    """Thirty forms with a name (9) and thirty without; methods begin with one word (7), as "start" does."""
    bare = [[7, k] for k in range(22)] + [[6, k] for k in range(8)]
    tree = tree_of([10, 11], [*([9, *text] for text in bare), *bare])
    assert tree.shared == (1,) * 30 + (0,) * 30
    assert set(tree_of([10, 11], [[9, k] for k in range(8)]).shared) == {0}, "few phrases may well begin alike"


def test_a_text_whose_shared_beginning_was_not_said_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    decoder, sound = small_decoder(), np.random.default_rng(6).normal(0, 1, (20, 16)).astype(np.float32)
    texts = [[0, 1, 2], [0, 1, 3], [4, 1]]
    tree = tree_of([10, 11], texts)
    shared = replace(tree, shared=(1, 1, 0))
    assert min(decoder.scores(shared, sound, [8, 9])) > -np.inf
    begun = 2 * decoder.scores(tree_of([10, 11], [[0]]), sound, range(12))[0]
    monkeypatch.setattr("companion.hearing.decoder.UNNAMED", begun + 0.01)
    assert min(decoder.scores(tree, sound, [8, 9])) > -np.inf, "nothing is shared by many"
    assert [score > -np.inf for score in decoder.scores(shared, sound, [8, 9])] == [False, False, True]
    assert [score > -np.inf for score in decoder.scores(shared, sound, [8, 9], always=1)] == [True, False, True]


def test_a_tone_lies_in_its_band_of_the_features() -> None:
    t = np.arange(RATE) / RATE
    peaks = [
        int(log_mel(np.sin(2 * np.pi * hertz * t).astype(np.float32), 90).mean(axis=1).argmax())
        for hertz in (250, 1000, 4000)
    ]
    # 80 bands from 0 to 45.2 mel of Slaney's scale: 250 Hz is 3.75 mel, 1 kHz 15, 4 kHz 35.2.
    assert peaks == pytest.approx([3.75 / 45.25 * 81 - 1, 15 / 45.25 * 81 - 1, 35.2 / 45.25 * 81 - 1], abs=1)


def test_features_have_the_range_that_whisper_was_trained_on() -> None:
    features = log_mel(np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32), 600)
    assert features.shape == (80, 600)
    assert features.max() - features.min() == pytest.approx(2.0, abs=1e-5)


@pytest.mark.parametrize("content", [b"", b"\x06", b"\x05\x00\x00\x00" * 9, b"\x06\x00\x00\x00" + b"\xff" * 60])
def test_a_file_that_is_no_model_is_told(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(content)
    with pytest.raises(ModelError, match="is no Whisper model of the kind that is used here; get it again"):
        read_tensors(file, "decoder/")
