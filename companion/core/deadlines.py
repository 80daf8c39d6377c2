"""When a session changes by itself: every instant it waits for, with the trigger it then is."""

from collections.abc import Iterator

from companion.core.method import Ending
from companion.core.state import TICKING, Session, State
from companion.core.transitions import Trigger
from companion.core.units import Instant, Seconds, after

COUNTING_PAUSE = 8.0
"""Seconds without a press after which everybody has been counted."""
CONFIRMATION_LASTS = 20.0
"""Seconds after which an unanswered "end the session?" means no."""
LINGERS = 15.0
"""Seconds after the last words in which a session that has come to its end can still be gone back into."""
SAVE_EVERY = 10.0
"""Seconds between two saved positions while a clock runs: what a power cut may cost."""
REMARKS_LAST = 30.0
"""Seconds after the device was heard in which people remark on its voice: "harder"."""
SAVE_STANDING_EVERY = 300.0
"""The same while none runs: a long pause must not make the position too old to be trusted."""
LONGEST_SPEECH, LONGEST_SENTENCE = 240.0, 20.0
"""Seconds, and seconds a sentence, after which a speech whose end was never reported counts as ended."""
SIGN_SHARE = 0.2
"""The sign before the end never takes more than this share of a slot."""


def deadlines(session: Session) -> Iterator[tuple[Instant, Trigger]]:
    if session.state is State.ENDED:
        return
    if session.speech is not None:
        longest = max(LONGEST_SPEECH, LONGEST_SENTENCE * session.speech.sentences)
        yield after(session.speech.began, longest), Trigger.SPEECH_OVERDUE
    if session.spoke_at is not None:
        yield after(session.spoke_at, REMARKS_LAST), Trigger.REMARKS_UP
    if session.window_ends is not None:
        yield session.window_ends, Trigger.WINDOW_UP
    if session.state is State.COUNTING and session.counted:
        yield after(session.since, COUNTING_PAUSE), Trigger.COUNTED
    if session.late_until is not None and session.state is not State.COUNTING:
        yield session.late_until, Trigger.COUNT_SETTLED
    if session.state is State.CONFIRMING:
        yield after(session.since, CONFIRMATION_LASTS), Trigger.UNANSWERED
    if session.state is State.CLOSING and session.speech is None:
        yield after(session.since, LINGERS), Trigger.LINGERED
    if session.has_position:
        every = SAVE_EVERY if session.state in TICKING else SAVE_STANDING_EVERY
        yield after(session.saved_at, every), Trigger.SAVE_DUE
    if session.state in TICKING:
        yield from _clock_deadlines(session)


def _clock_deadlines(session: Session) -> Iterator[tuple[Instant, Trigger]]:
    if session.grace_ends is not None:
        yield session.grace_ends, Trigger.GRACE_UP
    if session.state is State.OVERTIME or session.slot.step.ending is Ending.OPEN:
        return
    yield session.clock.left_is(0.0), Trigger.TIME_UP
    if session.slot.step.sign > 0 and not session.sign_given:
        yield session.clock.left_is(sign_length(session)), Trigger.SIGN_DUE


def sign_length(session: Session) -> Seconds:
    """Seconds of the last part of the present slot."""
    return Seconds(min(session.slot.step.sign, SIGN_SHARE * session.clock.granted))
