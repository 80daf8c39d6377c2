"""What happened, as JSON Lines: instants and lengths in seconds, names and counts; never heard words."""

import dataclasses
import json
from collections.abc import Callable
from enum import Enum
from typing import Any, TextIO

from companion.core.effect import Effect, Sentence
from companion.core.event import Event
from companion.core.method import Text
from companion.core.units import Instant


def tracer(file: TextIO, began: Instant, language: str) -> Callable[[Instant, Event | Effect], None]:
    """Writes one line for each event and effect to `file`; `t` counts from `began`."""

    def observe(at: Instant, what: Event | Effect) -> None:
        kind = "event" if isinstance(what, Event) else "effect"
        line = {"t": round(at - began, 3), "kind": kind, "name": type(what).__name__} | _fields(what, language)
        file.write(json.dumps(line, ensure_ascii=False) + "\n")

    return observe


def _fields(what: Event | Effect, language: str) -> dict[str, Any]:
    names = [field.name for field in dataclasses.fields(what) if field.name != "at"]
    return {name: _plain(getattr(what, name), language) for name in names}


def _plain(value: object, language: str) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Text):
        return value.of(language)
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, Sentence):
        return value.key if value.key != "verbatim" else _plain(value.values[0][1], language)
    if isinstance(value, tuple):
        return [_plain(item, language) for item in value]
    if dataclasses.is_dataclass(value):
        pairs = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {name: _plain(item, language) for name, item in pairs if item is not None}
    return value
