"""Method files: the shipped ones hold, and every mistake gets one sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from companion.core.errors import MethodError
from companion.core.method import Ending, Turns
from companion.methods import FOLDER, find_method, load_method, load_methods, load_rule_sets

RULES = load_rule_sets()
METHODS = load_methods()
WORDS_OF_A_CUE, WORDS_OF_AN_INSTRUCTION = 6, 34


def test_the_three_methods_and_the_rule_sets_are_there() -> None:
    assert [method.id for method in METHODS] == ["incidentmethode", "luisteroefening", "sessie-in-vijf-delen"]
    assert {id: len(rules.rules) for id, rules in RULES.items()} == {
        "basisregels": 8,
        "gespreksregels": 7,
        "afspraken": 4,
        "basisvoorwaarden": 6,
    }


def test_the_listening_exercise_has_the_order_and_roles_of_its_source() -> None:
    steps = find_method("luisteroefening", METHODS).steps
    assert [step.times.usual / 60 for step in steps] == [3, 5, 5, 2, 10, 4, 1]
    assert [step.turns is Turns.OTHERS for step in steps] == [False, False, True, False, False, True, False]
    assert steps[-1].ending is Ending.SOFT


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.id)
def test_what_is_said_is_short(method: object, language: str) -> None:
    for step in method.steps:  # type: ignore[attr-defined]
        assert len(step.cue.of(language).split()) <= WORDS_OF_A_CUE
        assert len(step.instruction.of(language).split()) <= WORDS_OF_AN_INSTRUCTION


@pytest.mark.parametrize("name", ["luisteroefening", "Luisteroefening", "listening exercise "])
def test_a_method_is_found_by_id_and_name(name: str) -> None:
    assert find_method(name, METHODS).id == "luisteroefening"


def test_an_unknown_method_is_named_with_the_nearest() -> None:
    with pytest.raises(MethodError) as caught:
        find_method("luisteroefning", METHODS)
    assert str(caught.value) == (
        'There is no method "luisteroefning"; did you mean "luisteroefening"? '
        "The methods are incidentmethode, luisteroefening, sessie-in-vijf-delen."
    )


Change = Callable[[str], str]


def replaced(old: str, new: str) -> Change:
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (replaced("minutes = 30", "minutes = 31"),
         "mine.toml: minutes = 31.0: must be the steps' sum, 30 with 6 people."),
        (replaced("minutes = 3\n", 'minutes = "3"\n'),
         'mine.toml: step 1 (vertellen): minutes = "3": must be a number from 0.1 to 240.'),
        (replaced("minutes = 3\n", ""), "mine.toml: step 1 (vertellen): minutes is missing; add it."),
        (replaced("minutes = 3\n", "minutes = 3\nseconds = 180\n"),
         "mine.toml: step 1 (vertellen): seconds = 180.0: stands beside minutes; keep one of the two."),
        (replaced("minutes = 3\n", "seconds_each = 180\n"),
         "mine.toml: step 1 (vertellen): seconds_each = 180.0: needs turns = everyone or others."),
        (replaced('kind = "listen"', 'kind = "lisen"'),
         'mine.toml: step 1 (vertellen): kind = "lisen": must be one of listen, ask, write, group, advise, close '
         '(did you mean "listen"?).'),
        (replaced('ending = "hard"', "ending = 3"),
         "mine.toml: step 1 (vertellen): ending = 3: must be one of hard, firm, soft, open."),
        (replaced('rules = "basisregels"', 'rules = "regels"'),
         'mine.toml: rules = "regels": must be one of afspraken, basisregels, basisvoorwaarden, gespreksregels '
         '(did you mean "basisregels"?).'),
        (replaced('cue.en = "The teller begins."', ""), "mine.toml: step 1 (vertellen), cue: en is missing; add it."),
        (replaced("sign = 30", "signs = 30"),
         "mine.toml: step 1 (vertellen): signs = 30: there is no such key (did you mean \"sign\"?); the keys are "
         "at_least, at_most, case_giver_task, cue, ending, grace, id, instruction, kind, minutes, others_task, "
         "outside, per_case, sign, silence, turns."),
        (replaced('id = "vragen"', 'id = "vertellen"'),
         'mine.toml: id = "vertellen": stands for two steps; every step needs an id of its own.'),
        (replaced("minutes = 30", "minutes = 30\ncases = 2"),
         "mine.toml: cases = 2: needs steps with per_case = true."),
        (replaced("least = 4", "least = 9"), "mine.toml: people: least = 9: must not be above most, 8."),
        (replaced("usual = 6", "usual = true"), "mine.toml: people: usual = True: must be a whole number from 4 to 8."),
        (replaced('name = {', "name = 3 # {"), "mine.toml: name = 3: must be a table, { … }."),
        (replaced("sign = 30", "sign = 30\nsilence = 1"),
         "mine.toml: step 1 (vertellen): silence = 1: must be true or false."),
        (replaced('source = "Hand', 'source = 7 # "Hand'), "mine.toml: source = 7: must be words between quotes."),
        (lambda text: text.split("[[step]]")[0], "mine.toml: step is missing; add it."),
        (lambda text: text.split("[[step]]")[0] + "step = 3\n",
         "mine.toml: step = 3: must be one or more tables [[step]]."),
    ],
)  # fmt: skip
def test_every_mistake_gets_one_sentence(tmp_path: Path, change: Change, message: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(change((FOLDER / "luisteroefening.toml").read_text()))
    with pytest.raises(MethodError) as caught:
        load_method(file, RULES)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read (No such file or directory); check the name and its rights."),
        (b"name = [", "is not TOML: "),
        (b"\xff\xfe", "is not UTF-8 text; save it as UTF-8."),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(MethodError) as caught:
        load_method(file, RULES)
    assert str(caught.value).startswith(f"{file}: {message}")
