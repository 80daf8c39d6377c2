"""Opens a rehearsal: the same loop as a live session, between staged devices on virtual time."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from companion.chart import Chart
from companion.core.effect import Effect
from companion.core.errors import SettingsError
from companion.core.event import Event
from companion.core.plan import make_plan
from companion.core.state import Mode, Session
from companion.core.units import Instant
from companion.language.phrases import device_name, language_file
from companion.light.file import FileStrip
from companion.loop import Devices, Loop
from companion.opening import look_of, open_listener, write_text
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
from companion.script import Spoken, read_script
from companion.settings import Settings
from companion.staging import RecordedVoice, SampledRoom, StagedLight, read_microphone, write_check
from companion.trace import tracer
from companion.voice.chimes import load_chimes
from companion.voice.sound import Pcm
from companion.voice.synthesiser import Pyttsx3Synthesiser

BEGAN = Instant(0.0)
NOON = 12
"""The hour of every rehearsal: it looks the same whenever it is run."""
Watch = Callable[[Instant, Event | Effect], None]
Cast = Callable[[Agenda], Watch]
"""People who see everything that happens, and may put actions of their own into the agenda."""


@dataclass(frozen=True)
class Staging:
    """What a rehearsal is asked to do; files that are None are not read or written."""

    method: str
    people: int | None = None
    minutes: float | None = None
    language: str | None = None
    cases: int | None = None
    microphone: Path | None = None
    script: Path | None = None
    speaker: Path | None = None
    light: Path | None = None
    trace: Path | None = None
    picture: Path | None = None
    presses: bool = True
    speaks: bool = False
    """People will speak though no script says so."""


@dataclass(frozen=True)
class Outcome:
    """How a rehearsal went: whether the session came to its end, and how long it took in virtual seconds."""

    session: Session
    ended: bool
    lasted: Instant
    voice: RecordedVoice


def rehearse(
    staging: Staging, settings: Settings, light: StageLight | None = None, cast: Cast | None = None
) -> Outcome:
    """Run a whole session on the clock of the samples. Raises UserError for what the user can mend.

    `light` takes the place of the one that writes `staging.light`.
    """
    language = staging.language or settings.language
    shelf = library(settings)
    books = shelf.only(staging.method)
    _refuse_shared_files(staging)
    if staging.speaker:
        write_check(staging.speaker)
    phrases, actions = shelf.phrases(language), tuple[Event, ...]()
    if staging.script:
        name = device_name(language, settings.microphone.name, phrases)
        actions = read_script(staging.script, phrases, name)
    with ExitStack() as stack:
        agenda = Agenda()
        watches = [cast(agenda)] if cast else []
        if staging.trace:
            watches.append(tracer(stack.enter_context(write_text(staging.trace)), BEGAN, language))
        light = light or _light(staging, settings, stack)
        chart = Chart(phrases, light) if staging.picture else None
        if chart is not None and staging.picture is not None:
            picture, light = stack.enter_context(write_text(staging.picture)), chart
            watches.append(chart)
        outcome = _played(staging, settings, books, agenda, actions, light, watches)
        if chart is not None:
            picture.write(chart.svg(outcome.session.method, language))
    if staging.speaker:
        outcome.voice.write(staging.speaker, outcome.lasted)
    return outcome


def _refuse_shared_files(staging: Staging) -> None:
    """Raises SettingsError where what is written would lie over something else that is named."""
    roles = ("microphone", "script", "speaker", "light", "trace", "picture")
    known: dict[Path, str] = {}
    for role in roles:
        file: Path | None = getattr(staging, role)
        if file is not None and not file.is_char_device():
            other = known.setdefault(file.resolve(), role)
            if other != role:
                raise SettingsError(f"{file}: is named for --{other} and for --{role}; name another for one of them.")


def _played(
    staging: Staging,
    settings: Settings,
    books: Library,
    agenda: Agenda,
    actions: tuple[Event, ...],
    light: StageLight,
    watches: list[Watch],
) -> Outcome:
    language = staging.language or settings.language
    for action in actions:
        agenda.add(action)
    cache = sentence_cache(settings, language)
    voice = RecordedVoice(cache.pcm, load_chimes())
    speaks = staging.speaks or any(isinstance(action, Spoken) for action in actions)
    room = _room(staging, settings, books, language, speaks)
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
    session = fresh_session(books, settings, BEGAN, staging.people, staging.minutes, staging.cases)
    people = session.method.group.usual if session.people is None else session.people
    make_plan(session.method, people, session.total, session.cases)
    mode = Mode.NATURAL if session.mode is Mode.OFF else session.mode
    return replace(session, people=people, mode=mode)


def _room(staging: Staging, settings: Settings, books: Library, language: str, speaks: bool) -> HearingRoom:
    recording = read_microphone(staging.microphone) if staging.microphone else None
    if recording is None and not speaks:
        return ClosedEars()
    listener = open_listener(language, books, settings.microphone.recogniser, settings.microphone.name)
    return SampledRoom(listener, recording, speaker_in_the_room(settings, language))


def speaker_in_the_room(settings: Settings, language: str) -> Callable[[str], Pcm]:
    """A person's voice for `speak` lines: another one than the device's."""
    voice = str(language_file(language)["espeak_person"])
    return Pyttsx3Synthesiser(voice, settings.voice.words_per_minute).render


def _light(staging: Staging, settings: Settings, stack: ExitStack) -> StageLight:
    if staging.light is None:
        return DarkLight()
    strip = FileStrip(settings.light.count, stack.enter_context(write_text(staging.light)))
    return StagedLight(strip, look_of(settings.light, NOON))
