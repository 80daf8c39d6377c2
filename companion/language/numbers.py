"""Numbers and lengths of time as words, by each language's rules."""

from collections.abc import Mapping
from typing import Any

from num2words import num2words

from companion.core.units import Seconds

_LONGEST_IN_MINUTES = 6000
"""Seconds up to which whole minutes are said without hours: "vijfenzeventig minuten"."""


def number_words(number: int, language: str) -> str:
    """The number in words: 48 is "achtenveertig" in Dutch."""
    return str(num2words(number, lang=language))


def duration_words(length: Seconds, rules: Mapping[str, Any], language: str) -> str:
    """The length to the second, as one says it: 90 s is "anderhalve minuut".

    `rules` is the [numbers] table of the language's file.
    """
    seconds = max(1, round(length))
    exact: str | None = rules["exact"].get(str(seconds))
    if exact is not None:
        return exact
    if 60 < seconds < 600 and seconds % 60 == 30:
        return _half("half", seconds // 60, rules, language)
    if seconds > 7200 and seconds % 3600 == 1800:
        return _half("half_hour", seconds // 3600, rules, language)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if seconds <= _LONGEST_IN_MINUTES and rest == 0 and seconds % 3600:
        hours, minutes = 0, seconds // 60
    counts = (("hour", hours), ("minute", minutes), ("second", rest))
    parts = [_counted(count, rules[unit], language) for unit, count in counts if count]
    words = parts[-1]
    for part in reversed(parts[:-1]):
        words = rules["and"].format(first=part, second=words)
    return str(words)


def _half(rule: str, whole: int, rules: Mapping[str, Any], language: str) -> str:
    number = number_words(whole, language)
    joint = rules["half_joint"]["after_e" if number.endswith("e") else "default"]
    return str(rules[rule].format(number=number, en=joint))


def _counted(count: int, forms: list[str], language: str) -> str:
    return forms[0] if count == 1 else forms[1].format(number=number_words(count, language))
