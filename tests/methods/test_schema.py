"""The published schema is current, names the keys that are read, and takes what the check takes."""

import json
import tomllib
from collections.abc import Collection
from pathlib import Path

import jsonschema
import pytest

from companion.cli import main
from companion.core.errors import MethodError
from companion.method_file import OF_THE_METHOD, read_method
from companion.methods import FOLDER, load_rule_sets
from companion.table import Table

PUBLISHED = json.loads((FOLDER / "method.schema.json").read_text(encoding="utf-8"))
FILES = sorted(FOLDER.glob("*.toml"))


def test_the_published_schema_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods", "schema"]) == 0
    printed = capsys.readouterr().out
    assert (FOLDER / "method.schema.json").read_text(encoding="utf-8") == printed, "companion methods schema > ..."


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_method_is_valid(file: Path) -> None:
    jsonschema.validate(tomllib.loads(file.read_text(encoding="utf-8")), PUBLISHED)


def test_its_keys_are_those_that_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: dict[str, set[str]] = {"": set(), "step": set(), "people": set()}
    finish = Table.finish

    def remember(table: Table, above: Collection[str] = ()) -> None:
        if table.place.split(" ")[0] in read and "," not in table.place:
            read[table.place.split(" ")[0]] |= table.keys
        finish(table, above)

    rule_sets = load_rule_sets()
    monkeypatch.setattr(Table, "finish", remember)
    read_method(FOLDER / "luisteroefening.toml", rule_sets)
    keys = PUBLISHED["properties"]
    assert read[""] == set(keys)
    assert read["step"] == set(keys["step"]["items"]["properties"])
    assert read[""] - read["step"] - {"step"} == OF_THE_METHOD
    assert read["people"] - {"circle"} == set(keys["people"]["properties"]) - {"circle"}


@pytest.mark.parametrize("broken", tomllib.loads(Path("tests/broken_methods.toml").read_text())["broken"])
def test_what_the_schema_refuses_the_check_refuses_too(broken: dict[str, str], tmp_path: Path) -> None:
    from tests.test_methods import BASE

    text = BASE.replace(broken["old"], broken["new"], 1)
    try:
        jsonschema.validate(tomllib.loads(text), PUBLISHED)
    except jsonschema.ValidationError:
        file = tmp_path / "mine.toml"
        file.write_text(text)
        with pytest.raises(MethodError):
            read_method(file, load_rule_sets())
