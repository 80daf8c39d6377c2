"""Microphones: a card that behaves, made here, and the real thing over PulseAudio."""

import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from companion.core.attention import Attention
from companion.core.errors import DeviceError, SoundFileError
from companion.core.event import DeviceFound, DeviceLost
from companion.hearing import microphone
from companion.hearing.ears import Ears
from companion.hearing.mel import RATE
from companion.hearing.microphone import BLOCK, Microphone, SoundFile
from companion.hearing.process import Configuration
from companion.language.phrases import vocabulary
from tests.hearing.test_ears import Inbox, real
from tests.hearing.tones import NEXT, PHRASES, hush, pitch, tone
from tests.pulse import MICROPHONE, PulseTable, pulse_table, write_wave

__all__ = ["pulse_table"]


class Card(ModuleType):
    """PortAudio with two cards that take one rate and number of channels; a tone until it is told otherwise."""

    class PortAudioError(Exception):
        pass

    def __init__(self) -> None:
        super().__init__("sounddevice")
        self.rates: list[int] = []
        self.can = (48_000, 1)
        self.given: list[bytearray] = []
        self.fault: str | None = None
        self.unplugged = threading.Event()

    def query_devices(self) -> list[dict[str, object]]:
        names = [("HDMI", 0), ("Built-in", 2), ("USB Table Microphone", 1)]
        return [{"name": name, "index": k, "max_input_channels": inputs} for k, (name, inputs) in enumerate(names)]

    def RawInputStream(  # noqa: N802
        self, rate: int, blocksize: int, device: int | None, channels: int, **_: object
    ) -> "Stream":
        self.rates.append(rate)
        if (rate, channels) != self.can:
            raise self.PortAudioError("Invalid sample rate [PaErrorCode -9997]")
        return Stream(self, rate, channels)


class Stream:
    def __init__(self, card: Card, rate: int, channels: int) -> None:
        self._card, self.samplerate, self.channels, self._place = card, float(rate), channels, 0

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass

    def read(self, length: int) -> tuple[bytearray, bool]:
        if self._card.fault == "unplugged":
            raise self._card.PortAudioError("Stream is stopped [PaErrorCode -9983]")
        if self._card.fault == "hangs":
            self._card.unplugged.wait()
        t = (self._place + np.arange(length)) / self.samplerate
        self._place += length
        is_gated = self._card.fault == "gated" and self._place // length % 2 == 0
        level = 0 if self._card.fault in ("muted", "stuck") or is_gated else 8000
        offset = 300 if self._card.fault == "stuck" else 0
        sound = (offset + level * np.sin(2 * np.pi * pitch(0) * t)).astype(np.int16)
        self._card.given.append(bytearray(np.repeat(sound, self.channels).tobytes()))
        return self._card.given[-1], self._place == length


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    card = Card()
    monkeypatch.setitem(sys.modules, "sounddevice", card)
    yield card
    card.unplugged.set()


def heard(source: Microphone, blocks: int) -> NDArray[np.int16]:
    return np.concatenate([source.read()[0] for _ in range(blocks)])


@pytest.mark.parametrize("can", [(48_000, 1), (44_100, 1), (48_000, 2), (44_100, 2), (16_000, 2)])
def test_other_rates_and_stereo_are_brought_to_16_khz_mono(card: Card, can: tuple[int, int]) -> None:
    card.can = can
    with closing(Microphone("usb table")) as source:
        sound = heard(source, 100)[RATE // 2 :]
    assert card.rates[0] == 16_000
    assert card.rates[-1] == can[0]
    spectrum = np.abs(np.fft.rfft(sound[: RATE // 2]))
    assert np.argmax(spectrum) * 2 == pytest.approx(pitch(0), abs=2)


@pytest.mark.parametrize("can", [(16_000, 1), (48_000, 2)])
def test_what_the_driver_gave_is_overwritten(card: Card, can: tuple[int, int]) -> None:
    card.can = can
    with closing(Microphone("usb")) as source:
        heard(source, 5)
        assert [any(data) for data in card.given[:5]] == [False] * 5


def test_what_the_driver_lost_is_counted_and_told_with_what_follows(card: Card) -> None:
    with closing(Microphone("usb")) as source:
        assert [source.read().follows_gap for _ in range(3)] == [True, False, False]
        assert source.dropped >= 1


def test_what_nobody_read_in_time_is_a_gap(card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microphone, "_BACKLOG", 4)
    with closing(Microphone("usb")) as source:
        while source.dropped < 3:
            pass
        waiting = [source.read().follows_gap for _ in range(4)]
        assert waiting[1:] == [False] * 3
        while not source.read().follows_gap:
            pass


def test_a_name_that_is_not_there_lists_what_is(card: Card) -> None:
    with pytest.raises(
        DeviceError, match='There is no microphone "jabra"; there is "Built-in", "USB Table Microphone"'
    ):
        Microphone("jabra")


@pytest.mark.parametrize("fault", ["hangs", "unplugged"])
def test_a_microphone_that_gives_nothing_is_lost(card: Card, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microphone, "STALE_AFTER", 0.2)
    card.fault = fault
    with closing(Microphone("usb")) as source:
        with pytest.raises(DeviceError, match="The microphone gave no sound for 0 s; check its plug"):
            heard(source, 1)
        card.unplugged.set()


@pytest.mark.parametrize("fault", ["muted", "stuck"])
def test_a_microphone_that_gives_one_value_is_lost(card: Card, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert microphone.ZEROS_AFTER <= 2.6, "the group must see it within 3 s"
    monkeypatch.setattr(microphone, "ZEROS_AFTER", 0.0)
    card.fault = fault
    with closing(Microphone("usb")) as source:
        with pytest.raises(DeviceError, match="one and the same value for 0 s; is its switch off"):
            heard(source, 10)
        assert not source.alive


def test_a_microphone_that_gives_zeros_now_and_then_is_well(card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conference microphone's own gate: only zeros at a stretch are a fault."""
    monkeypatch.setattr(microphone, "ZEROS_AFTER", 1e-9)
    card.fault, card.can = "gated", (RATE, 1)
    with closing(Microphone("usb")) as source:
        blocks = [source.read().block.any() for _ in range(10)]
    assert blocks.count(True) == blocks.count(False) == 5


def test_a_microphone_that_gives_sound_is_alive(card: Card) -> None:
    with closing(Microphone("usb")) as source:
        heard(source, 3)
        assert source.alive


def test_a_sound_file_is_followed_by_silence(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    write_wave(file, np.full(BLOCK + 10, 7, np.int16), RATE)
    source = SoundFile(file)
    blocks = [source.read() for _ in range(3)]
    assert [int(piece.block.sum()) for piece in blocks] == [7 * BLOCK, 70, 0]
    assert blocks[2].at - blocks[0].at == pytest.approx(2 * BLOCK / RATE)


def test_a_sound_file_of_another_rate_is_refused(tmp_path: Path) -> None:
    write_wave(tmp_path / "a.wav", np.zeros(10, np.int16), 44_100)
    with pytest.raises(SoundFileError, match="has 44100 samples a second; convert it to 16000"):
        SoundFile(tmp_path / "a.wav")


@pytest.mark.sound
def test_the_ears_hear_a_command_at_the_table_and_notice_a_pulled_plug(pulse_table: PulseTable, tmp_path: Path) -> None:
    """The whole way live, with every right dropped: a loudspeaker's sound, PulseAudio, PortAudio, the process."""
    file, inbox = tmp_path / "spoken.wav", Inbox()
    write_wave(file, np.concatenate([hush(1.0), tone(0, 0.7), hush(1.0)]), RATE)
    configuration = Configuration(PHRASES, "nl", microphone=MICROPHONE)
    ears = Ears(configuration, inbox.post, [sys.executable, "-m", *real("none", tmp_path)], pauses=[0.5])
    legal = frozenset(vocabulary(PHRASES))
    ears.attend(Attention(open=True, legal=legal, expected=frozenset(), named_only=False))
    ears.start()
    try:
        while not ears.health.listening:
            threading.Event().wait(0.05)
        pulse_table.play(file)
        assert inbox.command() == NEXT
        pulse_table.kill()
        assert isinstance(inbox.next(), DeviceLost)
        pulse_table.start()
        assert isinstance(inbox.next(), DeviceFound)
        pulse_table.play(file)
        assert inbox.command() == NEXT
    finally:
        ears.close()


@pytest.mark.sound
def test_a_microphone_that_gives_zeros_is_lost_once_and_found_when_it_gives_sound(
    pulse_table: PulseTable, tmp_path: Path
) -> None:
    """Reopened again and again, it stays lost, without a word between, until sound comes."""
    inbox = Inbox()
    configuration = Configuration(PHRASES, "nl", microphone=MICROPHONE)
    ears = Ears(configuration, inbox.post, [sys.executable, "-m", *real("none", tmp_path)], pauses=[0.2])
    pulse_table.control("set-source-mute", "table.monitor", "1")
    ears.start()
    try:
        assert isinstance(inbox.next(), DeviceLost)
        while ears.health.restarts < 2:
            threading.Event().wait(0.05)
        assert not ears.health.listening
        pulse_table.control("set-source-mute", "table.monitor", "0")
        assert isinstance(inbox.next(), DeviceFound)
    finally:
        pulse_table.control("set-source-mute", "table.monitor", "0")
        ears.close()
