"""The composition root of a live session: opens devices in order in one ExitStack, closes them in reverse."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import FrameType

from companion.core.effect import Effect
from companion.core.errors import PlanError
from companion.core.event import Event
from companion.core.moves import planned
from companion.core.plan import Plan, make_plan
from companion.core.repertoire import repertoire
from companion.core.session import resume
from companion.core.state import Session
from companion.core.units import Instant, Seconds
from companion.device.position import PositionFile
from companion.device.systemd import notify
from companion.language.sentences import all_spoken
from companion.loop import Devices, EarsDevice, Inbox, LightDevice, Loop, Observe, VoiceDevice
from companion.memory import forbid_dumps, lock_memory
from companion.opening import has_keyboard, open_buttons, open_ears, open_light, open_voice
from companion.places import Library, fresh_session, library, sentence_cache, state_folder
from companion.settings import Settings
from companion.voice.cache import SentenceCache

RESUME_WITHIN = 1800.0
"""Seconds after which a saved position belongs to another meeting."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wish:
    """What was asked for on the command line; None: as the settings or the method say."""

    method: str | None = None
    people: int | None = None
    minutes: float | None = None
    language: str | None = None
    cases: int | None = None


class Stop:
    """Set by SIGTERM, SIGINT, and by a thread that failed unforeseen; the loop looks at it."""

    def __init__(self) -> None:
        self.asked = False
        self.by_hand = False
        self.failed = False

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        self.asked, self.by_hand = True, number == signal.SIGINT

    def obey(self) -> None:
        signal.signal(signal.SIGTERM, self)
        signal.signal(signal.SIGINT, self)
        threading.excepthook = self._fail

    def _fail(self, failure: threading.ExceptHookArgs) -> None:
        """What cannot be mended in the process ends it: systemd starts it again and the session resumes."""
        _log.error("a part of the device failed: %s", failure.exc_type.__name__, exc_info=failure.exc_value)
        self.asked = self.failed = True


def now() -> Instant:
    return Instant(time.monotonic())


def run(wish: Wish, settings: Settings) -> int:
    """Lead sessions until one that was asked for by name has ended, or until told to stop.

    Status 0; 1 when a part of the device failed for good.

    Raises UserError for what the user can mend; a device that is lost never ends a session.
    """
    settings = replace(settings, language=wish.language or settings.language)
    books = library(settings)
    check_wish(wish, books)
    stop = Stop()
    stop.obey()
    forbid_dumps()
    with ExitStack() as stack:
        opened = _open(stack, settings, books)
        lock_memory()
        notify("READY=1")
        stack.callback(notify, "STOPPING=1")
        session = wished_session(wish, settings, books)
        session = replace(session, microphone_off=opened.keeper.microphone_is_off(RESUME_WITHIN))
        while not stop.asked:
            last = _lead(session, opened, settings, lambda: not stop.asked)
            if wish.method is not None:
                break
            # What the group has closed or silenced stays so until they say otherwise.
            session = wished_session(wish, settings, books)
            session = replace(session, microphone_off=last.microphone_off, voice_on=last.voice_on, faults=last.faults)
        if stop.by_hand:
            opened.keeper.forget()
            opened.keeper.switch_microphone(off=False)
    return 1 if stop.failed else 0


def wished_session(wish: Wish, settings: Settings, books: Library) -> Session:
    """A session that waits to be started; a stage or a simulator always has a button, a device may have none."""
    session = fresh_session(books.only(wish.method), settings, now(), wish.people, wish.minutes, wish.cases)
    return replace(session, has_button=settings.button.can_open_microphone or has_keyboard(settings.button))


def check_wish(wish: Wish, books: Library) -> None:
    """Raises UserError when the method is not there, or none can be done so."""
    if (wish.people, wish.minutes, wish.cases) == (None, None, None):
        books.only(wish.method)
        return
    total, problems = None if wish.minutes is None else Seconds(wish.minutes * 60.0), list[PlanError]()
    for method in books.only(wish.method).methods:
        try:
            make_plan(method, method.group.usual if wish.people is None else wish.people, total, wish.cases)
        except PlanError as problem:
            problems.append(problem)
        else:
            return
    raise problems[0]


@dataclass(frozen=True)
class _Opened:
    inbox: Inbox
    voice: VoiceDevice
    light: LightDevice
    ears: EarsDevice
    keeper: PositionFile
    cache: SentenceCache
    books: Library


def _open(stack: ExitStack, settings: Settings, books: Library) -> _Opened:
    """In this order: voice, light, buttons, ears; each posts to the inbox from threads of its own."""
    inbox = Inbox()
    cache = sentence_cache(settings, settings.language)
    voice = open_voice(stack, settings.voice, cache, inbox.post, now)
    light = open_light(stack, settings.light, inbox.post, now)
    open_buttons(stack, settings.button, inbox.post, now)
    ears = open_ears(stack, settings, books, inbox.post, now)
    keeper = PositionFile(state_folder() / "position.json")
    return _Opened(inbox, voice, light, ears, keeper, cache, books)


def _lead(session: Session, opened: _Opened, settings: Settings, goes_on: Callable[[], bool]) -> Session:
    """One session, from ready to its end; or the rest of one that a power cut broke off. As it was at last."""
    effects: tuple[Effect, ...] = ()
    position = opened.keeper.load(RESUME_WITHIN)
    if position is not None and session.people in (None, position.people):
        try:
            session, effects = resume(session, position, now())
        except PlanError as misfit:
            _log.warning("%s", misfit)
            opened.keeper.forget()
    devices = Devices(opened.voice, opened.light, opened.ears, opened.keeper)
    ahead = rendering_ahead(opened.cache, settings.language, lambda: loop.session)
    loop = Loop(session, settings.language, opened.books.vocabulary(settings.language), devices, ahead)
    ahead(now(), Event(now()))
    loop.perform(now(), effects)

    def alive() -> bool:
        notify("WATCHDOG=1")
        return goes_on()

    loop.run(opened.inbox, now, alive)
    return loop.session


def rendering_ahead(cache: SentenceCache, language: str, session: Callable[[], Session]) -> Observe:
    """Renders what the session may say, anew whenever it has another plan."""
    known: list[Plan | None] = []

    def observe(_at: Instant, _what: Event | Effect) -> None:
        current = session()
        if known[-1:] != [current.plan]:
            known.append(current.plan)
            with_plan = current if current.plan else planned(current, current.people or current.method.group.usual)
            cache.prepare(all_spoken(repertoire(with_plan), language))

    return observe
