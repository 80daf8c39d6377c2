"""Units of sound that a text is written in: letters, and a capital where a language writes one sound with several.

Dutch is written much as it is spoken. English is not; there the units only bring together what is often the same, and
the network, whose encoder has heard whole words, learns the rest. So neither needs a pronunciation dictionary, and a
group's own words can be spelt.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from num2words import num2words

from companion.core.errors import PhraseError


@dataclass(frozen=True)
class Spelling:
    """A language's units, one sign each, and how words become them: patterns and what they become, in this order."""

    symbols: str
    written: tuple[tuple[str, str], ...]


_DUTCH = Spelling(
    "abdefhijklmnoprstuvwzEINOUWXY",
    (
        *(("sch", "sX"), ("ch", "X"), ("ng", "N"), ("ij", "Y"), ("ei", "Y"), ("ui", "U"), ("eu", "E"), ("oe", "O")),
        *(("ie", "I"), ("ou", "W"), ("au", "W"), ("qu", "kw"), ("ck", "k"), ("x", "ks"), ("q", "k"), ("g", "X")),
        *(("y", "i"), ("c(?=[eiI])", "s"), ("c", "k")),
    ),
)
_ENGLISH = Spelling(
    "abdefghijklmnoprstuvwyzACENOQSTWY",
    (
        *(("^kn", "n"), ("^wr", "r"), ("^wh", "w"), ("tion", "Sun"), ("igh", "Y"), ("gh", ""), ("ph", "f")),
        *(("tch", "C"), ("ch", "C"), ("sh", "S"), ("th", "T"), ("ng", "N"), ("ck", "k"), ("qu", "kw"), ("q", "k")),
        *(("x", "ks"), ("ee|ea", "E"), ("oo", "O"), ("ou|ow", "W"), ("ai|ay|ei|ey", "A"), ("au|aw", "Q")),
        *(("(?<=[aeiouyACENOQSTWY][^aeiouAEOQWY])e$", ""), ("c(?=[eiyE])", "s"), ("c", "k"), ("(?<=.)y$", "i")),
    ),
)
SPELLINGS: Mapping[str, Spelling] = MappingProxyType({"nl": _DUTCH, "en": _ENGLISH})


def units(text: str, language: str) -> str:
    """The units of sound of a text, words run together; doubled ones are one. Raises KeyError for other languages."""
    counted = re.sub(r"\d+", lambda digits: num2words(int(digits.group()), lang=language), text.lower())
    plain = unicodedata.normalize("NFD", counted.replace("'", ""))
    words = re.sub(r"[^a-z]+", " ", "".join(char for char in plain if not unicodedata.combining(char))).split()
    return re.sub(r"(.)\1+", r"\1", "".join(_word(word, SPELLINGS[language]) for word in words))


def _word(word: str, spelling: Spelling) -> str:
    for written, unit in spelling.written:
        word = re.sub(written, unit, word)
    return word


def symbols(text: str, language: str) -> list[int]:
    """Its units as places among the language's symbols from 1 on, 0 is the blank. Raises PhraseError without any."""
    found = [SPELLINGS[language].symbols.index(unit) + 1 for unit in units(text, language)]
    if not found:
        raise PhraseError(f'"{text}" has no letters to be heard; write it in words.')
    return found
