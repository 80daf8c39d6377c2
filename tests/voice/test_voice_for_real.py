"""The whole voice on a table without hardware: espeak-ng, PortAudio, PulseAudio."""

import queue
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from companion.core.event import Device, DeviceFound, DeviceLost, Event, SpeechEnded
from companion.core.units import Instant
from companion.voice.cache import SentenceCache
from companion.voice.chimes import load_chimes
from companion.voice.sound import RATE
from companion.voice.speaker import PortAudioSpeaker
from companion.voice.synthesiser import Pyttsx3Synthesiser
from companion.voice.voice import NOTCH_DB, NOTCHES, USUAL_NOTCH, Voice
from tests.pulse import LOUDSPEAKER, PulseTable, recorded, share_heard

pytestmark = [
    pytest.mark.sound,
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"),
]

SENTENCE = "Welkom bij de intervisie."


class House:
    def __init__(self, folder: Path) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.cache = SentenceCache(Pyttsx3Synthesiser("nl"), folder)
        self.voice = Voice(
            self.cache,
            lambda: PortAudioSpeaker(LOUDSPEAKER),
            load_chimes(),
            self._events.put,
            lambda: Instant(time.monotonic()),
            first_pause=0.05,
        )

    def next(self) -> Event:
        return self._events.get(timeout=60)

    def is_quiet(self) -> bool:
        return self._events.empty()


@pytest.fixture
def house(pulse_table: PulseTable, tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path / "sentences")
    yield built
    built.voice.close()


def test_what_is_said_is_heard(house: House, pulse_table: PulseTable, tmp_path: Path) -> None:
    with pulse_table.recording(tmp_path / "heard") as path:
        house.voice.say(1, (SENTENCE,))
        event = house.next()
        house.voice.say(2, ("Tot ziens.",))  # the recorder is a little behind
        house.next()
    assert event == SpeechEnded(event.at, 1)
    said = house.cache.pcm(SENTENCE).samples * 10 ** ((USUAL_NOTCH - NOTCHES) * NOTCH_DB / 20)
    assert share_heard(said.astype(np.int16), recorded(path)) >= 0.9


def test_a_hush_is_heard(house: House, pulse_table: PulseTable, tmp_path: Path) -> None:
    house.cache.pcm(SENTENCE)
    long = (SENTENCE,) * 20
    with pulse_table.recording(tmp_path / "heard") as path:
        house.voice.say(1, long)
        house.voice.hush()
        house.voice.say(2, ("Tot ziens.",))
        event = house.next()
    assert event == SpeechEnded(event.at, 2)
    assert house.is_quiet()
    assert len(recorded(path)) < 20 * RATE


def test_a_server_that_dies_and_comes_back(house: House, pulse_table: PulseTable) -> None:
    house.voice.say(1, (SENTENCE,))
    assert isinstance(house.next(), SpeechEnded)
    pulse_table.kill()
    try:
        house.voice.say(2, (SENTENCE,))
        lost, ended = house.next(), house.next()
    finally:
        pulse_table.start()
    assert lost == DeviceLost(lost.at, Device.SPEAKER)
    assert ended == SpeechEnded(ended.at, 2)
    found = house.next()
    assert found == DeviceFound(found.at, Device.SPEAKER)
    house.voice.say(3, (SENTENCE,))
    again = house.next()
    assert again == SpeechEnded(again.at, 3)
