"""The device inside the simulator, without a screen: the real loop, captions in place of a voice."""

from dataclasses import replace
from itertools import accumulate

from companion.app import Wish
from companion.core.effect import Chime, Effect, Position
from companion.core.event import CommandGiven, Device, DeviceFound, DeviceLost, Event, Held, HeldLong, Pressed
from companion.core.scene import scene
from companion.core.session import resume
from companion.core.state import Microphone, Session
from companion.core.units import Instant, after
from companion.language.phrases import understand
from companion.light.colour import Pixels
from companion.light.pixels import pixels
from companion.loop import Devices, Loop
from companion.places import Library, fresh_session, library
from companion.rehearsal import Agenda, ClosedEars, DarkLight, Rehearsal, StagedVoice
from companion.settings import Settings

LETTERS_A_SECOND = 14.0
"""How fast the device speaks: a caption stays as long as its sentence would last."""
STAYS = 3
"""Sentences of what was said last that stay: as many as the lines of a small screen hold."""
GESTURES: dict[str, type[Event]] = {"press": Pressed, "hold": Held, "hold long": HeldLong}


class Captions:
    """What is said, shown; each sentence takes as long as it would be heard."""

    def __init__(self) -> None:
        self._texts: tuple[str, ...] = ()
        self._began = Instant(0.0)
        self.chimes = 0

    def start(self, at: Instant, texts: tuple[str, ...]) -> Instant:
        self._texts, self._began = texts, at
        return after(at, sum(map(len, texts)) / LETTERS_A_SECOND)

    def at(self, instant: Instant) -> tuple[str, ...]:
        """The sentence that is being said, and those after it: a long list scrolls by, and its end stays."""
        said = (instant - self._began) * LETTERS_A_SECOND
        past = sum(end <= said for end in accumulate(map(len, self._texts)))
        return self._texts[min(past, max(0, len(self._texts) - STAYS)) :]

    def ring(self, at: Instant, chime: Chime) -> None:  # noqa: ARG002
        self.chimes += 1

    def hush(self, at: Instant) -> None:  # noqa: ARG002
        self._texts = ()

    def change_volume(self, notches: int) -> None:
        """Captions have no loudness."""


class Memory:
    """The saved position, kept for the simulated power cut."""

    def __init__(self) -> None:
        self.position: Position | None = None

    def save(self, position: Position) -> None:
        self.position = position

    def switch_microphone(self, off: bool) -> None:
        """A new session of the simulator begins with the microphone open."""

    def forget(self) -> None:
        self.position = None


class World:
    """A session that people act on, at instants of a clock that only `pass_time` moves."""

    def __init__(self, wish: Wish, settings: Settings) -> None:
        self.language = wish.language or settings.language
        self._settings = replace(settings, language=self.language)
        self._wish = wish
        self._books: Library = library(settings)
        self.phrases = self._books.phrases(self.language)
        self.memory = Memory()
        self._build(Instant(0.0), self._fresh(Instant(0.0)))

    @property
    def session(self) -> Session:
        return self._loop.session

    @property
    def now(self) -> Instant:
        return self._agenda.now

    def pass_time(self, seconds: float) -> None:
        self._rehearsal.run_to(after(self.now, seconds))

    def gesture(self, name: str) -> None:
        """ "press", "hold" or "hold long"."""
        self._give(GESTURES[name](self.now))

    @property
    def hears(self) -> bool:
        """The microphone is open: what is typed would be heard."""
        return self.session.microphone is Microphone.OPEN

    def say(self, words: str) -> bool:
        """A typed command; False when it is none."""
        command = understand(words, self.phrases)
        if command is not None:
            self._give(CommandGiven(self.now, command))
        return command is not None

    def switch(self, device: Device) -> None:
        """Pull the device out, or plug it in again."""
        lost = device in self.session.lost
        self._give(DeviceFound(self.now, device) if lost else DeviceLost(self.now, device))

    def cut_power(self) -> None:
        """Everything but the saved position is gone; the device starts again."""
        session = self._fresh(self.now)
        if self.memory.position is None:
            self._build(self.now, session)
            return
        session, effects = resume(session, self.memory.position, self.now)
        self._build(self.now, session)
        self._loop.perform(self.now, effects)

    def again(self) -> None:
        """A session anew; nothing is gone on with."""
        self.memory.forget()
        self._build(self.now, self._fresh(self.now))

    def ring(self, leds: int) -> Pixels:
        return pixels(scene(self.session, self.now), leds, self.now)

    def _give(self, event: Event) -> None:
        self._agenda.add(event)
        self._rehearsal.run_to(self.now)

    def _fresh(self, at: Instant) -> Session:
        wish = self._wish
        return fresh_session(self._books.only(wish.method), self._settings, at, wish.people, wish.minutes, wish.cases)

    def _build(self, at: Instant, session: Session) -> None:
        self.captions = Captions()
        self._agenda = Agenda(at)
        light = DarkLight()
        devices = Devices(StagedVoice(self._agenda, self.captions), light, ClosedEars(), self.memory)
        self._loop = Loop(session, self.language, self._books.vocabulary(self.language), devices, _unseen)
        self._rehearsal = Rehearsal(self._loop, self._agenda, ClosedEars(), light, presses=False)


def _unseen(_at: Instant, _what: Event | Effect) -> None:
    """Nobody watches but the screen."""
