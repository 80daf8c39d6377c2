"""The library: every file holds, and what it says is short, whole and the same in both languages."""

import difflib
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from companion.core.method import Advice, Kind, Method, Place, RuleSet, Step, Text
from companion.language.phrases import LANGUAGES
from companion.method_file import read_method
from companion.methods import FOLDER, load_methods, load_rule_sets, mistakes_in

LISTS = load_rule_sets()
METHODS = load_methods()
PAGE = Path(__file__).parents[2] / "docs" / "methods.md"
WORDS_OF_A_CUE, WORDS_OF_AN_INSTRUCTION, WORDS_OF_A_SENTENCE_ASIDE = 6, 34, 28
COUNTS = {
    "basisregels": 8, "gespreksregels": 7, "afspraken": 4, "basisvoorwaarden": 6, "voorwaardenvragen": 6,
    "reflectievragen": 5, "kwaliteitsvragen": 3, "gezichtspunten": 5, "dimensies": 8, "opbouw": 3,
    "begeleiderstips": 11, "definities": 8, "doelen": 6, "voorbereiding": 12, "na-afloop": 6, "wanneer": 8,
    "verder-lezen": 2,
}  # fmt: skip
NEVER = {"action-learning", "balintgroep", "case-clinic", "case-clinic-kort", "clearness-committee",
         "leren-van-successen", "reflecting-team", "roddelmethode", "themabijeenkomst"}  # fmt: skip

every_method = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
every_list = pytest.mark.parametrize("rules", LISTS.values(), ids=lambda rules: rules.id)


def said_by_itself(step: Step) -> Iterator[Text]:
    yield from (text for text in (step.question, step.cue, step.instruction, step.reminder, step.end) if text)


def texts(method: Method) -> Iterator[Text]:
    yield from (text for text in (method.summary, method.materials, method.prepare) if text)
    for step in method.steps:
        yield from said_by_itself(step)
        yield from (task for _, task in method.tasks(step))


def test_there_are_at_least_sixteen_methods() -> None:
    assert len(METHODS) >= 16


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.toml")), ids=lambda file: file.stem)
def test_a_file_has_no_mistakes_and_names_its_source_at_its_head(file: Path) -> None:
    assert mistakes_in(file, LISTS, (), {"nl": "tafel", "en": "table"}) == ()
    assert file.read_text(encoding="utf-8").startswith("#:schema ./method.schema.json\n# ")


def test_ids_and_names_are_distinct_to_the_ear() -> None:
    for language in LANGUAGES:
        method_names = [method.name.of(language).lower() for method in METHODS]
        list_names = [rules.name.of(language).lower() for rules in LISTS.values()]
        for one, other in [*combinations(method_names, 2), *combinations(list_names, 2)]:
            assert difflib.SequenceMatcher(None, one, other).ratio() < 0.87, (one, other)
    assert len({method.id for method in METHODS} | set(LISTS)) == len(METHODS) + len(LISTS)


@every_method
def test_the_two_languages_say_it_each_in_their_own_words(method: Method) -> None:
    assert method.name.of("nl") != method.name.of("en")
    assert [text.of("nl") for text in texts(method) if text.of("nl") == text.of("en")] == []


@every_method
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_stands_twice_in_a_method(method: Method, language: str) -> None:
    said = [text.of(language) for step in method.steps for text in said_by_itself(step)]
    assert sorted(said) == sorted(set(said))


@every_method
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_is_short_and_can_be_spoken(method: Method, language: str) -> None:
    for text in texts(method):
        words = text.of(language)
        assert not re.search(r"[!()\[\]{}0-9/…—–]|\b(bijv|etc|evt|e\.g|i\.e)\b", words), words
    for step in method.steps:
        assert len(step.cue.of(language).split()) <= WORDS_OF_A_CUE
        assert len(step.instruction.of(language).split()) <= WORDS_OF_AN_INSTRUCTION, step.instruction.of(language)
        assert len(re.findall(r"[.?]", step.instruction.of(language))) <= 3
        for aside in (step.reminder, step.end, step.question):
            assert aside is None or len(aside.of(language).split()) <= WORDS_OF_A_SENTENCE_ASIDE
        for spoken in said_by_itself(step):
            assert re.match(r"[A-Z]", spoken.of(language).replace("É", "E"))
            assert spoken.of(language)[-1] in ".?"
        for _, task in method.tasks(step):
            assert task.of(language)[0].islower()
            assert task.of(language)[-1] not in ".?,"


@every_method
def test_a_method_serves_a_purpose_and_ends_with_a_step_that_is_kept_whole(method: Method) -> None:
    assert method.purposes
    assert method.steps[-1].kind is Kind.CLOSE
    assert method.steps[-1].protected or method.repeats_for_people


@every_method
def test_advice_is_given_only_where_the_source_has_it(method: Method) -> None:
    assert all(step.advice is Advice.NEVER for step in method.steps) == (method.id in NEVER)


@pytest.mark.parametrize(
    ("id", "step", "place"),
    [
        ("roddelmethode", "roddelen", Place.BACK_TURNED),
        ("incidentmethode-met-roddelen", "roddelen", Place.BACK_TURNED),
        ("incidentmethode-fotoscholing", "analyse", Place.OUTSIDE),
        ("incidentmethode-wikiwijs", "overleg", Place.OUT_OF_ROOM),
        ("reflecting-team", "team", Place.NO_EYE_CONTACT),
        ("troika", "raad", Place.BACK_TURNED),
        ("wise-crowds", "raad", Place.BACK_TURNED),
    ],
)
def test_the_case_giver_sits_where_the_method_wants(id: str, step: str, place: Place) -> None:
    method = next(method for method in METHODS if method.id == id)
    assert next(each for each in method.steps if each.id == step).place is place


def test_the_lists_are_whole() -> None:
    assert {id: len(rules.rules) for id, rules in LISTS.items()} == COUNTS


@every_list
def test_a_list_says_every_sentence_once_and_in_both_languages(rules: RuleSet) -> None:
    for language in LANGUAGES:
        said = [rule.of(language) for rule in rules.rules]
        assert len(set(said)) == len(said)
        assert not [words for words in said if re.search(r"[!()\[\]{}0-9/]", words)]
        assert not [words for words in said if words[-1] not in ".?" or len(words.split()) > 40]
    assert [rule.of("nl") for rule in rules.rules if rule.of("nl") == rule.of("en")] == []


def test_the_preconditions_are_questions_too() -> None:
    assert len(LISTS["voorwaardenvragen"].rules) == len(LISTS["basisvoorwaarden"].rules)
    assert all(rule.of(language).endswith("?") for rule in LISTS["voorwaardenvragen"].rules for language in LANGUAGES)


def test_the_example_on_the_page_is_a_whole_method(tmp_path: Path) -> None:
    example = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    file = tmp_path / "ons-kwartier.toml"
    file.write_text(example, encoding="utf-8")
    method = read_method(file, LISTS)
    assert [step.id for step in method.steps] == ["verhaal", "vragen", "tips", "afsluiten"]


def test_the_page_lists_every_method_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for method in METHODS:
        row = next(line for line in page.splitlines() if f"](../methods/{method.id}.toml)" in line)
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        people = f"{method.group.least} to {method.group.most}"
        assert cells[1:6] == [f"{method.total / 60:g}", people, method.experience.value,
                              ", ".join(purpose.value for purpose in method.purposes), method.timing.value]  # fmt: skip


def test_the_page_names_every_key() -> None:
    source = (PAGE.parents[1] / "companion" / "method_file.py").read_text(encoding="utf-8")
    keys = set(re.findall(r"""(?:table\.\w+|_text|_optional_text)\((?:table, )?"([a-z_]+)\"""", source))
    page = PAGE.read_text(encoding="utf-8")
    assert [key for key in sorted(keys) if f"`{key}`" not in page and f"[[{key}]]" not in page] == []
