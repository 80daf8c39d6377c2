"""Everything a session may say, so that it can be rendered before it is needed."""

from dataclasses import replace

from companion.core import announcing, answers
from companion.core.command import Command, Name
from companion.core.effect import Sentence, verbatim
from companion.core.method import Place
from companion.core.state import Session, State
from companion.core.units import Seconds, rounded

_QUESTIONS = (Name.REPEAT, Name.TASKS, Name.WHICH_STEP, Name.WHAT_NEXT)
_ALWAYS = (
    *("ask_people", "no_agreement", "second_chance", "no_clock", "last_step", "ask_end"),
    *("ask_end_standing", "what_next_choice", "back", "running_late"),
    *("goodbye", "yes_or_no", "ends_on_time", "advice_not_yet", "advice_now", "advice_never", "no_suggestion"),
    *("not_now", "first_step", "no_round", "voice_on", "microphone_off", "microphone_on", "choose_again"),
    *("resumed", "lost_microphone", "lost_speaker", "lost_ring", "lost_button"),
)
_MINUTES_MORE = (1, 5)
_LONGEST_OVER = 300.0
"""Seconds over time up to which that is prepared."""
_WITHOUT_HELP = (State.RULES, State.ANNOUNCING, State.ENDED)
"""States in which what is being said must not be cut off."""


def repertoire(session: Session) -> tuple[Sentence, ...]:
    """The sentences of a session that has its plan, in the order in which they are first needed, each once."""
    sentences = [answers.introduction(session), *answers.opening(session), *answers.to_arrange(session)]
    sentences += [*answers.how_to_go_on(session), answers.agreement(session), answers.welcome(session)]
    positions = [at for at, slot in enumerate(session.the_plan.slots) if slot.turn <= 1]
    here = [replace(session, position=position) for position in positions]
    for at_slot in here:
        sentences += (*announcing.question(at_slot, session.since), *announcing.announcement(at_slot, session.since))
        sentences.append(answers.time_is_up(at_slot.slot.step))
    role = (("role", session.method.case_giver),)
    places = {slot.step.place: None for slot in session.the_plan.slots if slot.step.place is not Place.IN_CIRCLE}
    sentences.append(Sentence("closing"))
    for at_slot in here:
        for name in _QUESTIONS:
            sentences += answers.answer(at_slot, session.since, Command(name))
    sentences += [Sentence(key) for key in _ALWAYS]
    sentences += [turn for slot in session.the_plan.slots for turn in answers.which_turn(slot)]
    sentences += [Sentence(f"from_{place.value}", role) for place in places]
    sentences += [answers.more_time(minutes) for minutes in _MINUTES_MORE]
    sentences += [Sentence("rule_number", (("number", n + 1),)) for n in range(len(answers.rule_set(session).rules))]
    sentences += [Sentence(f"help_{state.value}") for state in State if state not in _WITHOUT_HELP]
    sentences += [verbatim(method.name) for method in session.methods]
    for id in session.rule_sets:
        sentences += answers.answer(session, session.since, Command(Name.READ, id))
    return _each_once([*sentences, *_times(session)])


def _times(session: Session) -> list[Sentence]:
    """How much time is left or over, as it is told."""
    longest = max(slot.planned for slot in session.the_plan.slots)
    told = sorted({rounded(Seconds(time)) for time in range(1, round(max(longest, _LONGEST_OVER)) + 1)})
    left = [Sentence("time_left", (("time", time),)) for time in told if time <= longest]
    return left + [Sentence("time_over", (("time", time),)) for time in told if time <= _LONGEST_OVER]


def _each_once(sentences: list[Sentence]) -> tuple[Sentence, ...]:
    once: list[Sentence] = []
    for sentence in sentences:
        if sentence not in once:
            once.append(sentence)
    return tuple(once)
