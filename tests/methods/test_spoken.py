"""What the default voice makes of the texts: how long they take, and whether a stranger understands them."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from companion.bench.understood import LONGEST, Understood, understood
from companion.core.errors import ModelError
from companion.core.method import Method
from companion.core.units import Seconds
from companion.hearing.models import find
from companion.language.phrases import language_file
from companion.methods import find_method, load_methods
from companion.reports import understood_shown
from companion.settings import load_settings
from companion.voice.cache import SentenceCache
from companion.voice.sound import RATE
from companion.voice.synthesiser import Pyttsx3Synthesiser

METHODS = load_methods()
OF_EACH = 2
"""Texts of each sort, the most letters first: rendering all takes two minutes; `companion methods listen` does."""
pytestmark = [
    pytest.mark.sound,
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"),
]


def a_cache(language: str, folder: Path) -> SentenceCache:
    voice = language_file(language)["espeak_voice"]
    return SentenceCache(Pyttsx3Synthesiser(voice, load_settings().voice.words_per_minute), folder)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_cues_and_instructions_take_no_longer_than_they_may(method: Method, language: str, tmp_path: Path) -> None:
    cache = a_cache(language, tmp_path)
    for sort, longest in LONGEST.items():
        texts = sorted((getattr(step, sort).of(language) for step in method.steps), key=len)
        for words in texts[-OF_EACH:]:
            assert len(cache.pcm(words).samples) / RATE <= longest, words
    cache.close()


@pytest.mark.model
def test_a_stranger_understands_english_instructions(tmp_path: Path) -> None:
    try:
        find("whisper-base")
    except ModelError as missing:
        pytest.skip(str(missing))
    method = find_method("luisteroefening", METHODS)
    cache = a_cache("en", tmp_path)
    texts = list(understood([replace(method, steps=method.steps[:1])], "en", cache))
    cache.close()
    assert [text.sort for text in texts][:2] == ["cue", "instruction"]
    assert texts[1].likeness >= 0.8, texts[1].transcript


def test_the_worst_are_shown_first_and_the_long_ones_always() -> None:
    good = Understood("a b", "cue", "Nu de vragen.", Seconds(1.0), "nu de vragen", 1.0)
    bad, long = replace(good, words="Tips.", likeness=0.2), replace(good, words="Lang.", seconds=Seconds(3.5))
    assert list(understood_shown([good, bad, long], 1)) == [
        "  3.5 s is too long  a b, cue: Lang.",
        " 20 %  a b, cue: Tips.",
        "       heard: nu de vragen",
        "3 texts, 73 % of the characters understood, the longest 3.5 s",
    ]
