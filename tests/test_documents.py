"""Documents that are made from the code are current."""

from pathlib import Path

from companion.bench.diagram import diagram

DOCS = Path(__file__).parents[1] / "docs"


def test_the_state_diagram_is_current() -> None:
    assert (DOCS / "states.md").read_text(encoding="utf-8") == diagram()
