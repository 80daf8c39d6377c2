"""What the triggers of the transition table do from the first step on: each takes a session and gives the changed one.

A handler gets the instant, and the command that triggered it (None for presses and deadlines).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from companion.core import announcing, answers, beginning, moves
from companion.core.command import Command
from companion.core.effect import (
    ChangeVolume,
    Chime,
    MicrophoneSwitched,
    Refused,
    Ring,
    Sentence,
    SignGiven,
    TimeUp,
)
from companion.core.method import Ending
from companion.core.speaking import hush, say
from companion.core.state import STANDING, TICKING, Change, Mode, Session, State, answered_at, become, save, with_clock
from companion.core.units import Instant, Seconds, after

WINDOW_LASTS = 8.0
"""Seconds for which the microphone button opens the microphone (design/hearing.md)."""


def next_turn(session: Session, at: Instant, command: Command | None) -> Change:
    return moves.next_turn(session, at) if session.slot.turns else moves.next_step(session, at)


def _halt(session: Session, at: Instant, state: State) -> Change:
    """Stand still in `state`; the way back is remembered."""
    session, effects = hush(session, at)
    in_steps = session.is_in_steps
    if in_steps:
        session = with_clock(session, session.clock.stopped(at))
    if session.grace_ends is not None:
        session = replace(session, grace_ends=None, grace_left=Seconds(session.grace_ends - at))
    session = become(replace(session, resumes=(*session.resumes, session.state)), at, state)
    session, saved = save(session, at) if in_steps else (session, ())
    return session, (*effects, *saved)


def pause(session: Session, at: Instant, command: Command | None) -> Change:
    return _halt(session, at, State.PAUSED)


def time_out(session: Session, at: Instant, command: Command | None) -> Change:
    return _halt(session, at, State.TIME_OUT)


def ask_end(session: Session, at: Instant, command: Command | None) -> Change:
    session, halted = _halt(session, at, State.CONFIRMING)
    session, asked = say(session, at, Sentence("ask_end_standing" if session.stands_still else "ask_end"))
    return session, (*halted, *asked)


def go_on(session: Session, at: Instant, command: Command | None) -> Change:
    session, hushed = hush(session, at)
    *resumes, state = session.resumes
    session = replace(session, resumes=tuple(resumes))
    if state in TICKING:
        session, went_on = moves.start_clock(session, at)
        session = session if session.grace_left is None else moves.begin_grace(session, at)
    elif state is State.ANNOUNCING:
        session, went_on = moves.announce(session, at, *announcing.announced_again(session, at))
    elif state is State.RULES:
        session, went_on = beginning.open_session(session, at, *answers.counted(session))
    elif state is State.AGREEMENT:
        session, went_on = beginning.ask_agreement(session, at)
    elif state is State.ASKING:
        session, went_on = moves.ask(session, at)
    else:
        session, went_on = become(session, at, state), ()
    return session, (*hushed, *went_on)


def go_on_at_once(session: Session, at: Instant, command: Command | None) -> Change:
    """Whoever says "go on" when asked whether to end wants to go on, from a pause, too."""
    session, back = go_on(session, at, command)
    if session.state not in STANDING:
        return session, back
    session, went_on = go_on(session, at, command)
    return session, (*back, *went_on)


def more_time(session: Session, at: Instant, command: Command | None) -> Change:
    assert command is not None
    if session.slot.step.ending is Ending.OPEN:
        return _say_aside(session, at, Sentence("no_clock"))
    minutes = int(command.argument or 1)
    session = with_clock(session, session.clock.caught_up(at).extended(Seconds(minutes * 60.0)))
    told = session.told_shift + minutes * 60.0
    session = replace(session, grace_ends=None, grace_left=None, sign_given=False, told_shift=told)
    if session.state in TICKING:
        session, _ = moves.start_clock(session, at)
    session, saved = save(session, at)
    session, said = _say_aside(session, at, answers.more_time(minutes))
    return session, (*saved, *said)


def _say_aside(session: Session, at: Instant, *sentences: Sentence) -> Change:
    """Say it unless something is being said that the session waits for, which must not be lost."""
    is_waited_for = session.state in _TO_BE_HEARD and session.speech is not None
    return (session, ()) if is_waited_for else say(session, at, *sentences)


def answer(session: Session, at: Instant, command: Command | None) -> Change:
    assert command is not None
    return _say_aside(session, at, *answers.answer(session, at, command))


def sign(session: Session, at: Instant, command: Command | None) -> Change:
    return replace(session, sign_given=True), (SignGiven(session.clock.left_at(at)),)


def time_up(session: Session, at: Instant, command: Command | None) -> Change:
    slot, up = session.slot, TimeUp(session.slot.step.id)
    if slot.step.ending is Ending.HARD:
        session, moved = next_turn(session, at, None)
        return session, (up, Ring(Chime.END), *moved)
    session = become(session, at, State.OVERTIME)
    if slot.step.ending is Ending.SOFT:
        return session, (up, Ring(Chime.END))
    session, said = moves.round_off(session, at)
    return session, (up, Ring(Chime.END), *said)


def save_position(session: Session, at: Instant, command: Command | None) -> Change:
    return save(replace(session, resumed=0), at)


def close_window(session: Session, at: Instant, command: Command | None) -> Change:
    return replace(session, window_ends=None), ()


def long_silent(session: Session, at: Instant, command: Command | None) -> Change:
    return replace(session, spoke_at=None), ()


def louder(session: Session, at: Instant, command: Command | None) -> Change:
    return session, (ChangeVolume(+1), Ring(Chime.START))


def softer(session: Session, at: Instant, command: Command | None) -> Change:
    return session, (ChangeVolume(-1), Ring(Chime.START))


def voice_off(session: Session, at: Instant, command: Command | None) -> Change:
    return silence(replace(session, voice_on=False), at)


def voice_on(session: Session, at: Instant, command: Command | None) -> Change:
    return _say_aside(replace(session, voice_on=True), at, Sentence("voice_on"))


def microphone_off(session: Session, at: Instant, command: Command | None) -> Change:
    return _microphone_is(session, at, off=True)


def _microphone_is(session: Session, at: Instant, off: bool) -> Change:
    """Saved at once: a power cut must not open what the group has closed. Told, but never in a silence, nor
    where somebody is about to speak into it.
    """
    session = replace(session, microphone_off=off, window_ends=None)
    session, saved = save(session, at) if session.has_position else (session, ())
    is_silence = session.is_in_steps and session.slot.step.silence
    is_awaited = session.mode is Mode.BUTTON and not off
    key = "microphone_off" if off else "microphone_on"
    session, said = (session, ()) if is_silence or is_awaited else _say_aside(session, at, Sentence(key))
    return session, (MicrophoneSwitched(off), *saved, *said)


def switch_microphone(session: Session, at: Instant, command: Command | None) -> Change:
    """The button alone opens the microphone again; in button mode it opens it for one command."""
    if session.mode is Mode.OFF:
        return replace(session, refused_at=answered_at(session.refused_at, at)), (Refused(None),)
    if session.mode is Mode.BUTTON:
        closed = session.window_ends is None
        session, opened = _microphone_is(session, at, off=False) if session.microphone_off else (session, ())
        return replace(session, window_ends=after(at, WINDOW_LASTS) if closed else None), opened
    return _microphone_is(session, at, off=not session.microphone_off)


def give_help(session: Session, at: Instant, command: Command | None) -> Change:
    return _say_aside(session, at, Sentence(f"help_{session.state.value}"))


def back_from_closing(session: Session, at: Instant, command: Command | None) -> Change:
    return moves.previous(session, at) if session.visited else (session, ())


_TO_BE_HEARD = frozenset({State.RULES, State.ANNOUNCING, State.CLOSING})
AFTER_SPEECH: Mapping[State, Callable[[Session, Instant], Change]] = {
    State.RULES: beginning.ask_agreement,
    State.ANNOUNCING: moves.start_clock,
    State.OVERTIME: lambda session, at: (moves.begin_grace(session, at), ()),
    State.CLOSING: moves.linger,
}
"""What follows in the states that wait for a speech to end."""


def after_speech(session: Session, at: Instant) -> Change:
    follow = AFTER_SPEECH.get(session.state)
    return (session, ()) if follow is None else follow(session, at)


def silence(session: Session, at: Instant) -> Change:
    """Cut the speech off; what waited for its end follows now. Whose case begins is known: it begins now."""
    case = session.case_told
    session, hushed = hush(session, at)
    session = replace(session, case_told=case)
    session, followed = after_speech(session, at)
    return session, (*hushed, *followed)
