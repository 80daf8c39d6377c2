"""Phrases as data: what must be understood, what must not, and that each stands for one command."""

import pytest

from companion.core.command import Command, Name
from companion.core.errors import PhraseError
from companion.language import phrases as module
from companion.language.phrases import (
    LANGUAGES,
    canonical,
    decoys,
    device_name,
    language_file,
    normal,
    phrases,
    understand,
    vocabulary,
)
from companion.methods import load_methods, load_rule_sets

METHODS, LISTS = load_methods(), tuple(load_rule_sets().values())
UNDERSTOOD = {
    "nl": [
        ("start luisteroefening", Command(Name.START, "luisteroefening")),
        ("Start incidentmethode", Command(Name.START, "incidentmethode")),
        ("we zijn met zes", Command(Name.PEOPLE, 6)),
        ("Akkoord!", Command(Name.AGREE)),
        ("volgende fase", Command(Name.NEXT_STEP)),
        ("vorige fase", Command(Name.PREVIOUS_STEP)),
        ("ga terug", Command(Name.PREVIOUS_STEP)),
        ("pauze", Command(Name.PAUSE)),
        ("ga verder", Command(Name.GO_ON)),
        ("volgende spreker", Command(Name.NEXT_SPEAKER)),
        ("ik pas", Command(Name.PASS)),
        ("herhaal de uitleg", Command(Name.REPEAT)),
        ("wat is onze taak", Command(Name.TASKS)),
        ("hoeveel tijd nog", Command(Name.TIME_LEFT)),
        ("welke fase", Command(Name.WHICH_STEP)),
        ("wat komt hierna", Command(Name.WHAT_NEXT)),
        ("één minuut erbij", Command(Name.MORE_TIME, 1)),
        ("vijf minuten erbij", Command(Name.MORE_TIME, 5)),
        ("lees de regels", Command(Name.READ_RULES)),
        ("lees regel drie", Command(Name.READ_RULE, 3)),
        ("time-out", Command(Name.TIME_OUT)),
        ("wees stil", Command(Name.VOICE_OFF)),
        ("praat weer", Command(Name.VOICE_ON)),
        ("harder", Command(Name.LOUDER)),
        ("zachter", Command(Name.SOFTER)),
        ("stop met luisteren", Command(Name.MICROPHONE_OFF)),
        ("wat kan ik zeggen", Command(Name.HELP)),
        ("stop de sessie", Command(Name.END)),
        ("ja", Command(Name.YES)),
        ("nee", Command(Name.NO)),
    ],
    "en": [
        ("start listening exercise", Command(Name.START, "luisteroefening")),
        ("next phase", Command(Name.NEXT_STEP)),
        ("previous phase", Command(Name.PREVIOUS_STEP)),
        ("Pause.", Command(Name.PAUSE)),
        ("go on", Command(Name.GO_ON)),
        ("I pass", Command(Name.PASS)),
        ("one more minute", Command(Name.MORE_TIME, 1)),
        ("five more minutes", Command(Name.MORE_TIME, 5)),
        ("read rule three", Command(Name.READ_RULE, 3)),
        ("end the session", Command(Name.END)),
        ("what can I say", Command(Name.HELP)),
    ],
}
NOT_UNDERSTOOD = {
    "nl": ["", "fase", "dan gaan we naar de volgende fase kijken", "pauze nemen we straks", "lees regel", "jaja"],
    "en": ["", "phase", "in the next phase we will see", "a pause would be nice"],
}


@pytest.mark.parametrize(
    ("language", "text", "command"), [(lang, *case) for lang in LANGUAGES for case in UNDERSTOOD[lang]]
)
def test_a_phrase_is_understood(language: str, text: str, command: Command) -> None:
    assert understand(text, phrases(language, METHODS, LISTS)) == command


@pytest.mark.parametrize(("language", "text"), [(lang, text) for lang in LANGUAGES for text in NOT_UNDERSTOOD[lang]])
def test_talk_is_not_understood(language: str, text: str) -> None:
    assert understand(text, phrases(language, METHODS, LISTS)) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_a_phrase_and_a_canonical_one(language: str) -> None:
    found = phrases(language, METHODS, LISTS)
    assert {command.name for command in vocabulary(found)} == set(Name)
    for command in vocabulary(found):
        assert understand(canonical(command, found), found) == command


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_decoy_is_a_phrase(language: str) -> None:
    said, found = decoys(language), phrases(language, METHODS, LISTS)
    assert [text for text in said if understand(text, found) is not None] == []
    spelt = [normal(text) for text in said]
    assert sorted(set(spelt)) == sorted(spelt)


def test_both_languages_have_the_same_commands() -> None:
    assert set(vocabulary(phrases("nl", METHODS, LISTS))) == set(vocabulary(phrases("en", METHODS, LISTS)))


def test_the_name_is_no_part_of_a_phrase() -> None:
    for language in LANGUAGES:
        name = language_file(language)["device_name"]
        assert all(name not in phrase.text.split() for phrase in phrases(language, METHODS, LISTS))


def test_a_group_may_choose_the_name() -> None:
    found = phrases("nl", METHODS, LISTS)
    assert device_name("nl", None, found) == "tafel"
    assert device_name("nl", "Lieve Kees", found) == "lieve kees"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Pauze", 'The name "Pauze" shares "pauze" with the phrase "pauze"; change it'),
        ("beste fase", 'shares "fase" with the phrase "'),
        ("Bo", "must be one or two words of 4 letters or more"),
        ("een twee drie", "must be one or two words"),
        ("tafel 9", "must be one or two words"),
    ],
)
def test_a_name_that_cannot_be_told_from_phrases_is_refused(name: str, why: str) -> None:
    with pytest.raises(PhraseError, match=why):
        device_name("nl", name, phrases("nl", METHODS, LISTS))


def test_one_phrase_for_two_commands_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {**language_file("nl"), "commands": {**language_file("nl")["commands"], "no": ["pauze"]}}
    monkeypatch.setattr(module, "language_file", lambda language: table)
    with pytest.raises(PhraseError, match=r'nl\.toml: "pauze" stands for two commands; change one of them\.'):
        phrases("nl", METHODS)


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(PhraseError, match=r'There is no language "fr"; choose one of nl, en\.'):
        phrases("fr", METHODS)
