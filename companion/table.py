"""Reading TOML so that every mistake becomes one sentence: file, line, key, value, what is allowed."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from companion.core.errors import UserError
from companion.toml_slips import HEADER, KEY, lines_of, not_toml
from companion.toml_words import bare, hint, near, shown

Choice = TypeVar("Choice", bound=Enum)
_NOTHING = object()
_HARMLESS = "x"
"""Stands for words that are not there: it breaks no rule that words must keep."""


class Source:
    """The file that tables were read from: it finds lines, and raises mistakes or collects them."""

    def __init__(self, file: Path, text: str, error: type[UserError], mistakes: list[UserError] | None) -> None:
        self.file, self.error, self._mistakes = file, error, mistakes
        self._lines = lines_of(text)
        self._told: set[tuple[int, tuple[str, ...]]] = set()

    def mistake(self, words: str, number: int, path: tuple[str, ...], grave: bool = True) -> None:
        """Tell what is wrong with the key at `path`: raised where that is grave, or put with the others."""
        self.suspect(number, path)
        line = self.line(number, path)
        found = self.error(f"{self.file.name}{f':{line}' if line else ''}: {words}.")
        if self._mistakes is not None:
            self._mistakes.append(found)
        elif grave:
            raise found

    def suspect(self, number: int, path: tuple[str, ...]) -> None:
        """What follows from this key's value is not worth telling."""
        self._told.add((number, path))

    def is_told(self, number: int, path: tuple[str, ...]) -> bool:
        """Whether something is wrong with this key or with what lies in it."""
        return any(told[0] == number and told[1][: len(path)] == path for told in self._told)

    def line(self, number: int, path: tuple[str, ...]) -> int:
        """Where a key stands in the `number`th array table (0: before the first), else its parent, else the table."""
        within = list(self._within(number))
        for length in range(len(path), 0, -1):
            wanted = ".".join(path[:length])
            for place, key in within:
                if f"{key}.".startswith(f"{wanted}."):
                    return place
        if number and within:
            return within[0][0]
        headers = ((place, HEADER.match(line)) for place, line in enumerate(self._lines, start=1))
        return next((place for place, header in headers if header and header["key"] == path[0]), 0)

    def _within(self, number: int) -> Iterator[tuple[int, str]]:
        """Lines of that array table, each with the whole dotted key that stands in it, or an empty one."""
        at, table = 0, ""
        for place, line in enumerate(self._lines, start=1):
            if header := HEADER.match(line):
                at += header["array"] == "[["
                table = "" if header["array"] == "[[" else header["key"]
            key = KEY.match(line)
            if at == number:
                yield place, ".".join(part for part in (table, key["key"] if key else "") if part)


class Table:
    """One table of a TOML file; every read names what is wrong, and gives a harmless value where that is collected.

    `place` is how a person finds the table ("step 3 (vragen)"); empty for the file's top.
    """

    def __init__(
        self, source: Source, values: Mapping[str, Any], place: str = "", number: int = 0, path: tuple[str, ...] = ()
    ) -> None:
        self._source, self.values, self.place, self._number, self._path = source, values, place, number, path
        self._read: set[str] = set()
        self._usual: Mapping[str, Any] = {}

    @classmethod
    def load(
        cls,
        file: Path,
        error: type[UserError],
        mistakes: list[UserError] | None = None,
        arrays: Collection[str] = (),
    ) -> "Table":
        """The top table of a file. Raises `error` when it cannot be read or is not TOML.

        With `mistakes`, everything else that is wrong is put there instead of being raised; `arrays` are the tables
        of which there may be many.
        """
        try:
            text = file.read_text(encoding="utf-8-sig")
            return cls(Source(file, text, error, mistakes), tomllib.loads(text))
        except OSError as problem:
            raise error(f"{file}: cannot be read ({problem.strerror}); check the name and its rights.") from None
        except UnicodeDecodeError:
            raise error(f"{file}: is not UTF-8 text; save it as UTF-8.") from None
        except tomllib.TOMLDecodeError as problem:
            raise error(not_toml(file, text, str(problem), arrays)) from None
        except (ValueError, RecursionError):
            raise error(f"{file}: holds a number or a nesting beyond all measure; write it anew.") from None

    def over(self, default: Mapping[str, Any]) -> "Table":
        """This top table where it says something, else `default`, table by table."""
        table = Table(self._source, _merged(default, self.values))
        table._usual = default
        return table

    def has(self, key: str) -> bool:
        """Whether the key is there; it counts as read."""
        self._read.add(key)
        return key in self.values

    def is_right(self, *keys: str) -> bool:
        """Whether nothing was told of these keys, so that what follows from them can be."""
        return not any(self._source.is_told(self._number, (*self._path, key)) for key in keys)

    def wrong(self, key: str, value: object, allowed: str, grave: bool = True) -> None:
        """Tell what is wrong with this key's value; `allowed` ends the sentence.

        What is not grave works badly, and is told only where mistakes are collected: no file is left out for it.
        """
        self._tell(f" = {shown(value)}: {allowed}", key, grave)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, default)
        if isinstance(value, str) and value.strip():
            return value
        self._refuse(key, value, "must be words between quotes")
        return default or _HARMLESS

    def optional_text(self, key: str) -> str | None:
        """The words; None for ""."""
        value = self._take(key, "")
        if isinstance(value, str):
            return value.strip() or None
        self._refuse(key, value, "must be words between quotes")
        return None

    def number(self, key: str, least: float, most: float, default: float | None = None) -> float:
        value = self._take(key, default)
        if not isinstance(value, bool) and isinstance(value, int | float) and least <= value <= most:
            return float(value)
        self._refuse(key, value, f"must be a number from {least:g} to {most:g}{bare(value, whole=False)}")
        return least if default is None else default

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        value = self._take(key, default)
        if type(value) is int and least <= value <= most:
            return value
        self._refuse(key, value, f"must be a whole number from {least} to {most}{bare(value)}")
        return least if default is None else default

    def flag(self, key: str, default: bool = False) -> bool:
        value = self._take(key, default)
        if isinstance(value, bool):
            return value
        self._refuse(key, value, f"must be true or false{', without quotes' if isinstance(value, str) else ''}")
        return default

    def choice(self, key: str, choices: type[Choice], default: Choice | None = None) -> Choice:
        names = [choice.value for choice in choices]
        return choices(self.one_of(key, names, default.value if default else None))

    def choices(self, key: str, choices: type[Choice]) -> tuple[Choice, ...]:
        """A list of choices, none where the key is missing."""
        values, names = self._take(key, ()), [choice.value for choice in choices]
        allowed = f"must be a list [...] of {', '.join(names)}"
        if not isinstance(values, list | tuple):
            meant = f', such as ["{values}"]' if values in names else ""
            self._refuse(key, values, f"{allowed}{meant}")
            return ()
        for value in values:
            if value not in names:
                self._refuse(key, value, f"{allowed}{hint(value, names)}")
                return ()
        return tuple(choices(value) for value in values)

    def one_of(self, key: str, names: Collection[str], default: str | None = None) -> str:
        value = self._take(key, default)
        if value in names:
            return str(value)
        self._refuse(key, value, f"must be one of {', '.join(names)}{hint(value, names)}")
        return default or next(iter(names))

    def table(self, key: str, form: str = "{ … }") -> "Table":
        """The table of this key; `form` is what one looks like."""
        value = self._take(key, None)
        if not isinstance(value, Mapping):
            usual = self._usual.get(key)
            of_keys = f" [{key}] with {', '.join(usual)}" if isinstance(usual, Mapping) else f", {form}"
            self._refuse(key, value, f"must be a table{of_keys}")
            return _Nothing(self._source)
        place = f"{self.place}, {key}" if self.place else key
        return Table(self._source, value, place, self._number, (*self._path, key))

    def tables(self, key: str) -> list["Table"]:
        """The tables of an array [[key]]; at least one."""
        values = self._take(key, None)
        if not isinstance(values, list) or not values or not all(isinstance(value, Mapping) for value in values):
            self._refuse(
                key, values, f"must be one or more tables, each under [[{key}]] with two brackets on each side"
            )
            return []
        names = [f" ({value['id']})" if isinstance(value.get("id"), str) else "" for value in values]
        pairs = enumerate(zip(values, names, strict=True), start=1)
        return [Table(self._source, value, f"{key} {number}{name}", number) for number, (value, name) in pairs]

    def whole_numbers(self, key: str, least: int, most: int, may_be_empty: bool = False) -> tuple[int, ...]:
        values = self._take(key, None)
        if (
            isinstance(values, list)
            and (values or may_be_empty)
            and all(type(v) is int and least <= v <= most for v in values)
        ):
            return tuple(values)
        quoted = next(filter(None, map(bare, values)), "") if isinstance(values, list) else ""
        self._refuse(key, values, f"must be whole numbers from {least} to {most}, [..., ...]{quoted}")
        return ()

    @property
    def keys(self) -> frozenset[str]:
        """The keys that were read so far, whether they were there or not."""
        return frozenset(self._read)

    def finish(self, above: Collection[str] = ()) -> None:
        """Refuse keys that nothing read, naming the nearest known one; those of `above` belong to the file's top."""
        for key, value in self.values.items():
            if key in above and key not in self._read:
                self._source.suspect(0, (key,))
                self.wrong(key, value, f"is of the whole file; put it above {self._header()}")
            elif key not in self._read:
                self._unknown(key, value)

    def _header(self) -> str:
        return f"the first [[{self.place.split()[0]}]]" if self._number else f"[{'.'.join(self._path)}]"

    def _unknown(self, key: str, value: object) -> None:
        known = sorted(self._read)
        for name in near(key, known):
            self._source.suspect(self._number, (*self._path, name))
        self.wrong(key, value, f"there is no such key{hint(key, known)}; the keys are {', '.join(known)}")

    def _take(self, key: str, default: object) -> Any:
        self._read.add(key)
        value = self.values.get(key, default)
        if value is None:
            if self.is_right(key):
                self._tell(" is missing; add it", key)
            return _NOTHING
        return value

    def _refuse(self, key: str, value: object, allowed: str) -> None:
        """What is missing was told already."""
        if value is not _NOTHING:
            self.wrong(key, value, allowed)

    def _tell(self, words: str, key: str, grave: bool = True) -> None:
        place = f"{self.place}: " if self.place else ""
        self._source.mistake(f"{place}{key}{words}", self._number, (*self._path, key), grave)


class _Nothing(Table):
    """Stands in for a table that is not there: whatever is asked of it was told already."""

    def __init__(self, source: Source) -> None:
        super().__init__(source, {})

    def _tell(self, words: str, key: str, grave: bool = True) -> None:
        pass


def _merged(default: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(default)
    for key, value in own.items():
        both_tables = isinstance(value, Mapping) and isinstance(default.get(key), Mapping)
        merged[key] = _merged(default[key], value) if both_tables else value
    return merged


def line_of(file: Path, *path: str) -> int:
    """Where a key of the file's top stands; 0 where it does not."""
    return Source(file, file.read_text(encoding="utf-8-sig"), UserError, None).line(0, path)
