"""Documents that are made from the code are current."""

import json
import re
from pathlib import Path

import pytest

from companion.bench.diagram import diagram
from companion.bench.tables import tables
from companion.language.phrases import phrases, understand
from companion.methods import load_methods, load_rule_sets

PROJECT = Path(__file__).parents[1]
DOCS = PROJECT / "docs"
PAGES = [PROJECT / "README.md", *sorted(DOCS.glob("*.md"))]
LINK = re.compile(r"\]\(([^)#:]+)\)")


def test_the_state_diagram_is_current() -> None:
    assert (DOCS / "states.md").read_text(encoding="utf-8") == diagram()


def test_the_tables_hold_what_was_measured() -> None:
    measured = json.loads((DOCS / "hearing.json").read_text(encoding="utf-8"))
    assert (DOCS / "hearing-tables.md").read_text(encoding="utf-8") == tables(measured)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_has_a_hole_or_a_dead_link(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not [line for line in text.splitlines() if line.strip() in ("FIGURES", "NAIVE", "TARGETS", "TODO")]
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


def test_the_card_in_the_readme_says_what_is_understood() -> None:
    card = (PROJECT / "README.md").read_text(encoding="utf-8").partition("## What you can say")[2].partition("##")[0]
    rows = [line.split("|")[2:4] for line in card.splitlines() if line.startswith("| ")][1:]
    for place, language in enumerate(("nl", "en")):
        known = phrases(language, load_methods(), load_rule_sets().values())
        for row in rows:
            for phrase in re.split(r" · |, then | of | or ", row[place].strip()):
                assert understand(phrase, known) is not None, phrase


def test_every_test_that_a_page_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", "".join(page.read_text(encoding="utf-8") for page in PAGES))
    assert named
    assert [name for name in named if not (PROJECT / name).is_file()] == []
