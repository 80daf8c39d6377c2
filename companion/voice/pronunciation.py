"""Words that espeak-ng says wrong, spelled as it says them right: pronunciation.toml, a table a language."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"\w+")


@cache
def respellings(language: str) -> Mapping[str, str]:
    """Spelled word to the spelling that sounds right; empty for a language without a list."""
    source = files("companion.voice") / "pronunciation.toml"
    tables: dict[str, dict[str, str]] = tomllib.loads(source.read_text(encoding="utf-8"))
    return tables.get(language, {})


def respelled(text: str, language: str) -> str:
    """The sentence with the listed words respelled, whole words only and in lower case."""
    words = respellings(language)
    return _WORD.sub(lambda match: words.get(match.group().lower(), match.group()), text)
