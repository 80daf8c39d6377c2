"""Where things lie on disk, and what a session is made of: shared by everything that opens a session."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from companion.core.command import Command
from companion.core.errors import MethodError, ModelError, PhraseError, SettingsError
from companion.core.method import Method, RuleSet
from companion.core.state import Session
from companion.core.units import Instant, Seconds
from companion.language.phrases import (
    LANGUAGES,
    Phrase,
    device_name,
    language_file,
    normal,
    phrases,
    usual_name,
    vocabulary,
)
from companion.methods import LIST_FOLDERS, find_method, in_order, load_methods, load_own, load_rule_sets
from companion.settings import Settings, VoiceSettings, settings_file
from companion.voice.cache import SentenceCache
from companion.voice.fallback import WithFallback
from companion.voice.piper import PiperSynthesiser
from companion.voice.synthesiser import Pyttsx3Synthesiser, Synthesiser

_log = logging.getLogger(__name__)


def cache_folder() -> Path:
    return Path(platformdirs.user_cache_dir("companion"))


def state_folder() -> Path:
    return Path(platformdirs.user_state_dir("companion"))


def sentence_cache(settings: Settings, language: str) -> SentenceCache:
    """The device's voice in this language, with what it has rendered before."""
    return SentenceCache(_usable_voice(settings.voice, language), cache_folder() / "voice")


def voice_of(settings: VoiceSettings, language: str) -> Synthesiser:
    """The voice that the settings ask for. Raises ModelError when it cannot be used."""
    if settings.piper is not None:
        return PiperSynthesiser(settings.piper, language, settings.words_per_minute)
    return Pyttsx3Synthesiser(language_file(language)["espeak_voice"], settings.words_per_minute)


def _usable_voice(settings: VoiceSettings, language: str) -> Synthesiser:
    """A group whose voice is gone from its card is better led by another one than by none."""
    usual = voice_of(replace(settings, piper=None), language)
    if settings.piper is None:
        return usual
    try:
        return WithFallback(voice_of(settings, language), usual)
    except ModelError as error:
        _log.warning("%s Until then espeak-ng speaks.", error)
        return usual


@dataclass(frozen=True)
class Library:
    """The methods that can be done here, built-in and the group's own, and the phrases for them."""

    methods: tuple[Method, ...]
    rule_sets: Mapping[str, RuleSet]
    left_out: tuple[MethodError, ...] = ()
    """What is wrong with those of the group's own files that are not in it."""

    def phrases(self, language: str) -> tuple[Phrase, ...]:
        return phrases(language, self.methods, self.rule_sets.values())

    def vocabulary(self, language: str) -> tuple[Command, ...]:
        return vocabulary(self.phrases(language))

    def find(self, name: str) -> Method:
        """By id or name; Raises MethodError."""
        return find_method(name, self.methods)

    def only(self, name: str | None) -> "Library":
        """The library reduced to one method, or as it is for None."""
        return self if name is None else Library((self.find(name),), self.rule_sets)


def library(settings: Settings) -> Library:
    """Built-in methods and the group's own, which win where both have the same file name.

    An own file with a mistake is told and left out; the rest work.
    """
    folder = settings.methods
    place = settings.file or settings_file()
    if folder is not None:
        _look_into(folder, place)
    found = _built_in() if folder is None else library_with(folder, called(settings))
    for mistake in found.left_out:
        _log.warning("%s The file is left out.", mistake)
    try:
        device_name(settings.language, settings.microphone.name, found.phrases(settings.language))
    except PhraseError as problem:
        raise SettingsError(f"{place.name}: microphone.name: {problem}") from problem
    return found if settings.rules is None else _with_rules(found, settings.rules, place)


def _look_into(folder: Path, place: Path) -> None:
    """Raises SettingsError for a folder of methods that is not there, or that one may not look into."""
    try:
        for each in (folder, *(folder / name for name in LIST_FOLDERS if (folder / name).exists())):
            next(each.iterdir(), None)
    except OSError as problem:
        raise SettingsError(
            f'{place.name}: methods = "{folder}": {problem.filename} cannot be looked into ({problem.strerror}); '
            "make it a folder that may be read, or name another."
        ) from None


def _with_rules(found: Library, rules: str, place: Path) -> Library:
    """The library whose methods all begin with the same agreements."""
    if rules not in found.rule_sets:
        known = ", ".join(sorted(found.rule_sets))
        raise SettingsError(f'{place.name}: rules = "{rules}": there are none of this name; there are {known}.')
    return replace(found, methods=tuple(replace(method, rules=rules) for method in found.methods))


def _built_in() -> Library:
    rule_sets = load_rule_sets()
    return Library(load_methods(rule_sets=rule_sets), rule_sets)


def library_with(folder: Path, called: Mapping[str, str]) -> Library:
    """The built-in methods and those of a folder, for a device that is `called` so in each language."""
    built_in = _built_in()
    own = load_own(folder, built_in.methods, built_in.rule_sets, called)
    methods = {method.id: method for method in (*built_in.methods, *own.methods)}
    return Library(in_order(methods.values()), {**built_in.rule_sets, **own.rule_sets}, own.broken)


def called(settings: Settings) -> Mapping[str, str]:
    """What the device is called in each language: its own name, but that which the group chose in theirs."""
    usual = {language: usual_name(language) for language in LANGUAGES}
    return usual if settings.microphone.name is None else usual | {settings.language: normal(settings.microphone.name)}


def fresh_session(
    library: Library,
    settings: Settings,
    at: Instant,
    people: int | None = None,
    minutes: float | None = None,
    cases: int | None = None,
) -> Session:
    """A session that waits to be started; what is None is as the settings say, or the method."""
    minutes = settings.minutes if minutes is None else minutes
    return Session(
        library.methods,
        library.rule_sets,
        at,
        people=people,
        cases=settings.cases if cases is None else cases,
        total=None if minutes is None else Seconds(minutes * 60.0),
        experienced=settings.experienced,
        voice_on=settings.voice.enabled,
        mode=settings.microphone.mode,
    )
