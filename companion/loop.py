"""Inbox -> step -> effects: the one consumer that owns the session. Devices are the Protocols below."""

import queue
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from companion.core.attention import Attention, attention
from companion.core.command import Command
from companion.core.effect import (
    ChangeVolume,
    Chime,
    Effect,
    ForgetPosition,
    Hush,
    MicrophoneSwitched,
    Position,
    Ring,
    SavePosition,
    Say,
)
from companion.core.event import DeadlineReached, Event
from companion.core.session import next_deadline, step
from companion.core.state import Session, State
from companion.core.units import Instant
from companion.language.sentences import all_spoken

INBOX_SIZE = 256
LONGEST_WAIT = 0.5
"""Seconds after which the waiting loop looks up: for the watchdog, and for a request to stop."""

Observe = Callable[[Instant, Event | Effect], None]
"""Told everything that happens and is done, in order, on the loop's thread; never words from a microphone."""


class VoiceDevice(Protocol):
    """Called on the loop's thread; must not block."""

    def say(self, speech: int, texts: tuple[str, ...]) -> None: ...
    def ring(self, chime: Chime) -> None: ...
    def hush(self) -> None: ...
    def change_volume(self, notches: int) -> None: ...


class LightDevice(Protocol):
    def show(self, session: Session) -> None: ...


class EarsDevice(Protocol):
    def attend(self, attention: Attention) -> None: ...


class PositionKeeper(Protocol):
    def save(self, position: Position) -> None: ...
    def forget(self) -> None: ...
    def switch_microphone(self, off: bool) -> None: ...


@dataclass(frozen=True)
class Devices:
    voice: VoiceDevice
    light: LightDevice
    ears: EarsDevice
    keeper: PositionKeeper


class Inbox:
    """A bounded queue that devices post to from their threads; counts what it drops."""

    def __init__(self, size: int = INBOX_SIZE) -> None:
        self._queue: queue.Queue[Event] = queue.Queue(size)
        self.dropped = 0

    def post(self, event: Event) -> None:
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            self.dropped += 1

    def get(self, timeout: float) -> Event | None:
        """The next event; None when none came within `timeout` seconds."""
        try:
            return self._queue.get(timeout=max(0.0, timeout))
        except queue.Empty:
            return None


class Loop:
    """Owns the session. Everything here runs on one thread; `handle` is the same live and in rehearsal."""

    def __init__(
        self, session: Session, language: str, vocabulary: tuple[Command, ...], devices: Devices, observe: Observe
    ) -> None:
        self.session = session
        self._language, self._vocabulary = language, vocabulary
        self._devices, self.observe = devices, observe
        self._attention: Attention | None = None
        self._tell_devices()

    def handle(self, event: Event) -> None:
        """One event: step, then the effects in order, then what light and ears should know."""
        self.observe(event.at, event)
        self.session, effects = step(self.session, event)
        self.perform(event.at, effects)

    def perform(self, at: Instant, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            self.observe(at, effect)
            self._perform(effect)
        self._tell_devices()

    def run(self, inbox: Inbox, clock: Callable[[], Instant], goes_on: Callable[[], bool]) -> None:
        """Until the session has ended or `goes_on`, asked at least twice a second, says no."""
        while self.session.state is not State.ENDED and goes_on():
            deadline = next_deadline(self.session)
            wait = LONGEST_WAIT if deadline is None else min(LONGEST_WAIT, deadline - clock())
            event = inbox.get(wait)
            if event is not None:
                self.handle(event)
            elif deadline is not None and clock() >= deadline:
                self.handle(DeadlineReached(clock()))

    def _perform(self, effect: Effect) -> None:
        devices = self._devices
        match effect:
            case Say(speech=number, sentences=sentences):
                devices.voice.say(number, all_spoken(sentences, self._language))
            case Hush():
                devices.voice.hush()
            case Ring(chime=chime):
                if self.session.can_speak:
                    devices.voice.ring(chime)
            case ChangeVolume(notches=notches):
                devices.voice.change_volume(notches)
            case SavePosition(position=position):
                devices.keeper.save(position)
            case ForgetPosition():
                devices.keeper.forget()
            case MicrophoneSwitched(off=off):
                devices.keeper.switch_microphone(off)
            case _:
                pass

    def _tell_devices(self) -> None:
        self._devices.light.show(self.session)
        now = attention(self.session, self._vocabulary)
        if now != self._attention:
            self._attention = now
            self._devices.ears.attend(now)
