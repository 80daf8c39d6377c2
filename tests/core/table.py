"""A small method and ways to drive a session, for tests of the core: no files, no voice, no clock."""

from collections.abc import Iterable
from dataclasses import replace

from companion.core.command import Command, Name
from companion.core.effect import Effect, Position, SavePosition, Say
from companion.core.event import CommandGiven, DeadlineReached, Event, Held, Pressed, SpeechEnded
from companion.core.method import (
    Announced,
    Ending,
    Group,
    Kind,
    Method,
    Mode,
    Place,
    Repeat,
    RuleSet,
    Step,
    Text,
    Times,
    Timing,
    Turns,
)
from companion.core.plan import usual_total
from companion.core.session import next_deadline, resume, step
from companion.core.state import Session, State
from companion.core.units import Instant, Seconds


def text(words: str) -> Text:
    return Text({"nl": words, "en": words})


def a_step(
    id: str,
    seconds: float,
    ending: Ending = Ending.SOFT,
    turns: Turns = Turns.NONE,
    each: bool = False,
    **more: object,
) -> Step:
    times = Times(Seconds(seconds), Seconds(seconds / 2), Seconds(seconds * 3), each)
    words = text(id)
    step = Step(id, Kind.LISTEN, times, words, words, words, words, turns, ending)
    return replace(step, **more)  # type: ignore[arg-type]


RULES = {"rules": RuleSet("rules", text("rules"), (text("one"), text("two"), text("three")))}
QUESTIONS = {"voorwaardenvragen": RuleSet("voorwaardenvragen", text("questions"), (text("quiet?"), text("willing?")))}

STEPS = (
    a_step("hard", 60, Ending.HARD, sign=Seconds(10)),
    a_step("firm", 120, Ending.FIRM, grace=Seconds(15), place=Place.OUTSIDE),
    a_step("quiet", 120, Ending.FIRM, grace=Seconds(15), silence=True),
    a_step("round", 30, Ending.HARD, Turns.OTHERS, each=True, sign=Seconds(5)),
    a_step("open", 60, Ending.OPEN),
    a_step("soft", 60, Ending.SOFT, sign=Seconds(20)),
)

RICH_STEPS = (
    a_step("think", 60, Ending.HARD, mode=Mode.WRITE_ALONE, silence=True, announced=Announced.CUE),
    a_step("sharpen", 120, question=text("sharpen?")),
    a_step("present", 60, Ending.HARD, repeat=Repeat.PERSON),
    a_step("consult", 120, Ending.FIRM, repeat=Repeat.PERSON, place=Place.BACK_TURNED, end=text("turn back")),
    a_step("thank", 60, repeat=Repeat.PERSON, protected=True, at_most_each=1),
    a_step("break", 120, Ending.HARD, kind=Kind.BREAK, optional=True),
    a_step("gossip", 120, question=text("gossip?"), choice="way", place=Place.OUT_OF_ROOM),
    a_step("write", 120, question=text("write?"), choice="way", silence=True, announced=Announced.NOTHING),
    a_step("talk", 120, choice="way"),
    a_step("evaluate", 60, Ending.HARD, Turns.EVERYONE, before_end=Seconds(60), reminder=text("be brief")),
)
"""A step of every sort that the format knows."""


def a_method(steps: Iterable[Step] = STEPS, id: str = "method", **more: object) -> Method:
    steps = tuple(steps)
    group = Group(4, 5, 8)
    method = Method(
        id, text(id), text("summary"), text("a test"), Timing.OURS, group, Seconds(0), 1,
        text("teller"), text("listeners"), True, "rules", None, steps,
    )  # fmt: skip
    return replace(method, **{"total": Seconds(usual_total(method, group.usual)), **more})  # type: ignore[arg-type]


def a_session(*methods: Method, people: int | None = 5, **more: object) -> Session:
    session = Session(methods or (a_method(),), RULES, Instant(0.0), people=people)
    return replace(session, **more)  # type: ignore[arg-type]


class Driver:
    """Drives a session through events and remembers every effect."""

    def __init__(self, session: Session) -> None:
        self.session, self.now = session, Instant(0.0)
        self.effects: list[Effect] = []

    def give(self, event: Event) -> tuple[Effect, ...]:
        self.session, effects = step(self.session, event)
        self.effects += effects
        return effects

    def command(self, name: Name, argument: int | str | None = None) -> tuple[Effect, ...]:
        return self.give(CommandGiven(self.now, Command(name, argument)))

    def press(self) -> tuple[Effect, ...]:
        return self.give(Pressed(self.now))

    def hold(self) -> tuple[Effect, ...]:
        return self.give(Held(self.now))

    def hear_out(self) -> None:
        """Let the device finish what it says."""
        while self.session.speech is not None:
            self.give(SpeechEnded(self.now, self.session.speech.number))

    def wait(self, seconds: float) -> list[Effect]:
        """Let time pass, taking every deadline on its instant; what is said takes no time."""
        until, seen = Instant(self.now + seconds), len(self.effects)
        self.hear_out()
        while (deadline := next_deadline(self.session)) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.give(DeadlineReached(self.now))
            self.hear_out()
        self.now = until
        return self.effects[seen:]

    def to_first_step(self) -> "Driver":
        self.press()
        self.hear_out()
        self.press()
        self.hear_out()
        return self

    def to_step(self, id: str) -> "Driver":
        self.to_first_step()
        while self.session.slot.step.id != id:
            self.command(Name.NEXT_STEP)
            self.hear_out()
        return self

    def to_overtime(self) -> "Driver":
        """Until the time of the step is over; what is said then is not heard out."""
        while self.state is not State.OVERTIME:
            self.now = max(self.now, self.session.clock.left_is(0.0))
            self.give(DeadlineReached(self.now))
        return self

    def saved(self) -> Position:
        """The position as it was saved last."""
        return [effect.position for effect in self.effects if isinstance(effect, SavePosition)][-1]

    def said(self) -> list[str]:
        return [sentence.key for effect in self.effects if isinstance(effect, Say) for sentence in effect.sentences]

    @property
    def state(self) -> State:
        return self.session.state


def gone_on_from(position: Position, session: Session) -> Driver:
    """A fresh session that goes on from there, as after a power cut."""
    driver = Driver(session)
    driver.session, effects = resume(session, position, driver.now)
    driver.effects += effects
    return driver


Session.__repr__ = lambda self: f"Session({self.state}, {self.people}, {self.position}, {self.resumes})"  # type: ignore[method-assign]
