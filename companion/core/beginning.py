"""What the triggers before the first step do: choosing a method, counting, the rules and the agreement.

A handler gets the instant, and the command that triggered it (None for presses and deadlines).
"""

from dataclasses import replace

from companion.core import answers, moves
from companion.core.command import Command
from companion.core.effect import MethodChosen, Sentence, verbatim
from companion.core.plan import LEAST_PEOPLE
from companion.core.speaking import hush, say, told
from companion.core.state import BEFORE_STEPS, Change, Session, State, become
from companion.core.units import Instant, after

LATE_TO_BE_COUNTED = 5.0
"""Seconds after a count has closed in which a press is one person more: the button goes round, and somebody dwells.
Taken for a press on, it would skip the rules, and the next one would agree for everybody."""


def back_to_ready(session: Session, at: Instant, command: Command | None) -> Change:
    """The wrong method was started: choose again."""
    session = replace(_uncounted(become(session, at, State.READY)), plan=None, clocks=())
    return _say_in_passing(session, at, Sentence("choose_again"))


def press_ready(session: Session, at: Instant, command: Command | None) -> Change:
    if len(session.methods) == 1:
        return start(session, at, None)
    session = replace(session, chosen=(session.chosen + 1) % len(session.methods))
    session, said = _say_in_passing(session, at, verbatim(session.method.name))
    return session, (MethodChosen(session.method.id), *said)


def _say_in_passing(session: Session, at: Instant, sentence: Sentence) -> Change:
    session, said = say(session, at, sentence)
    if session.speech is not None:
        session = replace(session, speech=replace(session.speech, gives_way=True))
    return session, said


def start(session: Session, at: Instant, command: Command | None) -> Change:
    if command is not None:
        chosen = [method.id for method in session.methods].index(str(command.argument))
        session = replace(session, chosen=chosen)
    session = replace(session, opened=False)
    people = session.people
    session = moves.planned(session, people or session.method.group.usual)
    if people is not None:
        return open_session(session, at, answers.introduction(session))
    session = _uncounted(become(session, at, State.COUNTING))
    return say(session, at, answers.welcome(session), Sentence("ask_people"))


def _uncounted(session: Session) -> Session:
    """Nobody has pressed yet, so nobody is late."""
    return replace(session, people=None, counted=0, late_until=None)


def set_people(session: Session, at: Instant, command: Command | None) -> Change:
    assert command is not None
    people = int(command.argument or 0)
    if session.state is State.READY:
        return replace(session, people=people), ()
    return _open_for(replace(session, late_until=None), at, people)


def count(session: Session, at: Instant, command: Command | None) -> Change:
    session, hushed = hush(session, at)
    counting = become(session, at, State.COUNTING)
    return replace(counting, people=None, counted=session.counted + 1), hushed


def is_counting(session: Session) -> bool:
    """A press is one person more."""
    return session.state is State.COUNTING or (session.state in BEFORE_STEPS and session.late_until is not None)


def count_settled(session: Session, at: Instant, command: Command | None) -> Change:
    return replace(session, late_until=None), ()


def hold_counting(session: Session, at: Instant, command: Command | None) -> Change:
    """All have pressed; or nobody has, and where there is a choice the button takes back what it started."""
    has_choice = len(session.methods) > 1
    if has_choice and not session.counted:
        return back_to_ready(session, at, command)
    return counted(replace(session, late_until=None), at, command)


def all_counted(session: Session, at: Instant, command: Command | None) -> Change:
    late_until = after(at, LATE_TO_BE_COUNTED) if session.late_until is None else None
    return counted(replace(session, late_until=late_until), at, command)


def counted(session: Session, at: Instant, command: Command | None) -> Change:
    """One press alone was meant to go on: then, as with none, the usual group is taken for granted, and told."""
    if session.counted < LEAST_PEOPLE:
        session = moves.planned(session, session.method.group.usual)
        return open_session(session, at, *answers.assumed(session))
    return _open_for(session, at, session.counted)


def correct_people(session: Session, at: Instant, command: Command | None) -> Change:
    """The number was wrong, or somebody came in: the plan is made anew, and asked for again."""
    assert command is not None
    session = moves.planned(replace(session, late_until=None), int(command.argument or 0))
    return _told_anew(session, at, *answers.counted(session))


def _told_anew(session: Session, at: Instant, *words: Sentence) -> Change:
    """What another number of people changes, and what must be heard before the start; no questions, no rules."""
    arranged = (*answers.to_arrange(session), answers.agreement(session))
    return _say_in(State.AGREEMENT, session, at, *words, *answers.plan_told(session), *arranged)


def _say_in(state: State, session: Session, at: Instant, *words: Sentence) -> Change:
    """Become that state with these words, after what is lost."""
    before, faults = session, len(session.notices)
    session, said = say(become(session, at, state), at, *session.notices, *words)
    return told(session, before, faults, faults), said


def count_again(session: Session, at: Instant, command: Command | None) -> Change:
    session = _uncounted(become(session, at, State.COUNTING))
    return say(session, at, Sentence("ask_people"))


def _open_for(session: Session, at: Instant, people: int) -> Change:
    session = moves.planned(session, people)
    words = answers.counted(session) if people == session.people else answers.assumed(session)
    return open_session(session, at, *words)


def open_session(session: Session, at: Instant, *words: Sentence) -> Change:
    if session.opened:
        return _told_anew(session, at, *words)
    session, said = _say_in(State.RULES, session, at, *words, *answers.opening(session))
    if session.speech is not None:
        return session, said
    session, asked = ask_agreement(session, at)
    return session, (*said, *asked)


def ask_agreement(session: Session, at: Instant) -> Change:
    """With what to have and to agree on before: whoever cuts off the rules that all know must hear that."""
    session = replace(session, opened=True)
    words = (*answers.to_arrange(session), *answers.how_to_go_on(session), answers.agreement(session))
    return _say_in(State.AGREEMENT, session, at, *words)


def disagree(session: Session, at: Instant, command: Command | None) -> Change:
    return say(session, at, Sentence("no_agreement"))


def press_agreement(session: Session, at: Instant, command: Command | None) -> Change:
    return count(session, at, command) if is_counting(session) else moves.begin(session, at)
