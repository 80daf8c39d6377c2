"""Cards: one page each, from the same data as the session."""

from pathlib import Path

import pytest

from companion.cards import CardError, method_rows, print_list, print_method, print_phrases, times_of
from companion.cli import main
from companion.core.method import Method, RuleSet, Timing
from companion.core.plan import make_plan
from companion.language.phrases import phrases
from companion.methods import find_method, load_methods, load_rule_sets

RULES = load_rule_sets()
METHODS = load_methods(rule_sets=RULES)


def pages(file: Path) -> int:
    return file.read_bytes().count(b"/Type /Page\n")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_every_method_fits_on_one_page_and_its_rules_on_the_back(method: Method, language: str, tmp_path: Path) -> None:
    file = tmp_path / "card.pdf"
    bottom = print_method(make_plan(method, 6), RULES[method.rules], language, file)
    assert pages(file) == 2
    assert bottom <= 200, "the steps end above the foot"


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_a_card_shows_the_times_of_the_plan(method: Method) -> None:
    plan = make_plan(method, 6)
    rows = method_rows(plan)
    assert [row.step for row in rows] == list(method.steps)
    counted = {row.number: row.length * row.copies for row in reversed(rows)}
    assert sum(counted.values()) == pytest.approx(plan.total)
    assert list(counted) == sorted(counted, reverse=True)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("rules", RULES.values(), ids=lambda rules: rules.id)
def test_every_list_fits_on_one_page(rules: RuleSet, language: str, tmp_path: Path) -> None:
    file = tmp_path / "list.pdf"
    bottom = print_list(rules, language, file)
    assert pages(file) == 1
    assert bottom <= 200


@pytest.mark.parametrize(("people", "changed"), [(5, False), (6, True)])
def test_times_that_were_fitted_are_not_called_published(people: int, changed: bool) -> None:
    plan = make_plan(find_method("case-clinic-kort", METHODS), people)
    assert (times_of(plan) is Timing.ADAPTED) is changed


@pytest.mark.parametrize("language", ["nl", "en"])
def test_all_phrases_fit_on_one_page(language: str, tmp_path: Path) -> None:
    file = tmp_path / "card.pdf"
    print_phrases(phrases(language, METHODS, RULES.values()), language, file)
    assert pages(file) == 1


def test_the_command_line_writes_both_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["methods", "print", "troika", "--people", "6"]) == 0
    assert main(["phrases", "-o", "say.pdf"]) == 0
    assert main(["methods", "print", "reflectievragen"]) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["reflectievragen.pdf", "say.pdf", "troika.pdf"]


def test_a_card_that_cannot_be_written_is_told_in_one_sentence() -> None:
    plan = make_plan(find_method("troika", METHODS), 6)
    with pytest.raises(CardError, match=r"/nowhere/card.pdf: cannot be written \(No such file or directory\)"):
        print_method(plan, RULES[plan.method.rules], "nl", Path("/nowhere/card.pdf"))
