"""What the command line prints of methods, plans and phrases: text from data, nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from companion.core.method import Method, Place, Speaks, Step, Text, Timing
from companion.core.plan import Plan
from companion.core.units import Seconds
from companion.language.phrases import Phrase, language_file

if TYPE_CHECKING:
    from companion.bench.understood import Understood


def printed(language: str) -> Mapping[str, str]:
    """The words of this language that stand on paper and in the terminal."""
    words: Mapping[str, str] = language_file(language)["printed"]
    return words


def who(role: Text | None, language: str) -> str:
    """Whose task it is."""
    return printed(language)["for_all"] if role is None else role.of(language)


def timing(language: str, timing: Timing) -> str:
    """Whose the times are."""
    return str(language_file(language)["timing"][timing.value])


def clock(length: Seconds) -> str:
    """Minutes and seconds: 3:05."""
    seconds = round(length)
    return f"{seconds // 60}:{seconds % 60:02}"


def methods_list(methods: Sequence[Method], language: str) -> Iterator[str]:
    wide = max((len(method.id) for method in methods), default=0)
    for method in methods:
        yield f"{method.id:{wide}} {method.total / 60:4.0f} min  {method.group.least}-{method.group.most}  " + (
            method.name.of(language)
        )


def method_shown(method: Method, language: str) -> Iterator[str]:
    """The method as a facilitator reads it: steps, who does what."""
    words = printed(language)
    yield f"{method.name.of(language)} ({method.total / 60:g} min, {timing(language, method.timing)})"
    yield method.summary.of(language)
    if method.prepare is not None:
        yield f"{words['prepare']} {method.prepare.of(language)}"
    yield f"[{method.source.of(language)}]"
    for number, step in enumerate(method.steps, start=1):
        length = f"{words['each']} {clock(step.times.usual)}" if step.times.each else clock(step.times.usual)
        yield ""
        yield f"{number}. {step.cue.of(language)}  {length}  ({words[step.ending.value]})"
        yield f"   [{', '.join(_manners(method, step, language))}]"
        if step.question is not None:
            yield f"   {step.question.of(language)}"
        yield f"   {step.instruction.of(language)}"
        for role, task in method.tasks(step):
            yield f"   {who(role, language)}: {task.of(language)}"


def _manners(method: Method, step: Step, language: str) -> Iterator[str]:
    """Who speaks, where the case giver is, whether advice may be given."""
    words, roles = printed(language), {Speaks.CASE_GIVER: method.case_giver, Speaks.OTHERS: method.others}
    role = roles.get(step.speaks)
    yield words[step.speaks.value] if role is None else f"{words['speaks']}: {role.of(language)}"
    if step.place is not Place.IN_CIRCLE:
        yield f"{method.case_giver.of(language)} {words[step.place.value]}"
    yield words[step.advice.value]


def plan_shown(plan: Plan, language: str) -> Iterator[str]:
    """The timed steps: start, length, cue, turns; of alternatives the first has the time, the rest stand below it."""
    words, began = printed(language), 0.0
    for _, run in groupby(plan.slots, key=lambda slot: slot.number):
        slots = list(run)
        first, length = slots[0], sum(slot.planned for slot in slots)
        case = f"  [{words['case']} {first.case}]" if first.case else ""
        turns = f"  ({first.turns} {_turns(first.turns, words)} {clock(first.planned)})" if first.turns else ""
        cue = first.step.cue.of(language)
        if not first.counted:
            yield f"{'':>16} {words['or']} {cue}{turns}{case}"
            continue
        yield f"{clock(Seconds(began)):>7}  {clock(Seconds(length)):>6}  {plan.place(first)}. {cue}{turns}{case}"
        began += length
    for step in plan.left_out:
        yield f"{'':>16} {words['left_out']} {step.cue.of(language)}"
    spare = f", {clock(plan.spare)} {words['spare']}" if plan.spare else ""
    yield f"{clock(plan.total):>7}  {words['in_all']}, {plan.people} {words['people']}{spare}"
    group = plan.method.group
    if not group.least <= plan.people <= group.most:
        yield f"{'':>16} {words['meant_for'].format(least=group.least, most=group.most)}"


def _turns(count: int, words: Mapping[str, str]) -> str:
    return words["turn" if count == 1 else "turns"]


def phrases_shown(phrases: Sequence[Phrase]) -> Iterator[str]:
    """One line a command: the canonical phrase, then its synonyms."""
    for command in dict.fromkeys(phrase.command for phrase in phrases):
        texts = [phrase.text for phrase in phrases if phrase.command == command]
        yield " · ".join(texts)


def understood_shown(texts: Sequence["Understood"], worst: int) -> Iterator[str]:
    """What takes too long, what is understood worst, and the whole in one line."""
    for text in texts:
        if text.is_too_long:
            yield f"{text.seconds:5.1f} s is too long  {text.place}, {text.sort}: {text.words}"
    for text in sorted(texts, key=lambda text: text.likeness)[:worst]:
        yield f"{100 * text.likeness:3.0f} %  {text.place}, {text.sort}: {text.words}"
        yield f"       heard: {text.transcript.strip()}"
    average = sum(text.likeness for text in texts) / len(texts)
    longest = max(text.seconds for text in texts)
    yield f"{len(texts)} texts, {100 * average:.0f} % of the characters understood, the longest {longest:.1f} s"
