"""What people write where TOML wants something else: each slip of the pen gets its own remedy."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

HEADER = re.compile(r"\s*(?P<array>\[\[?)\s*(?P<key>[\w.-]+)")
KEY = re.compile(r"\s*(?P<key>[\w.-]+)\s*=")
_BROKEN = re.compile(r"(?P<reason>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)")
_TWICE = re.compile(r"Cannot (?P<what>declare|mutate immutable namespace) \((?P<path>.*?),?\)( twice)?")
_UNKNOWN = "words stand between quotes, decimals have a point, a key stands once"
_STRAIGHT = 'write straight quotes, "…", in place of curly ones'
_SOUND = re.compile(r'"[^"“”„]*([“„][^"“”„]*”[^"“”„]*)*"')
"""Words between straight quotes, in which curly ones may stand in pairs."""

_SLIPS = (
    ("Invalid value", r"\n[‘’‚«“”„]", _STRAIGHT),
    ("Invalid value", r"=\s*\n(?i:true|ja|yes|on|waar)\b", "write true, in small letters"),
    ("Invalid value", r"=\s*\n(?i:false|nee|no|off|onwaar)\b", "write false, in small letters"),
    ("", r"^\s*\n?(//|--|/\*|;)|\n(//|--|/\*)", "begin a remark with #"),
    ("", r"\n;\s*$", "leave out the ; at the end"),
    ("", r",\s*\n\}", "leave out the comma before }"),
    ("Invalid initial", r"[{,]\s*\n\s*(#.*)?$", "write everything from { to } on one line"),
    ("", r"\d\n,\s*\d", "write a decimal with a point, such as 2.5"),
    ("Expected '='", r"\n\s*:", "write = in place of :"),
    ("Expected '='", "", 'a key is one word, and = and its value stand behind it, as in key = "words"'),
    ("Expected ']", "", "write as many ] as there are ["),
    ("Unclosed inline", r"\n[\w.]+\s*=", "write a comma between the two"),
    ("Expected newline", r"\s\n[\w.-]+\s*=", "give every key a line of its own"),
    ("Expected newline", r"'\n\w", "words with an apostrophe stand between double quotes"),
    ("Duplicate inline", "", "between { and } each key stands once"),
    ("Expected newline|Unclosed", r"\"\s*\n\w.*\"", "a quote is missing, or stands within the words: write ' there"),
    ("Unclosed inline", "", "a comma or the closing } is missing"),
    ("Unclosed array", "", "a comma or the closing ] is missing, here or above"),
    (r"Illegal character '\\n'", "", "the closing quote is missing"),
    (r"Unescaped '\\|Invalid hex", "", r"write / in place of \ "),
    ("Invalid value", r"=\s*\n[^\W\d_]", 'write words between straight quotes, "…"'),
)
"""How tomllib's reason begins, a pattern for the line with a line's end where it stopped, and the remedy."""


@dataclass(frozen=True)
class _Slip:
    """Where tomllib stopped, and why; `arrays` are the tables of which there may be many."""

    lines: list[str]
    line: int
    column: int
    reason: str
    arrays: Collection[str]

    @property
    def words(self) -> str:
        return self.lines[self.line - 1]

    def earlier(self) -> Iterator[tuple[int, str]]:
        """The lines before this one, the nearest first, with their numbers."""
        for number in range(self.line - 1, 0, -1):
            yield number, self.lines[number - 1]


def lines_of(text: str) -> list[str]:
    """As TOML and editors count them, which take fewer characters for a line's end than Python does."""
    return text.split("\n")


def not_toml(file: Path, text: str, problem: str, arrays: Collection[str]) -> str:
    """The sentence for what tomllib could not read."""
    found = _BROKEN.fullmatch(problem)
    if found is None:
        return f"{file}: is not TOML: {problem}; is a quote or a bracket missing?"
    slip = _Slip(lines_of(text), int(found["line"]), int(found["column"]), found["reason"], arrays)
    remedy = _said_before(slip) or _slip_of_the_pen(slip)
    told = f"; {remedy}" if remedy else f" ({slip.reason}); {_UNKNOWN}"
    return f"{file}:{slip.line}: {slip.words.strip()}: is not TOML{told}."


def _slip_of_the_pen(slip: _Slip) -> str | None:
    if re.search("[“”„]", _SOUND.sub("", slip.words)):
        return _STRAIGHT
    place = slip.column - 1
    marked = f"{slip.words[:place]}\n{slip.words[place:]}"
    for reason, pattern, remedy in _SLIPS:
        if re.match(reason, slip.reason) and re.search(pattern, marked):
            return remedy.strip()
    return None


def _said_before(slip: _Slip) -> str | None:
    """What to do with a key or a table that stands in the file already."""
    if twice := _TWICE.fullmatch(slip.reason):
        path = [name.strip(" '\"") for name in twice["path"].split(",")]
        return _table_twice(slip, path) if twice["what"] == "declare" else _in_braces(slip, path[-1])
    if slip.reason != "Cannot overwrite a value":
        return None
    return _array_after_table(slip) if HEADER.match(slip.words) else _key_twice(slip)


def _table_twice(slip: _Slip, path: list[str]) -> str:
    name = ".".join(path)
    if name in slip.arrays:
        return f"write [[{name}]], with two brackets on each side, above every {name}"
    return f"{name} stands {_in_line(slip, path[-1])} already; put its keys there"


def _array_after_table(slip: _Slip) -> str:
    header = HEADER.match(slip.words)
    name = header["key"] if header else ""
    return f"{name} stands {_in_line(slip, name)} already; write [[{name}]] there too, with two brackets on each side"


def _in_braces(slip: _Slip, name: str) -> str:
    key = KEY.match(slip.words)
    last = key["key"].rpartition(".")[2] if key else "this"
    return f"{name} stands {_in_line(slip, name)} already, with a value of its own; put {last} between its braces"


def _key_twice(slip: _Slip) -> str:
    key = KEY.match(slip.words)
    name = key["key"] if key else "this key"
    header = next((found for _, line in slip.earlier() if (found := HEADER.match(line))), None)
    remedy = f"{name} stands {_in_line(slip, name)} already; keep one of the two"
    is_text = "{" in slip.words
    if header is None or header["array"] != "[[" or is_text:
        return remedy
    return f"{remedy}, and put what is of the whole file above the first [[{header['key']}]]"


def _in_line(slip: _Slip, name: str) -> str:
    """Where the nearest earlier line says it, as a header or a key, alone or with a point behind it."""
    for number, line in slip.earlier():
        found = HEADER.match(line) or KEY.match(line)
        if found and f"{found['key']}.".startswith(f"{name}."):
            return f"in line {number}"
    return "here"
