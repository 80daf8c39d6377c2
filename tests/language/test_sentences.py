"""What the device says: numbers and times by rule, every key in every language with the same slots."""

import re

import pytest

from companion.core.effect import Sentence
from companion.core.method import Method, Text
from companion.core.moves import planned
from companion.core.repertoire import repertoire
from companion.core.state import Session
from companion.core.units import Instant, Seconds, rounded
from companion.language.numbers import duration_words, number_words
from companion.language.phrases import LANGUAGES, language_file
from companion.language.sentences import all_spoken, slots, spoken
from companion.methods import load_methods, load_rule_sets


@pytest.mark.parametrize(
    ("seconds", "nl", "en"),
    [
        (1, "één seconde", "one second"),
        (30, "een halve minuut", "half a minute"),
        (48, "achtenveertig seconden", "forty-eight seconds"),
        (60, "één minuut", "one minute"),
        (75, "één minuut en vijftien seconden", "one minute and fifteen seconds"),
        (90, "anderhalve minuut", "a minute and a half"),
        (150, "tweeënhalve minuut", "two and a half minutes"),
        (270, "vierenhalve minuut", "four and a half minutes"),
        (600, "tien minuten", "ten minutes"),
        (630, "tien minuten en dertig seconden", "ten minutes and thirty seconds"),
        (1800, "een half uur", "half an hour"),
        (3000, "vijftig minuten", "fifty minutes"),
        (3600, "een uur", "an hour"),
        (4500, "vijfenzeventig minuten", "seventy-five minutes"),
        (5400, "anderhalf uur", "an hour and a half"),
        (6000, "honderd minuten", "one hundred minutes"),
        (7080, "één uur en achtenvijftig minuten", "one hour and fifty-eight minutes"),
        (7200, "twee uur", "two hours"),
        (9000, "tweeënhalf uur", "two and a half hours"),
        (8100, "twee uur en vijftien minuten", "two hours and fifteen minutes"),
    ],
)
def test_times_are_said_as_one_says_them(seconds: float, nl: str, en: str) -> None:
    said = [duration_words(Seconds(seconds), language_file(lang)["numbers"], lang) for lang in LANGUAGES]
    assert said == [nl, en]


@pytest.mark.parametrize(
    ("seconds", "about"), [(3, 10), (44, 40), (58, 60), (100, 90), (286, 300), (599, 600), (631, 660), (1000, 1020)]
)
def test_time_left_is_rounded_as_a_person_would(seconds: float, about: float) -> None:
    assert rounded(Seconds(seconds)) == about


def test_numbers_are_words() -> None:
    assert [number_words(8, "nl"), number_words(21, "en")] == ["acht", "twenty-one"]


@pytest.mark.parametrize(
    ("sentence", "nl"),
    [
        (Sentence("time_left", (("time", Seconds(286.0)),)), "Nog ongeveer vijf minuten."),
        (Sentence("which_step", (("number", 3), ("steps", 7))), "Dit is fase drie van de zeven."),
        (Sentence("in_all", (("steps", 6), ("time", Seconds(2996.0)))), "Dat worden zes fasen, samen vijftig minuten."),
        (Sentence("more_time", (("time", Seconds(60.0)),)), "Eén minuut erbij."),
        (Sentence("help_counting"), "Druk allemaal één keer op de knop, of zeg: we zijn met zes."),
        (Sentence("more_time", (("time", Seconds(300.0)),)), "Vijf minuten erbij."),
        (Sentence("task", (("role", Text({"nl": "verteller"})), ("task", Text({"nl": "luister"})))),
         "Voor de verteller: luister."),
        (Sentence("what_next", (("cue", Text({"nl": "Nu is het pauze."})),)), "Hierna is het pauze."),
        (Sentence("what_next", (("cue", Text({"nl": "Wie vat samen?"})),)), "Hierna komt: Wie vat samen?"),
        (Sentence("help_confirming"), "Zeg ja om te stoppen, of nee om niet te stoppen."),
    ],
)  # fmt: skip
def test_a_sentence_is_filled(sentence: Sentence, nl: str) -> None:
    assert spoken(sentence, "nl") == nl


@pytest.mark.parametrize("method", load_methods(), ids=lambda method: method.id)
def test_what_comes_next_is_not_now(method: Method) -> None:
    for step in method.steps:
        for language, now, head in (("nl", "nu", 2), ("en", "now", 3)):
            said = spoken(Sentence("what_next", (("cue", step.cue),)), language)
            assert now not in re.findall(r"\w+", said.lower())[: head + 2], said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", ["sentences", "printed", "timing", "listening"])
def test_every_sentence_exists_in_every_language_with_the_same_slots(language: str, table: str) -> None:
    here, dutch = language_file(language)[table], language_file("nl")[table]
    assert here.keys() == dutch.keys()
    for key in dutch:
        assert sorted(slots(here[key])) == sorted(slots(dutch[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_time_is_left_was_prepared(language: str) -> None:
    session = planned(Session(load_methods()[:1], load_rule_sets(), Instant(0.0)), 6)
    prepared = set(all_spoken(repertoire(session), language))
    longest = max(slot.planned for slot in session.the_plan.slots)
    for key, most in (("time_left", longest), ("time_over", 300.0)):
        asked = [Sentence(key, (("time", Seconds(time)),)) for time in range(1, round(most), 7)]
        assert set(all_spoken(asked, language)) <= prepared


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("method", load_methods(), ids=lambda method: method.id)
def test_the_whole_repertoire_can_be_said(method: object, language: str) -> None:
    session = Session((method,), load_rule_sets(), Instant(0.0))  # type: ignore[arg-type]
    said = all_spoken(repertoire(planned(session, 6)), language)
    for words in said:
        assert words[0] == words[0].upper()
        assert not {"{", "}", "!"} & set(words)
        assert "  " not in words
