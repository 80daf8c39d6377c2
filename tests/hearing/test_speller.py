"""Units of sound, their likelihoods against every alignment written out, and the network that gives them."""

from itertools import groupby, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.bench.hearing import bench_phrases
from companion.core.errors import ModelError, PhraseError
from companion.hearing import speller
from companion.hearing.ctc import BLANK, Spellings
from companion.hearing.speller import HALF, Speller, load_speller
from companion.hearing.spelling import SPELLINGS, symbols, units

COUNT = 4
COUNT_NL = len(SPELLINGS["nl"].symbols)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("volgende fase", "volXendefase"),
        ("Lees de regels.", "lesdereXels"),
        ("één minuut erbij", "enminuterbY"),
        ("akkoord", "akord"),
        ("time-out", "timeWt"),
        ("schuif op", "sXUfop"),
        ("sociocratie", "sosiokratI"),
        ("4 ogen", "vIroXen"),
        ("?!", ""),
    ],
)
def test_a_text_has_the_units_that_are_heard(text: str, expected: str) -> None:
    assert units(text, "nl") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Next phase", "nekstfas"),
        ("read the rules", "rEdTerules"),
        ("pause", "pQs"),
        ("five more minutes", "fivmorminutes"),
        ("which method suits us", "wiCmeTodsuitsus"),
        ("know the right queue", "nWTerYtkweue"),
        ("don't", "dont"),
        ("2 phones", "twofones"),
    ],
)
def test_english_brings_together_what_is_often_the_same(text: str, expected: str) -> None:
    assert units(text, "en") == expected


@pytest.mark.parametrize("text", ["?!", "...", ""])
def test_what_cannot_be_spelt_is_refused(text: str) -> None:
    with pytest.raises(PhraseError, match="has no letters to be heard; write it in words"):
        symbols(text, "nl")


@pytest.mark.parametrize("language", SPELLINGS)
@given(text=st.text(max_size=30))
def test_any_text_is_spelt_in_the_units_of_the_language_and_none_follows_itself(language: str, text: str) -> None:
    spelt = units(text, language)
    assert set(spelt) <= set(SPELLINGS[language].symbols)
    assert all(len(list(run)) == 1 for _, run in groupby(spelt))


@pytest.mark.parametrize("language", SPELLINGS)
def test_every_phrase_has_a_spelling_of_its_own_without_repeated_units(language: str) -> None:
    spelt = [units(phrase.text, language) for phrase in bench_phrases(language, None)]
    assert len(set(spelt)) == len(spelt)
    assert all(len(list(run)) == 1 for text in spelt for _, run in groupby(text))


def frames_of(seed: int, count: int) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(0, 2, (count, COUNT))
    return (logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))).astype(np.float32)


def spelt(*symbols: int) -> np.ndarray:
    """Frames that clearly say these symbols, one each."""
    frames = np.full((len(symbols), COUNT), np.log(0.01), np.float32)
    frames[range(len(symbols)), symbols] = np.log(0.97)
    return frames


def said_by(alignment: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(symbol for symbol, _ in groupby(alignment) if symbol != BLANK)


_texts = st.lists(
    st.lists(st.integers(1, COUNT - 1), min_size=1, max_size=3).map(lambda text: [key for key, _ in groupby(text)]),
    min_size=1,
    max_size=4,
)


@given(_texts, st.integers(0, 99), st.integers(1, 5))
def test_a_text_is_as_likely_as_all_its_alignments_together(texts: list[list[int]], seed: int, count: int) -> None:
    frames = frames_of(seed, count)
    found = Spellings(texts).likelihoods(frames, range(len(texts)))
    for text, likelihood in zip(texts, found, strict=True):
        ways = [way for way in product(range(COUNT), repeat=count) if said_by(way) == tuple(text)]
        total = sum(np.exp(sum(frames[at, symbol] for at, symbol in enumerate(way))) for way in ways)
        assert np.exp(likelihood) == pytest.approx(total, rel=1e-4)


@given(_texts, st.integers(0, 99))
def test_neither_order_nor_company_changes_a_likelihood(texts: list[list[int]], seed: int) -> None:
    frames, spellings = frames_of(seed, 6), Spellings(texts)
    together = spellings.behind(frames, list(range(len(texts))))
    alone = [Spellings([text]).behind(frames, [0])[0] for text in texts]
    assert together == pytest.approx(alone, abs=1e-5)
    backwards = spellings.behind(frames, list(range(len(texts)))[::-1])
    assert backwards == pytest.approx(together[::-1], abs=1e-6)


def test_what_is_clearly_spelt_is_not_behind_and_other_texts_are() -> None:
    said, other, more = Spellings([[1, 2], [3], [1, 2, 3]]).behind(spelt(0, 1, 1, 0, 2, 0), [0, 1, 2])
    assert said > -0.1 > other
    assert said > more


def test_what_is_said_beside_a_text_shows() -> None:
    texts = Spellings([[1, 2], [3]])
    alone, amid = (texts.beside(spelt(*way), [0, 1]) for way in ((0, 1, 0, 2, 0, 0), (3, 1, 0, 2, 0, 3)))
    assert alone[0] == pytest.approx(0.0, abs=0.1)
    assert amid[0] > 6.0
    assert texts.beside(spelt(3), [0])[0] == np.inf, "one frame cannot hold two symbols"


@pytest.mark.parametrize(
    ("heard", "span"),
    [
        pytest.param((1, 0, 2), (0, 3), id="nothing else"),
        pytest.param((0, 0, 1, 1, 0, 2, 0, 0), (2, 6), id="quiet around it"),
        pytest.param((3, 1, 0, 2, 0, 3), (1, 4), id="other words around it"),
        pytest.param((1, 2, 3, 3, 3), (0, 2), id="others after it"),
        pytest.param((1, 3, 1, 3, 1, 2), (4, 6), id="begun before"),
    ],
)
def test_where_a_text_lies_is_found(heard: tuple[int, ...], span: tuple[int, int]) -> None:
    found = Spellings([[3, 1, 3], [1, 2]]).spans(spelt(*heard), [1, 0])
    assert tuple(found[0]) == span


@given(_texts, st.integers(0, 99), st.integers(1, 6))
def test_where_a_text_lies_depends_on_no_other_text(texts: list[list[int]], seed: int, count: int) -> None:
    frames = frames_of(seed, count)
    together = Spellings(texts).spans(frames, list(range(len(texts))))
    assert all(0 <= begin < end <= count for begin, end in together)
    assert together.tolist() == [Spellings([text]).spans(frames, [0])[0].tolist() for text in texts]


@given(_texts, st.integers(0, 99), st.integers(1, 6))
def test_more_company_never_makes_a_text_less_likely(texts: list[list[int]], seed: int, count: int) -> None:
    spellings, frames, places = Spellings(texts), frames_of(seed, count), list(range(len(texts)))
    alone, amid = spellings.likelihoods(frames, places), spellings.likelihoods(frames, places, amid=True)
    assert (amid >= alone - 1e-3).all()
    assert not np.isnan(spellings.beside(frames, places)).any()


def weights(width: int = 6, hidden: int = 5) -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    shapes = {
        "mean": (width,),
        "spread": (width,),
        "kernel": (2 * HALF + 1, width, hidden),
        "kernel_bias": (hidden,),
        "output": (hidden, COUNT_NL + 1),
        "output_bias": (COUNT_NL + 1,),
    }
    return {name: np.abs(random.normal(1, 0.3, shape)).astype(np.float32) for name, shape in shapes.items()}


def test_every_frame_shares_out_one_among_blank_and_units_and_knows_its_neighbours_only() -> None:
    network = Speller(weights(), counts=0.5, least=-5.0)
    sound = np.random.default_rng(4).normal(0, 1, (12, 6)).astype(np.float32)
    frames = network.frames(sound)
    assert frames.shape == (12, COUNT_NL + 1)
    assert np.exp(frames).sum(axis=1) == pytest.approx(np.ones(12), abs=1e-5)
    sound[0] += 9.0
    changed = np.abs(network.frames(sound) - frames).max(axis=1) > 1e-6
    assert changed.tolist() == [True] * (HALF + 1) + [False] * (11 - HALF)


def test_a_language_without_a_speller_has_none_and_a_broken_one_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert load_speller("whisper-base", "xx") is None
    folder = tmp_path / "spellers"
    folder.mkdir()
    monkeypatch.setattr(speller, "files", lambda package: tmp_path)
    (folder / "whisper-base.nl.npz").write_bytes(b"no weights")
    np.savez(folder / "whisper-base.en.npz", **weights(), counts=0.5, least=-5.0)
    for language in ("nl", "en"):  # the second was taught the units of another language
        with pytest.raises(ModelError, match=rf"whisper-base.{language}.npz is no speller; make it again: companion"):
            load_speller("whisper-base", language)
    np.savez(folder / "whisper-base.nl.npz", **weights(), counts=0.25, least=-5.0)
    found = load_speller("whisper-base", "nl")
    assert found is not None
    assert (found.counts, found.least) == (0.25, -5.0)
