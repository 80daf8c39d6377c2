"""The settings: one TOML file of the group's over the documented defaults in settings.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from companion.core.errors import SettingsError
from companion.core.state import Mode
from companion.language.phrases import LANGUAGES
from companion.table import Source, Table

DEFAULTS = Path(__file__).with_name("settings.toml")
RECOGNISERS = ("auto", "vosk", "whisper")
ORDERS = ("grb", "rgb", "grbw")
LIGHTS = ("auto", "none", "terminal", "file", "ws2812", "apa102", "leds")


@dataclass(frozen=True)
class MicrophoneSettings:
    device: str | None
    mode: Mode
    recogniser: str


@dataclass(frozen=True)
class VoiceSettings:
    enabled: bool
    device: str | None
    words_per_minute: int


@dataclass(frozen=True)
class LightSettings:
    driver: str
    count: int
    brightness: float
    night: tuple[int, int] | None
    """Hours, 0 to 23, from and to which it is night."""
    night_brightness: float
    limit_ma: float
    file: Path | None
    order: str
    spi: tuple[int, int]
    pins: tuple[int, ...]


@dataclass(frozen=True)
class ButtonSettings:
    pin: int | None
    previous: int | None
    pause: int | None
    microphone: int | None
    knob: tuple[int, int] | None
    pull_up: bool
    presenter: str | None
    keyboard: bool

    @property
    def pins(self) -> dict[str, tuple[int, ...]]:
        """GPIO numbers by key, those that are set."""
        single = {"pin": self.pin, "previous": self.previous, "pause": self.pause, "microphone": self.microphone}
        pins: dict[str, tuple[int, ...]] = {key: (pin,) for key, pin in single.items() if pin is not None}
        return pins if self.knob is None else pins | {"knob": self.knob}


@dataclass(frozen=True)
class Settings:
    """Every key of settings.toml, checked; where the file says "" for none, here it is None."""

    language: str
    experienced: bool
    methods: Path | None
    microphone: MicrophoneSettings
    voice: VoiceSettings
    light: LightSettings
    button: ButtonSettings


def settings_file() -> Path:
    """Where the group's own settings are looked for."""
    return Path(platformdirs.user_config_dir("companion")) / "settings.toml"


def load_settings(file: Path | None = None) -> Settings:
    """The defaults, changed by `file` (None: the usual place, which need not exist).

    Raises SettingsError: one sentence with file, key, value and what is allowed.
    """
    default = Table.load(DEFAULTS, SettingsError).values
    place = settings_file() if file is None else file
    own: Mapping[str, Any] = {}
    if file is not None or place.is_file():
        own = Table.load(place, SettingsError).values
    return _settings(Table(Source(place, "", SettingsError, None), _merged(default, own)))


def _merged(default: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(default)
    for key, value in own.items():
        both_tables = isinstance(value, Mapping) and isinstance(default.get(key), Mapping)
        merged[key] = _merged(default[key], value) if both_tables else value
    return merged


def _settings(table: Table) -> Settings:
    settings = Settings(
        language=table.one_of("language", LANGUAGES),
        experienced=table.flag("experienced"),
        methods=_path(table, "methods"),
        microphone=_microphone(table.table("microphone")),
        voice=_voice(table.table("voice")),
        light=_light(table.table("light")),
        button=_button(table.table("button")),
    )
    table.finish()
    return settings


def _microphone(table: Table) -> MicrophoneSettings:
    settings = MicrophoneSettings(
        device=table.optional_text("device"),
        mode=table.choice("mode", Mode),
        recogniser=table.one_of("recogniser", RECOGNISERS),
    )
    table.finish()
    return settings


def _voice(table: Table) -> VoiceSettings:
    settings = VoiceSettings(
        enabled=table.flag("enabled"),
        device=table.optional_text("device"),
        words_per_minute=table.whole("words_per_minute", 80, 250),
    )
    table.finish()
    return settings


def _light(table: Table) -> LightSettings:
    settings = LightSettings(
        driver=table.one_of("driver", LIGHTS),
        count=table.whole("count", 1, 60),
        brightness=table.number("brightness", 0.05, 1),
        night=_pair(table, "night", 23, "two hours, from and to, or []"),
        night_brightness=table.number("night_brightness", 0.05, 1),
        limit_ma=table.number("limit_ma", 20, 5000),
        file=_path(table, "file"),
        order=table.one_of("order", ORDERS),
        spi=_spi(table),
        pins=table.whole_numbers("pins", 0, 27),
    )
    if settings.driver == "file" and settings.file is None:
        table.wrong("file", "", 'driver "file" needs the name of a file')
    table.finish()
    return settings


def _spi(table: Table) -> tuple[int, int]:
    text = table.text("spi")
    bus, dot, select = text.partition(".")
    if not (dot and bus.isdecimal() and select.isdecimal()):
        table.wrong("spi", text, 'must be bus and chip select, such as "0.0"')
    return int(bus), int(select)


def _button(table: Table) -> ButtonSettings:
    settings = ButtonSettings(
        pin=_pin(table, "pin"),
        previous=_pin(table, "previous"),
        pause=_pin(table, "pause"),
        microphone=_pin(table, "microphone"),
        knob=_pair(table, "knob", 27, "two GPIO numbers, or []"),
        pull_up=table.one_of("pull", ("up", "down")) == "up",
        presenter=table.optional_text("presenter"),
        keyboard=table.flag("keyboard"),
    )
    _check_pins(table, settings)
    table.finish()
    return settings


def _pin(table: Table, key: str) -> int | None:
    pin = table.whole(key, -1, 27)
    return None if pin < 0 else pin


def _pair(table: Table, key: str, most: int, allowed: str) -> tuple[int, int] | None:
    """Two whole numbers from 0 to `most`; None for []."""
    numbers = table.whole_numbers(key, 0, most, may_be_empty=True)
    if len(numbers) not in (0, 2):
        table.wrong(key, list(numbers), f"must be {allowed}")
    return (numbers[0], numbers[1]) if numbers else None


def _check_pins(table: Table, settings: ButtonSettings) -> None:
    used: dict[int, str] = {}
    for key, pins in settings.pins.items():
        for pin in pins:
            if pin in used:
                table.wrong(key, pin, f"is the pin of {used[pin]} too; each needs one of its own")
            used[pin] = key


def _path(table: Table, key: str) -> Path | None:
    text = table.optional_text(key)
    return None if text is None else Path(text).expanduser()
