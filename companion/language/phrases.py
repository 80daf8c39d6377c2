"""Phrases <-> commands: one table a language is the source of grammar, parser, help and printed card."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from companion.core.command import Command, Name
from companion.core.errors import PhraseError
from companion.core.method import Method, RuleSet
from companion.language.numbers import number_words

LANGUAGES = ("nl", "en")
_SHORTEST_NAME, _MOST_WORDS_OF_A_NAME = 4, 2
MOST_LETTERS, MOST_LETTERS_OF_A_NAME = 80, 60
"""Of a phrase, and of a name that may stand in one, spaces included: more is not said in the 4 s of an utterance."""
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Phrase:
    """Words that stand for a command; the first phrase of a command is its canonical one."""

    text: str
    command: Command
    canonical: bool


@cache
def language_file(language: str) -> Mapping[str, Any]:
    """The language's TOML file as it is. Raises PhraseError for a language that is not there."""
    source = files("companion.language") / f"{language}.toml"
    if not source.is_file():
        raise PhraseError(f'There is no language "{language}"; choose one of {", ".join(LANGUAGES)}.')
    loaded: dict[str, Any] = tomllib.loads(source.read_text(encoding="utf-8"))
    return loaded


def phrases(language: str, methods: Iterable[Method], lists: Iterable[RuleSet] = ()) -> tuple[Phrase, ...]:
    """Every phrase of the language, in a fixed order. Raises PhraseError where two are the same words."""
    found = _all_phrases(language, methods, lists)
    if (text := _said_twice(found)) is not None:
        raise PhraseError(f'{language}.toml: "{text}" stands for two commands; change one of them.')
    return found


def ambiguity(language: str, methods: Iterable[Method], lists: Iterable[RuleSet]) -> str | None:
    """Words that stand for two commands with these methods and lists, None where there are none."""
    return _said_twice(_all_phrases(language, methods, lists))


def _all_phrases(language: str, methods: Iterable[Method], lists: Iterable[RuleSet]) -> tuple[Phrase, ...]:
    table = language_file(language)
    known = {
        "method": {method.id: method.name.of(language) for method in methods},
        "list": {rules.id: rules.name.of(language) for rules in lists},
    }
    return tuple(phrase for name in Name for phrase in _of_command(name, table, known))


def _said_twice(found: Iterable[Phrase]) -> str | None:
    (text, times), *_ = Counter(normal(phrase.text) for phrase in found).most_common(1)
    return text if times > 1 else None


def decoys(language: str) -> tuple[str, ...]:
    """What people often say and what sounds like a command: heard to be told from commands, and for nothing else."""
    return tuple(language_file(language)["decoys"])


def vocabulary(found: Iterable[Phrase]) -> tuple[Command, ...]:
    """The commands that the phrases stand for, each once, in the phrases' order."""
    return tuple(dict.fromkeys(phrase.command for phrase in found))


def understand(text: str, found: Iterable[Phrase]) -> Command | None:
    """The command that these typed words stand for, whatever their case and punctuation; None for no command."""
    wanted = normal(text)
    return next((phrase.command for phrase in found if normal(phrase.text) == wanted), None)


def canonical(command: Command, found: Iterable[Phrase]) -> str:
    """The phrase that the card and the help show for this command."""
    return next(phrase.text for phrase in found if phrase.command == command and phrase.canonical)


def usual_name(language: str) -> str:
    """What the device is called where nobody chose a name for it."""
    return str(language_file(language)["device_name"])


def device_name(language: str, chosen: str | None, found: Iterable[Phrase]) -> str:
    """What may be said before these phrases: the name that a group chose, or the language's own.

    Raises PhraseError when it is too short to be told from a cough, or shares a word with a phrase.
    """
    name = usual_name(language) if chosen is None else normal(chosen)
    if len(name) < _SHORTEST_NAME or not name.replace(" ", "").isalpha() or len(name.split()) > _MOST_WORDS_OF_A_NAME:
        raise PhraseError(
            f'The name "{chosen}" must be one or two words of {_SHORTEST_NAME} letters or more; change it.'
        )
    for phrase in found:
        if shared := set(name.split()) & set(normal(phrase.text).split()):
            words = f'shares "{min(shared)}" with the phrase "{phrase.text}"'
            raise PhraseError(f'The name "{chosen or name}" {words}; change it.')
    return name


def normal(text: str) -> str:
    """Lower case, no punctuation, single spaces: how words are compared and given to recognisers."""
    return " ".join(re.sub(r"[^\w\s']", " ", text.lower()).split())


def _of_command(name: Name, table: Mapping[str, Any], named: Mapping[str, Mapping[str, str]]) -> Iterator[Phrase]:
    for place, pattern in enumerate(table["commands"][name.value]):
        for argument, words in _fillings(name, pattern, table, named):
            yield Phrase(words, Command(name, argument), canonical=place == 0)


def _fillings(
    name: Name, pattern: str, table: Mapping[str, Any], named: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[int | str | None, str]]:
    slot = _SLOT.search(pattern)
    if slot is None:
        yield None, pattern
    elif slot.group(1) in named:
        for id, spoken in named[slot.group(1)].items():
            yield id, pattern.format_map({slot.group(1): spoken.lower()})
    else:
        for number in table["arguments"][name.value]:
            one, many = table["numbers"]["minute_words"]
            words = number_words(number, table["code"])
            yield number, pattern.format(number=words, minutes=one if number == 1 else many)
