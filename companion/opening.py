"""Opens each device as the settings say: what is not there is said once and left out; a session needs none."""

import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, TextIO

from companion.buttons.gpio import (
    GpioButton,
    Knob,
    Meaning,
    microphone_off_or_on,
    pause_or_go_on,
    previous_step,
)
from companion.buttons.keyboard import Keyboard
from companion.core.attention import Attention
from companion.core.errors import DeviceError, ModelError, SettingsError
from companion.core.event import Device, DeviceLost, Event
from companion.core.state import Mode
from companion.core.units import Instant
from companion.hearing.calibration import is_calibrated, load_calibration
from companion.hearing.ears import Ears
from companion.hearing.engines import not_known, open_recogniser, unknown_to, usual_model
from companion.hearing.listener import Listener
from companion.hearing.message import Ailment
from companion.hearing.models import CATALOGUE, find
from companion.hearing.process import Configuration
from companion.language.phrases import decoys, device_name
from companion.light.artist import Artist
from companion.light.colour import Look
from companion.light.file import FileStrip
from companion.light.painter import Painter
from companion.light.pixels import MOST_LEDS
from companion.light.strip import Strip, dark
from companion.light.terminal import TerminalStrip
from companion.loop import EarsDevice, LightDevice, VoiceDevice
from companion.places import Library
from companion.rehearsal import ClosedEars, DarkLight
from companion.settings import ButtonSettings, LightSettings, Settings, VoiceSettings
from companion.voice.cache import SentenceCache
from companion.voice.chimes import load_chimes
from companion.voice.speaker import PortAudioSpeaker, initialise
from companion.voice.voice import Voice


class Button(Protocol):
    def start(self) -> None: ...
    def close(self) -> None: ...


Post = Callable[[Event], None]
Clock = Callable[[], Instant]

_log = logging.getLogger(__name__)


def open_voice(
    stack: ExitStack, settings: VoiceSettings, cache: SentenceCache, post: Post, clock: Clock
) -> VoiceDevice:
    """Closing it closes the sentences too."""
    initialise()
    voice = Voice(cache, lambda: PortAudioSpeaker(settings.device), load_chimes(), post, clock)
    stack.callback(voice.close)
    return voice


def open_light(stack: ExitStack, settings: LightSettings, post: Post, clock: Clock) -> LightDevice:
    """The ring, drawn by a painter of its own, who waits for it where it is not there; dark where none is wanted."""
    if not has_light(settings):
        return DarkLight()
    if settings.file is not None and settings.driver == "file":
        begin_anew(settings.file)
    artist = Artist(lambda: open_strip(settings), post, lambda: look_of(settings, time.localtime().tm_hour))
    artist.open(clock())
    painter = Painter(artist, clock)
    stack.callback(painter.close)
    return painter


def has_light(settings: LightSettings) -> bool:
    return settings.driver not in ("none", "auto") or (settings.driver == "auto" and sys.stdout.isatty())


def look_of(settings: LightSettings, hour: int) -> Look:
    """How the light looks at this hour, 0 to 23."""
    least = min(settings.night_brightness, settings.brightness)
    brightness = least if _is_night(settings.night, hour) else settings.brightness
    return Look(brightness, settings.limit_ma, microphone_at=settings.microphone_at)


def _is_night(night: tuple[int, int] | None, hour: int) -> bool:
    if night is None:
        return False
    begins, ends = night
    return begins <= hour < ends if begins < ends else hour >= begins or hour < ends


def open_strip(settings: LightSettings) -> Strip:
    """Any driver but "none". Raises DeviceError with the remedy when the LEDs are not there."""
    match settings.driver:
        case "terminal" | "auto":
            return TerminalStrip(settings.count, sys.stdout)
        case "file":
            assert settings.file is not None, "settings.py refuses the driver without its file"
            return FileStrip(settings.count, _more_lines(settings.file))
        case "leds":
            from companion.light.leds import PlainLeds

            return PlainLeds(settings.pins)
        case "apa102":
            from companion.light.apa102 import HERTZ, Apa102Strip
            from companion.light.spi import opened_spi

            bus = opened_spi(HERTZ, *settings.spi)
            return _darkened(lambda count: Apa102Strip(count, bus), settings.count)
        case "ws2812":
            from companion.light.spi import opened_spi
            from companion.light.ws2812 import ENCODINGS, Order, Ws2812Strip

            order, encoding = Order(settings.order), ENCODINGS[settings.pulses]
            bus = opened_spi(encoding.hertz, *settings.spi)
            return _darkened(lambda count: Ws2812Strip(count, bus, order, encoding), settings.count)
        case _:
            raise ValueError(f"{settings.driver} is no light")


def _darkened(strip_of: Callable[[int], Strip], count: int) -> Strip:
    """LEDs keep what a killed predecessor showed: all go dark, also those beyond this count."""
    longest = strip_of(MOST_LEDS)
    try:
        longest.show(dark(MOST_LEDS))
    except DeviceError:
        longest.close()
        raise
    return strip_of(count)


def begin_anew(file: Path) -> None:
    """Empty a file of an earlier session. Raises SettingsError, which names it.

    A pipe has nothing to empty, and whoever reads it would take an opening and closing for the end.
    """
    if not file.is_fifo():
        write_text(file).close()


def _more_lines(file: Path) -> TextIO:
    """A file that may have been begun, or a pipe that somebody reads. Raises DeviceError, which names it."""
    try:
        if not file.is_fifo():
            return file.open("a", encoding="utf-8", buffering=1)
        # Opened in the usual way it would wait for a reader, deaf to every signal.
        pipe = os.open(file, os.O_WRONLY | os.O_NONBLOCK)
        os.set_blocking(pipe, True)
        return os.fdopen(pipe, "w", encoding="utf-8", buffering=1)
    except OSError as problem:
        raise DeviceError(f"The ring cannot be drawn in {file} ({problem.strerror}); name another file.") from problem


def write_text(file: Path) -> TextIO:
    """Open a file of lines for writing. Raises SettingsError, which names it."""
    try:
        return file.open("w", encoding="utf-8", buffering=1)
    except OSError as problem:
        raise SettingsError(f"{file}: cannot be written ({problem.strerror}); name another file.") from None


def chosen_recogniser(wanted: str, language: str) -> str:
    """ "vosk" or "whisper"; for "auto", Vosk where its model for the language is here and calibrated."""
    if wanted != "auto":
        return wanted
    model = usual_model("vosk", language)
    is_here = any(entry.name == model and entry.is_here for entry in CATALOGUE)
    return "vosk" if is_here and is_calibrated(model, language) else "whisper"


def open_listener(language: str, books: Library, wanted: str, named: str | None = None) -> Listener:
    """The listener in this process, for a rehearsal. Raises ModelError when its model is not here."""
    recogniser, phrases = open_recogniser(chosen_recogniser(wanted, language), language), books.phrases(language)
    calibration = load_calibration(recogniser.model, language)
    name = device_name(language, named, phrases)
    said = [*(phrase.text for phrase in phrases), name]
    if unknown := unknown_to(recogniser, said):
        _tell_unknown(unknown)
    return Listener(phrases, recogniser, calibration, name, decoys=decoys(language))


class SleepingEars:
    """The ears' process, ended while the group has closed the microphone: its memory goes with it."""

    def __init__(self, ears: Ears) -> None:
        self._ears, self._asleep = ears, False

    def attend(self, attention: Attention) -> None:
        if attention.off and not self._asleep:
            self._ears.sleep()
        elif self._asleep and not attention.off:
            self._ears.wake()
        self._asleep = attention.off
        self._ears.attend(attention)


def ears_configuration(settings: Settings, language: str, books: Library) -> Configuration:
    """What the ears listen with in this language. Raises ModelError when the recogniser's model is not here."""
    microphone, phrases = settings.microphone, books.phrases(language)
    kind = chosen_recogniser(microphone.recogniser, language)
    find(usual_model(kind, language))
    name = device_name(language, microphone.name, phrases)
    return Configuration(phrases, language, kind, name=name, microphone=microphone.device)


def open_ears(stack: ExitStack, settings: Settings, books: Library, post: Post, clock: Clock) -> EarsDevice:
    """The ears in a process of their own; closed where the settings say so, deaf where the model is not here."""
    if settings.microphone.mode is Mode.OFF:
        return ClosedEars()
    try:
        configuration = ears_configuration(settings, settings.language, books)
    except ModelError as missing:
        _log.warning("%s Until then only the button is obeyed.", missing)
        post(DeviceLost(clock(), Device.MICROPHONE))
        return ClosedEars()
    ears = Ears(configuration, post, ails=_tell_ailment, lacks=_tell_unknown)
    ears.start()
    stack.callback(ears.close)
    return SleepingEars(ears)


def _tell_ailment(ailment: Ailment) -> None:
    _log.warning("%s", ailment)


def _tell_unknown(phrases: tuple[str, ...]) -> None:
    _log.warning("%s", not_known(phrases))


def gpio_buttons(settings: ButtonSettings, post: Post, clock: Clock) -> list[Button]:
    """What the settings name pins for, not started."""
    meanings = {"previous": previous_step, "pause": pause_or_go_on, "microphone": microphone_off_or_on}
    buttons: list[Button] = []
    for key, pins in settings.pins.items():
        if key == "knob":
            buttons.append(Knob((pins[0], pins[1]), post, clock))
        else:
            told = Meaning(post, meanings[key]) if key in meanings else post
            buttons.append(GpioButton(pins[0], told, clock, settings.pull_up))
    return buttons


def has_keyboard(settings: ButtonSettings) -> bool:
    """The space bar is a button here."""
    return settings.keyboard and sys.stdin.isatty()


def open_buttons(stack: ExitStack, settings: ButtonSettings, post: Post, clock: Clock) -> None:
    """Every button there is: on a pin, on USB, in the terminal. None is needed."""
    buttons = gpio_buttons(settings, post, clock)
    if settings.presenter is not None:
        from companion.buttons.presenter import Presenter

        buttons.append(Presenter(settings.presenter, post=post, clock=clock))
    if has_keyboard(settings):
        buttons.append(Keyboard(sys.stdin.fileno(), post=post, clock=clock))
    for button in buttons:
        try:
            button.start()
        except DeviceError as fault:
            _log.warning("%s", fault)
            post(DeviceLost(clock(), Device.BUTTON, str(fault)))
        else:
            stack.callback(button.close)
