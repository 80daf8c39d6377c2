"""What a session is at one moment: a frozen value. Only `session.step` makes a new one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from companion.core.clock import Clock
from companion.core.effect import Effect, Position, SavePosition, Sentence
from companion.core.event import Device
from companion.core.method import Method, Place, RuleSet
from companion.core.plan import Plan, Slot
from companion.core.units import Instant, Seconds


class State(Enum):
    READY = "ready"
    COUNTING = "counting"
    RULES = "rules"
    AGREEMENT = "agreement"
    ASKING = "asking"
    """A step may be left out: the group is asked."""
    ANNOUNCING = "announcing"
    RUNNING = "running"
    TURN = "turn"
    OVERTIME = "overtime"
    PAUSED = "paused"
    TIME_OUT = "time_out"
    CONFIRMING = "confirming"
    CLOSING = "closing"
    ENDED = "ended"


TICKING = frozenset({State.RUNNING, State.TURN, State.OVERTIME})
"""The states in which the clock of the present slot runs."""

STANDING = frozenset({State.PAUSED, State.TIME_OUT})
"""The states in which the group lets the time stand still."""

BEFORE_STEPS = frozenset({State.RULES, State.AGREEMENT})
"""The states that have a plan but no step yet."""
BETWEEN_STEPS = BEFORE_STEPS | {State.ASKING}
"""The states in which no step has begun that has not ended."""
IN_STEPS = TICKING | STANDING | {State.ANNOUNCING, State.CONFIRMING}
"""The states of a step; the question whether to end can also come before the first."""


class Mode(Enum):
    """What the group lets the microphone do (design/hearing.md, modes)."""

    NATURAL = "natural"
    NAMED = "named"
    BUTTON = "button"
    OFF = "off"


class Microphone(Enum):
    OPEN = "open"
    OFF = "off"
    DEAF = "deaf"


@dataclass(frozen=True)
class Untold:
    """What a speech begins with, and the session before it: broken off too soon, nobody was told."""

    noticed: Instant
    """When the news has been heard."""
    until: Instant
    """When all of its first sentences have."""
    seats: tuple[Place, ...]
    case_told: int
    notices: tuple[Sentence, ...]
    told_shift: float


@dataclass(frozen=True)
class Speech:
    number: int
    began: Instant
    sentences: int = 1
    gives_way: bool = False
    """A press acts as if nothing were being said, instead of only silencing it."""
    untold: Untold | None = None


@dataclass(frozen=True)
class Touch:
    """A finger on a button, and shortly after: the light answers it at once, whatever it will come to."""

    at: Instant
    number: int
    """Counts the touches: each is shown at another place."""
    down: bool


@dataclass(frozen=True)
class Session:
    """A session at one moment. Instants are on the loop's clock, lengths in seconds."""

    methods: tuple[Method, ...]
    rule_sets: Mapping[str, RuleSet]
    since: Instant
    """When the present state began."""
    state: State = State.READY
    chosen: int = 0
    total: Seconds | None = None
    people: int | None = None
    counted: int = 0
    late_until: Instant | None = None
    """The count has just closed: until then a press is one person more, whose turn was still to come. While those are
    counted it stays as it is: nobody is waited for a second time."""
    opened: bool = False
    """Questions and rules were read, or cut off: whoever is counted again is told only what that changes."""
    cases: int | None = None
    experienced: bool = False
    plan: Plan | None = None
    position: int = 0
    clocks: tuple[Clock, ...] = ()
    visited: tuple[int, ...] = ()
    """Slots that were left for the present one, latest last: the way back."""
    passed: tuple[int, ...] = ()
    offered: tuple[int, ...] = ()
    """Passed turns that were offered once more."""
    skipped: tuple[int, ...] = ()
    """Slots that the group left out when it was asked."""
    seats: tuple[Place, ...] = (Place.IN_CIRCLE,)
    """Where the case giver may be: where they were last told to, and before where that was broken off."""
    case_told: int = 0
    """The copy of a repeated block that was opened last."""
    told_shift: float = 0.0
    """Seconds by which the group knows that the end has moved."""
    sign_given: bool = False
    grace_ends: Instant | None = None
    """In a firm step's overtime: when it goes on by itself."""
    grace_left: Seconds | None = None
    """What was left of the grace when the session was made to stand still."""
    resumes: tuple[State, ...] = ()
    """States to go back to after a pause, a time-out or a question, innermost last."""
    saved_at: Instant = Instant(0.0)
    resumed: int = 0
    """How often it was resumed since it last went well for so long that it was saved again by itself."""
    speech: Speech | None = None
    speeches: int = 0
    spoke_at: Instant | None = None
    """When the device was last heard; None: so long ago that nobody remarks on its voice any more."""
    voice_on: bool = True
    faults: frozenset[tuple[Device, str]] = field(default_factory=frozenset)
    """What is lost: devices, with their parts."""
    notices: tuple[Sentence, ...] = ()
    """Faults to be told at the next quiet moment."""
    has_button: bool = True
    """Without one, nothing could open a microphone again that the group has closed."""
    mode: Mode = Mode.NATURAL
    microphone_off: bool = False
    window_ends: Instant | None = None
    """In button mode: until when the microphone is open for one command."""
    heard_at: Instant | None = None
    refused_at: Instant | None = None
    doubted_at: Instant | None = None
    resumed_at: Instant | None = None
    touch: Touch | None = None
    """The latest touch of a button."""

    @property
    def method(self) -> Method:
        return self.methods[self.chosen]

    @property
    def slot(self) -> Slot:
        return self.the_plan.slots[self.position]

    @property
    def the_plan(self) -> Plan:
        """The plan, in the states that have one."""
        assert self.plan is not None, "a session has a plan once the people are known"
        return self.plan

    @property
    def clock(self) -> Clock:
        return self.clocks[self.position]

    @property
    def begun(self) -> list[Slot]:
        """The slots whose clocks have run."""
        return [slot for slot, clock in zip(self.the_plan.slots, self.clocks, strict=True) if clock.spent]

    @property
    def is_in_steps(self) -> bool:
        """A step has begun and has not ended."""
        states = (*self.resumes, self.state)
        return self.state in IN_STEPS and not BETWEEN_STEPS & set(states)

    @property
    def stands_still(self) -> bool:
        """The group has stopped the time, though it may be asked something meanwhile."""
        return not STANDING.isdisjoint((self.state, *self.resumes))

    @property
    def has_position(self) -> bool:
        """The first step has begun or was asked for, and the last has not ended: worth going on after a power cut."""
        return self.is_in_steps or State.ASKING in (*self.resumes, self.state)

    @property
    def lost(self) -> frozenset[Device]:
        return frozenset(device for device, _ in self.faults)

    @property
    def can_speak(self) -> bool:
        return self.voice_on and Device.SPEAKER not in self.lost

    @property
    def microphone(self) -> Microphone:
        if self.mode is Mode.OFF or self.microphone_off or self.state is State.ENDED:
            return Microphone.OFF
        if self.mode is Mode.BUTTON and self.window_ends is None:
            return Microphone.OFF
        return Microphone.DEAF if Device.MICROPHONE in self.lost else Microphone.OPEN


ANSWER_LASTS = 0.6
"""Seconds for which the light shows that a command was heard or refused."""


def answered_at(then: Instant | None, at: Instant) -> Instant:
    """When the light's answer began: one that still runs is not begun anew, or fast turns of a knob would flash."""
    return at if then is None or at - then >= ANSWER_LASTS else then


def touched(session: Session, at: Instant, down: bool) -> Session:
    number = 1 if session.touch is None else session.touch.number + 1
    return replace(session, touch=Touch(at, number, down))


def let_go(session: Session) -> Session:
    return session if session.touch is None else replace(session, touch=replace(session.touch, down=False))


Change = tuple[Session, tuple[Effect, ...]]


def become(session: Session, at: Instant, state: State) -> Session:
    return replace(session, state=state, since=at)


def with_clock(session: Session, clock: Clock) -> Session:
    clocks = session.clocks
    return replace(session, clocks=(*clocks[: session.position], clock, *clocks[session.position + 1 :]))


def save(session: Session, at: Instant) -> Change:
    """Ask for the position to be saved as it is at this instant; what is just being told is not known yet."""
    untold = session.speech.untold if session.speech else None
    position = Position(
        session.method.id,
        session.the_plan.people,
        session.the_plan.cases,
        session.total,
        session.position,
        tuple(clock.spent_at(at) for clock in session.clocks),
        tuple(clock.added for clock in session.clocks),
        tuple(clock.planned for clock in session.clocks),
        tuple(clock.excused for clock in session.clocks),
        session.visited,
        session.passed,
        session.offered,
        session.skipped,
        session.stands_still,
        session.voice_on,
        session.microphone_off,
        session.told_shift if untold is None else untold.told_shift,
        session.resumed,
    )
    return replace(session, saved_at=at), (SavePosition(position),)
