"""Settings: the documented defaults hold, the group's own file wins, and every mistake gets one sentence."""

from dataclasses import replace
from pathlib import Path

import pytest

from companion.app import Wish, wished_session
from companion.core.errors import SettingsError
from companion.core.state import Mode
from companion.core.units import Instant
from companion.light.colour import LEAST_MILLIAMPERES
from companion.light.overlays import microphone_places
from companion.opening import look_of
from companion.places import fresh_session, library
from companion.settings import DEFAULTS, LEAST_MA, load_settings


def own(folder: Path, text: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_defaults_need_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings = load_settings()
    assert settings.language == "nl"
    assert settings.microphone.mode is Mode.NATURAL
    assert settings.button.pin is None
    assert settings.methods is None


@pytest.mark.parametrize("kind", ["a folder", "a dangling link"])
def test_what_lies_at_the_usual_place_and_is_no_file_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    place = tmp_path / "settings.toml"
    place.mkdir() if kind == "a folder" else place.symlink_to(tmp_path / "gone.toml")
    monkeypatch.setattr("companion.settings.settings_file", lambda: place)
    with pytest.raises(SettingsError, match=r"settings.toml: cannot be read"):
        load_settings()


def test_a_folder_of_methods_that_cannot_be_looked_into_is_told(tmp_path: Path) -> None:
    file, own = tmp_path / "mine.toml", tmp_path / "own"
    own.mkdir()
    (own / "rules").touch()
    file.write_text(f'methods = "{own}"\n', encoding="utf-8")
    with pytest.raises(
        SettingsError, match=r"mine.toml: methods = .*own/rules cannot be looked into \(Not a directory"
    ):
        library(load_settings(file))


def test_the_usual_place_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "companion").mkdir()
    own(tmp_path / "companion", 'language = "en"')
    assert load_settings().language == "en"


def test_what_the_group_sets_wins_and_the_rest_stays(tmp_path: Path) -> None:
    settings = load_settings(own(tmp_path, '[light]\ndriver = "ws2812"\ncount = 24\n[button]\npin = 17\n'))
    assert (settings.light.driver, settings.light.count, settings.light.brightness) == ("ws2812", 24, 0.5)
    assert (settings.light.spi, settings.button.pin) == ((0, 0), 17)


def test_every_default_is_documented_with_a_comment() -> None:
    keys = [line for line in DEFAULTS.read_text().splitlines() if "=" in line and not line.startswith("#")]
    assert keys
    assert all("#" in line for line in keys)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('languag = "nl"', 'settings.toml:1: languag = "nl": there is no such key (did you mean "language"?); '
         "the keys are button, cases, experienced, language, light, methods, microphone, minutes, rules, voice."),
        ('language = "fr"', 'settings.toml:1: language = "fr": must be one of nl, en.'),
        ("[light]\ncount = 61", "settings.toml:2: light: count = 61: must be a whole number from 1 to 60."),
        ("[light]\nbrightness = 0", "settings.toml:2: light: brightness = 0: must be a number from 0.05 to 1."),
        ('[light]\ndriver = "ws2811"',
         'settings.toml:2: light: driver = "ws2811": must be one of auto, none, terminal, file, '
         'ws2812, apa102, leds (did you mean "ws2812"?).'),
        ('[light]\ndriver = "file"', 'settings.toml:1: light: file = "": driver "file" needs the name of a file.'),
        ('[light]\nspi = "a"',
         'settings.toml:2: light: spi = "a": must be a bus of the header, 0 or 1, and its chip select, such as "0.0".'),
        ('[light]\nspi = "3.0"',
         'settings.toml:2: light: spi = "3.0": must be a bus of the header, 0 or 1, and its chip select, '
         'such as "0.0".'),
        ("[light]\ncount = 60\nlimit_ma = 50",
         "settings.toml:3: light: limit_ma = 50: is too little for 60 LEDs; allow 120 or more."),
        ("[light]\npins = [5, 5]",
         "settings.toml:2: light: pins = [5, 5]: has a pin twice; each lamp needs one of its own."),
        ('[light]\ndriver = "leds"\npins = [17]\n[button]\npin = 17',
         "settings.toml:5: button: pin = 17: is the pin of lamp 1 (light.pins) too; give one of them another."),
        ('[light]\ndriver = "leds"\npins = [4, 6]\n[button]\nknob = [5, 6]',
         "settings.toml:5: button: knob = 6: is the pin of lamp 2 (light.pins) too; give one of them another."),
        ('[light]\ndriver = "apa102"\n[button]\npause = 8',
         "settings.toml:4: button: pause = 8: is of the ring's bus (light.spi: 7, 8, 9, 10, 11); take another."),
        ('[light]\ndriver = "ws2812"\nspi = "1.0"\n[button]\npin = 20',
         "settings.toml:5: button: pin = 20: is of the ring's bus (light.spi: 16, 17, 18, 19, 20, 21); take another."),
        ("[light]\npins = [40]",
         "settings.toml:2: light: pins = [40]: must be whole numbers from 0 to 27, [..., ...]."),
        ("[button]\nknob = [5]", "settings.toml:2: button: knob = [5]: must be two GPIO numbers, or []."),
        ("[button]\npin = 5\npause = 5",
         "settings.toml:3: button: pause = 5: is button.pin already; give each a pin of its own."),
        ("[button]\npin = 99", "settings.toml:2: button: pin = 99: must be a whole number from -1 to 27."),
        ("[voice]\nenabled = 1", "settings.toml:2: voice: enabled = 1: must be true or false."),
        ("[microphone]\ndevice = 1", "settings.toml:2: microphone: device = 1: must be words between quotes."),
        ('microphone = "usb"',
         'settings.toml:1: microphone = "usb": must be a table [microphone] with device, mode, name, recogniser.'),
        ('[button]\npin = "17"',
         'settings.toml:2: button: pin = "17": must be a whole number from -1 to 27, without quotes.'),
        ("[button]\npin = 17.0",
         "settings.toml:2: button: pin = 17: must be a whole number from -1 to 27, without a point."),
        ('[light]\nbrightness = "0,5"',
         'settings.toml:2: light: brightness = "0,5": must be a number from 0.05 to 1, without quotes.'),
        ('[light]\npins = [5, "6"]',
         'settings.toml:2: light: pins = [5, "6"]: must be whole numbers from 0 to 27, [..., ...], without quotes.'),
        ('[voice]\nenabled = "true"',
         'settings.toml:2: voice: enabled = "true": must be true or false, without quotes.'),
        ('language = { mode = "off", is = true }',
         'settings.toml:1: language = { mode = "off", is = true }: must be one of nl, en.'),
        ("[[voice]]\nenabled = true",
         "settings.toml:1: voice = [{ enabled = true }]: "
         "must be a table [voice] with enabled, device, words_per_minute, piper."),
    ],
)  # fmt: skip
def test_a_mistake_gets_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(own(tmp_path, text))
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["harder", "vijf"])
def test_a_name_that_is_a_commands_word_is_told_where_the_library_is_known(tmp_path: Path, name: str) -> None:
    """Also without the recogniser's model, which may come on the day of the session."""
    settings = load_settings(own(tmp_path, f'[microphone]\nname = "{name}"'))
    with pytest.raises(SettingsError, match=f'^settings.toml: microphone.name: The name "{name}" shares "{name}"'):
        library(settings)


def test_a_group_sets_its_own_agreements_time_and_cases(tmp_path: Path) -> None:
    settings = load_settings(own(tmp_path, 'rules = "afspraken"\nminutes = 60\ncases = 2\n'))
    books = library(settings)
    assert {method.rules for method in books.methods} == {"afspraken"}
    session = fresh_session(books, settings, Instant(0.0))
    assert (session.total, session.cases) == (3600.0, 2)
    asked = fresh_session(books, settings, Instant(0.0), minutes=30, cases=1)
    assert (asked.total, asked.cases) == (1800.0, 1), "the command line wins"


def test_agreements_that_are_not_there_are_told_with_those_that_are(tmp_path: Path) -> None:
    settings = load_settings(own(tmp_path, 'rules = "afspraak"\n'))
    told = r'^settings\.toml: rules = "afspraak": there are none of this name; there are afspraken, '
    with pytest.raises(SettingsError, match=told):
        library(settings)


@pytest.mark.parametrize(
    ("button", "there_is"),
    [("", False), ("pause = 4", False), ("pin = 4", True), ("microphone = 4", True), ('presenter = "Logitech"', True)],
)
def test_a_session_knows_whether_a_button_can_open_its_microphone(tmp_path: Path, button: str, there_is: bool) -> None:
    settings = load_settings(own(tmp_path, f"[button]\nkeyboard = false\n{button}\n"))
    assert wished_session(Wish(), settings, library(settings)).has_button is there_is
    assert fresh_session(library(settings), settings, Instant(0.0)).has_button, "a stage has one, whatever it runs in"


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("night", "dim"),
    [("[]", set()), ("[21, 7]", {21, 22, 23, *range(7)}), ("[1, 5]", {1, 2, 3, 4}), ("[7, 7]", set(range(24)))],
)
def test_the_light_is_dimmer_at_night(tmp_path: Path, night: str, dim: set[int]) -> None:
    light = load_settings(own(tmp_path, f"[light]\nnight = {night}\n")).light
    assert {hour for hour in range(24) if look_of(light, hour).brightness == light.night_brightness} == dim
    dark = replace(light, brightness=0.1)
    assert {look_of(dark, hour).brightness for hour in range(24)} == {0.1}, "no night is brighter than the day"


@pytest.mark.parametrize(("hour", "led"), [("0", 0), ("3", 4), ("6", 8), ("7.5", 10), ("12", 0)])
def test_the_microphone_is_shown_where_it_sits(tmp_path: Path, hour: str, led: int) -> None:
    light = load_settings(own(tmp_path, f"[light]\nmicrophone_at = {hour}\n")).light
    assert microphone_places(16, look_of(light, 12).microphone_at)[0] == led


def test_pins_of_lamps_that_are_not_used_are_free(tmp_path: Path) -> None:
    settings = load_settings(own(tmp_path, '[light]\ndriver = "ws2812"\n[button]\npin = 17\n'))
    assert settings.button.pin in settings.light.pins


def test_the_least_current_is_the_lights_own() -> None:
    assert LEAST_MA == LEAST_MILLIAMPERES
