"""What the ears should do now: derived from the session, never stored."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from companion.core.command import REMARKS, Command, Name
from companion.core.session import is_legal
from companion.core.state import Microphone, Mode, Session, State


@dataclass(frozen=True)
class Attention:
    """Whether to listen, for which commands, and which of them the moment makes likely."""

    open: bool
    legal: frozenset[Command]
    """Without what would change nothing: the voice is on or off already."""
    expected: frozenset[Command]
    named_only: bool
    unlikely: frozenset[Command] = frozenset()
    """Which of them the moment makes unlikely: said without the name, they are asked back, and count said again."""
    off: bool = False
    """Closed by the group until its button says otherwise: the ears may end and forget."""


EXPECTED: Mapping[State, Set[Name]] = {
    State.READY: {Name.START},
    State.COUNTING: {Name.PEOPLE},
    State.AGREEMENT: {Name.AGREE, Name.YES, Name.NO},
    State.ASKING: {Name.YES, Name.NO},
    State.TURN: {Name.NEXT_SPEAKER, Name.PASS},
    State.OVERTIME: {Name.NEXT_STEP, Name.NEXT_SPEAKER},
    State.PAUSED: {Name.GO_ON},
    State.TIME_OUT: {Name.GO_ON},
    State.CONFIRMING: {Name.YES, Name.NO},
}
"""What each state makes likely."""

IDLE = {True: Name.VOICE_ON, False: Name.VOICE_OFF}
"""What would change nothing, by whether the voice is on."""


def attention(session: Session, vocabulary: Iterable[Command]) -> Attention:
    """`vocabulary` is every command that the language has a phrase for.

    The ears are closed while the device speaks: it never listens to itself.
    """
    idle = IDLE[session.voice_on]
    legal = frozenset(command for command in vocabulary if is_legal(session, command) and command.name is not idle)
    names = set(EXPECTED.get(session.state, ())) | ({Name.NEXT_STEP} if session.sign_given else set())
    # Who opens the microphone by its button means what is said then.
    is_long_silent = session.spoke_at is None and session.window_ends is None
    return Attention(
        open=session.speech is None and session.microphone is not Microphone.OFF and session.state is not State.ENDED,
        legal=legal,
        expected=frozenset(command for command in legal if command.name in names),
        named_only=session.mode is Mode.NAMED,
        unlikely=frozenset(command for command in legal if is_long_silent and command.name in REMARKS),
        off=session.microphone_off or session.state is State.ENDED,
    )
