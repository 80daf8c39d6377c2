"""What works on this machine: each part is really tried, and what does not work comes with its remedy."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from tempfile import TemporaryFile

from companion.app import now
from companion.buttons.presenter import imported_evdev, plugged_in
from companion.core.errors import CompanionError, DeviceError, MethodError, PhraseError
from companion.core.state import Mode
from companion.hearing.calibration import is_calibrated
from companion.hearing.engines import not_known, open_recogniser, unknown_to, usual_model
from companion.hearing.models import find
from companion.hearing.trial import loudness_of
from companion.language.numbers import number_words
from companion.language.phrases import device_name, language_file
from companion.memory import swap_devices
from companion.opening import chosen_recogniser, gpio_buttons, has_keyboard, has_light, open_strip
from companion.places import cache_folder, library, state_folder, voice_of
from companion.settings import Settings, settings_file
from companion.voice.speaker import PortAudioSpeaker

_TRIED_BYTES = 65536
QUIETEST = -85.0
"""dB of full scale under which a microphone gives nothing but its own silence."""


@dataclass(frozen=True)
class Finding:
    part: str
    works: bool
    words: str

    def __str__(self) -> str:
        return f"{'ok ' if self.works else '-- '} {self.part:12} {self.words}"


def findings(settings: Settings) -> Iterator[Finding]:
    """One finding a part, each as soon as it was tried."""
    parts: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("settings", _settings),
        ("methods", _methods),
        ("microphone", _microphone),
        ("loudspeaker", _loudspeaker),
        ("recogniser", _recogniser),
        ("voice", _voice),
        ("ring", _ring),
        ("buttons", _buttons),
        ("memory", _memory),
        ("storage", _storage),
    )
    for part, tried in parts:
        try:
            yield Finding(part, True, tried(settings))
        except CompanionError as fault:
            yield Finding(part, False, str(fault))


def missing_sound(settings: Settings) -> list[str]:
    """What of a microphone and a loudspeaker cannot be opened."""
    missing = []
    for part, tried in (("microphone", _microphone), ("loudspeaker", _loudspeaker)):
        try:
            tried(settings)
        except CompanionError:
            missing.append(part)
    return missing


def _settings(settings: Settings) -> str:
    where = f"from {settings.file}" if settings.file is not None else f"defaults; yours go into {settings_file()}"
    return f"language {settings.language}; {where}"


def _methods(settings: Settings) -> str:
    found = library(settings)
    if found.left_out:
        raise MethodError(f"{' '.join(map(str, found.left_out))} What is wrong is left out, the rest works.")
    return ", ".join(method.id for method in found.methods)


def _microphone(settings: Settings) -> str:
    if settings.microphone.mode is Mode.OFF:
        return "off by the settings"
    level = loudness_of(settings.microphone.device)
    hint = "; almost nothing: is it muted, or turned down?" if level < QUIETEST else ""
    return f"{settings.microphone.device or 'the default one'} gives {level:.0f} dB of full scale{hint}"


def _loudspeaker(settings: Settings) -> str:
    speaker = PortAudioSpeaker(settings.voice.device)
    latency = speaker.latency
    speaker.close()
    return f"{settings.voice.device or 'the default one'} opens, {latency * 1000:.0f} ms behind"


def _recogniser(settings: Settings) -> str:
    language = settings.language
    kind = chosen_recogniser(settings.microphone.recogniser, language)
    folder = find(usual_model(kind, language))
    # Tried: a model that is broken, or that does not know a phrase, would leave the table with deaf ears.
    phrases = library(settings).phrases(language)
    name = device_name(language, settings.microphone.name, phrases)
    said = [name, *(phrase.text for phrase in phrases)]
    recogniser = open_recogniser(kind, language)
    recogniser.prepare(said)
    if unknown := unknown_to(recogniser, said):
        raise PhraseError(not_known(unknown))
    if kind == "whisper" and settings.microphone.recogniser == "auto":
        return f"{folder.name}; Vosk would be faster, and its model for {language} is not here or not calibrated"
    if not is_calibrated(folder.name, language):
        return f"{folder.name}, not calibrated for {language}: it is cautious; companion bench calibrate does it"
    return folder.name


def _voice(settings: Settings) -> str:
    with closing(voice_of(settings.voice, settings.language)) as voice:
        sound = voice.render(number_words(12, settings.language))
    piper, pace = settings.voice.piper, settings.voice.words_per_minute
    speaks = f"pyttsx3, espeak-ng {language_file(settings.language)['espeak_voice']}" if piper is None else piper.name
    return f"{speaks}, {pace} words a minute ({sound.seconds:.1f} s tried)"


def _ring(settings: Settings) -> str:
    if not has_light(settings.light):
        return 'none: light.driver in the settings says which; "terminal" shows one here'
    open_strip(settings.light).close()
    return f"{settings.light.driver}, {settings.light.count} LEDs"


def _buttons(settings: Settings) -> str:
    button, found = settings.button, []
    for each in gpio_buttons(button, lambda _event: None, now):
        each.start()
        each.close()
    found += [f"{key} {' and '.join(map(str, pins))}" for key, pins in button.pins.items()]
    if button.presenter is not None:
        if not plugged_in(imported_evdev(), frozenset(), button.presenter):
            raise DeviceError(
                f'There is no presenter "{button.presenter}" here; plug it in, or change button.presenter.'
            )
        found.append(f"presenter {button.presenter}")
    if has_keyboard(button):
        found.append("space bar")
    if not found and settings.microphone.mode in (Mode.OFF, Mode.BUTTON):
        raise DeviceError(
            "There is no button, and the microphone is closed without one, so nobody can lead this device; "
            "set button.pin or button.presenter, or another microphone.mode."
        )
    return ", ".join(found) or "none; set button.pin, or run in a terminal"


def _storage(_settings: Settings) -> str:
    """What a resume after a power cut and a quick start of the voice rest on."""
    for folder in (state_folder(), cache_folder()):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder) as file:
                file.write(bytes(_TRIED_BYTES))
        except OSError as fault:
            raise DeviceError(
                f"{folder}: nothing can be kept there ({fault.strerror}), so no session goes on after a power cut; "
                "free some space, or mend its rights."
            ) from None
    return f"the step in {state_folder()}, the voice in {cache_folder()}"


def _memory(_settings: Settings) -> str:
    swaps = swap_devices()
    if not swaps:
        return "no swap: nothing can leave it"
    # In a process of its own: a lock would hold for the rest of this one.
    tried = "import sys; from companion.memory import lock_memory; sys.exit(not lock_memory())"
    if subprocess.run([sys.executable, "-c", tried], capture_output=True, check=False).returncode:
        raise DeviceError(
            f"Swap is on ({', '.join(swaps)}) and memory cannot be locked; raise the limit memlock, or switch swap off."
        )
    return f"swap is on ({', '.join(swaps)}): the session locks its memory"
