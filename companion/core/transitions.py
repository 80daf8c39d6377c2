"""The transition table: for each state, which triggers it takes, what handles them, what may follow.

Commands, presses, ended speeches and deadlines are *triggers*. `ANYWHERE` holds those that every state
but `ended` takes and that never change it. The diagram in docs/ is drawn from these tables by
`companion.bench.diagram`; a property test holds every step of random histories against them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from companion.core import answers, beginning, handlers, moves
from companion.core.command import Command, Name
from companion.core.plan import LEAST_PEOPLE, MOST_PEOPLE
from companion.core.state import Change, Session, State
from companion.core.units import Instant

MOST_MINUTES_MORE = 60


class Trigger(Enum):
    PRESS = "press"
    HOLD = "hold"
    HOLD_LONG = "hold long"
    SPEECH_ENDED = "speech ended"
    COUNTED = "all counted"
    COUNT_SETTLED = "count settled"
    SIGN_DUE = "sign due"
    TIME_UP = "time up"
    GRACE_UP = "grace up"
    UNANSWERED = "unanswered"
    LINGERED = "lingered"
    SAVE_DUE = "save due"
    WINDOW_UP = "window up"
    REMARKS_UP = "remarks up"
    SPEECH_OVERDUE = "speech overdue"


Handler = Callable[[Session, Instant, Command | None], Change]


@dataclass(frozen=True)
class Move:
    """What handles a trigger, and the states that may follow; none: the state stays."""

    handler: Handler
    targets: tuple[State, ...] = ()


Moves = dict[Trigger | Name, Move]


def _plain(change: Callable[[Session, Instant], Change], targets: tuple[State, ...] = ()) -> Move:
    """Handled alike whatever command it was."""
    return Move(lambda session, at, _command: change(session, at), targets)


def _after(state: State, targets: tuple[State, ...] = ()) -> Move:
    """What the state has waited for a speech to end with."""
    return _plain(handlers.AFTER_SPEECH[state], targets)


_S, _T, _N = State, Trigger, Name
_BEGUN = (_S.ANNOUNCING, _S.RUNNING, _S.TURN, _S.OVERTIME)
_ENTERED = (*_BEGUN, _S.ASKING)
_LEFT = (*_ENTERED, _S.CLOSING)
_CLOSED = (_S.CLOSING, _S.ENDED)
_OPENED = (_S.RULES, _S.AGREEMENT)
_BACK = (*_OPENED, _S.PAUSED, _S.TIME_OUT, *_ENTERED)

_next_step, _next_turn = _plain(moves.next_step, _LEFT), Move(handlers.next_turn, _LEFT)
_go_on, _answer = Move(handlers.go_on, _BEGUN), Move(handlers.answer)
_back = Move(handlers.go_on, _BACK)
_ask_end = Move(handlers.ask_end, (_S.CONFIRMING,))
_pause = Move(handlers.pause, (_S.PAUSED,))

_LISTS: Moves = {_N.READ: _answer}
_RULES: Moves = _LISTS | {_N.READ_RULES: _answer, _N.READ_RULE: _answer, _N.ANY_RULE: _answer}
_IN_STEP: Moves = _RULES | {
    _N.NEXT_STEP: _next_step,
    _N.PREVIOUS_STEP: _plain(moves.previous, _ENTERED),
    _N.NEXT_SPEAKER: _next_turn,
    _N.PASS: _plain(moves.pass_turn, _LEFT),
    _N.MORE_TIME: Move(handlers.more_time),
    _N.REPEAT: _answer,
    _N.TASKS: _answer,
    _N.TIME_LEFT: _answer,
    _N.WHICH_STEP: _answer,
    _N.WHAT_NEXT: _answer,
    _N.END: _ask_end,
}
_GOING: Moves = _IN_STEP | {
    _T.HOLD: _pause,
    _N.PAUSE: _pause,
    _N.TIME_OUT: Move(handlers.time_out, (_S.TIME_OUT,)),
}
_STANDING: Moves = _IN_STEP | {_T.PRESS: _go_on, _T.HOLD: _go_on, _N.GO_ON: _go_on}
_ON_TIME: Moves = {_T.SIGN_DUE: Move(handlers.sign), _T.TIME_UP: Move(handlers.time_up, (*_LEFT,))}
_skip = _plain(moves.skip_step, _LEFT)
_agree = _plain(moves.begin, _ENTERED)
_end = _plain(moves.end_early, _CLOSED)
_finished = _plain(moves.finish, (_S.ENDED,))
_start = Move(beginning.start, (_S.COUNTING, *_OPENED))

TRANSITIONS: Mapping[State, Moves] = {
    _S.READY: _LISTS
    | {
        _N.SUGGEST: _answer,
        _N.READ_RULES: _answer,
        _T.PRESS: Move(beginning.press_ready, (_S.READY, _S.COUNTING, *_OPENED)),
        _T.HOLD: _start,
        _N.START: _start,
        _N.PEOPLE: Move(beginning.set_people),
    },
    _S.COUNTING: {
        _T.PRESS: Move(beginning.count),
        _T.HOLD: Move(beginning.hold_counting, (_S.READY, *_OPENED)),
        _T.COUNTED: Move(beginning.all_counted, _OPENED),
        _N.START: Move(beginning.start, _OPENED),
        _N.END: Move(beginning.back_to_ready, (_S.READY,)),
        _N.PEOPLE: Move(beginning.set_people, _OPENED),
    },
    _S.RULES: {
        _T.PRESS: Move(beginning.count, (_S.COUNTING,)),
        _T.SPEECH_ENDED: _after(_S.RULES, (_S.AGREEMENT,)),
        _N.END: _ask_end,
    },
    _S.AGREEMENT: _RULES
    | {
        _T.PRESS: Move(beginning.press_agreement, (*_ENTERED, _S.COUNTING)),
        _N.AGREE: _agree,
        _N.YES: _agree,
        _N.NO: Move(beginning.disagree),
        _N.PEOPLE: Move(beginning.correct_people),
        _T.HOLD: Move(beginning.count_again, (_S.COUNTING,)),
        _N.END: _ask_end,
    },
    _S.ASKING: _RULES
    | {
        _T.PRESS: _plain(moves.do_step, _BEGUN),
        _N.YES: _plain(moves.do_step, _BEGUN),
        _T.HOLD: _skip,
        _N.NO: _skip,
        _N.REPEAT: _plain(moves.ask),
        _N.WHICH_STEP: _answer,
        _N.WHAT_NEXT: _answer,
        _N.PREVIOUS_STEP: _plain(moves.previous, _ENTERED),
        _N.END: _ask_end,
    },
    _S.ANNOUNCING: _GOING | {_T.SPEECH_ENDED: _after(_S.ANNOUNCING, (_S.RUNNING, _S.TURN, _S.OVERTIME))},
    _S.RUNNING: _GOING | _ON_TIME | {_T.PRESS: _next_step},
    _S.TURN: _GOING | _ON_TIME | {_T.PRESS: _next_turn},
    _S.OVERTIME: _GOING
    | {
        _T.SPEECH_ENDED: _after(_S.OVERTIME),
        _T.PRESS: _next_turn,
        _T.GRACE_UP: _next_turn,
        _N.MORE_TIME: Move(handlers.more_time, (_S.RUNNING, _S.TURN)),
    },
    _S.PAUSED: _STANDING,
    _S.TIME_OUT: _STANDING,
    _S.CONFIRMING: {
        _T.PRESS: _back,
        _N.NO: _back,
        _N.GO_ON: Move(handlers.go_on_at_once, _BACK),
        _T.UNANSWERED: _back,
        _T.HOLD: _end,
        _N.YES: _end,
    },
    _S.CLOSING: {
        _T.SPEECH_ENDED: _after(_S.CLOSING, _CLOSED),
        _T.LINGERED: _finished,
        _T.PRESS: _finished,
        _T.HOLD: Move(handlers.back_from_closing, _ENTERED),
        _N.PREVIOUS_STEP: _plain(moves.previous, _ENTERED),
    },
    _S.ENDED: {},
}

ANYWHERE: Moves = {
    _N.VOICE_OFF: Move(handlers.voice_off),
    _N.VOICE_ON: Move(handlers.voice_on),
    _N.LOUDER: Move(handlers.louder),
    _N.SOFTER: Move(handlers.softer),
    _N.MICROPHONE_OFF: Move(handlers.microphone_off),
    _N.HELP: Move(handlers.give_help),
    _T.HOLD_LONG: Move(handlers.switch_microphone),
    _T.SAVE_DUE: Move(handlers.save_position),
    _T.WINDOW_UP: Move(handlers.close_window),
    _T.REMARKS_UP: Move(handlers.long_silent),
    _T.COUNT_SETTLED: Move(beginning.count_settled),
    _T.SPEECH_OVERDUE: _plain(handlers.silence),
}

Guard = Callable[[Session, Command], bool]
GUARDS: Mapping[Name, Guard] = {
    _N.MICROPHONE_OFF: lambda session, command: session.has_button,
    _N.START: lambda session, command: any(method.id == command.argument for method in session.methods),
    _N.READ: lambda session, command: command.argument in session.rule_sets,
    _N.PREVIOUS_STEP: lambda session, command: bool(session.visited),
    _N.NEXT_SPEAKER: lambda session, command: session.slot.turns > 0,
    _N.PASS: lambda session, command: session.slot.turns > 0,
    _N.READ_RULE: lambda session, command: _in_range(command, 1, len(answers.rule_set(session).rules)),
    _N.MORE_TIME: lambda session, command: _in_range(command, 1, MOST_MINUTES_MORE),
    _N.PEOPLE: lambda session, command: _in_range(command, LEAST_PEOPLE, MOST_PEOPLE),
}
"""What a command needs beside its state."""


def _in_range(command: Command, least: int, most: int) -> bool:
    return isinstance(command.argument, int) and least <= command.argument <= most
