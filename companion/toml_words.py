"""Values of a TOML file in a sentence: as they are written, and what may have been meant."""

import difflib
import re
from collections.abc import Iterable, Mapping

_NUMBER = re.compile(r"\s*[-+]?\d+([.,]\d+)?\s*")


def shown(value: object) -> str:
    """As it is written in TOML, in one line and shortened."""
    text = " ".join(_written(value).splitlines())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_written(each)}' for key, each in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def bare(value: object, whole: bool = True) -> str:
    """What to do with a number that is none for what stands around it."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return ", without quotes"
    return ", without a point" if whole and isinstance(value, float) and value.is_integer() else ""


def near(value: object, names: Iterable[str]) -> list[str]:
    """The one that looks most like the value, if one does."""
    return difflib.get_close_matches(str(value), list(names), n=1)


def hint(value: object, names: Iterable[str]) -> str:
    """The one that may have been meant, in brackets."""
    found = near(value, names)
    return f' (did you mean "{found[0]}"?)' if found else ""
