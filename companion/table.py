"""Reading TOML so that every mistake becomes one sentence: file, key, value, what is allowed."""

import difflib
import tomllib
from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from companion.core.errors import UserError

Choice = TypeVar("Choice", bound=Enum)
_NOTHING = object()


class Table:
    """One table of a TOML file; every read names what is wrong as `error`.

    `place` is how a person finds the table ("step 3 (vragen)"); empty for the file's top.
    """

    def __init__(self, file: Path, values: Mapping[str, Any], error: type[UserError], place: str = "") -> None:
        self._file, self.values, self._error, self._place = file, values, error, place
        self._read: set[str] = set()

    @classmethod
    def load(cls, file: Path, error: type[UserError]) -> "Table":
        """The top table of a file. Raises `error` when it cannot be read or is not TOML."""
        try:
            return cls(file, tomllib.loads(file.read_text(encoding="utf-8")), error)
        except OSError as problem:
            raise error(f"{file}: cannot be read ({problem.strerror}); check the name and its rights.") from None
        except UnicodeDecodeError:
            raise error(f"{file}: is not UTF-8 text; save it as UTF-8.") from None
        except tomllib.TOMLDecodeError as problem:
            raise error(f"{file}: is not TOML: {problem}.") from None

    def has(self, key: str) -> bool:
        return key in self.values

    def wrong(self, key: str, value: object, allowed: str) -> UserError:
        """The error for this key's value; `allowed` ends the sentence."""
        place = f"{self._place}: " if self._place else ""
        return self._error(f"{self._file.name}: {place}{key} = {_shown(value)}: {allowed}.")

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, value, "must be words between quotes")
        return value

    def optional_text(self, key: str) -> str | None:
        """The words; None for ""."""
        value = self._take(key, "")
        if not isinstance(value, str):
            raise self.wrong(key, value, "must be words between quotes")
        return value.strip() or None

    def number(self, key: str, least: float, most: float, default: float | None = None) -> float:
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise self.wrong(key, value, f"must be a number from {least:g} to {most:g}")
        return float(value)

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.wrong(key, value, f"must be a whole number from {least} to {most}")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, value, "must be true or false")
        return value

    def choice(self, key: str, choices: type[Choice], default: Choice | None = None) -> Choice:
        value = self._take(key, default.value if default else None)
        names = [choice.value for choice in choices]
        if value not in names:
            raise self.wrong(key, value, f"must be one of {', '.join(names)}{_hint(value, names)}")
        return choices(value)

    def one_of(self, key: str, names: Collection[str], default: str | None = None) -> str:
        value = self._take(key, default)
        if value not in names:
            raise self.wrong(key, value, f"must be one of {', '.join(names)}{_hint(value, names)}")
        return str(value)

    def table(self, key: str, default: Mapping[str, Any] | None = None) -> "Table":
        value = self._take(key, default)
        if not isinstance(value, Mapping):
            raise self.wrong(key, value, "must be a table, { … }")
        place = f"{self._place}, {key}" if self._place else key
        return Table(self._file, value, self._error, place)

    def tables(self, key: str) -> list["Table"]:
        """The tables of an array [[key]]; at least one."""
        values = self._take(key, None)
        if not isinstance(values, list) or not values or not all(isinstance(value, Mapping) for value in values):
            raise self.wrong(key, values, f"must be one or more tables [[{key}]]")
        names = [f" ({value['id']})" if isinstance(value.get("id"), str) else "" for value in values]
        pairs = enumerate(zip(values, names, strict=True), start=1)
        return [Table(self._file, value, self._error, f"{key} {number}{name}") for number, (value, name) in pairs]

    def whole_numbers(self, key: str, least: int, most: int) -> tuple[int, ...]:
        values = self._take(key, None)
        good = (
            isinstance(values, list)
            and values
            and all(type(value) is int and least <= value <= most for value in values)
        )
        if not good:
            raise self.wrong(key, values, f"must be whole numbers from {least} to {most}, [..., ...]")
        return tuple(values)

    def finish(self) -> None:
        """Refuse keys that nothing read, naming the nearest known one."""
        for key in self.values:
            if key not in self._read:
                known = sorted(self._read)
                allowed = f"there is no such key{_hint(key, known)}; the keys are {', '.join(known)}"
                raise self.wrong(key, self.values[key], allowed)

    def _take(self, key: str, default: object) -> Any:
        self._read.add(key)
        value = self.values.get(key, _NOTHING)
        if value is not _NOTHING:
            return value
        if default is None:
            place = f"{self._place}: " if self._place else ""
            raise self._error(f"{self._file.name}: {place}{key} is missing; add it.")
        return default


def _shown(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _hint(value: object, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(value), list(names), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""
