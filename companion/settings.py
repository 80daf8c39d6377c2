"""The settings: one TOML file of the group's over the documented defaults in settings.toml."""

from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from companion.core.errors import SettingsError
from companion.core.plan import MOST_CASES
from companion.core.state import Mode
from companion.language.phrases import LANGUAGES
from companion.method_file import LONGEST_MINUTES
from companion.table import Source, Table

DEFAULTS = Path(__file__).with_name("settings.toml")
RECOGNISERS = ("auto", "vosk", "whisper")
ORDERS = ("grb", "rgb", "grbw")
PULSES = ("short", "long")
SPI_DATA, SPI_CLOCK = {0: 10, 1: 20}, {0: 11, 1: 21}
"""MOSI and SCLK of each bus of the header (Raspberry Pi documentation, SPI)."""
SPI_BUS = {0: (7, 8, 9, 10, 11), 1: (16, 17, 18, 19, 20, 21)}
"""What the kernel may take for a bus: chip selects, data in, data out, clock."""
LEAST_MA = 2
"""What an LED of a ring must be allowed: 1 mA when dark (WS2812B, APA102), and some light."""
LIGHTS = ("auto", "none", "terminal", "file", "ws2812", "apa102", "leds")


@dataclass(frozen=True)
class MicrophoneSettings:
    device: str | None
    mode: Mode
    recogniser: str
    name: str | None
    """What may be said before a phrase; None: the language's own, "tafel" or "table"."""


@dataclass(frozen=True)
class VoiceSettings:
    enabled: bool
    device: str | None
    words_per_minute: int
    piper: Path | None


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
    pulses: str
    spi: tuple[int, int]
    microphone_at: float
    """The microphone's place as a fraction of the ring, clockwise from the top, under 1."""
    pins: tuple[int, ...]

    @property
    def on_spi(self) -> bool:
        return self.driver in ("ws2812", "apa102")

    @property
    def used(self) -> dict[int, str]:
        """What it is on each GPIO that it uses."""
        if self.on_spi:
            data = {SPI_DATA[self.spi[0]]: "ring, data"}
            return data if self.driver == "ws2812" else data | {SPI_CLOCK[self.spi[0]]: "ring, clock"}
        lamps = self.pins if self.driver == "leds" else ()
        return {pin: f"lamp {place}" for place, pin in enumerate(lamps, start=1)}


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
    def can_open_microphone(self) -> bool:
        """There is something to hold for three seconds, beside a keyboard."""
        return not (self.pin is None and self.microphone is None and self.presenter is None)

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
    rules: str | None
    """Id of the rules that are read in every session; None: each method's own."""
    minutes: int | None
    cases: int | None
    microphone: MicrophoneSettings
    voice: VoiceSettings
    light: LightSettings
    button: ButtonSettings
    file: Path | None = None
    """Where the group's own came from, if they have any."""


def settings_file() -> Path:
    """Where the group's own settings are looked for."""
    return Path(platformdirs.user_config_dir("companion")) / "settings.toml"


def load_settings(file: Path | None = None) -> Settings:
    """The defaults, changed by `file` (None: the usual place, which need not exist).

    Raises SettingsError: one sentence with file, key, value and what is allowed.
    """
    default = Table.load(DEFAULTS, SettingsError).values
    place = settings_file() if file is None else file
    if file is None and _is_absent(place):
        return _settings(Table(Source(place, "", SettingsError, None), default))
    own = Table.load(place, SettingsError)
    return replace(_settings(own.over(default)), file=place)


def _is_absent(place: Path) -> bool:
    """Nobody has made it; what is there and cannot be read is a mistake to be told."""
    try:
        place.lstat()
    except OSError as problem:
        return isinstance(problem, FileNotFoundError | NotADirectoryError)
    return False


def _settings(table: Table) -> Settings:
    settings = Settings(
        language=table.one_of("language", LANGUAGES),
        experienced=table.flag("experienced"),
        methods=_path(table, "methods"),
        rules=table.optional_text("rules"),
        minutes=table.whole("minutes", 0, LONGEST_MINUTES) or None,
        cases=table.whole("cases", 0, MOST_CASES) or None,
        microphone=_microphone(table.table("microphone")),
        voice=_voice(table.table("voice")),
        light=_light(table.table("light")),
        button=_button(table.table("button")),
    )
    _check_lamps(table.table("button"), settings.light, settings.button)
    table.finish()
    return settings


def _microphone(table: Table) -> MicrophoneSettings:
    settings = MicrophoneSettings(
        device=table.optional_text("device"),
        mode=table.choice("mode", Mode),
        recogniser=table.one_of("recogniser", RECOGNISERS),
        name=table.optional_text("name"),
    )
    table.finish()
    return settings


def _voice(table: Table) -> VoiceSettings:
    settings = VoiceSettings(
        enabled=table.flag("enabled"),
        device=table.optional_text("device"),
        words_per_minute=table.whole("words_per_minute", 80, 250),
        piper=_path(table, "piper"),
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
        limit_ma=table.number("limit_ma", 1, 5000),
        file=_path(table, "file"),
        order=table.one_of("order", ORDERS),
        pulses=table.one_of("pulses", PULSES),
        spi=_spi(table),
        microphone_at=table.number("microphone_at", 0, 12) / 12 % 1,
        pins=table.whole_numbers("pins", 0, 27),
    )
    if settings.driver == "file" and settings.file is None:
        table.wrong("file", "", 'driver "file" needs the name of a file')
    if len(set(settings.pins)) < len(settings.pins):
        table.wrong("pins", list(settings.pins), "has a pin twice; each lamp needs one of its own")
    least = LEAST_MA * settings.count
    if settings.limit_ma < least:
        table.wrong("limit_ma", settings.limit_ma, f"is too little for {settings.count} LEDs; allow {least} or more")
    table.finish()
    return settings


def _spi(table: Table) -> tuple[int, int]:
    text = table.text("spi")
    bus, dot, select = text.partition(".")
    if not (dot and bus in ("0", "1") and select in ("0", "1", "2")):
        table.wrong("spi", text, 'must be a bus of the header, 0 or 1, and its chip select, such as "0.0"')
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
                table.wrong(key, pin, f"is button.{used[pin]} already; give each a pin of its own")
            used[pin] = key


def _check_lamps(table: Table, light: LightSettings, button: ButtonSettings) -> None:
    """A button on a pin of the light is a mistake here, not a surprise at the table."""
    bus = SPI_BUS[light.spi[0]] if light.on_spi else ()
    for key, pins in button.pins.items():
        for pin in pins:
            if pin in bus:
                table.wrong(key, pin, f"is of the ring's bus (light.spi: {', '.join(map(str, bus))}); take another")
            if pin in light.used:
                table.wrong(key, pin, f"is the pin of {light.used[pin]} (light.pins) too; give one of them another")


def _path(table: Table, key: str) -> Path | None:
    text = table.optional_text(key)
    return None if text is None else Path(text).expanduser()
