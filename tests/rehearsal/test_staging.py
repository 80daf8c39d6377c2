"""What stands in for devices in a rehearsal: a voice that is written down, a room made of samples."""

import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from companion.core.attention import Attention
from companion.core.command import Command, Name
from companion.core.effect import Chime
from companion.core.errors import SoundFileError
from companion.core.units import Instant
from companion.staging import BLOCK, HEARING_RATE, RecordedVoice, SampledRoom, read_microphone
from companion.voice.sound import RATE, Pcm

TONE = Pcm(np.full(RATE, 1000, np.int16))
CHIMES = {chime: Pcm(np.full(RATE // 2, 500, np.int16)) for chime in Chime}


def written(file: Path) -> NDArray[np.int16]:
    with wave.open(str(file)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")


def test_what_is_said_stands_at_its_place(tmp_path: Path) -> None:
    voice = RecordedVoice(lambda text: TONE, CHIMES)
    assert voice.start(Instant(2.0), ("one", "two")) == pytest.approx(4.25, abs=1e-4)
    voice.ring(Instant(3.0), Chime.TURN)  # waits until the speech is over
    voice.write(tmp_path / "said.wav", Instant(10.0))
    sound = written(tmp_path / "said.wav")
    assert len(sound) == 10 * RATE
    said = np.flatnonzero(sound)
    assert said[0] == 2 * RATE
    assert said[-1] == pytest.approx(4.75 * RATE, abs=3)
    assert not sound[3 * RATE + 1 : round(3.25 * RATE) - 1].any()


def test_a_hush_cuts_off_what_is_said_and_what_waits(tmp_path: Path) -> None:
    voice = RecordedVoice(lambda text: TONE, CHIMES)
    voice.start(Instant(1.0), ("one", "two"))
    voice.hush(Instant(1.5))
    assert voice.start(Instant(2.0), ("three",)) == 3
    voice.write(tmp_path / "said.wav", Instant(4.0))
    sound = written(tmp_path / "said.wav")
    assert np.flatnonzero(sound)[[0, -1]].tolist() == [RATE, 3 * RATE - 1]
    assert not sound[round(1.5 * RATE) : 2 * RATE].any()


def test_a_condensed_recording_keeps_short_silences_only(tmp_path: Path) -> None:
    voice = RecordedVoice(lambda text: TONE, CHIMES)
    voice.start(Instant(5.0), ("one",))
    voice.start(Instant(600.0), ("two",))
    voice.write_condensed(tmp_path / "said.wav")
    assert len(written(tmp_path / "said.wav")) == 4 * RATE


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (48_000, 2), (44_100, 1)])
def test_a_recording_becomes_what_a_microphone_gives(tmp_path: Path, rate: int, channels: int) -> None:
    soundfile.write(tmp_path / "in.wav", np.full((rate, channels), 0.25), rate)
    sound = read_microphone(tmp_path / "in.wav")
    assert sound.dtype == np.int16
    assert len(sound) == pytest.approx(HEARING_RATE, abs=2)
    assert np.median(sound) == pytest.approx(8192, abs=20)


def test_a_file_that_is_no_sound_is_named(tmp_path: Path) -> None:
    (tmp_path / "in.wav").write_text("no sound")
    with pytest.raises(SoundFileError, match="cannot be read as sound"):
        read_microphone(tmp_path / "in.wav")


class LoudEars:
    """Hears a press-worthy loudness as "next step"; remembers how much it was fed."""

    def __init__(self) -> None:
        self.fed: list[NDArray[np.int16]] = []

    def attend(self, attention: Attention) -> None:
        self.attention = attention

    def feed(self, block: NDArray[np.int16]) -> "LoudEars | None":
        self.fed.append(block)
        return self if np.abs(block).max() > 5000 else None

    @property
    def is_hearing(self) -> bool:
        return False

    @property
    def command(self) -> Command:
        return Command(Name.NEXT_STEP)


LOUD = Pcm(np.full(RATE, 10_000, np.int16))


def test_spoken_words_are_heard_at_their_place_and_quiet_is_skipped() -> None:
    ears = LoudEars()
    room = SampledRoom(ears, None, lambda words: LOUD)
    assert room.falls_silent() == 0
    assert room.heard_before(Instant(100.0)) is None
    assert ears.fed == []
    room.speak(Instant(150.0), "next")
    assert room.falls_silent() == pytest.approx(153, abs=0.01)
    heard = room.heard_before(Instant(200.0))
    assert heard is not None
    assert heard.at == pytest.approx(150, abs=2 * BLOCK / HEARING_RATE)
    assert 1 <= len(ears.fed) * BLOCK / HEARING_RATE <= 3
    assert all(block.any() for block in ears.fed)


def test_a_recording_is_heard_whole_and_only_up_to_now() -> None:
    ears = LoudEars()
    recording = np.zeros(10 * HEARING_RATE, np.int16)
    recording[5 * HEARING_RATE :] = 9000
    room = SampledRoom(ears, recording, lambda words: LOUD)
    assert room.heard_before(Instant(4.0)) is None
    assert len(ears.fed) == 4 * HEARING_RATE // BLOCK
    heard = room.heard_before(Instant(9.0))
    assert heard is not None
    assert heard.at == pytest.approx(5, abs=2 * BLOCK / HEARING_RATE)
    assert room.falls_silent() == 10
