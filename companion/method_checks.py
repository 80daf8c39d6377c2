"""What a method's file must keep beside its keys: sums, roles, places, blocks and lengths of what is said.

The list is that of the research notes on methods, 3.8; each mistake is told at the step it stands in.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from companion.core.method import (
    QUIET,
    Advice,
    Ending,
    Kind,
    Method,
    Mode,
    Place,
    Repeat,
    Speaks,
    Step,
    Text,
)
from companion.core.plan import usual_total
from companion.table import Table

MOST_WORDS = {
    "cue": 6,
    "instruction": 34,
    "question": 20,
    "reminder": 34,
    "end": 20,
    "case_giver_task": 20,
    "others_task": 20,
}
"""A cue takes under 3 s; 34 words take some 12 s at 165 words a minute, measured exactly by `methods listen`."""
MOST_SENTENCES = 3
_SENTENCE_END = re.compile(r"[.?!…]+[\"'”’)]*(?=\s*$|\s+[\"'“‘„(A-ZÀ-ÖØ-Þ0-9])")
"""No end of one is the point of an abbreviation or of a decimal."""
_NOT_SAID = frozenset("{}!")
_AS_IT_STANDS = "must be said as it stands, without braces and exclamation marks"

Problem = tuple[str, object, str]
"""A key, its value, and what is allowed."""


def check(method: Method, table: Table, parts: Sequence[Table]) -> None:
    """Tell `table`, or the step's own of `parts`, what is wrong, but not what may follow from another mistake."""

    def is_sure(of_steps: str, of_method: str) -> bool:
        return table.is_right(*of_method.split()) and all(part.is_right(*of_steps.split()) for part in parts)

    for inspect, of_steps, of_method in _OF_METHOD:
        if is_sure(of_steps, of_method):
            for key, value, allowed in inspect(method):
                table.wrong(key, value, allowed)
    sure = [look for look, of_steps, of_method in _LOOKS if is_sure(of_steps, of_method)]
    for place, step in enumerate(method.steps):
        for look in sure:
            for key, value, allowed in look(method, step, place):
                parts[place].wrong(key, value, allowed)


def check_rules(rules: Sequence[Text], parts: Sequence[Table]) -> None:
    """Tell the rule's own of `parts` what is read badly; a group is not left without its rules for that."""
    for rule, part in zip(rules, parts, strict=True):
        for language, words in rule.by_language.items():
            if set(words) & _NOT_SAID:
                part.wrong(language, words, _AS_IT_STANDS, grave=False)


def _cases(method: Method) -> Iterator[Problem]:
    if method.cases > 1 and Repeat.CASE not in {step.repeat for step in method.steps}:
        yield "cases", method.cases, 'needs steps with repeat = "case"'


def _texts(method: Method) -> Iterator[Problem]:
    for key in ("name", "summary", "case_giver", "others", "materials", "prepare"):
        yield from _said_as_it_stands(key, getattr(method, key))


def _total(method: Method) -> Iterator[Problem]:
    repeats = {step.repeat for step in method.steps}
    spent, people = usual_total(method, method.group.usual, method.cases), method.group.usual
    if abs(spent - method.total) > 0.5 and (method.cases == 1 or Repeat.CASE in repeats):
        minutes = method.total / 60
        yield "minutes", minutes, f"must be the steps' sum, {spent / 60:g} with {people} people"


def _identity(method: Method, step: Step, place: int) -> Iterator[Problem]:
    if any(other.id == step.id for other in method.steps[:place]):
        yield "id", step.id, "stands for two steps; every step needs an id of its own"


def _kept(_method: Method, step: Step, _place: int) -> Iterator[Problem]:
    if step.protected and step.optional:
        yield "optional", True, "cannot be protected too; keep one of the two"


def _sign(_method: Method, step: Step, _place: int) -> Iterator[Problem]:
    if step.sign > step.times.usual:
        yield "sign", step.sign, f"cannot be longer than the step, {step.times.usual:g} seconds"


def _ending(_method: Method, step: Step, _place: int) -> Iterator[Problem]:
    if step.grace and step.ending is not Ending.FIRM:
        yield "grace", step.grace, 'needs ending = "firm"'
    if step.end is not None and step.ending is not Ending.FIRM:
        yield "end", step.end.of("nl"), 'needs ending = "firm"; only then the device says that time is up'


def _said_in_silence(_method: Method, step: Step, _place: int) -> Iterator[Problem]:
    if step.end is not None and step.silence:
        yield "end", step.end.of("nl"), "cannot be said in a silent step"


def _before_end(method: Method, step: Step, place: int) -> Iterator[Problem]:
    if step.before_end is None:
        return
    if any(other.before_end is not None for other in method.steps[:place]):
        yield "before_end", step.before_end / 60, "stands at two steps; keep one"
    if any(other.repeat is not Repeat.NOT for other in method.steps[place:]):
        yield "before_end", step.before_end / 60, "cannot stand before or in a repeated block"
    if place and method.steps[place - 1].ending in (Ending.SOFT, Ending.OPEN):
        yield "before_end", step.before_end / 60, 'would wait for a press; give the step before it ending = "firm"'
    rest = usual_total(method, method.group.usual, 1, place)
    if abs(rest - step.before_end) > 0.5:
        yield "before_end", step.before_end / 60, f"must be the sum of this step and those after it, {rest / 60:g}"


def _tasks(method: Method, step: Step, _place: int) -> Iterator[Problem]:
    if step.case_giver_task is None and method.case_giver_first:
        told = "stands alone; the case giver is chosen before the first step, so add case_giver_task"
        yield "others_task", step.others_task.of("nl"), told


def _speaks(_method: Method, step: Step, _place: int) -> Iterator[Problem]:
    silent = step.mode in QUIET
    if silent and step.speaks is not Speaks.NOBODY:
        yield "speaks", step.speaks.value, f"nobody speaks in mode {step.mode.value}"
    if not silent and step.speaks is Speaks.NOBODY:
        yield "speaks", step.speaks.value, "somebody must speak, unless mode is silence or write_alone"
    if step.mode is Mode.GROUP_ALONE and step.speaks is Speaks.CASE_GIVER:
        yield "speaks", step.speaks.value, "the case giver is silent in mode group_alone"
    if (step.kind is Kind.BREAK) is not (step.mode is Mode.BREAK):
        yield "mode", step.mode.value, "kind break and mode break belong together"


def _advice(method: Method, step: Step, place: int) -> Iterator[Problem]:
    earlier = method.steps[:place]
    if step.advice is Advice.NOT_YET and any(other.advice is Advice.NOW for other in earlier):
        yield "advice", step.advice.value, "advice was given in an earlier step; it cannot be taken back"
    never = any(other.advice is Advice.NEVER for other in method.steps)
    if step.kind is Kind.ADVISE and step.advice is Advice.NEVER:
        yield "advice", step.advice.value, "a step of kind advise gives advice"
    if step.advice is Advice.NOW and never:
        yield "advice", step.advice.value, "another step says never; a method gives advice or does not"


def _place(method: Method, step: Step, place: int) -> Iterator[Problem]:
    following = method.steps[place + 1] if place + 1 < len(method.steps) else None
    if step.place is Place.IN_CIRCLE:
        return
    if following is None or following.repeat is not step.repeat:
        yield "place", step.place.value, "the case giver must come back before the end; add a step in the circle"
    if step.speaks is Speaks.CASE_GIVER and step.place in (Place.OUTSIDE, Place.OUT_OF_ROOM):
        yield "place", step.place.value, "whoever speaks must be in the circle"


def _blocks(method: Method, step: Step, place: int) -> Iterator[Problem]:
    runs = [repeat for repeat, _ in groupby(method.steps[: place + 1], key=lambda each: each.repeat)]
    begins = place == 0 or method.steps[place - 1].repeat is not step.repeat
    if step.repeat is not Repeat.NOT and begins and len([run for run in runs if run is not Repeat.NOT]) > 1:
        yield "repeat", step.repeat.value, "there can be one repeated block; put its steps beside each other"


def _choices(method: Method, step: Step, place: int) -> Iterator[Problem]:
    if step.choice is None:
        return
    group = [at for at, other in enumerate(method.steps) if other.choice == step.choice]
    first = method.steps[group[0]]
    if len(group) == 1:
        yield "choice", step.choice, "needs another step with the same word to choose from"
    elif group != list(range(group[0], group[-1] + 1)):
        yield "choice", step.choice, "the steps of one choice must stand beside each other"
    elif (step.question is None) is not (place == group[-1]):
        yield "choice", step.choice, "every step of a choice but the last has a question"
    elif (step.times, step.turns, step.protected) != (first.times, first.turns, first.protected):
        yield "choice", step.choice, "the steps of one choice take the same time"
    elif step.optional:
        yield "optional", True, "cannot be one of a choice too"


def _words(_method: Method, step: Step, _place: int) -> Iterator[Problem]:
    for key, most in MOST_WORDS.items():
        for words in _in_each_language(getattr(step, key)):
            if len(words.split()) > most:
                yield key, words, f"has {len(words.split())} words; {most} at most"
    for words in step.instruction.by_language.values():
        sentences = len(_SENTENCE_END.findall(words))
        if sentences > MOST_SENTENCES:
            yield "instruction", words, f"has {sentences} sentences; {MOST_SENTENCES} at most"
    for key in MOST_WORDS:
        yield from _said_as_it_stands(key, getattr(step, key))
    for key in ("case_giver_task", "others_task"):
        for words in _in_each_language(getattr(step, key)):
            if words.endswith("."):
                yield key, words, "is the end of a sentence; leave out the full stop"


def _said_as_it_stands(key: str, text: Text | None) -> Iterator[Problem]:
    for words in _in_each_language(text):
        if set(words) & _NOT_SAID:
            yield key, words, _AS_IT_STANDS


def _in_each_language(text: Text | None) -> Iterable[str]:
    return text.by_language.values() if text else ()


_Look = Callable[[Method, Step, int], Iterator[Problem]]
_TIME = "minutes seconds seconds_each fixed at_least at_most turns"
_LOOKS: tuple[tuple[_Look, str, str], ...] = (
    (_identity, "id", ""),
    (_kept, "protected optional", ""),
    (_sign, f"sign {_TIME}", ""),
    (_ending, "ending grace end", ""),
    (_said_in_silence, "end silence mode kind", ""),
    (_before_end, f"before_end ending repeat choice {_TIME}", "people"),
    (_tasks, "others_task case_giver_task repeat", "case_giver_first"),
    (_speaks, "speaks kind mode turns", ""),
    (_advice, "advice kind", ""),
    (_place, "place speaks kind mode turns repeat", ""),
    (_blocks, "repeat", ""),
    (_choices, f"choice question optional protected {_TIME}", ""),
    (_words, "", ""),
)
"""Each with the keys, of steps and of the method, that must be right for it to tell something."""
_OF_METHOD: tuple[tuple[Callable[[Method], Iterator[Problem]], str, str], ...] = (
    (_cases, "repeat", "cases step"),
    (_texts, "", ""),
    (_total, f"repeat choice {_TIME}", "minutes cases people step"),
)
