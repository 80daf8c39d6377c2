"""Reads and checks the methods and rule sets in methods/*.toml: what facilitators edit."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from companion.core.errors import MethodError
from companion.core.method import Ending, Group, Kind, Method, RuleSet, Step, Text, Times, Timing, Turns
from companion.core.units import Seconds
from companion.language.phrases import LANGUAGES
from companion.table import Table

_ROOT = Path(__file__).parent
FOLDER = _ROOT.parent / "methods" if (_ROOT.parent / "methods").is_dir() else _ROOT / "data" / "methods"
"""The built-in methods: beside the package in a checkout, inside of it when installed."""

LONGEST_MINUTES = 240


def load_methods(folder: Path = FOLDER) -> tuple[Method, ...]:
    """Every method of a folder, by file name. Raises MethodError at the first mistake."""
    rule_sets = load_rule_sets(folder / "rules")
    return tuple(load_method(file, rule_sets) for file in sorted(folder.glob("*.toml")))


def find_method(name: str, methods: tuple[Method, ...]) -> Method:
    """The method with this id or (in any language, in any case) this name."""
    wanted = name.strip().lower()
    for method in methods:
        if wanted in (method.id, *(spoken.lower() for spoken in method.name.by_language.values())):
            return method
    ids = [method.id for method in methods]
    near = difflib.get_close_matches(wanted, ids, n=1)
    hint = f'; did you mean "{near[0]}"?' if near else "."
    raise MethodError(f'There is no method "{name}"{hint} The methods are {", ".join(ids)}.')


def load_rule_sets(folder: Path = FOLDER / "rules") -> Mapping[str, RuleSet]:
    sets = (_rule_set(file) for file in sorted(folder.glob("*.toml")))
    return MappingProxyType({rules.id: rules for rules in sets})


def load_method(file: Path, rule_sets: Mapping[str, RuleSet]) -> Method:
    """One method. Raises MethodError with one sentence that names file, key, value and what is allowed."""
    table = Table.load(file, MethodError)
    minutes = table.number("minutes", 1, LONGEST_MINUTES)
    steps = tuple(_step(part) for part in table.tables("step"))
    method = Method(
        id=file.stem,
        name=_text(table, "name"),
        summary=_text(table, "summary"),
        source=table.text("source"),
        timing=table.choice("timing", Timing),
        group=_group(table.table("people")),
        total=Seconds(minutes * 60),
        cases=table.whole("cases", 1, 4, default=1),
        case_giver=_text(table, "case_giver"),
        others=_text(table, "others"),
        case_giver_first=table.flag("case_giver_first", default=True),
        rules=table.one_of("rules", sorted(rule_sets)),
        materials=_text(table, "materials") if table.has("materials") else None,
        steps=steps,
    )
    table.finish()
    _check(method, table, minutes)
    return method


def _check(method: Method, table: Table, minutes: float) -> None:
    ids = [step.id for step in method.steps]
    for step_id in ids:
        if ids.count(step_id) > 1:
            raise table.wrong("id", step_id, "stands for two steps; every step needs an id of its own")
    if method.cases > 1 and not any(step.per_case for step in method.steps):
        raise table.wrong("cases", method.cases, "needs steps with per_case = true")
    spent = _usual_total(method)
    if abs(spent - method.total) > 0.5:
        people = method.group.usual
        raise table.wrong("minutes", minutes, f"must be the steps' sum, {spent / 60:g} with {people} people")


def _usual_total(method: Method) -> float:
    people = {Turns.NONE: 1, Turns.EVERYONE: method.group.usual, Turns.OTHERS: method.group.usual - 1}
    return sum(
        step.times.usual * (people[step.turns] if step.times.each else 1) * (method.cases if step.per_case else 1)
        for step in method.steps
    )


def _rule_set(file: Path) -> RuleSet:
    table = Table.load(file, MethodError)
    name = _text(table, "name")
    table.text("source")
    rules = tuple(_translations(rule) for rule in table.tables("rule"))
    table.finish()
    return RuleSet(file.stem, name, rules)


def _group(table: Table) -> Group:
    least, most = table.whole("least", 2, 16), table.whole("most", 2, 16)
    if least > most:
        raise table.wrong("least", least, f"must not be above most, {most}")
    group = Group(least, table.whole("usual", least, most), most)
    table.finish()
    return group


def _step(table: Table) -> Step:
    turns = table.choice("turns", Turns, default=Turns.NONE)
    times = _times(table, turns)
    step = Step(
        id=table.text("id"),
        kind=table.choice("kind", Kind),
        times=times,
        cue=_text(table, "cue"),
        instruction=_text(table, "instruction"),
        case_giver_task=_text(table, "case_giver_task"),
        others_task=_text(table, "others_task"),
        turns=turns,
        ending=table.choice("ending", Ending, default=Ending.SOFT),
        sign=Seconds(table.number("sign", 0, times.usual, default=0)),
        grace=Seconds(table.number("grace", 0, 60, default=0)),
        silence=table.flag("silence"),
        outside=table.flag("outside"),
        per_case=table.flag("per_case"),
    )
    table.finish()
    return step


_TIME_KEYS = {"minutes": (60, 0.1, False), "seconds": (1, 5, False), "seconds_each": (1, 5, True)}


def _times(table: Table, turns: Turns) -> Times:
    given = [key for key in _TIME_KEYS if table.has(key)]
    key = given[0] if given else "minutes"
    for other in given[1:]:
        raise table.wrong(other, table.number(other, 0, 1e9), f"stands beside {key}; keep one of the two")
    unit, least, each = _TIME_KEYS[key]
    usual = table.number(key, least, LONGEST_MINUTES * 60 / unit)
    if each and turns is Turns.NONE:
        raise table.wrong(key, usual, "needs turns = everyone or others")
    shortest = table.number("at_least", 1 / unit, usual, default=_half(usual * unit) / unit)
    longest = table.number("at_most", usual, LONGEST_MINUTES * 60 / unit, default=3 * usual)
    return Times(Seconds(usual * unit), Seconds(shortest * unit), Seconds(longest * unit), each)


def _half(seconds: float) -> float:
    """Half the time in whole 5 s: how far a step may shrink where its file says nothing."""
    return max(5.0, seconds / 2 // 5 * 5)


def _text(table: Table, key: str) -> Text:
    return _translations(table.table(key))


def _translations(table: Table) -> Text:
    words = MappingProxyType({language: table.text(language) for language in LANGUAGES})
    table.finish()
    return Text(words)
