"""Reading TOML so that every mistake becomes one sentence: file, line, key, value, what is allowed."""

import difflib
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from companion.core.errors import UserError

Choice = TypeVar("Choice", bound=Enum)
_NOTHING = object()
_HEADER = re.compile(r"\s*(?P<array>\[\[?)\s*(?P<key>[\w.-]+)")
_KEY = re.compile(r"\s*(?P<key>[\w.-]+)\s*=")
_BROKEN = re.compile(r"(?P<reason>.*) \(at line (?P<line>\d+), column \d+\)")


class Source:
    """The file that tables were read from: it finds lines, and raises mistakes or collects them."""

    def __init__(self, file: Path, text: str, error: type[UserError], mistakes: list[UserError] | None) -> None:
        self.file, self.error, self._mistakes = file, error, mistakes
        self._lines = _lines_of(text)

    def mistake(self, words: str, place: str, number: int, path: tuple[str, ...]) -> None:
        """Tell what is wrong with the key at `path`: raised, or put with the others."""
        line = self._line(number, path)
        at = f":{line}" if line else ""
        found = self.error(f"{self.file.name}{at}: {place}{path[-1]}{words}.")
        if self._mistakes is None:
            raise found
        self._mistakes.append(found)

    def _line(self, number: int, path: tuple[str, ...]) -> int:
        """Where a key stands in the `number`th array table (0: before the first), else its parent, else the table."""
        within = list(self._within(number))
        for length in range(len(path), 0, -1):
            wanted = ".".join(path[:length])
            for place, key in within:
                if f"{key}.".startswith(f"{wanted}."):
                    return place
        return within[0][0] if number and within else 0

    def _within(self, number: int) -> Iterator[tuple[int, str]]:
        """Lines of that array table, each with the whole dotted key that stands in it, or an empty one."""
        at, table = 0, ""
        for place, line in enumerate(self._lines, start=1):
            if header := _HEADER.match(line):
                at += header["array"] == "[["
                table = "" if header["array"] == "[[" else header["key"]
            key = _KEY.match(line)
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

    @classmethod
    def load(cls, file: Path, error: type[UserError], mistakes: list[UserError] | None = None) -> "Table":
        """The top table of a file. Raises `error` when it cannot be read or is not TOML.

        With `mistakes`, everything else that is wrong is put there instead of being raised.
        """
        try:
            text = file.read_text(encoding="utf-8-sig")
            return cls(Source(file, text, error, mistakes), tomllib.loads(text))
        except OSError as problem:
            raise error(f"{file}: cannot be read ({problem.strerror}); check the name and its rights.") from None
        except UnicodeDecodeError:
            raise error(f"{file}: is not UTF-8 text; save it as UTF-8.") from None
        except tomllib.TOMLDecodeError as problem:
            raise error(_not_toml(file, text, str(problem))) from None
        except (ValueError, RecursionError):
            raise error(f"{file}: holds a number or a nesting beyond all measure; write it anew.") from None

    def over(self, default: Mapping[str, Any]) -> "Table":
        """This top table where it says something, else `default`, table by table."""
        return Table(self._source, _merged(default, self.values))

    def has(self, key: str) -> bool:
        """Whether the key is there; it counts as read."""
        self._read.add(key)
        return key in self.values

    def wrong(self, key: str, value: object, allowed: str) -> None:
        """Tell what is wrong with this key's value; `allowed` ends the sentence."""
        self._tell(f" = {_shown(value)}: {allowed}", key)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, default)
        if isinstance(value, str) and value.strip():
            return value
        self._refuse(key, value, "must be words between quotes")
        return default or "?"

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
        self._refuse(key, value, f"must be a number from {least:g} to {most:g}")
        return least if default is None else default

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        value = self._take(key, default)
        if type(value) is int and least <= value <= most:
            return value
        self._refuse(key, value, f"must be a whole number from {least} to {most}")
        return least if default is None else default

    def flag(self, key: str, default: bool = False) -> bool:
        value = self._take(key, default)
        if isinstance(value, bool):
            return value
        self._refuse(key, value, "must be true or false")
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
                self._refuse(key, value, f"{allowed}{_hint(value, names)}")
                return ()
        return tuple(choices(value) for value in values)

    def one_of(self, key: str, names: Collection[str], default: str | None = None) -> str:
        value = self._take(key, default)
        if value in names:
            return str(value)
        self._refuse(key, value, f"must be one of {', '.join(names)}{_hint(value, names)}")
        return default or next(iter(names))

    def table(self, key: str, form: str = "{ … }") -> "Table":
        """The table of this key; `form` is what one looks like."""
        value = self._take(key, None)
        if not isinstance(value, Mapping):
            self._refuse(key, value, f"must be a table, {form}")
            return _Nothing(self._source)
        place = f"{self.place}, {key}" if self.place else key
        return Table(self._source, value, place, self._number, (*self._path, key))

    def tables(self, key: str) -> list["Table"]:
        """The tables of an array [[key]]; at least one."""
        values = self._take(key, None)
        if not isinstance(values, list) or not values or not all(isinstance(value, Mapping) for value in values):
            self._refuse(key, values, f"must be one or more tables [[{key}]]")
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
        self._refuse(key, values, f"must be whole numbers from {least} to {most}, [..., ...]")
        return ()

    @property
    def keys(self) -> frozenset[str]:
        """The keys that were read so far, whether they were there or not."""
        return frozenset(self._read)

    def finish(self) -> None:
        """Refuse keys that nothing read, naming the nearest known one."""
        for key in self.values:
            if key not in self._read:
                known = sorted(self._read)
                allowed = f"there is no such key{_hint(key, known)}; the keys are {', '.join(known)}"
                self.wrong(key, self.values[key], allowed)

    def _take(self, key: str, default: object) -> Any:
        self._read.add(key)
        value = self.values.get(key, default)
        if value is None:
            self._tell(" is missing; add it", key)
            return _NOTHING
        return value

    def _refuse(self, key: str, value: object, allowed: str) -> None:
        """What is missing was told already."""
        if value is not _NOTHING:
            self.wrong(key, value, allowed)

    def _tell(self, words: str, key: str) -> None:
        place = f"{self.place}: " if self.place else ""
        self._source.mistake(words, place, self._number, (*self._path, key))


class _Nothing(Table):
    """Stands in for a table that is not there: whatever is asked of it was told already."""

    def __init__(self, source: Source) -> None:
        super().__init__(source, {})

    def _tell(self, words: str, key: str) -> None:
        pass


def _merged(default: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(default)
    for key, value in own.items():
        both_tables = isinstance(value, Mapping) and isinstance(default.get(key), Mapping)
        merged[key] = _merged(default[key], value) if both_tables else value
    return merged


def _lines_of(text: str) -> list[str]:
    """As TOML and editors count them, which take fewer characters for a line's end than Python does."""
    return text.split("\n")


def _not_toml(file: Path, text: str, problem: str) -> str:
    found = _BROKEN.fullmatch(problem)
    if found is None:
        return f"{file}: is not TOML: {problem}; is a quote or a bracket missing?"
    line = int(found["line"])
    return (
        f"{file}:{line}: {_lines_of(text)[line - 1].strip()}: is not TOML ({found['reason']}); "
        "words stand between quotes, decimals have a point, a key stands once."
    )


def _shown(value: object) -> str:
    """As it is written in TOML."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, float):
        text = f"{value:g}"
    else:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _hint(value: object, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(value), list(names), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""
