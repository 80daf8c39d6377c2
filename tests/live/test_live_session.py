"""A session as a user starts it, on real PortAudio over PulseAudio, looked at from outside only."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from companion.core.errors import ModelError
from companion.hearing.ears import LOADING_LASTS
from companion.hearing.models import find, models_folder
from companion.language.phrases import language_file
from companion.methods import find_method, load_methods
from companion.voice.processing import processed
from companion.voice.sound import RATE
from companion.voice.synthesiser import Pyttsx3Synthesiser
from companion.voice.voice import NOTCH_DB, NOTCHES, USUAL_NOTCH
from tests.live.device import Device, Line
from tests.pulse import PulseTable, recorded, share_heard, write_wave

pytestmark = [pytest.mark.sound, pytest.mark.model]

METHOD = find_method("luisteroefening", load_methods())
SPEAKER = Pyttsx3Synthesiser("nl", 140)
QUIET = np.zeros(RATE, np.int16)
TALK = "en toen dacht ik dat we misschien naar de volgende fase van het project konden gaan, maar dat was te vroeg"

PULSEAUDIOS_OWN = {"config/pulse/cookie"}
"""Written by the client library of the sound server; a device with ALSA alone has none."""


def spoken(folder: Path, words: str) -> Path:
    """Words as a person at the table would say them, between two seconds of quiet."""
    sound = SPEAKER.render(words)
    samples: NDArray[np.int16] = soxr.resample(sound.samples, sound.rate, RATE).astype(np.int16)
    file = folder / "spoken.wav"
    write_wave(file, np.concatenate([QUIET, samples, QUIET]), RATE)
    return file


def instructions_heard(recording: Path, language: str) -> list[str]:
    """The steps whose instruction is in what was heard; of the others' sound at most a sixth is alike.

    By the sound, as Whisper base hears espeak-ng's Dutch with many mistakes and now and then gets lost in it.
    """
    voice = Pyttsx3Synthesiser(language_file(language)["espeak_voice"])
    heard, loudness = recorded(recording), 10 ** ((USUAL_NOTCH - NOTCHES) * NOTCH_DB / 20)

    def is_heard(text: str) -> bool:
        said = processed(voice.render(text)).samples * loudness
        return share_heard(said.astype(np.int16), heard) >= 0.7

    return [step.id for step in METHOD.steps if is_heard(step.instruction.of(language))]


def asks(line: Line) -> bool:
    return line["figure"] == "question"


def drains(line: Line) -> bool:
    """The clock of a step runs."""
    return line["figure"] == "arc" and line["left"] < 0.999


def started(table: PulseTable, home: Path, *arguments: str) -> Iterator[Device]:
    try:
        find("whisper-base")
    except ModelError as missing:
        pytest.skip(str(missing))
    device = Device(table, home, models_folder(), "run", METHOD.id, "--people", "5", *arguments)
    yield device
    device.close()


@pytest.fixture
def device(pulse_table: PulseTable, tmp_path: Path) -> Iterator[Device]:
    yield from started(pulse_table, tmp_path)


@pytest.fixture
def english(pulse_table: PulseTable, tmp_path: Path) -> Iterator[Device]:
    yield from started(pulse_table, tmp_path, "--language", "en")


def test_a_session_on_real_sound(device: Device, pulse_table: PulseTable, tmp_path: Path) -> None:
    sounds = tmp_path.parent / "sounds"
    sounds.mkdir(exist_ok=True)
    device.wait_for(lambda line: line["figure"] == "glow", 20)
    device.wait_for(lambda line: line["microphone"] == "open", LOADING_LASTS)
    with pulse_table.recording(sounds / "loudspeaker.raw") as recording:
        device.press_until(asks)  # starts, silences the rules
        device.press()  # silences the question
        device.watch(1)
        pulse_table.play(spoken(sounds, "akkoord"))
        device.wait_for(drains, 30)  # the announcement was said to its end, the clock runs
    assert instructions_heard(recording, "nl") == ["vertellen"]

    before = len(device.seen)
    pulse_table.play(spoken(sounds, TALK))
    device.watch(2)
    assert all(drains(line) for line in device.seen[before:])

    pulse_table.play(spoken(sounds, "volgende fase"))
    device.wait_for(lambda line: line["figure"] == "arc" and line["left"] == 1, 20)
    device.press()
    line = device.wait_for(drains, 20)
    assert line["microphone"] == "open"

    assert device.stop(10) == 0
    own = {"settings.toml", "cache/companion/voice/*.pcm", "state/companion/position.json"}
    assert device.written() - PULSEAUDIOS_OWN == own


def test_the_instruction_is_said_in_english(english: Device, pulse_table: PulseTable, tmp_path: Path) -> None:
    english.wait_for(lambda line: line["figure"] == "glow", 20)
    with pulse_table.recording(tmp_path.parent / "english.raw") as recording:
        english.press_until(asks)  # starts, silences the rules
        english.press_until(lambda line: line["figure"] == "arc")  # silences the question, agrees
        english.wait_for(drains, 60)
    assert instructions_heard(recording, "en") == ["vertellen"]
    assert english.stop(10) == 0
