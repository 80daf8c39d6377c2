"""Method files: the shipped ones hold, and every mistake gets one sentence."""

import tomllib
from pathlib import Path

import pytest

from companion.core.errors import MethodError
from companion.core.method import Ending, Turns
from companion.method_file import read_method
from companion.methods import find_method, load_methods, load_own, load_rule_sets, mistakes_in

RULES = load_rule_sets()
METHODS = load_methods()


def test_the_rule_sets_are_whole() -> None:
    sizes = {id: len(rules.rules) for id, rules in RULES.items()}
    assert sizes | {"basisregels": 8, "gespreksregels": 7, "afspraken": 4, "basisvoorwaarden": 6} == sizes


def test_the_listening_exercise_has_the_order_and_roles_of_its_source() -> None:
    steps = find_method("luisteroefening", METHODS).steps
    assert [step.times.usual / 60 for step in steps] == [3, 5, 5, 2, 10, 4, 1]
    assert [step.turns is Turns.OTHERS for step in steps] == [False, False, True, False, False, True, False]
    assert steps[-1].ending is Ending.SOFT


@pytest.mark.parametrize("name", ["luisteroefening", "Luisteroefening", "listening exercise "])
def test_a_method_is_found_by_id_and_name(name: str) -> None:
    assert find_method(name, METHODS).id == "luisteroefening"


def test_an_unknown_method_is_named_with_the_nearest() -> None:
    with pytest.raises(MethodError) as caught:
        find_method("luisteroefning", METHODS)
    ids = ", ".join(method.id for method in METHODS)
    expected = f'There is no method "luisteroefning"; did you mean "luisteroefening"? The methods are {ids}.'
    assert str(caught.value) == expected


BASE = """
name = { nl = "Proef", en = "Trial" }
summary = { nl = "Een proef.", en = "A trial." }
source = "ons"
timing = "ours"
minutes = 30
people = { least = 4, usual = 6, most = 8 }
case_giver = { nl = "inbrenger", en = "case giver" }
others = { nl = "groep", en = "group" }
rules = "basisregels"

[[step]]
id = "vertellen"
kind = "listen"
minutes = 10
cue = { nl = "Vertel.", en = "Tell." }
instruction = { nl = "Vertel wat er was.", en = "Tell what happened." }
case_giver_task = { nl = "vertel", en = "tell" }
others_task = { nl = "luister", en = "listen" }

[[step]]
id = "ronde"
kind = "advise"
minutes = 10
turns = "others"
ending = "firm"
grace = 10
cue.nl = "Ieder een advies."
cue.en = "Advice from each."
instruction = { nl = "Geef om de beurt advies.", en = "Give advice in turn." }
case_giver_task = { nl = "luister", en = "listen" }
others_task = { nl = "geef advies", en = "give advice" }

[[step]]
id = "slot"
kind = "close"
minutes = 10
cue = { nl = "Tot slot.", en = "To close." }
instruction = { nl = "Zeg wat je meeneemt.", en = "Say what you take with you." }
case_giver_task = { nl = "sluit af", en = "close" }
others_task = { nl = "luister", en = "listen" }
"""
"""A sound method: every broken file is this one with one change."""
CALLED = {"nl": "tafel", "en": "table"}
TWO_SETS = {id: RULES[id] for id in ("afspraken", "basisregels")}


BROKEN = tomllib.loads((Path(__file__).parent / "broken_methods.toml").read_text())["broken"]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: str(broken["new"])[:30])
def test_every_mistake_gets_one_sentence(tmp_path: Path, broken: dict[str, str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(BASE.replace(broken["old"], broken["new"], 1))
    assert file.read_text() != BASE
    with pytest.raises(MethodError) as caught:
        read_method(file, TWO_SETS)
    assert str(caught.value) == broken["message"]
    assert str(mistakes_in(file, TWO_SETS, (), CALLED)[0]) == broken["message"]


def test_the_sound_method_has_no_mistakes(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(BASE)
    assert mistakes_in(file, RULES, (), CALLED) == ()
    assert read_method(file, RULES).total == 1800


@pytest.mark.parametrize(
    ("written", "shown"),
    [('"ons"', "ons"), ('{ nl = "van ons", en = "of our own" }', "of our own")],
)
def test_a_source_is_one_note_or_one_in_each_language(tmp_path: Path, written: str, shown: str) -> None:
    (tmp_path / "trial.toml").write_text(BASE.replace('source = "ons"', f"source = {written}"))
    assert read_method(tmp_path / "trial.toml", ["basisregels"]).source.of("en") == shown


def test_what_is_counted_back_from_the_end_does_not_wait_for_a_press(tmp_path: Path) -> None:
    counted = BASE.replace('kind = "close"', 'kind = "close"\nbefore_end = 10')
    (tmp_path / "firm.toml").write_text(counted)
    assert mistakes_in(tmp_path / "firm.toml", RULES, (), CALLED) == ()
    (tmp_path / "firm.toml").unlink()
    (tmp_path / "soft.toml").write_text(counted.replace('ending = "firm"\ngrace = 10', 'ending = "soft"'))
    assert list(map(str, mistakes_in(tmp_path / "soft.toml", RULES, (), CALLED))) == [
        'soft.toml:36: step 3 (slot): before_end = 10: would wait for a press; give the step before it ending = "firm".'
    ]


def test_all_mistakes_of_a_file_are_found_at_once(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    broken = BASE.replace("minutes = 30", "minutes = true").replace('kind = "close"', 'kind = "end"')
    file.write_text(broken.replace('cue.en = "Advice from each."', "").replace("grace = 10", 'grace = "10"'))
    lines = [int(str(mistake).split(":")[1]) for mistake in mistakes_in(file, RULES, (), CALLED)]
    assert sorted(lines) == [6, 27, 28, 36]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("minutes = 10\ncue", "minutes = 0\ncue"),
        ("most = 8", "most = 20"),
        ("most = 8 }", "most = 20, circle = 6 }"),
        ("minutes = 10\ncue", "minutes = 0\nat_least = 5\ncue"),
        ("minutes = 30", "minutes = 30\ncases = 2"),
        ('cue.nl = "Ieder een advies."', ""),
    ],
)
def test_one_mistake_is_told_as_one(tmp_path: Path, old: str, new: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(BASE.replace(old, new, 1))
    assert len(mistakes_in(file, RULES, (), CALLED)) == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("minutes = 30", "minutes = 30,5", "{file}:6: minutes = 30,5: is not TOML; "
         "write a decimal with a point, such as 2.5."),
        ('nl = "luister", en = "listen"', 'nl = "luister, en = "listen"',
         "is not TOML; a quote is missing, or stands within the words: write ' there."),
    ],
)  # fmt: skip
def test_a_slip_of_the_pen_is_shown_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(BASE.replace(old, new, 1))
    with pytest.raises(MethodError) as caught:
        read_method(file, RULES)
    assert message.format(file=file) in str(caught.value)


def test_a_broken_method_of_a_groups_own_is_told_and_the_rest_work(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(BASE)
    (tmp_path / "bad.toml").write_text(BASE.replace("minutes = 30", "minutes = 31"))
    same = BASE.replace('en = "Trial"', 'en = "Listening, exercise."').replace('nl = "Proef"', 'nl = "Proef twee"')
    (tmp_path / "same.toml").write_text(same)
    (tmp_path / "table.toml").write_text(BASE.replace('nl = "Proef"', 'nl = "Ronde tafel"'))
    (tmp_path / "long.toml").write_text(BASE.replace('nl = "Proef"', f'nl = "{"o" * 61}"'))
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "half.toml").write_text('name = { nl = "half", en = "half" }\nsource = "ons"\n')
    ours = 'name = { nl = "Regel drie", en = "our rules" }\nsource = "ons"\n[[rule]]\nnl = "Kom."\nen = "Come."\n'
    (tmp_path / "rules" / "ours.toml").write_text(ours)
    (tmp_path / "prompts").mkdir()
    for folder, word in (("rules", "eigen"), ("prompts", "andere")):
        twice = ours.replace("Regel drie", f"de {word} vragen").replace("our rules", f"the {word} questions")
        (tmp_path / folder / "twice.toml").write_text(twice)
    (tmp_path / "waar.toml").write_text(ours)
    own = load_own(tmp_path, METHODS, RULES, CALLED)
    assert [method.id for method in own.methods] == ["good"]
    assert [str(mistake) for mistake in own.broken] == [
        "half.toml: rule is missing; add it.",
        'ours.toml:1: name.nl = "Regel drie": "lees regel drie" stands for something else already; '
        "give it another name.",
        "prompts/twice.toml: there is another twice.toml; rename one of them.",
        "bad.toml:6: minutes = 31: must be the steps' sum, 30 with 6 people.",
        f'long.toml:2: name.nl = "{"o" * 61}": takes too long to say; give at most 60 letters.',
        'same.toml:2: name.en = "Listening, exercise.": is the name of the built-in luisteroefening.toml too; '
        "give it another, or call the file luisteroefening.toml to replace that one.",
        'table.toml:2: name.nl = "Ronde tafel": "tafel" is what the device is called; give one of them another name.',
        'waar.toml: holds rules and no steps; put it into the folder "rules" beside the methods.',
    ]
    assert "ours" not in own.rule_sets


def test_a_capital_in_a_files_name_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "Ons-Kwartier.toml").write_text(BASE)
    own = load_own(tmp_path, METHODS, RULES, CALLED)
    assert find_method("ons-kwartier", own.methods) is find_method("Ons-Kwartier", own.methods)


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
        read_method(file, RULES)
    assert str(caught.value).startswith(f"{file}: {message}")
