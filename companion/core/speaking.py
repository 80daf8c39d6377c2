"""What the device says now: begun, told, and broken off before anybody has taken it in."""

from dataclasses import replace

from companion.core.effect import Hush, Say, Sentence
from companion.core.state import Change, Session, Speech, Untold
from companion.core.units import Instant, after

_A_SENTENCE = 4.0
"""Seconds that one of the first sentences of a speech takes at most, with what goes before the sound."""


def say(session: Session, at: Instant, *sentences: Sentence) -> Change:
    """Say this instead of what is being said; nothing where there is no voice."""
    session, effects = hush(session, at)
    if not session.can_speak:
        return session, effects
    number = session.speeches + 1
    session = replace(session, speech=Speech(number, at, len(sentences)), speeches=number)
    return session, (*effects, Say(number, sentences))


def told(session: Session, before: Session, news: int, first: int) -> Session:
    """The session without the notices that it has just begun to say; without a voice they wait.

    Broken off within the `news` sentences, or the `first` ones, of its speech, it is as untold as it was `before`.
    """
    speech = session.speech
    if speech is None:
        return session
    noticed, until = (after(speech.began, _A_SENTENCE * count) for count in (news, first))
    untold = Untold(noticed, until, before.seats, before.case_told, before.notices, before.told_shift)
    left = tuple(notice for notice in session.notices if notice not in before.notices)
    return replace(session, notices=left, speech=replace(speech, untold=untold))


def without_notice(session: Session, mended: Sentence) -> Session:
    """It needs no telling any more, nor to be told again where it is just being told."""

    def without(notices: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
        return tuple(notice for notice in notices if notice != mended)

    session, speech = replace(session, notices=without(session.notices)), session.speech
    if speech is None or speech.untold is None:
        return session
    untold = replace(speech.untold, notices=without(speech.untold.notices))
    return replace(session, speech=replace(speech, untold=untold))


def hush(session: Session, at: Instant) -> Change:
    """Break off what is being said."""
    if session.speech is None:
        return session, ()
    untold, session = session.speech.untold, replace(session, speech=None)
    if untold is not None and at < untold.noticed:
        notices = tuple(dict.fromkeys((*untold.notices, *session.notices)))
        session = replace(session, notices=notices, told_shift=untold.told_shift)
    if untold is not None and at < untold.until:
        seats = tuple(dict.fromkeys((*untold.seats, *session.seats)))
        session = replace(session, seats=seats, case_told=untold.case_told)
    return session, (Hush(),)
