"""Everything the first documents ask has a place in the product, and what is named there is really there."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ITEMS = [str(number) for number in range(1, 74)]
DISAGREEMENTS = [f"J{number}" for number in range(1, 8)]


def rows() -> dict[str, str]:
    """The last cell of each row of docs/seeds.md, by item."""
    page = (PROJECT / "docs" / "seeds.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| (J?\d+) \|.*\| (.+) \|$", page, re.MULTILINE)
    assert len(found) == len(dict(found)), "an item stands twice"
    return dict(found)


PLACES = rows()


def test_every_item_and_every_disagreement_has_a_row() -> None:
    assert sorted(PLACES) == sorted([*ITEMS, *DISAGREEMENTS])


@pytest.mark.parametrize("item", [*ITEMS, *DISAGREEMENTS])
def test_the_place_of_an_item_is_there(item: str) -> None:
    places = [place.split("` `") for place in PLACES[item].strip("`").split("`; `")]
    assert places
    for file, words in places:
        assert (PROJECT / file).is_file(), file
        assert words in (PROJECT / file).read_text(encoding="utf-8"), f"{words} is not in {file}"
