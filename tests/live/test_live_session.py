"""A session as a user starts it, on real PortAudio over PulseAudio, looked at from outside only."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from companion.core.errors import ModelError
from companion.hearing.models import find, models_folder
from companion.voice.sound import RATE
from companion.voice.synthesiser import Pyttsx3Synthesiser
from tests.live.device import Device, Line
from tests.live.ear import transcript
from tests.pulse import PulseTable, recorded, write_wave

pytestmark = [pytest.mark.sound, pytest.mark.model]

SPEAKER = Pyttsx3Synthesiser("nl", 140)
QUIET = np.zeros(RATE, np.int16)
TALK = "en toen dacht ik dat we misschien naar de volgende fase van het project konden gaan, maar dat was te vroeg"


def spoken(folder: Path, words: str) -> Path:
    """Words as a person at the table would say them, between two seconds of quiet."""
    sound = SPEAKER.render(words)
    samples: NDArray[np.int16] = soxr.resample(sound.samples, sound.rate, RATE).astype(np.int16)
    file = folder / "spoken.wav"
    write_wave(file, np.concatenate([QUIET, samples, QUIET]), RATE)
    return file


def drains(line: Line) -> bool:
    """The clock of a step runs."""
    return line["figure"] == "arc" and line["left"] < 0.999


@pytest.fixture
def device(pulse_table: PulseTable, tmp_path: Path) -> Iterator[Device]:
    try:
        find("whisper-base")
    except ModelError as missing:
        pytest.skip(str(missing))
    device = Device(pulse_table, tmp_path, models_folder(), "run", "luisteroefening", "--people", "5")
    yield device
    device.close()


def test_a_session_on_real_sound(device: Device, pulse_table: PulseTable, tmp_path: Path) -> None:
    sounds = tmp_path.parent / "sounds"
    sounds.mkdir(exist_ok=True)
    device.wait_for(lambda line: line["figure"] == "glow", 20)
    device.wait_for(lambda line: line["microphone"] == "open", 30)
    with pulse_table.recording(sounds / "loudspeaker.raw") as recording:
        device.press()  # starts
        device.watch(1)
        device.press()  # silences the rules
        device.wait_for(lambda line: line["figure"] == "question", 5)
        device.press()  # silences the question
        device.watch(1)
        pulse_table.play(spoken(sounds, "akkoord"))
        device.wait_for(drains, 30)  # the announcement was said to its end, the clock runs
    said = transcript(recorded(recording), RATE)
    assert all(word in said for word in ("verteller", "luisteraars", "gevoelens", "gedachten")), said

    before = len(device.seen)
    pulse_table.play(spoken(sounds, TALK))
    device.watch(2)
    assert all(drains(line) for line in device.seen[before:])

    pulse_table.play(spoken(sounds, "volgende fase"))
    device.wait_for(lambda line: line["figure"] == "arc" and line["left"] == 1, 5)
    device.press()
    line = device.wait_for(drains, 5)
    assert line["microphone"] == "open"

    assert device.stop(2) == 0
    assert device.written() == {"settings.toml", "cache/companion/voice/*.pcm", "state/companion/position.json"}
