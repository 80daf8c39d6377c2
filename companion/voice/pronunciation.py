"""Words that espeak-ng says wrong, spelled as it says them right: pronunciation.toml, a table a language."""

import hashlib
import json
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


@cache
def digest(language: str) -> str:
    """Another one when the list has changed: what was said with the old one is said anew."""
    words = json.dumps(respellings(language), sort_keys=True).encode()
    return hashlib.sha256(words).hexdigest()[:8]


def respelled(text: str, language: str) -> str:
    """The sentence with the listed words respelled, whole words only and in lower case."""
    words = respellings(language)
    return _WORD.sub(lambda match: words.get(match.group().lower(), match.group()), text)
