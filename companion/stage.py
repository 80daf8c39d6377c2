"""Opens a rehearsal: the same loop as a live session, between staged devices on virtual time."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from companion.core.effect import Effect
from companion.core.errors import ScriptError
from companion.core.event import Event
from companion.core.plan import make_plan
from companion.core.state import Mode, Session
from companion.core.units import Instant
from companion.language.phrases import language_file
from companion.loop import Devices, Loop
from companion.opening import open_listener
from companion.places import Library, fresh_session, library, sentence_cache
from companion.rehearsal import (
    Agenda,
    ClosedEars,
    DarkLight,
    HearingRoom,
    NoKeeper,
    Rehearsal,
    StagedVoice,
    StageLight,
)
from companion.script import Action, Spoken, read_script
from companion.settings import Settings
from companion.staging import RecordedVoice, SampledRoom, read_microphone
from companion.trace import tracer
from companion.voice.chimes import load_chimes
from companion.voice.sound import Pcm
from companion.voice.synthesiser import Pyttsx3Synthesiser

BEGAN = Instant(0.0)
Watch = Callable[[Instant, Event | Effect], None]


@dataclass(frozen=True)
class Staging:
    """What a rehearsal is asked to do; files that are None are not read or written."""

    method: str
    people: int | None = None
    minutes: float | None = None
    language: str | None = None
    microphone: Path | None = None
    script: Path | None = None
    speaker: Path | None = None
    light: Path | None = None
    trace: Path | None = None
    presses: bool = True


@dataclass(frozen=True)
class Outcome:
    """How a rehearsal went: whether the session came to its end, and how long it took in virtual seconds."""

    session: Session
    ended: bool
    lasted: Instant
    voice: RecordedVoice


def rehearse(staging: Staging, settings: Settings, light: StageLight | None = None, watch: Watch | None = None) -> Outcome:
    """Run a whole session on the clock of the samples. Raises UserError for what the user can mend.

    `light` takes the place of the one that writes `staging.light`; `watch` is told every event and effect.
    """
    language = staging.language or settings.language
    books = library(settings).only(staging.method)
    actions = read_script(staging.script, books.phrases(language)) if staging.script else ()
    with ExitStack() as stack:
        watches = [watch] if watch else []
        if staging.trace:
            watches.append(tracer(stack.enter_context(staging.trace.open("w", encoding="utf-8")), BEGAN, language))
        light = light or _light(staging, settings, stack)
        outcome = _played(staging, settings, books, language, actions, light, watches)
    if staging.speaker:
        outcome.voice.write(staging.speaker, outcome.lasted)
    return outcome


def _played(
    staging: Staging,
    settings: Settings,
    books: Library,
    language: str,
    actions: tuple[Action, ...],
    light: StageLight,
    watches: list[Watch],
) -> Outcome:
    agenda = Agenda()
    for action in actions:
        agenda.add(action)
    cache = sentence_cache(settings, language)
    voice = RecordedVoice(cache.pcm, load_chimes())
    room = _room(staging, settings, books, language, actions)
    session = _session(staging, settings, books)
    devices = Devices(StagedVoice(agenda, voice), light, room, NoKeeper())

    def observe(at: Instant, what: Event | Effect) -> None:
        for watch in watches:
            watch(at, what)

    loop = Loop(session, language, books.vocabulary(language), devices, observe)
    ended = Rehearsal(loop, agenda, room, light, staging.presses).run()
    cache.close()
    return Outcome(loop.session, ended, agenda.now, voice)


def _session(staging: Staging, settings: Settings, books: Library) -> Session:
    """A fresh session; what makes no plan is said before anything begins."""
    session = fresh_session(books, settings, BEGAN, staging.people, staging.minutes)
    people = session.method.group.usual if session.people is None else session.people
    make_plan(session.method, people, session.total, session.cases)
    mode = Mode.NATURAL if session.mode is Mode.OFF else session.mode
    return replace(session, people=people, mode=mode)


def _room(
    staging: Staging, settings: Settings, books: Library, language: str, actions: tuple[Action, ...]
) -> HearingRoom:
    recording = read_microphone(staging.microphone) if staging.microphone else None
    if recording is None and not any(isinstance(action, Spoken) for action in actions):
        return ClosedEars()
    listener = open_listener(language, books, settings.microphone.recogniser)
    return SampledRoom(listener, recording, speaker_in_the_room(settings, language))


def speaker_in_the_room(settings: Settings, language: str) -> Callable[[str], Pcm]:
    """A person's voice for `speak` lines: another one than the device's."""
    voice = str(language_file(language)["espeak_person"])
    return Pyttsx3Synthesiser(voice, settings.voice.words_per_minute).render


def _light(staging: Staging, settings: Settings, stack: ExitStack) -> StageLight:
    if staging.light is None:
        return DarkLight()
    try:
        staging.light.open("w").close()
    except OSError as problem:
        raise ScriptError(f"{staging.light}: cannot be written ({problem.strerror}); name another file.") from None
    return DarkLight()
