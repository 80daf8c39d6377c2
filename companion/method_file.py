"""One method's file: what facilitators edit becomes a Method. Defaults carry what a simple file leaves out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from companion.core.errors import MethodError, UserError
from companion.core.method import (
    QUIET,
    Advice,
    Announced,
    Ending,
    Experience,
    Group,
    Kind,
    Method,
    Mode,
    Place,
    Purpose,
    Repeat,
    RuleSet,
    Speaks,
    Step,
    Text,
    Times,
    Timing,
    Turns,
)
from companion.core.units import Seconds
from companion.language.phrases import LANGUAGES
from companion.method_checks import check, check_rules
from companion.table import Table

LONGEST_MINUTES = 240
USUAL_GRACE = 15
"""Seconds that a firm ending waits where its file does not say: enough to say that time is up, and to round off."""

_OF_THE_ROOM = ("people", "case_giver", "others", "case_giver_first", "materials", "prepare", "rules", "cases")
OF_THE_METHOD = frozenset(("name", "summary", "source", "experience", "purposes", *_OF_THE_ROOM))
"""Keys that no step has."""
_ARRAYS = ("step", "rule")
_ARTICLES = {"nl": ("de", "het", "een"), "en": ("the", "a", "an")}
_IN_EVERY_LANGUAGE = "{ " + ", ".join(f'{language} = "…"' for language in LANGUAGES) + " }"
_MODES = {
    Kind.LISTEN: Mode.ONE_SPEAKS,
    Kind.ASK: Mode.QUESTIONS,
    Kind.WRITE: Mode.WRITE_ALONE,
    Kind.GROUP: Mode.GROUP_ALONE,
    Kind.ADVISE: Mode.GROUP_ALONE,
    Kind.CLOSE: Mode.ONE_SPEAKS,
    Kind.BREAK: Mode.BREAK,
}
_SPEAKS = {
    Mode.ONE_SPEAKS: Speaks.CASE_GIVER,
    Mode.QUESTIONS: Speaks.EVERYONE,
    Mode.GROUP_ALONE: Speaks.OTHERS,
    Mode.DIALOGUE: Speaks.EVERYONE,
    Mode.WRITE_ALONE: Speaks.NOBODY,
    Mode.SILENCE: Speaks.NOBODY,
    Mode.DEMONSTRATE: Speaks.EVERYONE,
    Mode.CHOOSE: Speaks.EVERYONE,
    Mode.BREAK: Speaks.EVERYONE,
}


def read_method(file: Path, rule_sets: Collection[str], mistakes: list[UserError] | None = None) -> Method:
    """The method in a file; `rule_sets` are the ids of those there are.

    Raises MethodError at the first mistake: one sentence with file, line, key, value and what is allowed. With
    `mistakes`, every mistake is put there instead, and the method holds something harmless in its place.
    """
    table = Table.load(file, MethodError, mistakes, _ARRAYS)
    if "rule" in table.values and "step" not in table.values:
        raise MethodError(f'{file.name}: holds rules and no steps; put it into the folder "rules" beside the methods.')
    parts, timing = table.tables("step"), table.choice("timing", Timing)
    steps = [_step(part, timing) for part in parts]
    steps = _with_advice(steps, [part.has("advice") for part in parts])
    method = _method(file.stem, table, timing, rule_sets, steps)
    check(method, table, parts)
    return method


def read_rule_set(file: Path, mistakes: list[UserError] | None = None) -> RuleSet:
    """A rule set or a list of prompts. Raises MethodError, or collects, like `read_method`."""
    table = Table.load(file, MethodError, mistakes, _ARRAYS)
    parts = table.tables("rule")
    rules = tuple(_translations(part, above=("name", "source")) for part in parts)
    name, source = _text(table, "name"), table.text("source")
    table.finish()
    check_rules(rules, parts)
    return RuleSet(file.stem, name, rules, source)


def _method(id: str, table: Table, timing: Timing, rule_sets: Collection[str], steps: Sequence[Step]) -> Method:
    for_people = any(step.repeat is Repeat.PERSON for step in steps)
    method = Method(
        id=id,
        name=_text(table, "name"),
        summary=_text(table, "summary"),
        source=_source(table),
        timing=timing,
        group=_group(table.table("people", form="{ least = 4, usual = 6, most = 8 }")),
        total=Seconds(table.number("minutes", 1, LONGEST_MINUTES) * 60),
        cases=table.whole("cases", 1, 4, default=1),
        case_giver=_role(table, "case_giver"),
        others=_role(table, "others"),
        case_giver_first=table.flag("case_giver_first", default=not for_people),
        rules=table.one_of("rules", sorted(rule_sets)),
        materials=_optional_text(table, "materials"),
        steps=tuple(steps),
        experience=table.choice("experience", Experience, default=Experience.NEW),
        purposes=table.choices("purposes", Purpose),
        prepare=_optional_text(table, "prepare"),
    )
    table.finish()
    return method


def _group(table: Table) -> Group:
    least, usual, most = (table.whole(key, 2, 16) for key in ("least", "usual", "most"))
    circle = table.whole("circle", 2, 16) if table.has("circle") else 0
    if table.is_right("least", "most") and most < least:
        table.wrong("most", most, f"must be {least} or more, for least is {least}")
    elif table.is_right("least", "usual", "most") and not least <= usual <= most:
        table.wrong("usual", usual, f"must lie between least and most, from {least} to {most}")
    if table.is_right("circle", "most") and circle > most:
        table.wrong("circle", circle, f"must be {most} or less, for most is {most}")
    table.finish((*OF_THE_METHOD, "minutes", "timing"))
    return Group(least, usual, most, circle)


def _step(table: Table, timing: Timing) -> Step:
    kind, turns = table.choice("kind", Kind), table.choice("turns", Turns, default=Turns.NONE)
    mode = table.choice("mode", Mode, default=_MODES[kind])
    ending = table.choice("ending", Ending, default=Ending.SOFT)
    step = Step(
        id=table.text("id"),
        kind=kind,
        times=_times(table, turns),
        cue=_text(table, "cue"),
        instruction=_text(table, "instruction"),
        case_giver_task=_optional_text(table, "case_giver_task"),
        others_task=_text(table, "others_task"),
        turns=turns,
        ending=ending,
        sign=Seconds(table.number("sign", 0, LONGEST_MINUTES * 60, default=0)),
        grace=Seconds(table.number("grace", 0, 60, default=USUAL_GRACE if ending is Ending.FIRM else 0)),
        mode=mode,
        silence=table.flag("silence", default=mode in QUIET),
        speaks=table.choice("speaks", Speaks, default=_speaks(mode, turns)),
        place=table.choice("place", Place, default=Place.IN_CIRCLE),
        advice=table.choice("advice", Advice, default=Advice.NOW if kind is Kind.ADVISE else Advice.NOT_YET),
        announced=table.choice("announced", Announced, default=Announced.FULL),
        repeat=table.choice("repeat", Repeat, default=Repeat.NOT),
        at_most_each=table.whole("at_most_each", 0, 5, default=0),
        question=_optional_text(table, "question"),
        choice=table.text("choice") if table.has("choice") else None,
        optional=table.flag("optional"),
        protected=table.flag("protected"),
        before_end=_before_end(table),
        reminder=_optional_text(table, "reminder"),
        end=_optional_text(table, "end"),
        timing=table.choice("timing", Timing, default=timing),
    )
    table.finish(OF_THE_METHOD)
    return step


def _speaks(mode: Mode, turns: Turns) -> Speaks:
    in_turns = {Turns.NONE: _SPEAKS[mode], Turns.EVERYONE: Speaks.EVERYONE, Turns.OTHERS: Speaks.OTHERS}
    return Speaks.NOBODY if mode in QUIET else in_turns[turns]


def _with_advice(steps: Sequence[Step], given: Sequence[bool]) -> list[Step]:
    """Where a step does not say: no advice before it is asked for, none taken back after, none at all without."""
    advised, done = any(step.advice is Advice.NOW for step in steps), False
    result = []
    for step, is_given in zip(steps, given, strict=True):
        done = done or step.advice is Advice.NOW
        usual = Advice.NOW if done else Advice.NOT_YET if advised else Advice.NEVER
        result.append(step if is_given else replace(step, advice=usual))
    return result


_TIME_KEYS = {"minutes": (60, 0.1, False), "seconds": (1, 5, False), "seconds_each": (1, 5, True)}


def _times(table: Table, turns: Turns) -> Times:
    given = [key for key in _TIME_KEYS if table.has(key)]
    key = given[0] if given else "minutes"
    for other in given[1:]:
        table.wrong(other, table.number(other, 0, 1e9), f"stands beside {key}; keep one of the two")
    unit, least, each = _TIME_KEYS[key]
    usual = table.number(key, least, LONGEST_MINUTES * 60 / unit)
    if each and turns is Turns.NONE:
        table.wrong(key, usual, "needs turns = everyone or others")
    fixed = table.flag("fixed")
    for limit in ("at_least", "at_most"):
        if fixed and table.has(limit) and table.number(limit, 0, 1e9) != usual:
            table.wrong(limit, table.number(limit, 0, 1e9), "stands beside fixed = true; keep one of the two")
    most = LONGEST_MINUTES * 60 / unit
    shortest, longest = (usual, usual) if fixed else (_half(usual * unit) / unit, min(3 * usual, most))
    # What follows from the time is asked for only where it is written: nobody can mend what is not there.
    is_right = table.values.get(key) == usual
    if table.has("at_least") and is_right:
        shortest = table.number("at_least", min(usual, least), usual)
    if table.has("at_most") and is_right:
        longest = table.number("at_most", usual, max(usual, most))
    return Times(Seconds(usual * unit), Seconds(shortest * unit), Seconds(longest * unit), each)


def _half(seconds: float) -> float:
    """Half the time in whole 5 s: how far a step may shrink where its file says nothing."""
    return min(seconds, max(5.0, seconds / 2 // 5 * 5))


def _before_end(table: Table) -> Seconds | None:
    return Seconds(table.number("before_end", 1, LONGEST_MINUTES) * 60) if table.has("before_end") else None


def _source(table: Table) -> Text:
    """In words of each language, or one note for all of them."""
    if isinstance(table.values.get("source"), Mapping):
        return _text(table, "source")
    return Text(MappingProxyType(dict.fromkeys(LANGUAGES, table.text("source"))))


def _optional_text(table: Table, key: str) -> Text | None:
    return _text(table, key) if table.has(key) else None


def _text(table: Table, key: str) -> Text:
    return _translations(table.table(key, form=_IN_EVERY_LANGUAGE))


def _role(table: Table, key: str) -> Text:
    """What a role is called, without the article that the device says itself."""
    said = {language: words.split() for language, words in _text(table, key).by_language.items()}
    for language, words in said.items():
        article, usual = words[0].lower(), _ARTICLES[language][0]
        if article in _ARTICLES[language] and len(words) > 1:
            del words[0]
            other = "" if article == usual else f', and take a word that goes with "{usual}"'
            allowed = f'is said after "{usual}"; leave out "{article}"{other}'
            table.table(key).wrong(language, table.values[key][language], allowed, grave=False)
    return Text(MappingProxyType({language: " ".join(words) for language, words in said.items()}))


def _translations(table: Table, above: Collection[str] = ()) -> Text:
    words = MappingProxyType({language: table.text(language) for language in LANGUAGES})
    table.finish(above)
    return Text(words)
