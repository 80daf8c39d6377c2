"""What the device says when it is asked, and when it must refuse. Sentences by key; no state changes."""

from collections.abc import Iterable

from companion.core.announcing import shares
from companion.core.command import Command, Name
from companion.core.effect import Sentence, verbatim
from companion.core.method import Ending, Experience, Method, RuleSet, Speaks, Step, Text
from companion.core.plan import Slot, circle_count, circle_size
from companion.core.replan import WORTH_TELLING, following
from companion.core.state import Session
from companion.core.suggest import Suggestion, Wanted, suggest
from companion.core.units import Instant, Seconds

PRECONDITIONS = "voorwaardenvragen"
"""Id of the list of questions that is asked before the start."""
_SCATTER = 7919.0
"""Spreads instants over the rules for "one at random": a prime, so that whole seconds differ."""


def introduction(session: Session) -> Sentence:
    plan = session.the_plan
    key = "introduction" if plan.steps > 1 else "introduction_one"
    return Sentence(key, (("method", plan.method.name), ("steps", plan.steps), ("time", plan.total)))


def welcome(session: Session) -> Sentence:
    """Before the people are counted, nobody knows how long it will take."""
    return Sentence("welcome", (("method", session.method.name),))


def counted(session: Session) -> tuple[Sentence, ...]:
    return (Sentence("people_counted", (("people", session.the_plan.people),)), _in_all(session))


def assumed(session: Session) -> tuple[Sentence, ...]:
    """The same for another number than was counted: the usual group's, or the largest that can be."""
    return (Sentence("people_assumed", (("people", session.the_plan.people),)), _in_all(session))


def _in_all(session: Session) -> Sentence:
    plan = session.the_plan
    return Sentence("in_all" if plan.steps > 1 else "in_all_one", (("steps", plan.steps), ("time", plan.total)))


def opening(session: Session) -> tuple[Sentence, ...]:
    """What is said first: what the plan leaves, questions, rules."""
    return (*plan_told(session), *_preconditions(session), *all_rules(session))


def plan_told(session: Session) -> list[Sentence]:
    """What people should know of the plan: what is left out or over, and that they are few or many for it."""
    plan, group, people = session.the_plan, session.method.group, session.the_plan.people
    sentences = [Sentence("left_out", (("cue", step.cue),)) for step in plan.left_out]
    if session.total is not None and plan.total > session.total:
        sentences.append(Sentence("too_short", (("time", plan.total),)))
    if plan.spare >= WORTH_TELLING:
        sentences.append(Sentence("spare_time", (("time", plan.spare),)))
    size = (("people", people), ("least", group.least), ("most", group.most))
    if people < group.least:
        sentences.append(Sentence("small_group", size))
    if people > group.most:
        sentences.append(Sentence("large_group", size))
    return sentences


def to_arrange(session: Session) -> list[Sentence]:
    """What to have and to agree on before the first step."""
    method = session.method
    sentences = [] if method.materials is None else [verbatim(method.materials)]
    sentences += _circles(session)
    role = ("role", method.case_giver)
    if method.repeats_for_people:
        sentences.append(Sentence("first_person", (role,)))
    elif _is_chosen_now(session):
        sentences.append(Sentence("choose_case_giver", (role,)))
    return sentences


def how_to_go_on(session: Session) -> tuple[Sentence, ...]:
    """Most steps wait for the group: one that is new to this would wait for the device."""
    return () if session.experienced else (Sentence("how_to_go_on"),)


def _circles(session: Session) -> list[Sentence]:
    """In how many circles a large group works at the same time: who does not hear that, sits in one and has no turn."""
    method, people = session.method, session.the_plan.people
    number, largest = circle_count(method, people), circle_size(method, people)
    if number == 1:
        return []
    sizes = (("count", number), ("size", largest), ("smaller", largest - 1))
    return [Sentence("circles" if people == number * largest else "unequal_circles", sizes)]


def _preconditions(session: Session) -> tuple[Sentence, ...]:
    """The questions before the start, for a group that is new to this: asked, and nothing waits for an answer."""
    questions = session.rule_sets.get(PRECONDITIONS)
    if questions is None or session.experienced:
        return ()
    return (Sentence("preconditions_head"), *map(_read_out, questions.rules))


def all_rules(session: Session) -> tuple[Sentence, ...]:
    rules = rule_set(session)
    head = Sentence("rules_head", (("name", rules.name), ("count", len(rules.rules))))
    return (head, *(verbatim(rule) for rule in rules.rules))


def rule_set(session: Session) -> RuleSet:
    return session.rule_sets[session.method.rules]


def agreement(session: Session) -> Sentence:
    if _is_chosen_now(session):
        return Sentence("ask_agreement", (("role", session.method.case_giver),))
    return Sentence("ask_agreement_only")


def _is_chosen_now(session: Session) -> bool:
    """The case giver is chosen in the opening; with several cases each begins with choosing its own."""
    return session.method.case_giver_first and session.the_plan.cases == 1


def answer(session: Session, at: Instant, command: Command) -> tuple[Sentence, ...]:
    """The answer to a question that changes nothing."""
    match command.name:
        case Name.REPEAT:
            return (_cue(session.slot), verbatim(session.slot.step.instruction), *shares(session))
        case Name.TASKS:
            return tasks(session)
        case Name.TIME_LEFT:
            return (time_left(session, at),)
        case Name.WHICH_STEP:
            return which_step(session)
        case Name.WHAT_NEXT:
            return what_next(session)
        case Name.READ_RULES:
            return all_rules(session)
        case Name.READ:
            rules = session.rule_sets[str(command.argument)]
            return (Sentence("list_head", (("name", rules.name),)), *map(_read_out, rules.rules))
        case Name.SUGGEST:
            return suggestions(session)
        case Name.ANY_RULE:
            return _rule(session, int(at * _SCATTER) % len(rule_set(session).rules) + 1)
        case Name.READ_RULE:
            return _rule(session, int(command.argument or 1))
        case _:
            raise ValueError(f"{command.name.value} has no answer")


def _rule(session: Session, number: int) -> tuple[Sentence, ...]:
    return (Sentence("rule_number", (("number", number),)), verbatim(rule_set(session).rules[number - 1]))


def tasks(session: Session) -> tuple[Sentence, ...]:
    """Who does what, whether advice is given now, and the rule of this step."""
    method, step = session.method, session.slot.step
    advice = [Sentence(f"advice_{step.advice.value}")] if step.speaks is not Speaks.NOBODY else []
    reminder = [verbatim(step.reminder)] if step.reminder is not None else advice
    return (*tasks_said(method, step), *reminder)


def tasks_said(method: Method, step: Step) -> tuple[Sentence, ...]:
    return tuple(
        Sentence("task_of_all", (("task", task),))
        if role is None
        else Sentence("task", (("role", role), ("task", task)))
        for role, task in method.tasks(step)
    )


def time_is_up(step: Step) -> Sentence:
    return Sentence("round_off") if step.end is None else verbatim(step.end)


def suggestions(session: Session) -> tuple[Sentence, ...]:
    """Which methods suit this group, each in one sentence."""
    experience = Experience.EXPERIENCED if session.experienced else Experience.NEW
    found = suggest(session.methods, Wanted(session.people, session.total, experience))
    return suggested(found)


def suggested(found: Iterable[Suggestion]) -> tuple[Sentence, ...]:
    sentences = tuple(
        Sentence(
            "suggestion" if each.purpose is None else f"suggestion_{each.purpose.value}",
            (("name", each.method.name), ("time", each.time)),
        )
        for each in found
    )
    return sentences or (Sentence("no_suggestion"),)


def which_step(session: Session) -> tuple[Sentence, ...]:
    number, steps = session.the_plan.place(session.slot), session.the_plan.steps
    here = Sentence("which_step", (("number", number), ("steps", steps))) if steps > 1 else Sentence("only_step")
    return (here, _cue(session.slot), *which_turn(session.slot))


def which_turn(slot: Slot) -> tuple[Sentence, ...]:
    return (Sentence("which_turn", (("number", slot.turn), ("turns", slot.turns))),) if slot.turns > 1 else ()


def time_left(session: Session, at: Instant) -> Sentence:
    left = session.clock.left_at(at)
    if session.slot.step.ending is Ending.OPEN:
        return Sentence("no_clock")
    if left > 0:
        return Sentence("time_left", (("time", left),))
    return Sentence("time_over", (("time", Seconds(-left)),))


def what_next(session: Session) -> tuple[Sentence, ...]:
    position = following(session)
    if position is None:
        return (Sentence("last_step"),)
    slot = session.the_plan.slots[position]
    return (Sentence("what_next_choice") if slot.step.choice else Sentence("what_next", (("cue", slot.step.cue),)),)


def more_time(minutes: int) -> Sentence:
    return Sentence("more_time", (("time", Seconds(minutes * 60.0)),))


def refusal(session: Session, name: Name | None) -> Sentence:
    """Why this makes no sense now; `name` is a command that the state takes, but not as it stands."""
    if name is Name.READ_RULE:
        count = len(rule_set(session).rules)
        return Sentence("no_such_rule", (("count", count),)) if count > 1 else Sentence("only_rule")
    if name is Name.PREVIOUS_STEP:
        return Sentence("first_step")
    if name in (Name.NEXT_SPEAKER, Name.PASS):
        return Sentence("no_round")
    return Sentence("not_now")


def _cue(slot: Slot) -> Sentence:
    return verbatim(slot.step.cue)


def _read_out(text: Text) -> Sentence:
    """A line of a list; a question is followed by a moment to think about it."""
    return Sentence("to_think_about", (("text", text),)) if text.is_question else verbatim(text)
