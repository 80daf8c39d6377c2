"""Sentences that the device says: a key and its values become words."""

from collections.abc import Iterable, Mapping
from functools import cache
from string import Formatter
from typing import Any

from companion.core.command import Name
from companion.core.effect import Sentence, Value
from companion.core.method import Text
from companion.core.units import Seconds, rounded
from companion.language.numbers import duration_words, number_words
from companion.language.phrases import language_file, phrases


def spoken(sentence: Sentence, language: str) -> str:
    """The words of a sentence.

    Slots: {time} to the second, {about} rounded, {coming} a cue that is still to come, a command's name its phrase.
    """
    table = language_file(language)
    pattern: str = table["sentences"][sentence.key]
    values = dict(sentence.values)
    filled = {slot: _filling(slot, values, table, language) for slot in slots(pattern)}
    return capitalised(pattern.format(**filled))


def capitalised(words: str) -> str:
    """Of "één" the capital has no accent."""
    first = "E" if words.startswith("éé") else words[:1].upper()
    return first + words[1:]


def slots(pattern: str) -> list[str]:
    return [slot for _, slot, _, _ in Formatter().parse(pattern) if slot]


def all_spoken(sentences: Iterable[Sentence], language: str) -> tuple[str, ...]:
    return tuple(spoken(sentence, language) for sentence in sentences)


def _filling(slot: str, values: Mapping[str, Value], table: Mapping[str, Any], language: str) -> str:
    if slot == "about":
        return duration_words(rounded(Seconds(float(_number(values["time"])))), table["numbers"], language)
    if slot == "coming":
        return _coming(_filling("cue", values, table, language), table["coming"])
    if slot not in values:
        return _phrase(Name(slot), language)
    value = values[slot]
    if isinstance(value, Text):
        words = value.of(language)
        return words[:1].lower() + words[1:] if slot == "method" else words
    if slot == "time":
        return duration_words(Seconds(float(_number(value))), table["numbers"], language)
    return number_words(int(value), language) if isinstance(value, int) else str(value)


def _coming(cue: str, table: Mapping[str, str]) -> str:
    now = table["now"]
    return table["instead"] + cue[len(now) :] if cue.startswith(now) else table["otherwise"].format(cue=cue)


def _number(value: Value) -> float:
    assert isinstance(value, int | float)
    return float(value)


@cache
def _phrase(name: Name, language: str) -> str:
    """The command's canonical phrase, of a middle argument where it takes one ("we zijn met zes")."""
    found = [phrase.text for phrase in phrases(language, ()) if phrase.command.name is name and phrase.canonical]
    return found[len(found) // 2]
