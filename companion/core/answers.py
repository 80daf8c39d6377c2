"""What the device says when it is asked, and when it must refuse. Sentences by key; no state changes."""

from companion.core.command import Command, Name
from companion.core.effect import Sentence
from companion.core.method import Ending, RuleSet, Text
from companion.core.plan import Slot
from companion.core.state import Session
from companion.core.units import Instant, Seconds


def introduction(session: Session) -> Sentence:
    plan = session.the_plan
    return Sentence("introduction", (("method", plan.method.name), ("steps", plan.steps), ("time", plan.total)))


def opening(session: Session) -> tuple[Sentence, ...]:
    """What is said before the agreement: group size, materials, who gives the case, the rules."""
    method, people = session.method, session.the_plan.people
    sentences: list[Sentence] = []
    if not method.group.least <= people <= method.group.most:
        sentences.append(
            Sentence("unusual_group", (("people", people), ("least", method.group.least), ("most", method.group.most)))
        )
    if method.materials is not None:
        sentences.append(_verbatim(method.materials))
    if _is_chosen_now(session):
        sentences.append(Sentence("choose_case_giver", (("role", method.case_giver),)))
    return (*sentences, *all_rules(session))


def all_rules(session: Session) -> tuple[Sentence, ...]:
    rules = rule_set(session)
    head = Sentence("rules_head", (("name", rules.name), ("count", len(rules.rules))))
    return (head, *(_verbatim(rule) for rule in rules.rules))


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
    slot = session.slot
    match command.name:
        case Name.REPEAT:
            return (_verbatim(slot.step.instruction),)
        case Name.TASKS:
            return tasks(session)
        case Name.TIME_LEFT:
            return (time_left(session, at),)
        case Name.WHICH_STEP:
            return (Sentence("which_step", (("number", slot.number), ("steps", session.the_plan.steps))), _cue(slot))
        case Name.WHAT_NEXT:
            return what_next(session)
        case Name.READ_RULES:
            return all_rules(session)
        case _:
            number = int(command.argument or 1)
            return (Sentence("rule_number", (("number", number),)), _verbatim(rule_set(session).rules[number - 1]))


def tasks(session: Session) -> tuple[Sentence, ...]:
    method, step = session.method, session.slot.step
    return (
        Sentence("task", (("role", method.case_giver), ("task", step.case_giver_task))),
        Sentence("task", (("role", method.others), ("task", step.others_task))),
    )


def time_left(session: Session, at: Instant) -> Sentence:
    left = session.clock.left_at(at)
    if session.slot.step.ending is Ending.OPEN:
        return Sentence("no_clock")
    if left > 0:
        return Sentence("time_left", (("time", left),))
    return Sentence("time_over", (("time", Seconds(-left)),))


def what_next(session: Session) -> tuple[Sentence, ...]:
    for slot in session.the_plan.slots:
        if slot.number == session.slot.number + 1:
            return (Sentence("what_next"), _cue(slot))
    return (Sentence("last_step"),)


def more_time(minutes: int) -> Sentence:
    return Sentence("more_time", (("time", Seconds(minutes * 60.0)),))


def refusal(session: Session, name: Name | None) -> Sentence:
    """Why this makes no sense now; `name` is a command that the state takes, but not as it stands."""
    if name is Name.READ_RULE:
        return Sentence("no_such_rule", (("count", len(rule_set(session).rules)),))
    if name is Name.PREVIOUS_STEP:
        return Sentence("first_step")
    if name in (Name.NEXT_SPEAKER, Name.PASS):
        return Sentence("no_round")
    return Sentence("not_now")


def _cue(slot: Slot) -> Sentence:
    return _verbatim(slot.step.cue)


def _verbatim(text: Text) -> Sentence:
    return Sentence("verbatim", (("text", text),))
