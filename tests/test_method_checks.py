"""Every mistake that can be told by itself is told at once, and what may follow from another is not."""

from pathlib import Path

import pytest

from companion.core.errors import UserError
from companion.core.method import Method
from companion.methods import load_own, mistakes_in, mistakes_in_list
from tests.test_methods import BASE, CALLED, METHODS, RULES

KIND, TURNS, CUE = 'kind = "listen"', 'turns = "others"', 'nl = "Vertel."'
LIST = 'name = { nl = "Onze", en = "Ours" }\nsource = "ons"\n'


def told(file: Path, *changes: tuple[str, str]) -> list[str]:
    """What is said of the sound method with these changes, without the file's name."""
    text = BASE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    return [str(mistake).removeprefix(f"{file.name}:") for mistake in mistakes_in(file, RULES, METHODS, CALLED)]


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ([(KIND, 'kind = "aks"'), (CUE, 'nl = "een twee drie vier vijf zes zeven acht negen!"'),
          ("minutes = 30", "minutes = 31")], [6, 14, 16, 16]),
        ([(KIND, 'kind = "aks"'), ('nl = "Proef"', 'nl = "Ronde tafel"')], [2, 14]),
        ([(KIND, f'{KIND}\nmode = "silenc"\nspeaks = "others"')], [15]),
        ([(TURNS, 'turns = "all"'), ("minutes = 30", "minutes = 31")], [25]),
        ([('ending = "firm"', 'endin = "firm"')], [26]),
        ([('id = "slot"', 'id = 3'), ('id = "ronde"', 'id = 3')], [22, 35]),
        ([('id = "slot"', 'id = "slot"\nname = { nl = "Proef", en = "Trial" }'),
          ('name = { nl = "Proef", en = "Trial" }\n', "")], [35]),
        ([("usual = 6", 'usual = "6"'), ("minutes = 30", "minutes = 31")], [7]),
    ],
)  # fmt: skip
def test_what_can_be_told_by_itself_is(tmp_path: Path, changes: list[tuple[str, str]], lines: list[int]) -> None:
    assert sorted(int(mistake.split(":")[0]) for mistake in told(tmp_path / "mine.toml", *changes)) == lines


@pytest.mark.parametrize(
    "words",
    [
        "Inbrenger, vertel o.a. wat er speelt, bijv. op het werk. De groep luistert.",
        "Vertel... wat er speelt. Luister. 'Ja' mag ook.",
        "Neem 2.5 minuten. Kijk. Luister",
        "Zeg (bijv. nu) wat er is. Én dan? Stop.",
    ],
)
def test_a_sentence_ends_where_another_begins(tmp_path: Path, words: str) -> None:
    assert told(tmp_path / "mine.toml", ("Vertel wat er was.", words)) == []


@pytest.mark.parametrize(
    ("key", "nl", "en", "messages"),
    [
        ("case_giver", "inbrenger", "case giver", []),
        ("case_giver", "de inbrenger", "case giver",
         ['8: case_giver: nl = "de inbrenger": is said after "de"; leave out "de".']),
        ("others", "Het team", "the team",
         ['9: others: nl = "Het team": is said after "de"; leave out "het", and take a word that goes with "de".',
          '9: others: en = "the team": is said after "the"; leave out "the".']),
    ],
)  # fmt: skip
def test_a_role_has_no_article_and_is_said_without_it(
    tmp_path: Path, key: str, nl: str, en: str, messages: list[str]
) -> None:
    usual = {"case_giver": '{ nl = "inbrenger", en = "case giver" }', "others": '{ nl = "groep", en = "group" }'}[key]
    assert told(tmp_path / "mine.toml", (f"{key} = {usual}", f'{key} = {{ nl = "{nl}", en = "{en}" }}')) == messages
    own = load_own(tmp_path, METHODS, RULES, CALLED).methods[0]
    assert getattr(own, key).of("nl") == nl.split()[-1]
    assert getattr(own, key).of("en") == en.removeprefix("the ")


@pytest.mark.parametrize("name", ["???", "...", "10"])
def test_a_name_has_letters(tmp_path: Path, name: str) -> None:
    message = f'2: name.nl = "{name}": has no letters, so nobody can say it; give it a name in words.'
    assert told(tmp_path / "mine.toml", ('nl = "Proef"', f'nl = "{name}"')) == [message]
    assert [str(each) for each in load_own(tmp_path, METHODS, RULES, CALLED).broken] == [f"mine.toml:{message}"]


@pytest.mark.parametrize(
    ("name", "proposed"), [("kring", "kring.toml"), ("kring.txt", "kring.toml"), ("kring.toml.txt", "kring.toml")]
)
def test_a_file_that_is_not_loaded_is_not_fine(tmp_path: Path, name: str, proposed: str) -> None:
    message = f'{name}: only files whose name ends in .toml are taken; call it "{proposed}".'
    (tmp_path / name).write_text(BASE)
    assert list(map(str, mistakes_in(tmp_path / name, RULES, METHODS, CALLED))) == [message]


@pytest.mark.parametrize("name", ["Ons Kwartier.toml", "ons_kwartier.toml"])
def test_a_files_name_may_be_as_people_write_it(tmp_path: Path, name: str) -> None:
    assert told(tmp_path / name) == []


def test_a_copy_is_told_with_both_files_and_their_lines(tmp_path: Path) -> None:
    for name in ("onze-kring.toml", "onze-kopie.toml"):
        (tmp_path / name).write_text(BASE)
    own = load_own(tmp_path, METHODS, RULES, CALLED)
    remedy = "give one of them another, or take the copy out of the folder."
    expected = f'onze-kring.toml:2: name.nl = "Proef": is the name in onze-kopie.toml:2 too; {remedy}'
    assert [str(mistake) for mistake in own.broken] == [expected]
    known: tuple[Method, ...] = (*METHODS, *own.methods)
    assert str(mistakes_in(tmp_path / "onze-kring.toml", RULES, known, CALLED)[0]) == expected
    of_copy = f'onze-kopie.toml:2: name.nl = "Proef": is the name in onze-kring.toml:2 too; {remedy}'
    assert str(mistakes_in(tmp_path / "onze-kopie.toml", RULES, known, CALLED)[0]) == of_copy


@pytest.mark.parametrize(
    ("rules", "messages"),
    [
        ('[[rule]]\nnl = "Kom."\n[[rule]]\nnl = "Blijf."\n',
         ["3: rule 1: en is missing; add it", "5: rule 2: en is missing; add it"]),
        ('[[rule]]\nnl = "Kom!"\nen = "Come {x}."\n',
         ['4: rule 1: nl = "Kom!": must be said as it stands, without braces and exclamation marks',
          '5: rule 1: en = "Come {x}.": must be said as it stands, without braces and exclamation marks']),
        ('[[rule]]\nnl = "Kom."\nen = "Come."\nsource = "wij"\n',
         ['6: rule 1: source = "wij": is of the whole file; put it above the first [[rule]]']),
        ('[[rule]]\nnl = "Kom."\nen = "Come."\n', []),
    ],
)  # fmt: skip
def test_every_mistake_in_a_list_is_told(tmp_path: Path, rules: str, messages: list[str]) -> None:
    file = tmp_path / "onze.toml"
    file.write_text(LIST + rules)
    mistakes: tuple[UserError, ...] = mistakes_in_list(file, RULES, METHODS, CALLED)
    assert [str(mistake) for mistake in mistakes] == [f"onze.toml:{message}." for message in messages]


def test_a_group_keeps_rules_that_are_only_read_badly(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "onze.toml").write_text(LIST + '[[rule]]\nnl = "Kom!"\nen = "Come!"\n')
    assert "onze" in load_own(tmp_path, METHODS, RULES, CALLED).rule_sets


def test_a_list_named_like_another_is_told_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "onze.toml"
    file.write_text(LIST.replace("Onze", "de basisregels") + '[[rule]]\nnl = "Kom."\nen = "Come."\n')
    assert [str(mistake) for mistake in mistakes_in_list(file, RULES, METHODS, CALLED)] == [
        'onze.toml:1: name.nl = "de basisregels": is the name of the built-in basisregels.toml too; '
        "give it another, or call the file basisregels.toml to replace that one."
    ]


def test_a_copy_of_a_list_is_told_whichever_of_the_two_is_checked(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    kept, copy = tmp_path / "rules" / "onze.toml", tmp_path / "rules" / "kopie.toml"
    for file in (kept, copy):
        file.write_text(LIST + '[[rule]]\nnl = "Kom."\nen = "Come."\n')
    own = load_own(tmp_path, METHODS, RULES, CALLED)
    for file, other in ((kept, copy), (copy, kept)):
        first = mistakes_in_list(file, {**RULES, **own.rule_sets}, METHODS, CALLED)[0]
        assert str(first).startswith(f'{file.name}:1: name.nl = "Onze": is the name in {other.name}:1 too; give ')
