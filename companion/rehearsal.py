"""The same loop on the clock of the samples: a session as fast as the recogniser allows, and repeatable.

Virtual time stands in for the clock. What happens next is the earliest of: a scripted action, the end of
what the device says, the session's own deadline, a press for people who would otherwise be waited for,
and a command that the listener hears in the microphone's sound before any of these.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from companion.core.attention import Attention
from companion.core.effect import Chime, Position
from companion.core.event import CommandGiven, DeadlineReached, Event, Pressed, SpeechEnded
from companion.core.session import next_deadline, waits_for_people
from companion.core.state import Session, State
from companion.core.units import Instant, after
from companion.loop import Loop
from companion.script import Spoken

PATIENCE = 2.0
"""Seconds for which a rehearsal waits for people before it presses the button for them."""
LETS_FINISH = 0.5
"""Seconds for which a press waits for somebody who speaks; a phrase is over after 4 s at most."""
LONGEST = 12 * 3600.0
"""Seconds of virtual time after which a rehearsal that never ends is given up."""


class HearingRoom(Protocol):
    """The microphone's sound and the listener, on the samples' clock."""

    def attend(self, attention: Attention) -> None: ...

    def speak(self, at: Instant, words: str) -> None:
        """Mix these words, synthesised, into the sound from `at` on."""

    def heard_before(self, until: Instant) -> CommandGiven | None:
        """Listen on to `until`; stops at the first command, at the instant it was decided."""

    def falls_silent(self) -> Instant:
        """From when on there is nothing to hear."""

    def somebody_speaks(self) -> bool:
        """Words that may be a command are being said now."""


class StageVoice(Protocol):
    """What the device says, at its place in virtual time."""

    def start(self, at: Instant, texts: tuple[str, ...]) -> Instant:
        """Say it from `at` (or after what is being said); the instant at which it will have been said."""

    def ring(self, at: Instant, chime: Chime) -> None: ...
    def hush(self, at: Instant) -> None: ...
    def change_volume(self, notches: int) -> None: ...


class StageLight(Protocol):
    def show(self, session: Session) -> None: ...

    def pass_time(self, until: Instant) -> None:
        """Paint what there is to see up to `until`."""


class ClosedEars:
    """A rehearsal without any sound to hear."""

    def attend(self, attention: Attention) -> None:
        pass

    def speak(self, at: Instant, words: str) -> None:
        pass

    def heard_before(self, until: Instant) -> CommandGiven | None:  # noqa: ARG002
        return None

    def falls_silent(self) -> Instant:
        return Instant(0.0)

    def somebody_speaks(self) -> bool:
        return False


class DarkLight:
    def show(self, session: Session) -> None:
        pass

    def pass_time(self, until: Instant) -> None:
        pass


class NoKeeper:
    """A rehearsal survives no power cut."""

    def save(self, position: Position) -> None:
        pass

    def forget(self) -> None:
        pass

    def switch_microphone(self, off: bool) -> None:
        pass


@dataclass
class Agenda:
    """Events to come, by instant and then by the order in which they were put down; the virtual time."""

    now: Instant = Instant(0.0)
    _heap: list[tuple[Instant, int, Event]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)

    def add(self, action: Event) -> None:
        heapq.heappush(self._heap, (action.at, next(self._order), action))

    def first(self) -> Instant | None:
        return self._heap[0][0] if self._heap else None

    def take(self) -> Event:
        return heapq.heappop(self._heap)[2]

    def drop(self, unwanted: Callable[[Event], bool]) -> None:
        """Cross out events that will not happen any more."""
        self._heap = [entry for entry in self._heap if not unwanted(entry[2])]
        heapq.heapify(self._heap)


class StagedVoice:
    """The loop's voice in a rehearsal: the end of a speech is an entry in the agenda."""

    def __init__(self, agenda: Agenda, stage: StageVoice) -> None:
        self._agenda, self._stage = agenda, stage

    def say(self, speech: int, texts: tuple[str, ...]) -> None:
        ended = self._stage.start(self._agenda.now, texts)
        self._agenda.add(SpeechEnded(ended, speech))

    def ring(self, chime: Chime) -> None:
        self._stage.ring(self._agenda.now, chime)

    def hush(self) -> None:
        self._agenda.drop(lambda event: isinstance(event, SpeechEnded))
        self._stage.hush(self._agenda.now)

    def change_volume(self, notches: int) -> None:
        self._stage.change_volume(notches)


class Rehearsal:
    """Runs a loop through virtual time until its session has ended."""

    def __init__(self, loop: Loop, agenda: Agenda, room: HearingRoom, light: StageLight, presses: bool = True) -> None:
        """`presses`: press the button where people are waited for. The loop's voice must use the same agenda."""
        self._loop, self._agenda, self._room, self._light, self._presses = loop, agenda, room, light, presses
        self._waits_since: Instant | None = None

    def run(self) -> bool:
        """True when the session came to its end; False when it waits for people for ever."""
        self._look_for_waiting(happened=True)
        while self._loop.session.state is not State.ENDED:
            due = self._next_instant()
            if due is None or due > LONGEST:
                return False
            self._advance(due)
        return True

    def run_to(self, until: Instant) -> None:
        """Everything that is due up to `until`, which then is now: for a stage that people act on."""
        while self._loop.session.state is not State.ENDED:
            due = self._next_instant()
            if due is None or due > until:
                break
            self._advance(due)
        self._light.pass_time(until)
        self._agenda.now = max(self._agenda.now, until)

    def _next_instant(self) -> Instant | None:
        session = self._loop.session
        scripted, deadline, silent = self._agenda.first(), next_deadline(session), self._room.falls_silent()
        sound = silent if silent > self._agenda.now else None
        if scripted is None and sound is None and not self._presses and waits_for_people(session):
            return None
        instants = [scripted, deadline, sound, self._press_at()]
        return min((instant for instant in instants if instant is not None), default=None)

    def _press_at(self) -> Instant | None:
        if not self._presses or self._waits_since is None:
            return None
        return after(self._waits_since, PATIENCE)

    def _advance(self, due: Instant) -> None:
        """Come to `due`, or to a command that is heard before it."""
        due = max(due, self._agenda.now)
        heard = self._room.heard_before(due)
        now = due if heard is None else heard.at
        self._light.pass_time(now)
        self._agenda.now = now
        if heard is not None:
            self._handle(heard)
        elif self._agenda.first() == due:
            self._act(self._agenda.take())
        elif (deadline := next_deadline(self._loop.session)) is not None and deadline <= due:
            self._handle(DeadlineReached(now))
        elif self._press_at() == due:
            self._press(now)

    def _press(self, now: Instant) -> None:
        """Press for people who wait, but let whoever is speaking finish."""
        if self._room.somebody_speaks():
            self._waits_since = after(now, LETS_FINISH - PATIENCE)
        else:
            self._handle(Pressed(now))

    def _act(self, action: Event) -> None:
        if isinstance(action, Spoken):
            self._loop.observe(action.at, action)
            self._room.speak(action.at, action.words)
            self._look_for_waiting(happened=True)
        else:
            self._handle(action)

    def _handle(self, event: Event) -> None:
        self._loop.handle(event)
        self._look_for_waiting(happened=not isinstance(event, DeadlineReached))

    def _look_for_waiting(self, happened: bool) -> None:
        """Patience starts when waiting starts, and anew when somebody acts."""
        if not waits_for_people(self._loop.session):
            self._waits_since = None
        elif self._waits_since is None or happened:
            self._waits_since = self._agenda.now
