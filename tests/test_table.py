"""What is not TOML: each slip of the pen gets a remedy of its own, with its line."""

from pathlib import Path

import pytest

from companion.core.errors import UserError
from companion.table import Table

STRAIGHT = 'write straight quotes, "…", in place of curly ones'
SLIPS = [
    ('[[step]]\nid = "a"\n[step]', 3, "write [[step]], with two brackets on each side, above every step"),
    ('[step]\nid = "a"\n[step]', 3, "write [[step]], with two brackets on each side, above every step"),
    ('[step]\nid = "a"\n[[step]]', 3,
     "step stands in line 1 already; write [[step]] there too, with two brackets on each side"),
    ("[light]\ncount = 1\n[light]", 3, "light stands in line 1 already; put its keys there"),
    ("[[step]]\nminutes = 3\nminutes = 15", 3,
     "minutes stands in line 2 already; keep one of the two, and put what is of the whole file above the first "
     "[[step]]"),
    ("[light]\ncount = 1\ncount = 2", 3, "count stands in line 2 already; keep one of the two"),
    ('[[step]]\ncue = { nl = "a" }\ncue.en = "b"', 3,
     "cue stands in line 2 already, with a value of its own; put en between its braces"),
    ('[[step]]\ncue.en = "b"\ncue = { nl = "a" }', 3, "cue stands in line 2 already; keep one of the two"),
    ('[[step]]\ncue = { nl = "a" }\n[step.cue]', 3, "step.cue stands in line 2 already; put its keys there"),
    ('cue = { nl = "a", nl = "b" }', 1, "between { and } each key stands once"),
    ("id = “a”", 1, STRAIGHT),
    ("id = ‘a’", 1, STRAIGHT),
    ('id = "a”', 1, STRAIGHT),
    ('cue = { nl = "a”, en = "b" }', 1, STRAIGHT),
    ('cue = { nl = "zeg “ja”", en = "b", }', 1, "leave out the comma before }"),
    ("fixed = True", 1, "write true, in small letters"),
    ("fixed = ja", 1, "write true, in small letters"),
    ("fixed = nee", 1, "write false, in small letters"),
    ("\n// een opmerking", 2, "begin a remark with #"),
    ("-- een opmerking", 1, "begin a remark with #"),
    ('id = "a" // een opmerking', 1, "begin a remark with #"),
    ('id = "a";', 1, "leave out the ; at the end"),
    ('cue = { nl = "a", en = "b", }', 1, "leave out the comma before }"),
    ('cue = { nl = "a"\n, en = "b" }', 1, "a comma or the closing } is missing"),
    ('cue = { nl = "a",\nen = "b" }', 1, "write everything from { to } on one line"),
    ('cue = { nl = "a" en = "b" }', 1, "write a comma between the two"),
    ("minutes = 2,5", 1, "write a decimal with a point, such as 2.5"),
    ("minutes: 2", 1, "write = in place of :"),
    ('mijn sleutel = "a"', 1, 'a key is one word, and = and its value stand behind it, as in key = "words"'),
    ("[[step]\n", 1, "write as many ] as there are ["),
    ("id = a", 1, 'write words between straight quotes, "…"'),
    ('id = "a', 1, "the closing quote is missing"),
    ("id = 'foto's'", 1, "words with an apostrophe stand between double quotes"),
    ('id = "zeg "ja" dan"', 1, "a quote is missing, or stands within the words: write ' there"),
    ('id = "a" minutes = 3', 1, "give every key a line of its own"),
    ('purposes = ["a"\nid = 3', 2, "a comma or the closing ] is missing, here or above"),
    (r'methods = "C:\users"', 1, r"write / in place of \ ".strip()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "remedy"), SLIPS, ids=lambda value: str(value)[:30])
def test_a_slip_of_the_pen_gets_its_own_remedy(tmp_path: Path, text: str, line: int, remedy: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        Table.load(file, UserError, arrays=("step",))
    shown = text.split("\n")[line - 1].strip()
    assert str(caught.value) == f"{file}:{line}: {shown}: is not TOML; {remedy}."


def test_what_nobody_thought_of_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("a = 1 2\n")
    with pytest.raises(UserError, match=r"mine.toml:1: a = 1 2: is not TOML \(Expected newline .*\); words stand "):
        Table.load(tmp_path / "mine.toml", UserError)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("{ a = true, b = 2.5 }", "{ a = true, b = 2.5 }"),
        ('["a", 1]', '["a", 1]'),
        ("2026-01-31", "2026-01-31"),
        ('"""a\nb"""', '"a b"'),
    ],
)
def test_a_value_is_shown_as_it_is_written(tmp_path: Path, value: str, shown: str) -> None:
    (tmp_path / "mine.toml").write_text(f"key = {value}\n")
    mistakes: list[UserError] = []
    Table.load(tmp_path / "mine.toml", UserError, mistakes).number("key", 0, 1)
    assert list(map(str, mistakes)) == [f"mine.toml:1: key = {shown}: must be a number from 0 to 1."]
