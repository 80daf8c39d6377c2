"""A rehearsal's script: what can be written, and one sentence for every mistake."""

from pathlib import Path

import pytest

from companion.core.command import Command, Name
from companion.core.errors import ScriptError
from companion.core.event import CommandGiven, Device, DeviceFound, DeviceLost, Event, Held, HeldLong, Pressed
from companion.core.units import Instant
from companion.language.phrases import phrases
from companion.script import Spoken, read_script

NL = phrases("nl", ())


def script(folder: Path, text: str) -> Path:
    file = folder / "my.script"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("00:05 press", Pressed(Instant(5.0))),
        ("1:02:03.5 press", Pressed(Instant(3723.5))),
        ("00:10 hold 1", Held(Instant(10.0))),
        ("00:10 hold 3", HeldLong(Instant(10.0))),
        ("03:10 say volgende fase", CommandGiven(Instant(190.0), Command(Name.NEXT_STEP))),
        ("03:10 say Vijf minuten erbij", CommandGiven(Instant(190.0), Command(Name.MORE_TIME, 5))),
        ("03:10 say tafel, volgende fase", CommandGiven(Instant(190.0), Command(Name.NEXT_STEP))),
        ("\ufeff00:05 press", Pressed(Instant(5.0))),
        ("03:10 speak ga maar door met je verhaal", Spoken(Instant(190.0), "ga maar door met je verhaal")),
        ("120:00 lose microphone", DeviceLost(Instant(7200.0), Device.MICROPHONE)),
        ("00:10 find speaker  # comes back", DeviceFound(Instant(10.0), Device.SPEAKER)),
    ],
)
def test_an_action_is_read(tmp_path: Path, line: str, action: Event) -> None:
    assert read_script(script(tmp_path, line), NL, "tafel") == (action,)


def test_comments_and_blank_lines_are_skipped_and_actions_sorted(tmp_path: Path) -> None:
    file = script(tmp_path, "# a rehearsal\n\n00:20 press\n00:10 hold 1\n")
    assert read_script(file, NL, "tafel") == (Held(Instant(10.0)), Pressed(Instant(20.0)))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("press", 'my.script:1: "press" is no action; write MM:SS and one of press, hold 1, hold 3, say PHRASE, '
         "speak PHRASE, lose DEVICE, find DEVICE."),
        ("00:10 hold 2", 'my.script:1: "hold 2" is no action; write one of press, hold 1, hold 3, say PHRASE, '
         "speak PHRASE, lose DEVICE, find DEVICE."),
        ("00:10 say volgend fase", 'my.script:1: "volgend fase" is no command; did you mean "volgende fase"?'),
        ("00:10 say xyz", 'my.script:1: "xyz" is no command; `companion phrases` lists them.'),
        ("00:10 lose",
         'my.script:1: "lose" needs a device; the devices are microphone, speaker, ring, button.'),
        ("00:10 lose phone",
         'my.script:1: there is no device "phone"; the devices are microphone, speaker, ring, button.'),
    ],
)  # fmt: skip
def test_a_mistake_gets_one_sentence(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read_script(script(tmp_path, line), NL, "tafel")
    assert str(caught.value) == message


def test_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="cannot be read"):
        read_script(tmp_path / "none", NL, "tafel")
